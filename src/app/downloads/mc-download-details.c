/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-download-details.h"

#include "mc-dict.h"
#include "mc-error-text.h"
#include "mc-whole-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* Files and history are asked for when it opens, and again when the transfer begins or ends. */

#define MAX_FILES 200 /* rows; of a repo with more the first ones tell enough */

struct _McDownloadDetails
{
  AdwWindow parent_instance;
  McInventory *inventory;    /* (owned) */
  McTransferItem *item;      /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GString *log;              /* (owned): for the clipboard */
  AdwActionRow *host;        /* template widgets from here on */
  AdwPreferencesGroup *files_group;
  GtkListBox *files;
  AdwPreferencesGroup *history_group;
  GtkListBox *history;
};

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McDownloadDetails, mc_download_details, ADW_TYPE_WINDOW)

static void
clear_list (GtkListBox *list)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
}

static void
add_row (GtkListBox *list, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  gtk_list_box_append (list, row);
}

/* --- files --- */

static char *
describe_file (GVariant *file)
{
  guint64 size = mc_dict_get_size (file, "size");
  guint64 here = mc_dict_get_size (file, "downloaded");
  g_autofree char *size_text = g_format_size (size);
  g_autofree char *here_text = g_format_size (here);

  if (mc_dict_get_flag (file, "damaged"))
    return g_strdup_printf (_ ("%s · damaged"), size_text);
  if (here >= size)
    return g_strdup_printf (_ ("%s · complete"), size_text);
  return g_strdup_printf (_ ("%s of %s"), here_text, size_text);
}

/* The files of the transfer's variant; NULL if it is of one file. g_free() the array. */
static const char **
get_paths (McDownloadDetails *self, GVariant *manifest)
{
  g_autoptr (GVariant) variants = mc_dict_get_list (manifest, "variants");
  const char *key = mc_transfer_item_get_variant (self->item);
  const char **paths = NULL;

  for (gsize i = 0; key[0] != '\0' && i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) variant = g_variant_get_child_value (variants, i);

      if (strcmp (mc_dict_get_string (variant, "key"), key) == 0)
        g_variant_lookup (variant, "files", "^a&s", &paths);
    }
  return paths;
}

static gboolean
is_wanted (McDownloadDetails *self, const char **paths, const char *path)
{
  McDbusTransfer *proxy = mc_transfer_item_get_proxy (self->item);

  if (paths != NULL)
    return g_strv_contains (paths, path);
  return proxy != NULL && g_strcmp0 (mc_dbus_transfer_get_path (proxy), path) == 0;
}

static void
show_files (McDownloadDetails *self, GVariant *manifest)
{
  g_autoptr (GVariant) files = mc_dict_get_list (manifest, "files");
  g_autofree const char **paths = get_paths (self, manifest);
  guint shown = 0;

  clear_list (self->files);
  for (gsize i = 0; shown < MAX_FILES && i < g_variant_n_children (files); i++)
    {
      g_autoptr (GVariant) file = g_variant_get_child_value (files, i);
      const char *path = mc_dict_get_string (file, "path");
      g_autofree char *state = describe_file (file);

      if (!is_wanted (self, paths, path))
        continue;
      add_row (self->files, path, state);
      shown++;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->files_group), shown > 0);
}

static void
manifest_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McDownloadDetails) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) manifest = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      /* What is known of the transfer itself is shown all the same. */
      g_debug ("Files: %s", error->message);
      return;
    }
  manifest = g_variant_get_child_value (reply, 0);
  show_files (self, manifest);
}

/* --- history --- */

static const char *
describe_end (GVariant *entry)
{
  const char *state = mc_dict_get_string (entry, "state");

  if (strcmp (state, "done") == 0)
    return _ ("Finished");
  if (strcmp (state, "cancelled") == 0)
    return _ ("Cancelled");
  return mc_error_text_get_by_name (mc_dict_get_string (entry, "error")).title;
}

static char *
format_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (seconds);

  return time == NULL ? g_strdup ("") : g_date_time_format (time, "%x %X");
}

static void
show_entry (McDownloadDetails *self, GVariant *entry)
{
  g_autofree char *ended = format_time (mc_dict_get_time (entry, "ended"));
  g_autofree char *received = g_format_size (mc_dict_get_size (entry, "received"));
  const char *message = mc_dict_get_string (entry, "message");
  /* Translators: a time, and a size: how much came over the network by then */
  g_autofree char *facts = g_strdup_printf (_ ("%s · %s received"), ended, received);

  add_row (self->history, describe_end (entry), facts);
  g_string_append_printf (self->log, "%s: %s, %s received%s%s\n", ended,
                          mc_dict_get_string (entry, "state"), received,
                          message[0] == '\0' ? "" : ": ", message);
}

