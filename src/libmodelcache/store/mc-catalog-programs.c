/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

#include "mc-store.h"

/* Who got bytes of which repo. */

static const char SQL_NOTE[] =
    "INSERT INTO programs (program, repo, uses, last_used) VALUES (:program, :repo, :uses, :now) "
    "ON CONFLICT DO UPDATE SET uses = uses + :uses, last_used = :now";
static const char SQL_LIMIT[] = "DELETE FROM programs WHERE rowid NOT IN "
                                "(SELECT rowid FROM programs ORDER BY last_used DESC LIMIT :id)";
static const char SQL_LIST[] = "SELECT program, repo, uses, last_used FROM programs "
                               "ORDER BY last_used DESC, program, repo LIMIT :id";

void
mc_program_use_free (McProgramUse *self)
{
  g_free (self->program);
  g_free (self->repo);
  g_free (self);
}

static gboolean
note_use (McDb *db, const McProgramUse *use, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_NOTE, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_text (stmt, ":program", use->program);
  mc_stmt_bind_text (stmt, ":repo", use->repo);
  mc_stmt_bind_size (stmt, ":uses", use->uses);
  mc_stmt_bind_int (stmt, ":now", use->last_used);
  return mc_stmt_run (stmt, error);
}

gboolean
mc_catalog_note_programs (McDb *db, GPtrArray *uses, GError **error)
{
  g_auto (McTxn) txn = { NULL };

  if (uses->len == 0)
    return TRUE;
  if (!mc_txn_begin (&txn, db, error))
    return FALSE;
  for (guint i = 0; i < uses->len; i++)
    if (!note_use (db, g_ptr_array_index (uses, i), error))
      return FALSE;
  return mc_db_run (db, SQL_LIMIT, MC_STORE_PROGRAMS, error) && mc_txn_commit (&txn, error);
}

static void
take_use (McStmt *row, gpointer data)
{
  McProgramUse *use = g_new0 (McProgramUse, 1);

  use->program = g_strdup (mc_stmt_get_name (row, 0));
  use->repo = g_strdup (mc_stmt_get_name (row, 1));
  use->uses = mc_stmt_get_size (row, 2);
  use->last_used = mc_stmt_get_int (row, 3);
  g_ptr_array_add (data, use);
}

GPtrArray *
mc_catalog_list_programs (McDb *db, GError **error)
{
  g_autoptr (GPtrArray) uses =
      g_ptr_array_new_with_free_func ((GDestroyNotify) mc_program_use_free);

  return mc_db_each (db, SQL_LIST, MC_STORE_PROGRAMS, take_use, uses, error)
             ? g_steal_pointer (&uses)
             : NULL;
}
