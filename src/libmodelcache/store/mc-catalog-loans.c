/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

/* Which contents borrow chunks from which. */

static const char SQL_LIST[] = "SELECT borrower, lender, size FROM loans";

static void
take_loan (McStmt *row, gpointer data)
{
  McLoan loan = { mc_stmt_get_digest (row, 0), mc_stmt_get_digest (row, 1),
                  mc_stmt_get_size (row, 2) };

  g_array_append_val ((GArray *) data, loan);
}

GArray *
mc_catalog_list_loans (McDb *db, GError **error)
{
  g_autoptr (GArray) loans = g_array_new (FALSE, FALSE, sizeof (McLoan));

  return mc_db_each (db, SQL_LIST, 0, take_loan, loans, error) ? g_steal_pointer (&loans) : NULL;
}