static void
history_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McDownloadDetails) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) entries = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      g_debug ("History: %s", error->message);
      return;
    }
  clear_list (self->history);
  g_string_truncate (self->log, 0);
  entries = g_variant_get_child_value (reply, 0);
  for (gsize i = 0; i < g_variant_n_children (entries); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (entries, i);

      if (mc_dict_get_size (entry, "id") == mc_transfer_item_get_number (self->item))
        show_entry (self, entry);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->history_group), self->log->len > 0);
}

/* --- the whole --- */

static void
show_host (McDownloadDetails *self)
{
  McRepoItem *repo =
      mc_inventory_find_repo (self->inventory, mc_transfer_item_get_repo (self->item));

  if (repo == NULL)
    return;
  adw_action_row_set_subtitle (self->host, mc_repo_item_get_endpoint (repo));
  gtk_widget_set_visible (GTK_WIDGET (self->host), TRUE);
}

static void
ask (McDownloadDetails *self)
{
  const char *repo = mc_transfer_item_get_repo (self->item);

  show_host (self);
  if (repo[0] != '\0')
    mc_inventory_call_async (self->inventory, "GetManifest", g_variant_new ("(s)", repo), "(a{sv})",
                             self->cancellable, manifest_cb, g_object_ref (self));
  mc_inventory_call_async (self->inventory, "ListHistory", g_variant_new ("(a{sv})", NULL),
                           "(aa{sv})", self->cancellable, history_cb, g_object_ref (self));
}

/* As it is now, then what became of it before. */
static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McDownloadDetails *self = MC_DOWNLOAD_DETAILS (widget);
  McDbusTransfer *proxy = mc_transfer_item_get_proxy (self->item);
  const char *message = proxy == NULL ? NULL : mc_dbus_transfer_get_message (proxy);
  g_autofree char *title = NULL;
  g_autofree char *text = NULL;

  g_object_get (self->item, "title", &title, NULL);
  text = g_strdup_printf ("%s %s\n%s %s\n%s", title, mc_transfer_item_get_variant (self->item),
                          mc_transfer_item_get_state (self->item), message == NULL ? "" : message,
                          self->log->str);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

McDownloadDetails *
mc_download_details_new (GtkWindow *parent, McInventory *inventory, McTransferItem *item)
{
  McDownloadDetails *self =
      g_object_new (MC_TYPE_DOWNLOAD_DETAILS, "transient-for", parent, "item", item, NULL);

  self->inventory = g_object_ref (inventory);
  g_signal_connect_object (item, "notify::state", G_CALLBACK (ask), self, G_CONNECT_SWAPPED);
  ask (self);
  return self;
}

static void
mc_download_details_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, MC_DOWNLOAD_DETAILS (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_download_details_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      MC_DOWNLOAD_DETAILS (object)->item = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_download_details_dispose (GObject *object)
{
  McDownloadDetails *self = MC_DOWNLOAD_DETAILS (object);

  g_cancellable_cancel (self->cancellable);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  adw_window_set_content (ADW_WINDOW (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_DOWNLOAD_DETAILS);
  g_clear_object (&self->item);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_download_details_parent_class)->dispose (object);
}

static void
mc_download_details_finalize (GObject *object)
{
  McDownloadDetails *self = MC_DOWNLOAD_DETAILS (object);

  g_object_unref (self->cancellable);
  g_string_free (self->log, TRUE);
  G_OBJECT_CLASS (mc_download_details_parent_class)->finalize (object);
}

static void
mc_download_details_class_init (McDownloadDetailsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_download_details_get_property;
  object_class->set_property = mc_download_details_set_property;
  object_class->dispose = mc_download_details_dispose;
  object_class->finalize = mc_download_details_finalize;
  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, MC_TYPE_TRANSFER_ITEM,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/downloads/mc-download-details.ui");
  gtk_widget_class_bind_template_child (widget_class, McDownloadDetails, host);
  gtk_widget_class_bind_template_child (widget_class, McDownloadDetails, files_group);
  gtk_widget_class_bind_template_child (widget_class, McDownloadDetails, files);
  gtk_widget_class_bind_template_child (widget_class, McDownloadDetails, history_group);
  gtk_widget_class_bind_template_child (widget_class, McDownloadDetails, history);
  gtk_widget_class_install_action (widget_class, "details.copy", NULL, copy_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
mc_download_details_init (McDownloadDetails *self)
{
  self->cancellable = g_cancellable_new ();
  self->log = g_string_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  mc_whole_text_offer (GTK_WINDOW (self));
}
