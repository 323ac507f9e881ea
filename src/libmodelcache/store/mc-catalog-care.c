/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

/* When contents were used, and what a person wants to stay. */

static const char SQL_NOTE_USE[] =
    "UPDATE contents SET last_used = max (last_used, :now) WHERE digest = :digest";
static const char SQL_SET_PINNED[] =
    "UPDATE holdings SET pinned = :pinned "
    "WHERE repo = :repo AND (:variant IS NULL OR variant = :variant)";

static gboolean
note_use (McDb *db, const McUse *use, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_NOTE_USE, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", &use->digest);
  mc_stmt_bind_int (stmt, ":now", use->when);
  return mc_stmt_run (stmt, error);
}

gboolean
mc_catalog_note_uses (McDb *db, GArray *uses, GError **error)
{
  g_auto (McTxn) txn = { NULL };

  if (!mc_txn_begin (&txn, db, error))
    return FALSE;
  for (guint i = 0; i < uses->len; i++)
    if (!note_use (db, &g_array_index (uses, McUse, i), error))
      return FALSE;
  return mc_txn_commit (&txn, error);
}

gboolean
mc_catalog_set_pinned (McDb *db, gint64 repo, const char *variant, gboolean pinned, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_SET_PINNED, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_int (stmt, ":repo", repo);
  mc_stmt_bind_text (stmt, ":variant", variant);
  mc_stmt_bind_int (stmt, ":pinned", pinned ? 1 : 0);
  return mc_stmt_run (stmt, error);
}
