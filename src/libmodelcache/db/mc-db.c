/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db-private.h"

#include "mc-error.h"
#include "mc-fault.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* Opening, settings and transactions. A database found on disk may be anyone's: its schema is not
 * trusted and SQLite is told to be defensive. */

#define MAX_VALUE (8 * 1024 * 1024) /* bytes of a value or a row; a chunk has 5 MiB */

typedef struct
{
  const char *schema;
  guint32 application_id;
  guint oldest;       /* schema that is read as it is; G_MAXUINT: only the newest */
  const char *create; /* must run before the first table */
  const char *always; /* settings of a connection that may write */
  const char *read;   /* of one that does not */
} Kind;

/* Packs append and never rewrite, so a rollback journal writes their bytes once where WAL writes
 * them twice; pointer-map pages (auto_vacuum) let SQLite jump along a chunk; Debian's SQLite
 * overwrites what is deleted unless told otherwise. Their page cache is so small that pages go to
 * the file, and from it to the reader, while the CPU still has them at hand; when writing that
 * costs one more sync of the journal a commit. The catalog gets its log by a change with a journal,
 * whose removal must be on the disk (EXTRA) before anything builds on it: a journal that is back
 * after a crash undoes all there is. */
static const Kind kinds[] = {
  [MC_DB_CATALOG] = {
    "catalog", 0x4d434341, /* "MCCA" */
    G_MAXUINT,
    "PRAGMA synchronous = EXTRA;",
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    "PRAGMA cache_size = -2048;",
    "",
  },
  [MC_DB_PACK] = {
    "pack", 0x4d435041, /* "MCPA" */
    1,
    "PRAGMA page_size = 65536; PRAGMA auto_vacuum = INCREMENTAL;",
    "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF;"
    "PRAGMA cache_size = -1024;",
    "PRAGMA cache_size = -512;",
  },
  [MC_DB_SMALL] = {
    "small", 0x4d43534d, /* "MCSM" */
    G_MAXUINT,
    "PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL;",
    "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF;"
    "PRAGMA cache_size = -1024;",
    "",
  },
};

/* When SQLite cannot make a file it tries to open it at least, and the reason why it could not be
 * made is lost. So it is asked for once more, with a file that has no name. */
static gboolean
refuses_files (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = g_open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  if (fd < 0)
    return errno == ENOSPC || errno == EDQUOT;
  close (fd);
  return FALSE;
}

/* A full disk or quota is not always SQLITE_FULL: it may also keep a journal from being made, or a
 * write from reaching the disk. */
static gboolean
lacks_space (sqlite3 *handle, const char *path, int code)
{
  int system_code;

  if (code == SQLITE_FULL)
    return TRUE;
  if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN)
    return FALSE;
  system_code = sqlite3_system_errno (handle);
  return system_code == ENOSPC || system_code == EDQUOT
         || (code == SQLITE_CANTOPEN && refuses_files (path));
}

gboolean
mc_db_fail (sqlite3 *handle, const char *doing, const char *path, GError **error)
{
  int code = sqlite3_errcode (handle) & 0xff; /* the rest says more than is needed */
  McError ours = MC_ERROR_STORE;
  g_autofree char *said = NULL;

  if (lacks_space (handle, path, code))
    ours = MC_ERROR_NO_SPACE;
  else if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    ours = MC_ERROR_BUSY;
  else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_TOOBIG)
    ours = MC_ERROR_CORRUPT;
  /* SQLite quotes the file's names, whatever bytes they are. */
  said = g_utf8_make_valid (sqlite3_errmsg (handle), -1);
  g_set_error (error, MC_ERROR, ours, "%s %s: %s", doing, path, said);
  return FALSE;
}

