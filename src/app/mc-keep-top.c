/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-keep-top.h"

static const char pending_key[] = "mc-keep-top";

static void
forget (gpointer source)
{
  g_source_remove (GPOINTER_TO_UINT (source));
}

static gboolean
on_idle (gpointer list)
{
  g_object_steal_data (G_OBJECT (list), pending_key);
  gtk_widget_activate_action (GTK_WIDGET (list), "list.scroll-to-item", "u", 0u);
  return G_SOURCE_REMOVE;
}

static gboolean
is_at_top (GtkListView *list)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));

  return adjustment == NULL
         || gtk_adjustment_get_value (adjustment) <= gtk_adjustment_get_lower (adjustment);
}

/* The list has not moved yet; it will when it is laid out, which is before anything idle. */
static void
on_items_changed (GtkListView *list)
{
  guint source;

  if (g_object_get_data (G_OBJECT (list), pending_key) != NULL || !is_at_top (list))
    return;
  source = g_idle_add (on_idle, list);
  g_object_set_data_full (G_OBJECT (list), pending_key, GUINT_TO_POINTER (source), forget);
}

void
mc_keep_top (GtkListView *list)
{
  g_signal_connect_object (gtk_list_view_get_model (list), "items-changed",
                           G_CALLBACK (on_items_changed), list, G_CONNECT_SWAPPED);
}
