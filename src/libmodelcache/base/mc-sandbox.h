/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Whether this process is in a Flatpak. */
gboolean mc_sandbox_is_flatpak (void);

/* In a Flatpak: @callback is called once, from the default main context, when the Flatpak is
 * removed while this process runs; Flatpak leaves a file then (flatpak-run(1) and its documentation
 * name /app/.removed). Elsewhere nothing happens. Free with mc_sandbox_watch_free(). */
typedef struct _McSandboxWatch McSandboxWatch;
McSandboxWatch *mc_sandbox_watch_new (GSourceOnceFunc callback, gpointer user_data);
void mc_sandbox_watch_free (McSandboxWatch *self);

G_END_DECLS
