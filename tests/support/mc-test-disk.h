/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* A real file system of a known size that is really full when it is full, for this process alone
 * and gone with it. */

/* Before the first thread is started. The result is the folder it is mounted on; NULL if that is
 * not allowed here. */
char *mc_test_disk_mount (guint64 size);

void mc_test_disk_unmount (char *folder); /* frees it too */

guint64 mc_test_disk_get_free (const char *folder);

/* Fills it with a file until only that many bytes are free, and empties it again. */
void mc_test_disk_fill (const char *folder, guint64 leave);
void mc_test_disk_empty (const char *folder);

G_END_DECLS
