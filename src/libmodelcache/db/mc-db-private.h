/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-db.h"

#include <sqlite3.h>

/* Where in its file a value lies: mc-blob-place.c. */
typedef struct _McBlobFile McBlobFile;
typedef struct
{
  gsize length;  /* bytes of the value */
  gsize before;  /* bytes of its record before it */
  gsize local;   /* bytes of the record in the row's own page */
  guint64 at;    /* byte of the file where the record begins */
  guint32 first; /* page with what follows the local ones; 0: nothing does */
} McBlobPlace;

/* For values of the last column of the table whose tree begins at that page, in a file that nobody
 * changes. NULL if the file is not laid out as ours are. */
McBlobFile *mc_blob_file_open (const char *path, guint32 root);
void mc_blob_file_close (McBlobFile *self);

/* FALSE if the row, or bytes in it, cannot be found in this way. */
gboolean mc_blob_file_find (McBlobFile *self, gint64 id, McBlobPlace *place);

/* FALSE if it cannot be read. The bytes may be others than the value's. */
gboolean mc_blob_file_read (
    McBlobFile *self, const McBlobPlace *place, gsize offset, void *buffer, gsize length);

struct _McDb
{
  sqlite3 *handle;
  gboolean is_immutable;
  McBlobFile *file;       /* (owned) (nullable): for reading values past SQLite */
  const char *file_table; /* (nullable): whose values those are */
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
