/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-page.h"

#include "mc-copy-card.h"
#include "mc-dict.h"
#include "mc-drag-out.h"
#include "mc-location.h"
#include "mc-phrases.h"
#include "mc-problem-bar.h"
#include "mc-usage-dict.h"
#include "mc-variant-row.h"
#include "mc-wrap.h"

#include <glib/gi18n.h>
#include <string.h>

/* The page of one repo. Deleting asks the service first what that really gives back, and then the
 * person. */

struct _McRepoPage
{
  AdwBin parent_instance;
  McInventory *inventory;    /* (owned) */
  McRepoItem *item;          /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable): of what the shown repo is asked */
  McProblemBar *problem_bar; /* template widgets */
  McCopyCard *copy_card;
  GtkListBox *variants;
};

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McRepoPage, mc_repo_page, ADW_TYPE_BIN)

/* --- deleting --- */

typedef struct
{
  McRepoPage *page; /* (owned) */
  char *repo;       /* (owned) */
  char *variant;    /* (owned): "" for all of it */
  guint64 freed;
  guint64 kept;
} Deletion;

static void
deletion_free (Deletion *deletion)
{
  g_object_unref (deletion->page);
  g_free (deletion->repo);
  g_free (deletion->variant);
  g_free (deletion);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Deletion, deletion_free)

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Deletion *deletion = user_data;

  if (g_strcmp0 (response, "delete") != 0)
    return;
  mc_problem_bar_hide (deletion->page->problem_bar);
  gtk_widget_activate_action (GTK_WIDGET (deletion->page), "win.delete", "(ss)", deletion->repo,
                              deletion->variant);
  if (deletion->variant[0] == '\0')
    gtk_widget_activate_action (GTK_WIDGET (deletion->page), "win.back", NULL);
}

static void
ask (Deletion *deletion, guint64 returned)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (deletion->page));
  const char *name = mc_phrase_variant_name (deletion->variant);
  g_autofree char *body = mc_phrase_deletion (returned, deletion->kept);
  g_autofree char *heading = deletion->variant[0] != '\0'
                                 /* Translators: the name of a variant */
                                 ? g_strdup_printf (_ ("Delete “%s”?"), name)
                                 : g_strdup (_ ("Remove From the Library?"));
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (root), heading, body);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "delete",
                                    _ ("_Delete"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), deletion,
                         (GClosureNotify) (void (*) (void)) deletion_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Of what was asked for, the service knows what the disk really gives back; of leftovers of a
 * download only how many bytes they are. */
static void
usage_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Deletion) deletion = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) usage = NULL;
  guint64 returned;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      mc_problem_bar_show (deletion->page->problem_bar, error, NULL);
      return;
    }
  usage = g_variant_get_child_value (reply, 0);
  if (!mc_usage_dict_find_returns (usage, deletion->repo, deletion->variant, &returned))
    returned = deletion->freed;
  ask (g_steal_pointer (&deletion), returned);
}

static void
dry_run_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Deletion) deletion = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) freed = NULL;
  GCancellable *cancellable;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      mc_problem_bar_show (deletion->page->problem_bar, error, NULL);
      return;
    }
  freed = g_variant_get_child_value (reply, 0);
  deletion->freed = mc_dict_get_size (freed, "freed");
  deletion->kept = mc_dict_get_size (freed, "kept");
  cancellable = deletion->page->cancellable;
  mc_inventory_call_async (MC_INVENTORY (source), "Usage", NULL, "(a{sv})", cancellable, usage_cb,
                           g_steal_pointer (&deletion));
}

static void
begin_deletion (McRepoPage *self, const char *variant)
{
  Deletion *deletion = g_new0 (Deletion, 1);
  GVariantBuilder options;

  deletion->page = g_object_ref (self);
  deletion->repo = g_strdup (mc_repo_item_get_ref (self->item));
  deletion->variant = g_strdup (variant);
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "dry_run", g_variant_new_boolean (TRUE));
  mc_inventory_call_async (self->inventory, "Delete",
                           g_variant_new ("(ssa{sv})", deletion->repo, variant, &options),
                           "(a{sv})", self->cancellable, dry_run_cb, deletion);
}

