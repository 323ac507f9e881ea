/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows who made this, of what, and what is to be told with a report of a problem. parent may be
 * NULL. */
void mc_about_show (GtkWindow *parent, McInventory *inventory);
G_END_DECLS
