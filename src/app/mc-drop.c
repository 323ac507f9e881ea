/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-drop.h"

#include <string.h>

/* A browser gives the address of a page as a list of files or as text, a file manager gives files.
 */

static void
open_addresses (GtkWidget *widget, GStrvBuilder *builder)
{
  g_auto (GStrv) addresses = g_strv_builder_end (builder);

  if (addresses[0] != NULL)
    gtk_widget_activate_action (widget, "win.open", "^as", addresses);
}

static void
add_files (GStrvBuilder *builder, GdkFileList *list)
{
  g_autoptr (GSList) files = gdk_file_list_get_files (list);

  for (GSList *item = files; item != NULL; item = item->next)
    {
      g_autofree char *uri = g_file_get_uri (item->data);

      if (g_utf8_validate (uri, -1, NULL))
        g_strv_builder_add (builder, uri);
    }
}

/* Of several lines the first one: browsers put the title behind it. */
static void
add_text (GStrvBuilder *builder, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 2);

  if (lines[0] != NULL && g_strstrip (lines[0])[0] != '\0')
    g_strv_builder_add (builder, lines[0]);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, GtkWidget *widget)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    add_files (builder, g_value_get_boxed (value));
  else if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value) != NULL)
    add_text (builder, g_value_get_string (value));
  open_addresses (widget, builder);
  return TRUE;
}

void
mc_drop_attach (GtkWidget *widget)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  GType types[] = { GDK_TYPE_FILE_LIST, G_TYPE_STRING };

  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), widget);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}