/* --- files --- */

static McVariantItem *
find_variant (McRepoPage *self, const char *key)
{
  GListModel *variants = mc_repo_item_get_variants (self->item);

  for (guint i = 0; i < g_list_model_get_n_items (variants); i++)
    {
      g_autoptr (McVariantItem) item = g_list_model_get_item (variants, i);

      if (strcmp (mc_variant_item_get_key (item), key) == 0)
        return g_steal_pointer (&item);
    }
  return NULL;
}

static void
manifest_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McVariantItem) item = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) manifest = NULL;

  if (reply == NULL)
    {
      /* The list stays empty; whatever else is asked for says what is wrong. */
      g_debug ("GetManifest: %s", error->message);
      return;
    }
  manifest = g_variant_get_child_value (reply, 0);
  mc_variant_item_take_files (item, manifest);
}

static void
list_files_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRepoPage *self = MC_REPO_PAGE (widget);
  McVariantItem *item =
      self->item == NULL ? NULL : find_variant (self, g_variant_get_string (parameter, NULL));

  if (item != NULL)
    mc_inventory_call_async (self->inventory, "GetManifest",
                             g_variant_new ("(s)", mc_repo_item_get_ref (self->item)), "(a{sv})",
                             self->cancellable, manifest_cb, item);
}

/* --- plain files --- */

typedef struct
{
  McRepoPage *page;    /* (owned) */
  McVariantItem *item; /* (owned) */
  char *folder;        /* (owned) */
} Saving;

static void
saving_free (Saving *saving)
{
  g_object_unref (saving->page);
  g_object_unref (saving->item);
  g_free (saving->folder);
  g_free (saving);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Saving, saving_free)

static void
start_copy (Saving *saving)
{
  McRepoPage *self = saving->page;
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  GListModel *list = mc_variant_item_get_files (saving->item);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (McCopy) copy = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    g_ptr_array_add (files, g_list_model_get_item (list, i));
  copy = mc_copy_new (g_dbus_proxy_get_connection (G_DBUS_PROXY (manager)), files, saving->folder);
  mc_copy_card_start (self->copy_card, copy);
}

static void
files_known_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Saving) saving = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) manifest = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      mc_problem_bar_show (saving->page->problem_bar, error, NULL);
      return;
    }
  manifest = g_variant_get_child_value (reply, 0);
  mc_variant_item_take_files (saving->item, manifest);
  start_copy (saving);
}

/* As the Hub's own tools lay it out below a folder: owner/name/files. */
static void
save_copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRepoPage *self = MC_REPO_PAGE (widget);
  g_autoptr (McVariantItem) item = NULL;
  const char *variant, *folder;
  Saving *saving;

  g_variant_get (parameter, "(&s^&ay)", &variant, &folder);
  item = self->item == NULL ? NULL : find_variant (self, variant);
  if (item == NULL)
    return;
  mc_problem_bar_try (self->problem_bar, name, parameter);
  saving = g_new0 (Saving, 1);
  saving->page = g_object_ref (self);
  saving->item = g_object_ref (item);
  saving->folder = g_build_filename (folder, mc_repo_item_get_id (self->item), NULL);
  mc_inventory_call_async (self->inventory, "GetManifest",
                           g_variant_new ("(s)", mc_variant_item_get_repo (item)), "(a{sv})",
                           self->cancellable, files_known_cb, saving);
}

static void
open_location_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McDbusManager *manager = mc_inventory_get_manager (MC_REPO_PAGE (widget)->inventory);
  const char *folder = manager == NULL ? NULL : mc_dbus_manager_get_data_folder (manager);

  if (folder != NULL)
    mc_location_ask (widget, g_variant_get_string (parameter, NULL), folder);
}

static void
on_copy_failed (McRepoPage *self, GError *error)
{
  mc_problem_bar_show (self->problem_bar, error, NULL);
}

/* --- actions --- */

static void
delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRepoPage *self = MC_REPO_PAGE (widget);

  if (self->item == NULL)
    return;
  mc_problem_bar_try (self->problem_bar, name, parameter);
  begin_deletion (self, g_variant_get_string (parameter, NULL));
}

