/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db.h"

#include "mc-error.h"
#include "mc-hasher.h"
#include "mc-test-folder.h"

#include <string.h>

/* Opening databases that may be anyone's, statements and transactions. What a stranger could do to
 * a file is done through the connection itself. */

static char *
make_path (McTestFolder *folder)
{
  return g_build_filename (folder->path, "a.db", NULL);
}

static McDb *
open_or_fail (const char *path, McDbKind kind, McDbMode mode)
{
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, kind, mode, &error);

  g_assert_no_error (error);
  g_assert_nonnull (db);
  return db;
}

/* sql must be a static string, as everywhere. */
static void
run (McDb *db, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, &error);
  gboolean row = TRUE;

  g_assert_no_error (error);
  while (row)
    {
      mc_stmt_step (stmt, &row, &error);
      g_assert_no_error (error);
    }
}

static gint64
ask (McDb *db, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, &error);
  gboolean row;

  g_assert_no_error (error);
  mc_stmt_step (stmt, &row, &error);
  g_assert_no_error (error);
  g_assert_true (row);
  return mc_stmt_get_int (stmt, 0);
}

static void
assert_refused (const char *path, McDbKind kind, McDbMode mode, McError code, const char *says)
{
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, kind, mode, &error);

  g_assert_null (db);
  g_assert_error (error, MC_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, says));
}

/* --- opening --- */

static void
test_new (McTestFolder *folder, gconstpointer data)
{
  static const struct
  {
    McDbKind kind;
    gint64 application_id;
    gint64 page_size;
    gint64 auto_vacuum;
  } kinds[] = {
    { MC_DB_CATALOG, 0x4d434341, 4096, 0 },
    { MC_DB_PACK, 0x4d435041, 65536, 2 },
    { MC_DB_SMALL, 0x4d43534d, 16384, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u.db", folder->path, i);

      for (guint again = 0; again < 2; again++)
        {
          McDb *db = open_or_fail (path, kinds[i].kind, MC_DB_CREATE);

          g_assert_cmpint (ask (db, "PRAGMA user_version"), >, 0);
          g_assert_cmpint (ask (db, "PRAGMA application_id"), ==, kinds[i].application_id);
          g_assert_cmpint (ask (db, "PRAGMA page_size"), ==, kinds[i].page_size);
          g_assert_cmpint (ask (db, "PRAGMA auto_vacuum"), ==, kinds[i].auto_vacuum);
          g_assert_cmpint (ask (db, "PRAGMA synchronous"), ==, 2);
          g_assert_cmpint (ask (db, "PRAGMA trusted_schema"), ==, 0);
          g_assert_cmpint (ask (db, "SELECT count (*) > 0 FROM sqlite_schema"), ==, 1);
          mc_db_close (db);
        }
    }
}

/* SQLite counts its changes of a file in bytes 24 to 27 of it. */
static guint32
count_changes (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  guint32 count;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  memcpy (&count, text + 24, sizeof count);
  return GUINT32_FROM_BE (count);
}

/* Whoever only looks must not wait for a disk. */
static void
test_opening_again (McTestFolder *folder, gconstpointer data)
{
  static const McDbKind kinds[] = { MC_DB_CATALOG, MC_DB_PACK, MC_DB_SMALL };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u.db", folder->path, i);
      guint32 changes;

      mc_db_close (open_or_fail (path, kinds[i], MC_DB_CREATE));
      changes = count_changes (path);
      mc_db_close (open_or_fail (path, kinds[i], MC_DB_CREATE));
      mc_db_close (open_or_fail (path, kinds[i], MC_DB_WRITE));
      g_assert_cmpuint (count_changes (path), ==, changes);
    }
}

