/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-import-tree.h"

G_BEGIN_DECLS

/* Reading a file that is to be adopted: blocking, any thread, one at a time for each file. A file
 * that is not the one that was found any more is MC_ERROR_CORRUPT, one that cannot be read
 * MC_ERROR_FAILED. */

/* The descriptor is only for reading, and of that very file. Close it. -1 on failure. */
int mc_import_open (const McImportFile *file, GError **error);

/* Reads all of it and fills in its hashes: kinds has a bit 1 << McDigestKind for each that is asked
 * for. *progress is stored atomically, in chunks. */
gboolean mc_import_hash (
    McImportFile *file, guint kinds, int *progress, GCancellable *cancellable, GError **error);

/* Some chunk of it, compared with what was hashed. */
GBytes *mc_import_read_chunk (
    const McImportFile *file, int fd, guint64 offset, gsize length, GError **error);

G_END_DECLS
