/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks the person about sandboxed apps that want something of the service: a dialog for one after
 * the other, and a notification for whoever looks at something else. */
#define MC_TYPE_ACCESS_ASKER (mc_access_asker_get_type ())
G_DECLARE_FINAL_TYPE (McAccessAsker, mc_access_asker, MC, ACCESS_ASKER, GObject)

/* application: borrowed, and outlives it. */
McAccessAsker *mc_access_asker_new (GtkApplication *application, McInventory *inventory);

/* What people call an app: its own name where it is installed, else its id. */
char *mc_access_dup_app_name (const char *id);

G_END_DECLS
