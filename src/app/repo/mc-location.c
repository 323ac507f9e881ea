/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-location.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  GtkWidget *widget; /* (owned) */
  char *key;         /* (owned): of the variant */
  char *storage;     /* (owned) */
} Place;

static Place *
place_new (GtkWidget *widget, const char *key, const char *storage)
{
  Place *place = g_new (Place, 1);

  *place = (Place){ g_object_ref (widget), g_strdup (key), g_strdup (storage) };
  return place;
}

static void
place_free (Place *place)
{
  g_object_unref (place->widget);
  g_free (place->key);
  g_free (place->storage);
  g_free (place);
}

static GtkWindow *
get_window (Place *place)
{
  return GTK_WINDOW (gtk_widget_get_root (place->widget));
}

/* --- a copy --- */

static void
on_folder_chosen (GtkNativeDialog *chooser, int response, gpointer user_data)
{
  Place *place = user_data;
  g_autoptr (GFile) folder = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  path = folder == NULL ? NULL : g_file_get_path (folder);
  if (path != NULL)
    gtk_widget_activate_action (place->widget, "repo.save-copy", "(s^ay)", place->key, path);
  place_free (place);
  g_object_unref (chooser);
}

/* Takes the place. */
static void
choose_folder (Place *place)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  g_autoptr (GFile) first = g_file_new_for_path (downloads != NULL ? downloads : g_get_home_dir ());
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (_ ("Save a Copy In"), get_window (place),
                                   GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Save"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser), first, NULL);
  g_signal_connect (chooser, "response", G_CALLBACK (on_folder_chosen), place);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* --- the question --- */

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Place *place = user_data;
  g_autofree char *uri = g_filename_to_uri (place->storage, NULL, NULL);

  if (g_strcmp0 (response, "storage") == 0 && uri != NULL)
    gtk_show_uri (get_window (place), uri, GDK_CURRENT_TIME);
  else if (g_strcmp0 (response, "copy") == 0)
    choose_folder (place_new (place->widget, place->key, place->storage));
}

void
mc_location_ask (GtkWidget *widget, const char *variant, const char *storage)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (gtk_widget_get_root (widget)), _ ("Kept in Pieces"),
      _ ("The storage folder has the files in verified pieces that all programs share, and not "
         "under their names. For files as such, save a copy: it takes its room once more."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"), "storage",
                                    _ ("Open _Storage Folder"), "copy", _ ("Save a _Copy…"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "copy",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response),
                         place_new (widget, variant, storage),
                         (GClosureNotify) (void (*) (void)) place_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
