/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

/* What the person chose. A value that is the default has no row, so that it follows the default. */

static const char SQL_LIST[] = "SELECT name, value FROM settings";
static const char SQL_SET[] = "INSERT INTO settings (name, value) VALUES (:name, :value) "
                              "ON CONFLICT DO UPDATE SET value = :value";
static const char SQL_RESET[] = "DELETE FROM settings WHERE name = :name";

static void
take_setting (McStmt *row, gpointer data)
{
  const char *name = mc_stmt_get_name (row, 0);
  const char *value = mc_stmt_get_name (row, 1);

  /* Of a newer version, or what somebody wrote there: it stays, and does nothing. */
  if (!mc_settings_take_text (data, name, value))
    g_info ("Passing over the setting “%s”", name);
}

gboolean
mc_catalog_load_settings (McDb *db, McSettings *settings, GError **error)
{
  mc_settings_init (settings);
  return mc_db_each (db, SQL_LIST, 0, take_setting, settings, error);
}

static gboolean
save_setting (McDb *db, const McSettings *settings, McSetting setting, GError **error)
{
  gboolean reset = mc_settings_is_default (settings, setting);
  g_autoptr (McStmt) stmt = mc_db_borrow (db, reset ? SQL_RESET : SQL_SET, error);
  g_autofree char *text = mc_settings_dup_text (settings, setting);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_text (stmt, ":name", mc_setting_get_name (setting));
  if (!reset)
    mc_stmt_bind_text (stmt, ":value", text);
  return mc_stmt_run (stmt, error);
}

gboolean
mc_catalog_change_settings (McDb *db, GVariant *changes, McSettings *settings, GError **error)
{
  g_auto (McTxn) txn = { NULL };

  if (!mc_txn_begin (&txn, db, error) || !mc_catalog_load_settings (db, settings, error)
      || !mc_settings_change (settings, changes, error))
    return FALSE;
  for (guint i = 0; i < MC_N_SETTINGS; i++)
    if (!save_setting (db, settings, (McSetting) i, error))
      return FALSE;
  return mc_txn_commit (&txn, error);
}
