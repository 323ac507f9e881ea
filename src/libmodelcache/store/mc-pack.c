/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-pack-private.h"

#include "mc-error.h"
#include "mc-fault.h"

#include <glib/gstdio.h>

/* What is in a pack. Chunks are read in mc-pack-read.c; the file around it is mc-pack-file.c. */

static const char SQL_DESCRIBE[] = "INSERT INTO content (id, digest, size, chunk_size, complete) "
                                   "VALUES (1, :digest, :size, :chunk_size, 0)";
static const char SQL_CONTENT[] = "SELECT digest, size, chunk_size, complete FROM content";
static const char SQL_COMMITTED[] = "SELECT sum (size), count (*) FROM chunks";
static const char SQL_POSITIONS[] = "SELECT position, size FROM chunks";
static const char SQL_PUT[] =
    "INSERT OR REPLACE INTO chunks (position, size, hash, checks, codec, bytes) "
    "VALUES (:position, :size, :hash, :checks, :codec, :bytes)";
static const char SQL_DROP[] = "DELETE FROM chunks WHERE position = :position";
static const char SQL_COMPLETE[] = "UPDATE content SET complete = :complete";

guint
mc_pack_count_chunks (guint64 size)
{
  return (guint) ((size + MC_CHUNK_SIZE - 1) / MC_CHUNK_SIZE);
}

gsize
mc_pack_get_chunk_size (guint64 size, guint position)
{
  guint64 start = (guint64) position * MC_CHUNK_SIZE;

  g_assert (start < size);
  return (gsize) MIN (size - start, MC_CHUNK_SIZE);
}

/* Reads what the file says it is; *found is FALSE for a pack that was only just made. */
static gboolean
read_description (
    McDb *db, McDigest *digest, guint64 *size, gboolean *complete, gboolean *found, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_CONTENT, error);

  if (stmt == NULL || !mc_stmt_step (stmt, found, error))
    return FALSE;
  if (!*found)
    return TRUE;
  *digest = mc_stmt_get_digest (stmt, 0);
  *size = mc_stmt_get_size (stmt, 1);
  *complete = mc_stmt_get_int (stmt, 3) != 0;
  if (mc_stmt_get_int (stmt, 2) != MC_CHUNK_SIZE)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_CORRUPT, "The pack has another chunk size");
      return FALSE;
    }
  return TRUE;
}

static gboolean
describe (McPack *self, GError **error)
{
  g_auto (McTxn) txn = { NULL };
  g_autoptr (McStmt) stmt = mc_db_borrow (self->db, SQL_DESCRIBE, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", &self->digest);
  mc_stmt_bind_size (stmt, ":size", self->size);
  mc_stmt_bind_int (stmt, ":chunk_size", MC_CHUNK_SIZE);
  return mc_txn_begin (&txn, self->db, error) && mc_stmt_run (stmt, error)
         && mc_txn_commit (&txn, error);
}

/* Compares what the pack says with what it should be; describes a new one. */
static gboolean
check_description (McPack *self, McPackMode mode, GError **error)
{
  McDigest found_digest;
  guint64 found_size = 0;
  gboolean complete = FALSE;
  gboolean found = FALSE;

  if (!read_description (self->db, &found_digest, &found_size, &complete, &found, error))
    return FALSE;
  if (!found && mode == MC_PACK_WRITE)
    return describe (self, error);
  if (!found && mode == MC_PACK_LOOK)
    return TRUE;
  if (mode == MC_PACK_LEND)
    self->size = MIN (found_size, MC_CONTENT_MAX_SIZE);
  if (!found || (mode == MC_PACK_READ && !complete))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED, "The pack is not complete");
      return FALSE;
    }
  if (!mc_digest_equal (&found_digest, &self->digest) || found_size != self->size)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_CORRUPT,
                           "The pack says that it holds another content");
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_for_reading (McPackMode mode)
{
  return mode == MC_PACK_READ || mode == MC_PACK_LOOK || mode == MC_PACK_LEND;
}

/* One that is not sealed may be changed meanwhile. */
static McDbMode
get_db_mode (const char *folder, const McDigest *digest, McPackMode mode)
{
  if (mode == MC_PACK_LOOK)
    return MC_DB_READ;
  if (is_for_reading (mode))
    return mc_pack_is_sealed (folder, digest) ? MC_DB_IMMUTABLE : MC_DB_READ;
  return mode == MC_PACK_WRITE ? MC_DB_CREATE : MC_DB_MEND;
}

/* A change that failed while the disk did may wait to be undone, which no reader can. A writer that
 * is at work is not disturbed: its journal is under a lock. */
