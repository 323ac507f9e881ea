/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows the whole of a text in that window as its tooltip, where it is shortened for lack of room
 * and has no tooltip of its own. */
void mc_whole_text_offer (GtkWindow *window);

G_END_DECLS