static void
remove_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRepoPage *self = MC_REPO_PAGE (widget);

  if (self->item != NULL)
    begin_deletion (self, "");
}

static void
stop_waiting_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRepoPage *self = MC_REPO_PAGE (widget);

  if (self->item != NULL)
    mc_inventory_stop_waiting (self->inventory, mc_repo_item_get_ref (self->item));
}

static void
refresh_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRepoPage *self = MC_REPO_PAGE (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "win.look-up", "s", mc_repo_item_get_ref (self->item));
}

static void
open_page_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRepoPage *self = MC_REPO_PAGE (widget);
  g_autofree char *uri = NULL;

  if (self->item == NULL)
    return;
  uri = g_strconcat (mc_repo_item_get_endpoint (self->item), "/", mc_repo_item_get_id (self->item),
                     NULL);
  gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (widget)), uri, GDK_CURRENT_TIME);
}

/* --- what it shows --- */

static gboolean
is_text (GObject *object, const char *text)
{
  return text != NULL && text[0] != '\0';
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  return g_object_new (MC_TYPE_VARIANT_ROW, "item", item, NULL);
}

static void
on_failed (McRepoPage *self, GError *error, const char *repo)
{
  mc_problem_bar_show (self->problem_bar, error, repo);
}

void
mc_repo_page_tell (McRepoPage *self, GError *error, const char *repo)
{
  on_failed (self, error, repo);
}

void
mc_repo_page_try (McRepoPage *self, const char *action, GVariant *target)
{
  mc_problem_bar_try (self->problem_bar, action, target);
}

void
mc_repo_page_set_inventory (McRepoPage *self, McInventory *inventory)
{
  self->inventory = g_object_ref (inventory);
  g_signal_connect_object (inventory, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  mc_drag_out_attach (GTK_WIDGET (self->variants), inventory);
}

void
mc_repo_page_set_item (McRepoPage *self, McRepoItem *item)
{
  mc_problem_bar_hide (self->problem_bar);
  mc_problem_bar_set_repo (self->problem_bar, item == NULL ? NULL : mc_repo_item_get_ref (item));
  if (!g_set_object (&self->item, item))
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  gtk_list_box_bind_model (self->variants, item == NULL ? NULL : mc_repo_item_get_variants (item),
                           create_row, self, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

/* --- its life --- */

static void
mc_repo_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, MC_REPO_PAGE (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_repo_page_dispose (GObject *object)
{
  McRepoPage *self = MC_REPO_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_REPO_PAGE);
  g_clear_object (&self->item);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_repo_page_parent_class)->dispose (object);
}

static void
mc_repo_page_class_init (McRepoPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_repo_page_get_property;
  object_class->dispose = mc_repo_page_dispose;
  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, MC_TYPE_REPO_ITEM,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_type_ensure (MC_TYPE_COPY_CARD);
  g_type_ensure (MC_TYPE_PROBLEM_BAR);
  g_type_ensure (MC_TYPE_WRAP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/repo/mc-repo-page.ui");
  gtk_widget_class_bind_template_child (widget_class, McRepoPage, problem_bar);
  gtk_widget_class_bind_template_child (widget_class, McRepoPage, copy_card);
  gtk_widget_class_bind_template_child (widget_class, McRepoPage, variants);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_failed);
  gtk_widget_class_bind_template_callback (widget_class, is_text);
  gtk_widget_class_install_action (widget_class, "repo.list-files", "s", list_files_action);
  gtk_widget_class_install_action (widget_class, "repo.open-location", "s", open_location_action);
  gtk_widget_class_install_action (widget_class, "repo.save-copy", "(say)", save_copy_action);
  gtk_widget_class_install_action (widget_class, "repo.delete", "s", delete_action);
  gtk_widget_class_install_action (widget_class, "repo.remove", NULL, remove_action);
  gtk_widget_class_install_action (widget_class, "repo.stop-waiting", NULL, stop_waiting_action);
  gtk_widget_class_install_action (widget_class, "repo.refresh", NULL, refresh_action);
  gtk_widget_class_install_action (widget_class, "repo.open-page", NULL, open_page_action);
}

static void
mc_repo_page_init (McRepoPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
