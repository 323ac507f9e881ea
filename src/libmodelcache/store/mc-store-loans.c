/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-error.h"
#include "mc-pack.h"
#include "mc-small.h"
#include "mc-task.h"

/* Chunks that contents have in common lie in one pack, and the others refer to it. The packs say
 * who refers to whom; the catalog knows of every loan that may exist, from before a pack refers to
 * another for good: a lender that goes is asked there who needs its chunks. Only complete contents
 * lend. */

GArray *
mc_store_list_rows (
    const char *folder, const McDigest *digest, guint64 size, gboolean complete, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GArray) rows = NULL;
  g_autoptr (McPack) pack = NULL;

  if (size < MC_SMALL_LIMIT)
    return g_array_new (FALSE, TRUE, sizeof (McPackRow));
  pack = mc_pack_open (folder, digest, size, MC_PACK_LEND, &local);
  if (pack != NULL)
    rows = mc_pack_list_rows (pack, &local);
  if (g_error_matches (local, MC_ERROR, MC_ERROR_NOT_DOWNLOADED)
      || g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
    return g_array_new (FALSE, TRUE, sizeof (McPackRow));
  if (rows == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  for (guint i = rows->len; !complete && i > 0; i--)
    if (g_array_index (rows, McPackRow, i - 1).lender.kind == MC_DIGEST_NONE)
      g_array_remove_index_fast (rows, i - 1);
  return g_steal_pointer (&rows);
}

/* --- ending loans --- */

/* One borrower of a content that goes. */
typedef struct
{
  McStore *store;            /* borrowed */
  const McDigest *lender;    /* borrowed */
  const McContent *borrower; /* borrowed */
  McPack *to;                /* (owned): the borrower's */
} Ending;

static gboolean
has_bytes (McStore *store, const McChunkPlace *place, GBytes *bytes)
{
  g_autoptr (McPack) pack =
      mc_pack_open (store->folder, &place->digest, place->content_size, MC_PACK_READ, NULL);
  g_autoptr (GBytes) found =
      pack == NULL ? NULL : mc_pack_read_own_chunk (pack, place->position, NULL);

  return found != NULL && g_bytes_equal (found, bytes);
}

/* Another content that has the chunk lends it from now on, if there is one: it is told first. */
static gboolean
borrow_elsewhere (Ending *ending, McChunk *chunk, GBytes *bytes, GError **error)
{
  McStore *store = ending->store;
  const McDigest *borrower = &ending->borrower->digest;
  g_autoptr (GArray) places =
      mc_catalog_find_chunk (store->catalog, chunk->hash, chunk->size, borrower, error);

  if (places == NULL)
    return FALSE;
  for (guint i = 0; i < places->len; i++)
    {
      McChunkPlace *place = &g_array_index (places, McChunkPlace, i);
      McLoan loan = { *borrower, place->digest, 1, chunk->size };

      if (mc_digest_equal (&place->digest, ending->lender) || !has_bytes (store, place, bytes))
        continue;
      mc_chunk_refer (chunk, &place->digest, place->position);
      return mc_catalog_add_loan (store->catalog, &loan, error);
    }
  return TRUE;
}

/* What cannot be read any more stays a reference that leads nowhere: that is damage, and is told
 * and mended as such. */
static gboolean
end_row (Ending *ending, const McPackRow *row, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = mc_pack_read_chunk (ending->to, row->position, &local);
  g_autoptr (McChunk) chunk = NULL;

  if (g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
    {
      g_warning ("A chunk that was lent is damaged: %s", local->message);
      return TRUE;
    }
  if (bytes == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  chunk = mc_chunk_new (bytes);
  if (!borrow_elsewhere (ending, chunk, bytes, error))
    return FALSE;
  if (chunk->codec == MC_CODEC_RAW)
    mc_chunk_encode (chunk);
  return mc_pack_put_chunk (ending->to, row->position, chunk, error);
}

static gboolean
end_rows (Ending *ending, GError **error)
{
  g_autoptr (GArray) rows = mc_pack_list_rows (ending->to, error);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      McPackRow *row = &g_array_index (rows, McPackRow, i);

      if (mc_digest_equal (&row->lender, ending->lender) && !end_row (ending, row, error))
        return FALSE;
    }
  return rows != NULL;
}

static gboolean
end_loan (McStore *self, const McDigest *lender, const McContent *borrower, GError **error)
{
  gboolean complete = borrower->state == MC_CONTENT_COMPLETE;
  g_autoptr (GError) local = NULL;
  g_autoptr (GArray) rows = NULL;
  Ending ending = { self, lender, borrower };
  gboolean ok;

  ending.to =
      mc_pack_open (self->folder, &borrower->digest, borrower->size, MC_PACK_REPAIR, &local);
  ok = ending.to != NULL && end_rows (&ending, &local);
  g_clear_pointer (&ending.to, mc_pack_close);
  /* What failed may have left a journal to be rolled back: the next start looks. */
  if (complete && ok)
    mc_pack_seal (self->folder, &borrower->digest);
  /* One that is not there, or damaged, needs nothing. */
  if (!ok && !g_error_matches (local, MC_ERROR, MC_ERROR_NOT_DOWNLOADED)
      && !g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  rows = mc_store_list_rows (self->folder, &borrower->digest, borrower->size, complete, error);
  return rows != NULL && mc_catalog_index_content (self->catalog, &borrower->digest, rows, error);
}

gboolean
mc_store_end_loans (McStore *self, const McDigest *lender, GError **error)
{
  g_autoptr (GArray) borrowers = mc_catalog_list_borrowers (self->catalog, lender, error);

  for (guint i = 0; borrowers != NULL && i < borrowers->len; i++)
    if (!end_loan (self, lender, &g_array_index (borrowers, McContent, i), error))
      return FALSE;
  return borrowers != NULL && mc_catalog_forget_lender (self->catalog, lender, error);
}

/* --- in memory --- */

static McLoan *
find_loan (McStore *self, const McLoan *loan)
{
  for (guint i = 0; i < self->loans->len; i++)
    {
      McLoan *known = &g_array_index (self->loans, McLoan, i);

      if (mc_digest_equal (&known->borrower, &loan->borrower)
          && mc_digest_equal (&known->lender, &loan->lender))
        return known;
    }
  return NULL;
}

static gboolean
concerns (const McLoan *loan, GArray *digests)
{
  for (guint i = 0; i < digests->len; i++)
    {
      McDigest *digest = &g_array_index (digests, McDigest, i);

      if (mc_digest_equal (&loan->borrower, digest) || mc_digest_equal (&loan->lender, digest))
        return TRUE;
    }
  return FALSE;
}

void
mc_store_update_loans (McStore *self, GArray *gone, GArray *loans)
{
  for (guint i = self->loans->len; i > 0; i--)
    if (concerns (&g_array_index (self->loans, McLoan, i - 1), gone))
      g_array_remove_index_fast (self->loans, i - 1);
  for (guint i = 0; i < loans->len; i++)
    if (find_loan (self, &g_array_index (loans, McLoan, i)) == NULL)
      g_array_append_val (self->loans, g_array_index (loans, McLoan, i));
}

typedef struct
{
  McStore *store; /* borrowed: the task holds it */
  McLoan loan;
} Note;

static gboolean
add_loan (gpointer data, GError **error)
{
  Note *note = data;

  return mc_catalog_add_loan (note->store->catalog, &note->loan, error);
}

static void
on_loan_added (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  /* The pack says it too, and is asked when the content is complete or the store opened. */
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_warning ("A loan is not in the catalog yet: %s", error->message);
}

void
mc_store_note_loan (McStore *self, const McLoan *loan)
{
  g_autoptr (GTask) task = mc_task_new (self, NULL, on_loan_added, NULL, mc_store_note_loan);
  Note *note = g_new (Note, 1);
  McLoan *known = find_loan (self, loan);

  note->store = self;
  note->loan = *loan;
  g_task_set_task_data (task, note, g_free);
  mc_worker_run (self->worker, task, add_loan);
  if (known == NULL)
    g_array_append_val (self->loans, *loan);
  else
    {
      known->n_chunks += loan->n_chunks;
      known->size += loan->size;
    }
}

void
mc_store_suspect_related (McStore *self, const McDigest *digest)
{
  for (guint i = 0; i < self->loans->len; i++)
    {
      McLoan *loan = &g_array_index (self->loans, McLoan, i);

      if (mc_digest_equal (&loan->lender, digest))
        mc_store_suspect (self, &loan->borrower);
      else if (mc_digest_equal (&loan->borrower, digest))
        mc_store_suspect (self, &loan->lender);
    }
}