static gboolean
has_journal (const char *path)
{
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);
  GStatBuf info;

  return g_stat (journal, &info) == 0 && info.st_size > 0;
}

static McDb *
open_db (const char *path, McDbMode mode, GError **error)
{
  g_autoptr (GError) local = NULL;
  McDb *db = mc_db_open (path, MC_DB_PACK, mode, &local);
  McDb *mended;

  if (db != NULL)
    return db;
  if (mode != MC_DB_READ || !has_journal (path))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  mended = mc_db_open (path, MC_DB_PACK, MC_DB_MEND, error);
  if (mended == NULL)
    return NULL;
  mc_db_close (mended);
  return mc_db_open (path, MC_DB_PACK, MC_DB_READ, error);
}

McPack *
mc_pack_open (
    const char *folder, const McDigest *digest, guint64 size, McPackMode mode, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  g_autoptr (McPack) self = NULL;
  McDbMode db_mode;

  if (size > MC_CONTENT_MAX_SIZE)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_CORRUPT, "%s is said to be too large to be true",
                   path);
      return NULL;
    }
  if (mode == MC_PACK_WRITE && !mc_pack_make_folder (folder, digest, error))
    return NULL;
  if (mode != MC_PACK_WRITE && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED, "%s is not there", path);
      return NULL;
    }
  if (!is_for_reading (mode) && !mc_pack_unseal (folder, digest, error))
    return NULL;
  db_mode = get_db_mode (folder, digest, mode);
  self = g_new0 (McPack, 1);
  self->folder = g_strdup (folder);
  self->digest = *digest;
  self->size = size;
  self->growth.fd = -1;
  self->immutable = db_mode == MC_DB_IMMUTABLE;
  self->lends = mode == MC_PACK_LEND;
  self->db = open_db (path, db_mode, error);
  if (self->db == NULL || !check_description (self, mode, error))
    return NULL;
  if (mode == MC_PACK_WRITE)
    mc_pack_grow_begin (&self->growth, path, size);
  return g_steal_pointer (&self);
}

gboolean
mc_pack_reopen (McPack *self, GError **error)
{
  g_autofree char *path = mc_pack_make_path (self->folder, &self->digest);

  g_clear_pointer (&self->lender, mc_pack_close);
  g_clear_pointer (&self->db, mc_db_close);
  self->immutable = FALSE;
  self->db = open_db (path, MC_DB_READ, error);
  return self->db != NULL;
}

void
mc_pack_close (McPack *self)
{
  if (self->lender != NULL)
    mc_pack_close (self->lender);
  if (self->db != NULL)
    {
      mc_txn_clear (&self->txn);
      mc_db_close (self->db);
    }
  mc_pack_grow_end (&self->growth);
  g_free (self->block);
  g_free (self->whole);
  g_free (self->folder);
  g_free (self);
}

void
mc_pack_claim (McPack *self)
{
  mc_db_claim (self->db);
  if (self->lender != NULL)
    mc_pack_claim (self->lender);
}

guint64
mc_pack_get_size (McPack *self)
{
  return self->size;
}

guint
mc_pack_get_n_chunks (McPack *self)
{
  return mc_pack_count_chunks (self->size);
}

static gboolean
read_state (McDb *db, guint64 size, gboolean complete, McPackState *state, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_COMMITTED, error);
  gboolean row;

  if (stmt == NULL || !mc_stmt_step (stmt, &row, error))
    return FALSE;
  state->committed = MIN (mc_stmt_get_size (stmt, 0), size);
  state->complete = complete && state->committed == size;
  return TRUE;
}

gboolean
mc_pack_get_state (McPack *self, McPackState *state, GError **error)
{
  McDigest digest;
  guint64 size;
  gboolean complete;
  gboolean found;

  return read_description (self->db, &digest, &size, &complete, &found, error)
         && read_state (self->db, self->size, found && complete, state, error);
}

typedef struct
{
  McPack *pack; /* borrowed */
  guint8 *present;
} Listing;

static void
take_position (McStmt *row, gpointer data)
{
  Listing *listing = data;
  guint64 position = mc_stmt_get_size (row, 0);

  if (position < mc_pack_get_n_chunks (listing->pack)
      && mc_stmt_get_size (row, 1)
             == mc_pack_get_chunk_size (listing->pack->size, (guint) position))
    listing->present[position] = 1;
}

guint8 *
mc_pack_list_chunks (McPack *self, GError **error)
{
  g_autofree guint8 *present = g_new0 (guint8, mc_pack_get_n_chunks (self) + 1);
  Listing listing = { self, present };

  if (!mc_db_each (self->db, SQL_POSITIONS, 0, take_position, &listing, error))
    return NULL;
  return g_steal_pointer (&present);
}

