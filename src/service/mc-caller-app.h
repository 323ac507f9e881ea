/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* What is told of an app whose sandbox says nothing usable of it: it is nobody's, and gets nothing.
 */
#define MC_CALLER_APP_UNKNOWN "?"

/* The id of the Flatpak that the process runs in; "" for what runs in none. @pidfd: (nullable as
 * -1): the same process, which makes sure that its number was not given to another meanwhile.
 * MC_ERROR_GONE if it ended. Owned by the caller. Blocking, but only on /proc; any thread. */
char *mc_caller_app_read (guint32 pid, int pidfd, GError **error);

G_END_DECLS
