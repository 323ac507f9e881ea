/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Has the widget and all that it is in forget the button that is held on them. To be called when a
 * drag ends: only the drag was told that the button was let go, and GTK's gestures would hold what
 * lay below the pointer until the next press, longer than the row that it is bound to. */
void mc_gestures_let_go (GtkWidget *widget);

G_END_DECLS