static void
test_settings (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *catalog = g_build_filename (folder->path, "catalog.db", NULL);
  g_autofree char *pack = g_build_filename (folder->path, "a.pack", NULL);
  McDb *db = open_or_fail (catalog, MC_DB_CATALOG, MC_DB_CREATE);

  g_assert_cmpint (ask (db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), ==, 1);
  g_assert_cmpint (ask (db, "PRAGMA foreign_keys"), ==, 1);
  mc_db_close (db);

  db = open_or_fail (pack, MC_DB_PACK, MC_DB_CREATE);
  g_assert_cmpint (ask (db, "SELECT journal_mode = 'truncate' FROM pragma_journal_mode"), ==, 1);
  g_assert_cmpint (ask (db, "PRAGMA secure_delete"), ==, 0);
  mc_db_close (db);
}

/* A crash may leave a file that was made and never written; its settings must still be ours. */
static void
test_empty_file (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  McDb *db;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  assert_refused (path, MC_DB_PACK, MC_DB_READ, MC_ERROR_STORE, "older format");
  db = open_or_fail (path, MC_DB_PACK, MC_DB_WRITE);
  g_assert_cmpint (ask (db, "PRAGMA page_size"), ==, 65536);
  g_assert_cmpint (ask (db, "PRAGMA auto_vacuum"), ==, 2);
  mc_db_close (db);
}

static void
test_missing (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);

  assert_refused (path, MC_DB_CATALOG, MC_DB_READ, MC_ERROR_STORE, path);
  assert_refused (path, MC_DB_CATALOG, MC_DB_WRITE, MC_ERROR_STORE, path);
  assert_refused (path, MC_DB_PACK, MC_DB_IMMUTABLE, MC_ERROR_STORE, path);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* A name is a name: nothing in it is a parameter of the URI that SQLite is given. */
static void
test_odd_name (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = g_build_filename (folder->path, "a b?mode=ro&x=%41#é.db", NULL);
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);

  mc_db_close (db);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
}

static void
test_newer (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  McDb *db = open_or_fail (path, MC_DB_CATALOG, MC_DB_CREATE);

  run (db, "PRAGMA user_version = 99");
  mc_db_close (db);
  assert_refused (path, MC_DB_CATALOG, MC_DB_CREATE, MC_ERROR_STORE, "newer version");
  assert_refused (path, MC_DB_CATALOG, MC_DB_READ, MC_ERROR_STORE, "newer version");
}

static void
test_negative_version (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  McDb *db = open_or_fail (path, MC_DB_CATALOG, MC_DB_CREATE);

  run (db, "PRAGMA user_version = -3");
  mc_db_close (db);
  assert_refused (path, MC_DB_CATALOG, MC_DB_CREATE, MC_ERROR_CORRUPT, "is not a database of");
}

static void
test_other_program (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  McDb *db = open_or_fail (path, MC_DB_CATALOG, MC_DB_CREATE);

  mc_db_close (db);
  assert_refused (path, MC_DB_PACK, MC_DB_CREATE, MC_ERROR_CORRUPT, "is not a database of");
  assert_refused (path, MC_DB_SMALL, MC_DB_READ, MC_ERROR_CORRUPT, "is not a database of");

  db = open_or_fail (path, MC_DB_CATALOG, MC_DB_WRITE);
  run (db, "PRAGMA application_id = -5");
  mc_db_close (db);
  assert_refused (path, MC_DB_CATALOG, MC_DB_CREATE, MC_ERROR_CORRUPT, "is not a database of");
}

/* A program that never set an id: its tables give it away. */
static void
test_other_tables (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);

  run (db, "PRAGMA application_id = 0");
  run (db, "PRAGMA user_version = 0");
  mc_db_close (db);
  assert_refused (path, MC_DB_SMALL, MC_DB_CREATE, MC_ERROR_CORRUPT, "is not a database of");
}

/* Another program's database before its first table, and one that only claims to be ours. */
static void
test_no_tables (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);

  run (db, "DROP TABLE contents");
  mc_db_close (db);
  assert_refused (path, MC_DB_SMALL, MC_DB_CREATE, MC_ERROR_CORRUPT, "is not a database of");
  assert_refused (path, MC_DB_PACK, MC_DB_CREATE, MC_ERROR_CORRUPT, "is not a database of");
}

