/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Whoever looks at the beginning of a list goes on doing so when something comes before it; GTK
 * alone would move the new rows out of sight. To be called once for a list that has its model. */
void mc_keep_top (GtkListView *list);

G_END_DECLS
