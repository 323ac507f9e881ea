/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db-private.h"
#include "mc-db-resources.h"

#include "mc-error.h"

/* The schemas are the files under sql/SCHEMA/NNN-what.sql: each is one step, done in one
 * transaction together with the number of the version it leads to. */

/* Numbers of SQLite that have a sign, so the result is apart. */
static gboolean
ask_number (McDb *db, const char *sql, gint64 *number, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, error);
  gboolean row;

  if (stmt == NULL || !mc_stmt_step (stmt, &row, error))
    return FALSE;
  *number = row ? mc_stmt_get_int (stmt, 0) : 0;
  return TRUE;
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

  return mc_txn_begin (&txn, db, error) && mc_db_exec (db, "Making the tables of", sql, error)
         && mc_db_exec (db, "Making the tables of", mark, error) && mc_txn_commit (&txn, error);
}

static gboolean
refuse (McDb *db, McError code, const char *why, GError **error)
{
  g_set_error (error, MC_ERROR, (int) code, "%s %s", sqlite3_db_filename (db->handle, "main"), why);
  return FALSE;
}

/* A file is ours if it has our id and tables; it is new if it has neither, nor a version. */
static gboolean
check_owner (McDb *db, guint32 application_id, gint64 *version, GError **error)
{
  gint64 id;
  gint64 tables;

  if (!ask_number (db, "PRAGMA user_version", version, error)
      || !ask_number (db, "PRAGMA application_id", &id, error)
      || !ask_number (db, "SELECT count (*) FROM sqlite_schema", &tables, error))
    return FALSE;
  if ((id == application_id && tables > 0 && *version > 0)
      || (id == 0 && tables == 0 && *version == 0))
    return TRUE;
  return refuse (db, MC_ERROR_CORRUPT, "is not a database of Model Cache", error);
}

/* A new file gets its tables whenever it may be written. */
static gboolean
may_migrate (McDbMode mode, gint64 version)
{
  return mode == MC_DB_CREATE || mode == MC_DB_WRITE || (mode == MC_DB_MEND && version == 0);
}

gboolean
mc_db_migrate (McDb *self,
               const char *schema,
               guint32 application_id,
               guint oldest,
               McDbMode mode,
               GError **error)
{
  gint64 version;
  gint64 newest;

  if (!check_owner (self, application_id, &version, error))
    return FALSE;
  for (newest = 0;; newest++)
    {
      g_autoptr (GBytes) step = load_step (schema, (guint) newest + 1);

      if (step == NULL)
        break;
      if (newest < version)
        continue;
      if (!may_migrate (mode, version) && version >= oldest)
        continue;
      if (!may_migrate (mode, version))
        return refuse (self, MC_ERROR_STORE, "has an older format and cannot be changed now",
                       error);
      if (!run_step (self, step, (guint) newest + 1, application_id, error))
        return FALSE;
    }
  if (version > newest)
    return refuse (self, MC_ERROR_STORE,
                   "was written by a newer version of Model Cache: update this one", error);
  self->version = (guint) (may_migrate (mode, version) ? newest : version);
  return TRUE;
}