/* SQLite makes a copy of the row first: one at a time, or the memory that takes would grow with the
 * number of packs that are written. */
static GMutex inserting;

static gboolean
insert (McPack *self, guint position, const McChunk *chunk, GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&inserting);
  g_autoptr (McStmt) stmt = mc_db_borrow (self->db, SQL_PUT, error);
  gsize length;
  const void *bytes = g_bytes_get_data (chunk->bytes, &length);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_size (stmt, ":position", position);
  mc_stmt_bind_size (stmt, ":size", chunk->size);
  mc_stmt_bind_blob (stmt, ":hash", chunk->hash, sizeof chunk->hash);
  mc_stmt_bind_blob (stmt, ":checks", chunk->checks, chunk->checks_length);
  mc_stmt_bind_int (stmt, ":codec", chunk->codec);
  mc_stmt_bind_blob (stmt, ":bytes", bytes, length);
  return mc_stmt_run (stmt, error);
}

gboolean
mc_pack_add_chunk (McPack *self, guint position, const McChunk *chunk, GError **error)
{
  g_assert (chunk->size == mc_pack_get_chunk_size (self->size, position));
  mc_pack_grow_reserve (&self->growth, g_bytes_get_size (chunk->bytes));
  if (!mc_fault_point ("pack.put", MC_ERROR, MC_ERROR_NO_SPACE, error)
      || (self->txn.db == NULL && !mc_txn_begin (&self->txn, self->db, error))
      || !insert (self, position, chunk, error))
    {
      if (!mc_txn_stands (&self->txn))
        mc_txn_clear (&self->txn);
      return FALSE;
    }
  mc_pack_grow_push (&self->growth);
  return TRUE;
}

gboolean
mc_pack_has_added (McPack *self)
{
  return self->txn.db != NULL;
}

gboolean
mc_pack_commit (McPack *self, GError **error)
{
  gboolean ok = mc_fault_point ("pack.commit", MC_ERROR, MC_ERROR_NO_SPACE, error)
                && mc_txn_commit (&self->txn, error);

  mc_txn_clear (&self->txn);
  return ok;
}

gboolean
mc_pack_put_chunk (McPack *self, guint position, const McChunk *chunk, GError **error)
{
  if (mc_pack_add_chunk (self, position, chunk, error))
    return mc_pack_commit (self, error);
  mc_txn_clear (&self->txn);
  return FALSE;
}

static gboolean
set_complete (McPack *self, gboolean complete, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (self->db, SQL_COMPLETE, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_int (stmt, ":complete", complete);
  return mc_stmt_run (stmt, error);
}

gboolean
mc_pack_drop_chunk (McPack *self, guint position, GError **error)
{
  g_auto (McTxn) txn = { NULL };
  g_autoptr (McStmt) stmt = mc_db_borrow (self->db, SQL_DROP, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_size (stmt, ":position", position);
  return mc_txn_begin (&txn, self->db, error) && mc_stmt_run (stmt, error)
         && set_complete (self, FALSE, error) && mc_txn_commit (&txn, error);
}

gboolean
mc_pack_set_complete (McPack *self, GError **error)
{
  g_auto (McTxn) txn = { NULL };

  /* Before the mark: whoever finds a complete pack does not look for what it replaced. */
  if (!mc_pack_remove_aside (self->folder, &self->digest, error)
      || !mc_txn_begin (&txn, self->db, error) || !set_complete (self, TRUE, error)
      || !mc_txn_commit (&txn, error) || !mc_pack_settle (self->folder, &self->digest, error))
    return FALSE;
  mc_pack_seal (self->folder, &self->digest);
  return TRUE;
}

gboolean
mc_pack_probe (
    const char *path, McDigest *digest, guint64 *size, McPackState *state, GError **error)
{
  /* What a crash left is rolled back, which needs permission to write; a sealed pack has nothing to
   * be rolled back. */
  GStatBuf info;
  gboolean sealed = g_stat (path, &info) == 0 && (info.st_mode & S_IWUSR) == 0;
  McDb *db = mc_db_open (path, MC_DB_PACK, sealed ? MC_DB_IMMUTABLE : MC_DB_MEND, error);
  gboolean complete = FALSE;
  gboolean found = FALSE;
  gboolean ok;

  digest->kind = MC_DIGEST_NONE;
  *size = 0;
  if (db == NULL)
    return FALSE;
  ok = read_description (db, digest, size, &complete, &found, error)
       && read_state (db, *size, complete, state, error);
  mc_db_close (db);
  return ok;
}
