/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Named places where a test can make this process fail or die.
 *
 * MC_FAULT="pack.commit" makes the point fail, "pack.commit:crash" ends the process there without
 * any clean-up, "pack.commit:3:crash" does so when it is passed for the third time. Several are
 * separated by commas. Without MC_FAULT a point costs one comparison. */

/* FALSE, with @error set to a fault of that domain and code, if this point was told to fail. */
gboolean mc_fault_point (const char *name, GQuark domain, int code, GError **error);

G_END_DECLS
