/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Programs in a sandbox by bubblewrap: they see all that is here, and the file that says of which
 * Flatpak they are. */

/* info: that file; bus: (nullable): the session bus in there. With pipes for its input, output and
 * errors. NULL: it could not be started. */
GSubprocess *mc_test_sandbox_start (const char *info, const char *bus, const char *const *command);

/* FALSE: there can be none here, and the test is skipped. */
gboolean mc_test_sandbox_is_possible (const char *info);

G_END_DECLS
