/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-db.h"

G_BEGIN_DECLS

/* The contents too small for a pack of their own, in one database. Blocking; on the thread that
 * owns the connection. */

/* Bytes from which on a content gets a pack. */
#define MC_SMALL_LIMIT (256 * 1024)

char *mc_small_make_path (const char *folder);

/* A connection of one's own, to read; it may have to undo first what failed to be written. */
McDb *mc_small_open (const char *folder, GError **error);

/* The bytes must have been checked against the digest. */
gboolean
mc_small_put (McDb *db, const McDigest *digest, const void *bytes, gsize length, GError **error);

/* MC_ERROR_NOT_DOWNLOADED if it is not here, MC_ERROR_CORRUPT if the bytes do not have the digest.
 */
GBytes *mc_small_get (McDb *db, const McDigest *digest, GError **error);

/* No error if it is not there. Inside the caller's transaction or in none. */
gboolean mc_small_drop (McDb *db, const McDigest *digest, GError **error);

/* Gives the space of what was dropped back to the file system. */
gboolean mc_small_vacuum (McDb *db, GError **error);

typedef struct
{
  McDigest digest;
  guint64 size;
} McSmallEntry;

/* All that is here: McSmallEntry in a GArray. */
GArray *mc_small_list (McDb *db, GError **error);

G_END_DECLS
