/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Judges what a window shows by its widgets. Each adds a line for all that is wrong. Main thread;
 * the window has been drawn. */

/* Text that is cut without saying so, or that cannot be read as a whole anywhere; siblings that
 * lie over each other; a window that cannot be so narrow. width: the most that it may need. */
void mc_test_layout_judge (GtkWidget *window, int width, GString *wrong);

/* Controls without a name for those who do not see them. */
void mc_test_layout_judge_names (GtkWidget *window, GString *wrong);

/* Controls that neither Tab nor arrows lead to. Moves the focus about. */
void mc_test_layout_judge_focus (GtkWidget *window, GString *wrong);

/* The first one that is shown and of that type, with that action or with that text, in it or below
 * it; NULL if there is none. */
GtkWidget *mc_test_layout_find_type (GtkWidget *root, GType type);
GtkWidget *mc_test_layout_find_action (GtkWidget *root, const char *action);
GtkWidget *mc_test_layout_find_text (GtkWidget *root, const char *text);

G_END_DECLS
