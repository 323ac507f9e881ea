/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-adoption.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (dialog));

  if (parent != NULL && g_strcmp0 (response, "adopt") == 0)
    gtk_widget_activate_action_variant (GTK_WIDGET (parent), "win.adopt", user_data);
}

static char *
dup_heading (const char *const *paths)
{
  guint n = g_strv_length ((char **) paths);
  g_autofree char *name = g_path_get_basename (paths[0]);

  /* Translators: the name of a file or folder */
  return n == 1 ? g_strdup_printf (_ ("Adopt “%s”?"), name)
                /* Translators: files and folders */
                : g_strdup_printf (ngettext ("Adopt %u Item?", "Adopt %u Items?", n), n);
}

void
mc_adoption_ask (GtkWindow *parent, const char *const *paths)
{
  GVariant *target = g_variant_ref_sink (g_variant_new_bytestring_array (paths, -1));
  g_autofree char *heading = dup_heading (paths);
  GtkWidget *dialog = adw_message_dialog_new (
      parent, heading,
      _ ("What belongs to models is copied into the library and need not be downloaded. Nothing is "
         "changed where it is now."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "adopt",
                                    _ ("_Adopt"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "adopt",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), target,
                         (GClosureNotify) (void (*) (void)) g_variant_unref, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