static void
test_garbage (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  g_autofree char *noise = g_strnfill (200000, 'x');

  g_assert_true (g_file_set_contents (path, noise, 200000, NULL));
  assert_refused (path, MC_DB_PACK, MC_DB_CREATE, MC_ERROR_CORRUPT, path);
  assert_refused (path, MC_DB_PACK, MC_DB_WRITE, MC_ERROR_CORRUPT, path);
  assert_refused (path, MC_DB_PACK, MC_DB_IMMUTABLE, MC_ERROR_CORRUPT, path);
  assert_refused (path, MC_DB_CATALOG, MC_DB_CREATE, MC_ERROR_CORRUPT, path);
}

static void
test_directory (McTestFolder *folder, gconstpointer data)
{
  assert_refused (folder->path, MC_DB_PACK, MC_DB_CREATE, MC_ERROR_STORE, folder->path);
  assert_refused (folder->path, MC_DB_PACK, MC_DB_IMMUTABLE, MC_ERROR_STORE, folder->path);
}

/* Wherever a file was cut off: an error, or what can still be read; never a crash. */
static void
test_truncated (McTestFolder *folder, gconstpointer data)
{
  static const char sql[] = "SELECT sum (length (bytes)) FROM contents";
  g_autofree char *path = make_path (folder);
  g_autofree char *whole = NULL;
  gsize length;
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);

  run (db, "INSERT INTO contents VALUES (zeroblob (32), 100000, zeroblob (100000))");
  run (db, "INSERT INTO contents VALUES (zeroblob (20), 90000, zeroblob (90000))");
  mc_db_close (db);
  g_assert_true (g_file_get_contents (path, &whole, &length, NULL));
  for (gsize cut = 16; cut < length; cut += 7919)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, whole, (gssize) cut, NULL));
      db = mc_db_open (path, MC_DB_SMALL, MC_DB_READ, &error);
      if (db != NULL)
        {
          g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, &error);
          gboolean row;

          if (stmt != NULL && mc_stmt_step (stmt, &row, &error))
            g_assert_cmpint (mc_stmt_get_int (stmt, 0), ==, 190000);
          g_clear_pointer (&stmt, mc_stmt_return);
          mc_db_close (db);
        }
      if (error != NULL)
        g_assert_true (error->domain == MC_ERROR);
    }
}

/* A file that came from elsewhere may bring a program of its own along. */
static void
test_triggers (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);

  run (db, "CREATE TRIGGER t AFTER INSERT ON contents BEGIN DELETE FROM contents; END");
  mc_db_close (db);
  db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);
  run (db, "INSERT INTO contents VALUES (zeroblob (32), 1, x'78')");
  g_assert_cmpint (ask (db, "SELECT count (*) FROM contents"), ==, 1);
  mc_db_close (db);
}

/* --- statements --- */

static void
test_values (McTestFolder *folder, gconstpointer data)
{
  static const char sql[] = "SELECT :int, :size, :text, :none, :blob, typeof (:empty), :digest, "
                            ":masked";
  g_autofree char *path = make_path (folder);
  g_autoptr (GError) error = NULL;
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);
  McDigest digest = mc_sha256 ("abc", 3);
  McDigest masked = { .kind = MC_DIGEST_NONE };

  for (guint again = 0; again < 2; again++)
    {
      g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, &error);
      McDigest found;
      gboolean row;
      gsize length;

      g_assert_no_error (error);
      if (again == 0)
        {
          mc_stmt_bind_int (stmt, ":int", G_MININT64);
          mc_stmt_bind_size (stmt, ":size", G_MAXINT64);
          mc_stmt_bind_text (stmt, ":text", "é");
          mc_stmt_bind_text (stmt, ":none", NULL);
          mc_stmt_bind_blob (stmt, ":blob", "a\0b", 3);
          mc_stmt_bind_blob (stmt, ":empty", NULL, 0);
          mc_stmt_bind_digest (stmt, ":digest", &digest);
          mc_stmt_bind_digest (stmt, ":masked", &masked);
        }
      g_assert_true (mc_stmt_step (stmt, &row, &error));
      g_assert_true (row);
      found = mc_stmt_get_digest (stmt, 6);
      if (again > 0)
        {
          /* Nothing stays bound after a statement was given back. */
          g_assert_null (mc_stmt_get_text (stmt, 2));
          g_assert_cmpint (found.kind, ==, MC_DIGEST_NONE);
          continue;
        }
      g_assert_cmpint (mc_stmt_get_int (stmt, 0), ==, G_MININT64);
      g_assert_cmpuint (mc_stmt_get_size (stmt, 0), ==, 0);
      g_assert_cmpuint (mc_stmt_get_size (stmt, 1), ==, G_MAXINT64);
      g_assert_cmpstr (mc_stmt_get_text (stmt, 2), ==, "é");
      g_assert_null (mc_stmt_get_text (stmt, 3));
      g_assert_cmpint (memcmp (mc_stmt_get_blob (stmt, 4, &length), "a\0b", 3), ==, 0);
      g_assert_cmpuint (length, ==, 3);
      g_assert_cmpstr (mc_stmt_get_text (stmt, 5), ==, "blob");
      g_assert_true (mc_digest_equal (&found, &digest));
      found = mc_stmt_get_digest (stmt, 4);
      g_assert_cmpint (found.kind, ==, MC_DIGEST_NONE);
    }
  mc_db_close (db);
}

