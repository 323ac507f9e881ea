/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db-private.h"
#include "mc-db-resources.h"

#include "mc-error.h"

/* The schemas are the files under sql/SCHEMA/NNN-what.sql: each is one step, done in one
 * transaction together with the number of the version it leads to. */

static gint64
ask_number (McDb *db, const char *sql, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, error);
  gboolean row;

  if (stmt == NULL || !mc_stmt_step (stmt, &row, error))
    return -1;
  return row ? mc_stmt_get_int (stmt, 0) : 0;
}

static GBytes *
load_step (const char *schema, guint version)
{
  g_autofree char *path = g_strdup_printf ("/com/tabagent/ModelCache/sql/%s/%03u", schema, version);

  /* Asked for by name: nothing else would bring the resource along from a static library. */
  return g_resource_lookup_data (mc_db_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

static gboolean
run_step (McDb *db, GBytes *step, guint version, guint32 application_id, GError **error)
{
  g_auto (McTxn) txn = { NULL };
  g_autofree char *sql = g_strndup (g_bytes_get_data (step, NULL), g_bytes_get_size (step));
  g_autofree char *mark = g_strdup_printf ("PRAGMA user_version = %u; PRAGMA application_id = %u;",
                                           version, application_id);

  return mc_txn_begin (&txn, db, error) && mc_db_exec (db, sql, error)
         && mc_db_exec (db, mark, error) && mc_txn_commit (&txn, error);
}

static gboolean
refuse (McDb *db, const char *why, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_STORE, "%s %s", sqlite3_db_filename (db->handle, "main"),
               why);
  return FALSE;
}

gboolean
mc_db_migrate (
    McDb *self, const char *schema, guint32 application_id, gboolean writable, GError **error)
{
  gint64 version = ask_number (self, "PRAGMA user_version", error);
  gint64 id = version < 0 ? -1 : ask_number (self, "PRAGMA application_id", error);
  gint64 tables = id < 0 ? -1 : ask_number (self, "SELECT count (*) FROM sqlite_schema", error);
  guint next;

  if (tables < 0)
    return FALSE;
  if (tables > 0 && id != application_id)
    return refuse (self, "is not a database of Model Cache", error);
  for (next = (guint) version + 1;; next++)
    {
      g_autoptr (GBytes) step = load_step (schema, next);

      if (step == NULL)
        break;
      if (!writable)
        return refuse (self, "has an older format and cannot be changed now", error);
      if (!run_step (self, step, next, application_id, error))
        return FALSE;
    }
  if ((gint64) next - 1 < version)
    return refuse (self, "was written by a newer version of Model Cache: update this one", error);
  return TRUE;
}