gboolean
mc_db_exec (McDb *self, const char *doing, const char *sql, GError **error)
{
  g_assert (self->owner == g_thread_self ());
  if (sqlite3_exec (self->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    return mc_db_fail (self->handle, doing, self->path, error);
  return TRUE;
}

static char *
make_uri (const char *path, McDbMode mode)
{
  g_autofree char *escaped = g_uri_escape_string (path, "/", FALSE);

  switch (mode)
    {
    case MC_DB_CREATE:
      return g_strconcat ("file:", escaped, "?mode=rwc", NULL);
    case MC_DB_WRITE:
    case MC_DB_MEND:
      return g_strconcat ("file:", escaped, "?mode=rw", NULL);
    case MC_DB_READ:
      return g_strconcat ("file:", escaped, "?mode=ro", NULL);
    case MC_DB_IMMUTABLE:
    default:
      return g_strconcat ("file:", escaped, "?mode=ro&immutable=1", NULL);
    }
}

/* The file may come from anyone: nothing in it is run, and a column that computes its values makes
 * none larger than ours can be. */
static void
distrust (sqlite3 *handle)
{
  sqlite3_limit (handle, SQLITE_LIMIT_LENGTH, MAX_VALUE);
  sqlite3_db_config (handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

/* The settings for creating are for a file without tables: one that was made now, or that a crash
 * left when it was only just made. In any other SQLite would write that of auto_vacuum anew, and
 * sync it, at every opening. */
static gboolean
prepare (McDb *self, const Kind *settings, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (self, "SELECT 1 FROM sqlite_schema LIMIT 1", error);
  gboolean has_tables;

  if (stmt == NULL || !mc_stmt_step (stmt, &has_tables, error))
    return FALSE;
  g_clear_pointer (&stmt, mc_stmt_return);
  return (has_tables || mc_db_exec (self, "Opening", settings->create, error))
         && mc_db_exec (self, "Opening", settings->always, error);
}

static gboolean
set_up (McDb *self, const Kind *settings, McDbMode mode, gboolean writable, GError **error)
{
  return mc_db_exec (self, "Opening", "PRAGMA cell_size_check = ON;", error)
         && (writable ? prepare (self, settings, error)
                      : mc_db_exec (self, "Opening", settings->read, error))
         && mc_db_migrate (self, settings->schema, settings->application_id, settings->oldest, mode,
                           error);
}

McDb *
mc_db_open (const char *path, McDbKind kind, McDbMode mode, GError **error)
{
  gboolean writable = mode == MC_DB_CREATE || mode == MC_DB_WRITE || mode == MC_DB_MEND;
  g_autofree char *uri = make_uri (path, mode);
  McDb *self = g_new0 (McDb, 1);
  int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
              | (writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY)
              | (mode == MC_DB_CREATE ? SQLITE_OPEN_CREATE : 0);

  self->path = g_strdup (path);
  self->is_immutable = mode == MC_DB_IMMUTABLE;
  self->owner = g_thread_self ();
  self->statements = g_hash_table_new (NULL, NULL);
  if (sqlite3_open_v2 (uri, &self->handle, flags, NULL) != SQLITE_OK)
    {
      if (self->handle != NULL)
        mc_db_fail (self->handle, "Opening", path, error);
      else
        g_set_error (error, MC_ERROR, MC_ERROR_STORE, "Opening %s: out of memory", path);
      mc_db_close (self);
      return NULL;
    }
  sqlite3_extended_result_codes (self->handle, 1);
  sqlite3_busy_timeout (self->handle, 10000);
  distrust (self->handle);
  if (!set_up (self, &kinds[kind], mode, writable, error))
    g_clear_pointer (&self, mc_db_close);
  return self;
}

void
mc_db_close (McDb *self)
{
  GHashTableIter iter;
  gpointer stmt;
  int result;

  g_assert (self->owner == g_thread_self ());
  g_hash_table_iter_init (&iter, self->statements);
  while (g_hash_table_iter_next (&iter, NULL, &stmt))
    {
      g_assert (!sqlite3_stmt_busy (stmt));
      sqlite3_finalize (stmt);
    }
  g_hash_table_unref (self->statements);
  g_clear_pointer (&self->file, mc_blob_file_close);
  result = sqlite3_close (self->handle);
  g_assert (result == SQLITE_OK);
  g_free (self->path);
  g_free (self);
}

void
mc_db_claim (McDb *self)
{
  self->owner = g_thread_self ();
}

guint
mc_db_get_version (McDb *self)
{
  return self->version;
}

gboolean
mc_db_confirm (McDb *self, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA user_version = %u", self->version);

  return mc_db_exec (self, "Changing", sql, error);
}

guint
mc_db_count_changes (McDb *self)
{
  g_assert (self->owner == g_thread_self ());
  return (guint) sqlite3_changes (self->handle);
}

gint64
mc_db_last_id (McDb *self)
{
  g_assert (self->owner == g_thread_self ());
  return sqlite3_last_insert_rowid (self->handle);
}

gboolean
mc_txn_begin (McTxn *txn, McDb *db, GError **error)
{
  g_assert (!db->in_txn);
  if (!mc_db_exec (db, "Beginning to change", "BEGIN IMMEDIATE", error))
    return FALSE;
  db->in_txn = TRUE;
  txn->db = db;
  return TRUE;
}

gboolean
mc_txn_commit (McTxn *txn, GError **error)
{
  McDb *db = txn->db;

  if (!mc_fault_point ("db.commit", MC_ERROR, MC_ERROR_STORE, error))
    return FALSE;
  if (!mc_db_exec (db, "Changing", "COMMIT", error))
    return FALSE;
  db->in_txn = FALSE;
  txn->db = NULL;
  return mc_fault_point ("db.committed", MC_ERROR, MC_ERROR_STORE, error);
}

gboolean
mc_txn_stands (const McTxn *txn)
{
  return txn->db != NULL && !sqlite3_get_autocommit (txn->db->handle);
}

void
mc_txn_clear (McTxn *txn)
{
  g_autoptr (GError) error = NULL;

  if (txn->db == NULL)
    return;
  /* It may not stand after a full disk, for example. */
  if (mc_txn_stands (txn) && !mc_db_exec (txn->db, "Undoing a change of", "ROLLBACK", &error))
    g_warning ("%s", error->message);
  txn->db->in_txn = FALSE;
  txn->db = NULL;
}