static void
test_bad_sql (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  g_autoptr (GError) error = NULL;
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);

  g_assert_null (mc_db_borrow (db, "SELECT a FROM nowhere", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, "nowhere"));
  mc_db_close (db);
}

typedef struct
{
  GString *text;
} Rows;

static void
take_row (McStmt *stmt, gpointer data)
{
  Rows *rows = data;

  g_string_append_printf (rows->text, "%s;", mc_stmt_get_text (stmt, 0));
}

static void
test_each (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Rows rows = { text };
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);

  g_assert_true (mc_db_each (db, "VALUES ('a'), ('b')", 0, take_row, &rows, &error));
  g_assert_true (mc_db_each (db, "SELECT 'n' || :id", 7, take_row, &rows, &error));
  g_assert_cmpstr (text->str, ==, "a;b;n7;");
  g_assert_false (
      mc_db_each (db, "SELECT abs (-9223372036854775807 - 1)", 0, take_row, &rows, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_STORE);
  mc_db_close (db);
}

/* --- transactions --- */

static const char SQL_ADD[] = "INSERT INTO contents VALUES (randomblob (32), 1, x'78')";
static const char SQL_COUNT[] = "SELECT count (*) FROM contents";

static void
change (McDb *db, gboolean keep)
{
  g_auto (McTxn) txn = { NULL };
  g_autoptr (GError) error = NULL;

  mc_txn_begin (&txn, db, &error);
  g_assert_no_error (error);
  run (db, SQL_ADD);
  if (keep)
    mc_txn_commit (&txn, &error);
  g_assert_no_error (error);
}

static void
test_rollback (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);

  change (db, FALSE);
  g_assert_cmpint (ask (db, SQL_COUNT), ==, 0);
  change (db, TRUE);
  g_assert_cmpint (ask (db, SQL_COUNT), ==, 1);
  change (db, FALSE);
  g_assert_cmpint (ask (db, SQL_COUNT), ==, 1);
  mc_db_close (db);
}

static void
test_no_space (McTestFolder *folder, gconstpointer data)
{
  static const char sql[] =
      "INSERT INTO contents VALUES (randomblob (32), 900000, zeroblob (900000))";
  g_autofree char *path = make_path (folder);
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);

  run (db, "PRAGMA max_page_count = 20");
  for (guint i = 0; i < 2; i++)
    {
      g_auto (McTxn) txn = { NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, &error);

      g_assert_no_error (error);
      g_assert_true (mc_txn_begin (&txn, db, &error));
      g_assert_false (mc_stmt_run (stmt, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_NO_SPACE);
    }
  change (db, TRUE);
  g_assert_cmpint (ask (db, SQL_COUNT), ==, 1);
  mc_db_close (db);
}

