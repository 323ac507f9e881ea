/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-whole-text.h"

/* Asked last, after all that lies below the pointer had nothing to say. So it is right for parts of
 * other people's widgets, too. */

#define UP_TO 4 /* ancestors of what is below the pointer */

static GtkLabel *
find_shortened (GtkWidget *widget)
{
  for (int i = 0; i < UP_TO && widget != NULL; i++, widget = gtk_widget_get_parent (widget))
    if (GTK_IS_LABEL (widget)
        && pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))))
      return GTK_LABEL (widget);
  return NULL;
}

static gboolean
on_query_tooltip (
    GtkWidget *window, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip, gpointer data)
{
  GtkWidget *picked =
      by_keyboard ? NULL
                  : gtk_widget_pick (window, x, y, GTK_PICK_INSENSITIVE | GTK_PICK_NON_TARGETABLE);
  GtkLabel *label = find_shortened (picked);

  if (label == NULL)
    return FALSE;
  gtk_tooltip_set_text (tooltip, gtk_label_get_text (label));
  return TRUE;
}

void
mc_whole_text_offer (GtkWindow *window)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (window), TRUE);
  g_signal_connect (window, "query-tooltip", G_CALLBACK (on_query_tooltip), NULL);
}
