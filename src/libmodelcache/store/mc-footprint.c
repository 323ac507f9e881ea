/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-footprint.h"

#include "mc-pack.h"

#include <fts.h>
#include <string.h>
#include <sys/stat.h>

/* The suffixes are those of SQLite's journals and of a pack that was put aside. */
static gboolean
parse_pack_name (const char *name, McDigest *digest)
{
  const char *end = strstr (name, ".pack");
  g_autofree char *plain = NULL;

  if (end == NULL)
    return FALSE;
  plain = g_strndup (name, (gsize) (end - name) + strlen (".pack"));
  return mc_pack_parse_name (plain, digest);
}

static void
add_pack (McFootprint *self, const McDigest *digest, guint64 bytes)
{
  guint64 *sum = g_hash_table_lookup (self->packs, digest);

  if (sum == NULL)
    {
      sum = g_new0 (guint64, 1);
      g_hash_table_insert (self->packs, mc_digest_copy (digest), sum);
    }
  *sum += bytes;
}

static void
add_entry (McFootprint *self, const FTSENT *entry)
{
  guint64 bytes = (guint64) entry->fts_statp->st_blocks * 512;
  gboolean is_file = entry->fts_info == FTS_F;
  McDigest digest;

  if (is_file && entry->fts_level == 1 && g_str_has_prefix (entry->fts_name, "catalog.db"))
    self->catalog += bytes;
  else if (is_file && entry->fts_level == 1 && g_str_has_prefix (entry->fts_name, "small.db"))
    self->small += bytes;
  else if (is_file && entry->fts_level == 3 && parse_pack_name (entry->fts_name, &digest))
    add_pack (self, &digest, bytes);
  else
    self->other += bytes;
}

McFootprint *
mc_footprint_measure (const char *folder)
{
  char *paths[] = { (char *) folder, NULL };
  FTS *tree = fts_open (paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
  McFootprint *self = g_new0 (McFootprint, 1);
  FTSENT *entry;

  self->packs = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, g_free);
  while (tree != NULL && (entry = fts_read (tree)) != NULL)
    if (entry->fts_info != FTS_DP && entry->fts_info != FTS_NS && entry->fts_info != FTS_ERR)
      add_entry (self, entry);
  if (tree != NULL)
    fts_close (tree);
  return self;
}

void
mc_footprint_free (McFootprint *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->packs);
  g_free (self);
}

guint64
mc_footprint_get_pack (const McFootprint *self, const McDigest *digest)
{
  const guint64 *sum = g_hash_table_lookup (self->packs, digest);

  return sum == NULL ? 0 : *sum;
}

guint64
mc_footprint_get_total (const McFootprint *self)
{
  guint64 total = self->catalog + self->small + self->other;
  GHashTableIter iter;
  gpointer sum;

  g_hash_table_iter_init (&iter, self->packs);
  while (g_hash_table_iter_next (&iter, NULL, &sum))
    total += *(guint64 *) sum;
  return total;
}