static void
test_busy (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = make_path (folder);
  McDb *db = open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE);
  McDb *other = open_or_fail (path, MC_DB_SMALL, MC_DB_WRITE);
  g_auto (McTxn) txn = { NULL };
  g_auto (McTxn) refused = { NULL };
  g_autoptr (GError) error = NULL;

  run (other, "PRAGMA busy_timeout = 1");
  g_assert_true (mc_txn_begin (&txn, db, &error));
  g_assert_false (mc_txn_begin (&refused, other, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BUSY);
  mc_txn_clear (&refused);
  mc_txn_clear (&txn);
  mc_db_close (other);
  mc_db_close (db);
}

/* --- what is a programming error --- */

static void
nest (McDb *db)
{
  g_auto (McTxn) outer = { NULL };
  g_auto (McTxn) inner = { NULL };

  mc_txn_begin (&outer, db, NULL);
  mc_txn_begin (&inner, db, NULL);
}

static void
leave_a_statement (McDb *db)
{
  McStmt *stmt = mc_db_borrow (db, "VALUES (1), (2)", NULL);
  gboolean row;

  mc_stmt_step (stmt, &row, NULL);
  mc_db_close (db);
}

static void
bind_nonsense (McDb *db)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, "SELECT :a", NULL);

  mc_stmt_bind_int (stmt, ":b", 1);
}

static gpointer
borrow_elsewhere (gpointer data)
{
  mc_stmt_return (mc_db_borrow (data, "SELECT 1", NULL));
  return NULL;
}

static void
use_elsewhere (McDb *db)
{
  g_thread_join (g_thread_new ("elsewhere", borrow_elsewhere, db));
}

static void
test_asserts (McTestFolder *folder, gconstpointer data)
{
  void (*misuse) (McDb * db) = (void (*) (McDb *)) data;

  if (g_test_subprocess ())
    {
      g_autofree char *path = make_path (folder);

      misuse (open_or_fail (path, MC_DB_SMALL, MC_DB_CREATE));
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*assertion failed*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/db/new", test_new, NULL);
  mc_test_folder_add ("/db/opening-again-writes-nothing", test_opening_again, NULL);
  mc_test_folder_add ("/db/settings", test_settings, NULL);
  mc_test_folder_add ("/db/empty-file", test_empty_file, NULL);
  mc_test_folder_add ("/db/missing", test_missing, NULL);
  mc_test_folder_add ("/db/odd-name", test_odd_name, NULL);
  mc_test_folder_add ("/db/newer-is-refused", test_newer, NULL);
  mc_test_folder_add ("/db/negative-version-is-refused", test_negative_version, NULL);
  mc_test_folder_add ("/db/other-program-is-refused", test_other_program, NULL);
  mc_test_folder_add ("/db/other-tables-are-refused", test_other_tables, NULL);
  mc_test_folder_add ("/db/no-tables-are-refused", test_no_tables, NULL);
  mc_test_folder_add ("/db/garbage", test_garbage, NULL);
  mc_test_folder_add ("/db/directory", test_directory, NULL);
  mc_test_folder_add ("/db/truncated", test_truncated, NULL);
  mc_test_folder_add ("/db/triggers-do-not-run", test_triggers, NULL);
  mc_test_folder_add ("/db/values", test_values, NULL);
  mc_test_folder_add ("/db/bad-sql", test_bad_sql, NULL);
  mc_test_folder_add ("/db/each", test_each, NULL);
  mc_test_folder_add ("/db/rollback-at-scope-end", test_rollback, NULL);
  mc_test_folder_add ("/db/no-space", test_no_space, NULL);
  mc_test_folder_add ("/db/busy", test_busy, NULL);
  mc_test_folder_add ("/db/asserts/nested-transaction", test_asserts, (gpointer) nest);
  mc_test_folder_add ("/db/asserts/statement-left", test_asserts, (gpointer) leave_a_statement);
  mc_test_folder_add ("/db/asserts/unknown-parameter", test_asserts, (gpointer) bind_nonsense);
  mc_test_folder_add ("/db/asserts/other-thread", test_asserts, (gpointer) use_elsewhere);
  return g_test_run ();
}
