/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Addresses and files can be dropped on the widget from then on: its action “win.open” (as) gets
 * them. */
void mc_drop_attach (GtkWidget *widget);

G_END_DECLS
