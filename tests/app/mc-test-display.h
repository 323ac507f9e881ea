/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* An X display of its own, in memory, so that tests need no screen and disturb nobody's. */
typedef struct _McTestDisplay McTestDisplay;

/* Fails the test if there is none within a minute. */
McTestDisplay *mc_test_display_new (guint width, guint height);
void mc_test_display_free (McTestDisplay *self);
const char *mc_test_display_get_name (McTestDisplay *self); /* ":7" */

/* Environment for programs with windows: "NAME=value", ended by NULL; g_strfreev() it. Nothing of
 * the person's own desktop is used: no settings, no portals, the simplest renderer. */
char **mc_test_display_dup_environment (McTestDisplay *self);

/* Puts GNOME's window manager on it: round corners, shadows, dialogs before their window. Waits
 * until it is there. bus: has its name; address: of that bus. Its habits are read from where
 * GSettings' file is.
 */
void mc_test_display_manage (McTestDisplay *self, GDBusConnection *bus, const char *address);

/* Writes what is on it as PNG, as soon as nothing changes any more. */
void mc_test_display_save (McTestDisplay *self, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTestDisplay, mc_test_display_free)

G_END_DECLS
