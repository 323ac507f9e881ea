/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Makes the folder ready to be mounted on: it is made if it is not there, a view whose service died
 * is taken away, and it must be empty then. MC_ERROR_STORE, or MC_ERROR_IN_USE if something else is
 * there. */
gboolean mc_view_mount_prepare (const char *folder, GError **error);

G_END_DECLS
