/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Whether this process is in a Flatpak. */
gboolean mc_sandbox_is_flatpak (void);

/* Whether what is written to @path, absolute, would be gone with the sandbox: in a Flatpak a folder
 * of the person's that was not let in can be made, but is nowhere outside. Never true elsewhere.
 * Blocks for a look at the folder. */
gboolean mc_sandbox_forgets (const char *path);

/* Whether @path is of what a portal lent to a Flatpak: such files can be read and written, but not
 * locked, which a store needs. */
gboolean mc_sandbox_is_lent (const char *path);

/* The path as people know it: what a portal lent to a Flatpak has a path there that means nothing
 * outside; of that the person's own path is given, or its end if that is not known. Any other path
 * is given as it is. g_free() it. Blocks for a look at the file. */
char *mc_sandbox_describe (const char *path);

/* In a Flatpak: @callback is called once, from the default main context, when the Flatpak is
 * removed while this process runs; Flatpak leaves a file then (flatpak-run(1) and its documentation
 * name /app/.removed). Elsewhere nothing happens. Free with mc_sandbox_watch_free(). */
typedef struct _McSandboxWatch McSandboxWatch;
McSandboxWatch *mc_sandbox_watch_new (GSourceOnceFunc callback, gpointer user_data);
void mc_sandbox_watch_free (McSandboxWatch *self);

G_END_DECLS
