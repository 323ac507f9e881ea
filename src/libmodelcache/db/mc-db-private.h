/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-db.h"

#include <sqlite3.h>

struct _McDb
{
  sqlite3 *handle;
  char *path;             /* (owned) */
  GHashTable *statements; /* (owned): SQL by address => sqlite3_stmt */
  GThread *owner;         /* the thread that may use it */
  gboolean in_txn;
  guint version; /* of its schema */
};

/* Sets @error from the connection's last result and gives FALSE. The message begins with @doing and
 * @path. */
gboolean mc_db_fail (sqlite3 *handle, const char *doing, const char *path, GError **error);

/* Runs statements that are not kept. */
gboolean mc_db_exec (McDb *self, const char *doing, const char *sql, GError **error);

/* Brings the schema to the version that the mode asks for; refuses files of another program, of a
 * newer version, and those that stay older than @oldest. */
gboolean mc_db_migrate (McDb *self,
                        const char *schema,
                        guint32 application_id,
                        guint oldest,
                        McDbMode mode,
                        GError **error);
