/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* One SQLite connection. It belongs to one thread at a time: the one that opened it, or the one
 * that claimed it since; every use asserts that. Errors of SQLite become MC_ERROR_NO_SPACE,
 * MC_ERROR_BUSY, MC_ERROR_CORRUPT (the file is damaged or no database) or MC_ERROR_STORE here,
 * once.
 */
typedef struct _McDb McDb;
typedef struct sqlite3_stmt McStmt;

/* Which schema a file has; each has its own page size, journal and application id. */
typedef enum
{
  MC_DB_CATALOG,
  MC_DB_PACK,
  MC_DB_SMALL,
} McDbKind;

typedef enum
{
  MC_DB_CREATE,    /* made if absent; migrated to the newest schema */
  MC_DB_WRITE,     /* must exist; migrated */
  MC_DB_MEND,      /* must exist; what a crash left is undone, an older schema stays */
  MC_DB_READ,      /* must exist and have a schema that can be read: of packs, an older one too */
  MC_DB_IMMUTABLE, /* as READ, and nobody writes it any more: no locks, no look for a journal */
} McDbMode;

McDb *mc_db_open (const char *path, McDbKind kind, McDbMode mode, GError **error);

/* All statements must have been returned: it asserts that. */
void mc_db_close (McDb *self);

/* From now on this thread uses the connection. */
void mc_db_claim (McDb *self);

/* The number of the schema it has: the newest, unless it was opened for less than writing. */
guint mc_db_get_version (McDb *self);

/* Changes nothing, with all the steps of a change: a journal is written, emptied and synced.
 * Outside of a transaction. */
gboolean mc_db_confirm (McDb *self, GError **error);

/* Rows that the last statement changed. */
guint mc_db_count_changes (McDb *self);

/* Borrows the statement of that SQL, which must be a static string: it is prepared on first use and
 * kept. g_autoptr (McStmt) gives it back, reset and with nothing bound. NULL on error. */
McStmt *mc_db_borrow (McDb *self, const char *sql, GError **error);
void mc_stmt_return (McStmt *stmt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McStmt, mc_stmt_return)

/* Parameters are named; an unknown name asserts. Bytes must stay until the statement is returned.
 */
void mc_stmt_bind_int (McStmt *stmt, const char *name, gint64 value);
void mc_stmt_bind_size (McStmt *stmt, const char *name, guint64 value);    /* at most 2^63-1 */
void mc_stmt_bind_text (McStmt *stmt, const char *name, const char *text); /* NULL is NULL */
void mc_stmt_bind_blob (McStmt *stmt, const char *name, const void *bytes, gsize length);
void
mc_stmt_bind_digest (McStmt *stmt, const char *name, const McDigest *digest); /* NONE is NULL */

/* TRUE with *row saying whether there is one. */
gboolean mc_stmt_step (McStmt *stmt, gboolean *row, GError **error);
/* For statements that give no rows. */
gboolean mc_stmt_run (McStmt *stmt, GError **error);

/* Columns by place from 0. Values are checked, since the file may not be ours: a negative size is
 * 0, a digest of another length is NONE, text that is not UTF-8 is NULL, and a name, which a file
 * of ours always has, is "". Text and blob are borrowed until the next step. */
gint64 mc_stmt_get_int (McStmt *stmt, int column);
guint64 mc_stmt_get_size (McStmt *stmt, int column);
const char *mc_stmt_get_text (McStmt *stmt, int column); /* (nullable) */
const char *mc_stmt_get_name (McStmt *stmt, int column); /* text, never NULL */
const void *mc_stmt_get_blob (McStmt *stmt, int column, gsize *length);
McDigest mc_stmt_get_digest (McStmt *stmt, int column);

/* The two most common uses. @id is bound as ":id" unless it is 0. */
gboolean mc_db_run (McDb *self, const char *sql, gint64 id, GError **error);
gboolean mc_db_each (McDb *self,
                     const char *sql,
                     gint64 id,
                     void (*take) (McStmt *row, gpointer data),
                     gpointer data,
                     GError **error);

gint64 mc_db_last_id (McDb *self);

/* --- one value, in parts: mc-blob.c --- */

/* The bytes in the last column of the row with that id, not held in memory. To be closed before
 * anything is changed. MC_ERROR_CORRUPT if the row has no bytes there. Of an immutable database
 * they are read past SQLite and may then be others than the row's: whoever reads them compares them
 * with something, and asks again through a connection of another mode if they differ. */
typedef struct _McBlob McBlob;
McBlob *mc_blob_open (McDb *db, const char *table, const char *column, gint64 id, GError **error);
void mc_blob_close (McBlob *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McBlob, mc_blob_close)
gsize mc_blob_get_length (McBlob *self);

/* The part must lie within the length. */
gboolean mc_blob_read (McBlob *self, gsize offset, void *buffer, gsize length, GError **error);

/* A write transaction that is rolled back at the end of its scope unless it was committed:
 *   g_auto (McTxn) txn = { NULL };
 * declared above the statements, since clean-ups run bottom up. Nesting asserts. */
typedef struct
{
  McDb *db; /* (nullable), borrowed: NULL when nothing is to be undone */
} McTxn;
gboolean mc_txn_begin (McTxn *txn, McDb *db, GError **error);
gboolean mc_txn_commit (McTxn *txn, GError **error);
void mc_txn_clear (McTxn *txn);

/* Whether it is still going on: SQLite undoes all of it by itself after some failures. */
gboolean mc_txn_stands (const McTxn *txn);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McTxn, mc_txn_clear)

G_END_DECLS
