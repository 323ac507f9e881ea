/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-chunk-finder.h"

#include "mc-catalog.h"
#include "mc-pack.h"
#include "mc-store-private.h"

/* The catalog is read on a connection of its own, beside whoever changes it. What it says may be
 * old by the time it is used: so a lender is pinned first, and then its pack must be there,
 * complete, and have the bytes. */

struct _McChunkFinder
{
  McStore *store; /* borrowed */
  McDigest borrower;
  GHashTable *lenders; /* (owned): McDigest; each is pinned */

  /* The thread's that looks for chunks. */
  McDb *catalog; /* (owned) (nullable): until it is needed */
  McPack *pack;  /* (owned) (nullable): the lender of the last chunk */
  McDigest pack_digest;
};

static gboolean
pin (McChunkFinder *self, const McDigest *lender)
{
  if (g_hash_table_contains (self->lenders, lender))
    return TRUE;
  return mc_store_try_pin (self->store, lender)
         && g_hash_table_add (self->lenders, mc_digest_copy (lender));
}

McChunkFinder *
mc_chunk_finder_new (McStore *store, const McDigest *borrower)
{
  McChunkFinder *self = g_new0 (McChunkFinder, 1);

  self->store = store;
  self->borrower = *borrower;
  self->lenders = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, NULL);
  for (guint i = 0; i < store->loans->len; i++)
    {
      McLoan *loan = &g_array_index (store->loans, McLoan, i);

      if (mc_digest_equal (&loan->borrower, borrower))
        pin (self, &loan->lender);
    }
  return self;
}

void
mc_chunk_finder_free (McChunkFinder *self)
{
  GHashTableIter iter;
  gpointer lender;

  if (self->pack != NULL)
    {
      mc_pack_claim (self->pack);
      mc_pack_close (self->pack);
    }
  if (self->catalog != NULL)
    {
      mc_db_claim (self->catalog);
      mc_db_close (self->catalog);
    }
  g_hash_table_iter_init (&iter, self->lenders);
  while (g_hash_table_iter_next (&iter, &lender, NULL))
    mc_store_unpin (self->store, lender);
  g_hash_table_unref (self->lenders);
  g_free (self);
}

static GArray *
find_places (McChunkFinder *self, const McChunk *chunk, GError **error)
{
  g_autofree char *path = g_build_filename (self->store->folder, "catalog.db", NULL);

  if (self->catalog == NULL)
    self->catalog = mc_db_open (path, MC_DB_CATALOG, MC_DB_READ, error);
  return self->catalog == NULL ? NULL
                               : mc_catalog_find_chunk (self->catalog, chunk->hash, chunk->size,
                                                        &self->borrower, error);
}

static gboolean
open_pack (McChunkFinder *self, const McChunkPlace *place, GError **error)
{
  if (self->pack != NULL && mc_digest_equal (&self->pack_digest, &place->digest))
    return TRUE;
  g_clear_pointer (&self->pack, mc_pack_close);
  self->pack_digest = place->digest;
  self->pack =
      mc_pack_open (self->store->folder, &place->digest, place->content_size, MC_PACK_READ, error);
  return self->pack != NULL;
}

/* The hash is short and not meant to stand against intent: the bytes decide. The chunk must lie in
 * that pack itself. */
static gboolean
has_bytes (McChunkFinder *self, const McChunkPlace *place, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) found = NULL;

  if (open_pack (self, place, &error))
    found = mc_pack_read_own_chunk (self->pack, place->position, &error);
  if (found == NULL)
    g_info ("A chunk is not shared: %s", error->message);
  return found != NULL && g_bytes_equal (found, bytes);
}

gboolean
mc_chunk_finder_share (McChunkFinder *self, McChunk *chunk, McDigest *lender)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) places = find_places (self, chunk, &error);

  if (places == NULL)
    g_info ("Looking for a chunk: %s", error->message);
  for (guint i = 0; places != NULL && i < places->len; i++)
    {
      McChunkPlace *place = &g_array_index (places, McChunkPlace, i);

      if (!pin (self, &place->digest) || !has_bytes (self, place, chunk->bytes))
        continue;
      mc_chunk_refer (chunk, &place->digest, place->position);
      *lender = place->digest;
      return TRUE;
    }
  return FALSE;
}
