/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Where the store is, if a person moved it. That is remembered outside it, in the folder where it
 * would be by itself (its home): HOME/location has the folder. While it is being moved, HOME/moving
 * has both folders. Each changes as a whole, and is on the disk when a function returns. Blocking;
 * any thread. */

/* HOME itself if nothing is remembered. MC_ERROR_STORE_ABSENT, naming the folder, if a folder is
 * remembered and no store is there: its disk is away. Free with g_free(). */
char *mc_location_find (const char *home, GError **error);

/* folder: HOME itself means that nothing needs to be remembered. */
gboolean mc_location_set (const char *home, const char *folder, GError **error);

/* The move that is under way: FALSE if there is none. */
gboolean mc_location_get_move (const char *home, char **from, char **to);
gboolean mc_location_set_move (const char *home, const char *from, const char *to, GError **error);
void mc_location_forget_move (const char *home);

/* Whether a store is there. */
gboolean mc_location_has_store (const char *folder);

G_END_DECLS
