/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* A file of the store that is there to be given up: on a disk that is full to the last byte SQLite
 * could not even begin to delete something. Blocking, any thread. */

/* Makes it, where there is plenty of space. */
void mc_reserve_make (const char *folder);

/* Gives it up, if @error is one that a full disk might have caused. TRUE if there is space now that
 * was not there before: then another try is worth it. */
gboolean mc_reserve_release (const char *folder, const GError *error);

G_END_DECLS
