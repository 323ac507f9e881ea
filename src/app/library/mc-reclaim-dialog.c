/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-reclaim-dialog.h"

#include "mc-dict.h"
#include "mc-error.h"
#include "mc-phrases.h"
#include "mc-problem-bar.h"
#include "mc-reclaim-item.h"
#include "mc-reclaim-row.h"

#include <glib/gi18n.h>
#include <string.h>

/* The list is that of one moment; what the choice gives back is asked of the service each time, for
 * it is not the sum of its parts. */

#define ASK_MS 150

struct _McReclaimDialog
{
  AdwWindow parent_instance;
  McInventory *inventory;    /* (owned) */
  GListStore *items;         /* (owned): McReclaimItem */
  GCancellable *cancellable; /* (owned) (nullable): of the question that is under way */
  guint asking;              /* source: soon */
  McProblemBar *problem_bar; /* template widgets from here on */
  GtkStack *stack;
  GtkListView *list;
  GtkLabel *note;
  GtkButton *button;
  GtkLabel *deed; /* on the button */
};

G_DEFINE_FINAL_TYPE (McReclaimDialog, mc_reclaim_dialog, ADW_TYPE_WINDOW)

/* --- what is chosen --- */

static GVariant *
list_chosen (McReclaimDialog *self, guint *n)
{
  GVariantBuilder parts;

  *n = 0;
  g_variant_builder_init (&parts, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->items)); i++)
    {
      g_autoptr (McReclaimItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      if (!mc_reclaim_item_get_chosen (item))
        continue;
      g_variant_builder_add_value (&parts, mc_reclaim_item_describe (item));
      (*n)++;
    }
  return g_variant_builder_end (&parts);
}

static GVariant *
make_arguments (GVariant *parts, gboolean dry_run)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "dry_run", g_variant_new_boolean (dry_run));
  return g_variant_new ("(@aa{sv}a{sv})", parts, &options);
}

static void
show_none (McReclaimDialog *self)
{
  gtk_label_set_label (self->deed, _ ("_Delete"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), FALSE);
  gtk_label_set_label (self->note, _ ("Choose what may go. It can be downloaded again, but until "
                                      "then no program finds it."));
}

static void
show_result (McReclaimDialog *self, GVariant *result)
{
  guint64 returns = mc_dict_get_size (result, "returns");
  g_autofree char *size = g_format_size (returns);
  /* Translators: %s is a size */
  g_autofree char *label = g_strdup_printf (_ ("_Delete and Free %s"), size);
  g_autofree char *note = mc_phrase_deletion (returns, mc_dict_get_size (result, "kept"));

  gtk_label_set_label (self->deed, label);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), TRUE);
  gtk_label_set_label (self->note, note);
}

/* One at least stays: why the first one does. */
static gboolean
show_failed (McReclaimDialog *self, GVariant *result)
{
  g_autoptr (GVariant) failed = mc_dict_get_list (result, "failed");
  g_autoptr (GVariant) first = NULL;
  g_autoptr (GError) error = NULL;
  McError code = MC_ERROR_FAILED;

  if (g_variant_n_children (failed) == 0)
    return FALSE;
  first = g_variant_get_child_value (failed, 0);
  mc_error_from_name (mc_dict_get_string (first, "error"), &code);
  error = g_error_new_literal (MC_ERROR, (int) code, mc_dict_get_string (first, "message"));
  mc_problem_bar_show (self->problem_bar, error, mc_dict_get_string (first, "repo"));
  return TRUE;
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McReclaimDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) dict = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      mc_problem_bar_show (self->problem_bar, error, NULL);
      return;
    }
  dict = g_variant_get_child_value (reply, 0);
  show_result (self, dict);
  if (!show_failed (self, dict))
    mc_problem_bar_hide (self->problem_bar);
}

static void
stop_asking (McReclaimDialog *self)
{
  g_clear_handle_id (&self->asking, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static gboolean
ask_cb (gpointer user_data)
{
  McReclaimDialog *self = user_data;
  guint n;
  g_autoptr (GVariant) parts = g_variant_ref_sink (list_chosen (self, &n));

  self->asking = 0;
  stop_asking (self);
  if (n == 0)
    {
      show_none (self);
      return G_SOURCE_REMOVE;
    }
  self->cancellable = g_cancellable_new ();
  mc_inventory_call_async (self->inventory, "DeleteParts", make_arguments (parts, TRUE), "(a{sv})",
                           self->cancellable, asked_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
on_chosen (McReclaimDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), FALSE);
  stop_asking (self);
  self->asking = g_timeout_add (ASK_MS, ask_cb, self);
}

static void
on_activate (McReclaimDialog *self, guint position)
{
  g_autoptr (McReclaimItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), position);

  g_object_set (item, "chosen", !mc_reclaim_item_get_chosen (item), NULL);
}

/* --- what there is --- */

static void
add_parts (GPtrArray *items, GVariant *repo, gboolean superseded, gint64 now)
{
  g_autoptr (GVariant) parts = mc_dict_get_list (repo, "parts");

  for (gsize i = 0; i < g_variant_n_children (parts); i++)
    {
      g_autoptr (GVariant) part = g_variant_get_child_value (parts, i);

      if (mc_dict_get_size (part, "alone") + mc_dict_get_size (part, "shared") > 0)
        g_ptr_array_add (items, mc_reclaim_item_new (repo, part, superseded, now));
    }
}

/* The names of repos of which the revision "main" is here. */
static GHashTable *
list_current (GVariant *repos)
{
  GHashTable *current = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < g_variant_n_children (repos); i++)
    {
      g_autoptr (GVariant) repo = g_variant_get_child_value (repos, i);

      if (strcmp (mc_dict_get_string (repo, "revision"), "main") == 0)
        g_hash_table_add (current, g_strdup (mc_dict_get_string (repo, "repo")));
    }
  return current;
}

static void
fill (McReclaimDialog *self)
{
  GVariant *usage = mc_inventory_get_usage (self->inventory);
  g_autoptr (GVariant) repos = usage == NULL ? NULL : mc_dict_get_list (usage, "repos");
  g_autoptr (GHashTable) current = NULL;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (repos != NULL)
    current = list_current (repos);
  for (gsize i = 0; repos != NULL && i < g_variant_n_children (repos); i++)
    {
      g_autoptr (GVariant) repo = g_variant_get_child_value (repos, i);
      const char *revision = mc_dict_get_string (repo, "revision");

      add_parts (items, repo,
                 strlen (revision) == 40
                     && g_hash_table_contains (current, mc_dict_get_string (repo, "repo")),
                 now);
    }
  g_ptr_array_sort_with_data (items, mc_reclaim_item_compare, NULL);
  for (guint i = 0; i < items->len; i++)
    g_signal_connect_object (g_ptr_array_index (items, i), "notify::chosen", G_CALLBACK (on_chosen),
                             self, G_CONNECT_SWAPPED);
  g_list_store_splice (self->items, 0, 0, items->pdata, items->len);
  gtk_stack_set_visible_child_name (self->stack, items->len > 0 ? "list" : "nothing");
  gtk_widget_set_visible (GTK_WIDGET (self->button), items->len > 0);
}

/* --- doing it --- */

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McReclaimDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) dict = NULL;
  g_autofree char *size = NULL;
  g_autofree char *news = NULL;
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->list), TRUE);
  if (reply == NULL)
    {
      mc_problem_bar_show (self->problem_bar, error, NULL);
      return;
    }
  dict = g_variant_get_child_value (reply, 0);
  if (show_failed (self, dict))
    return;
  size = g_format_size (mc_dict_get_size (dict, "returns"));
  /* Translators: %s is a size */
  news = g_strdup_printf (_ ("%s are free again"), size);
  if (parent != NULL)
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.tell", "s", news);
  gtk_window_close (GTK_WINDOW (self));
}

static void
delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McReclaimDialog *self = MC_RECLAIM_DIALOG (widget);
  guint n;
  g_autoptr (GVariant) parts = g_variant_ref_sink (list_chosen (self, &n));

  stop_asking (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->list), FALSE);
  mc_inventory_call_async (self->inventory, "DeleteParts", make_arguments (parts, FALSE), "(a{sv})",
                           NULL, deleted_cb, g_object_ref (self));
}

/* --- its life --- */

McReclaimDialog *
mc_reclaim_dialog_new (GtkWindow *parent, McInventory *inventory)
{
  McReclaimDialog *self = g_object_new (MC_TYPE_RECLAIM_DIALOG, "transient-for", parent, NULL);

  self->inventory = g_object_ref (inventory);
  fill (self);
  return self;
}

static void
mc_reclaim_dialog_dispose (GObject *object)
{
  McReclaimDialog *self = MC_RECLAIM_DIALOG (object);

  stop_asking (self);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_RECLAIM_DIALOG);
  g_clear_object (&self->items);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_reclaim_dialog_parent_class)->dispose (object);
}

static void
mc_reclaim_dialog_class_init (McReclaimDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_reclaim_dialog_dispose;
  g_type_ensure (MC_TYPE_PROBLEM_BAR);
  g_type_ensure (MC_TYPE_RECLAIM_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/library/mc-reclaim-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, McReclaimDialog, problem_bar);
  gtk_widget_class_bind_template_child (widget_class, McReclaimDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, McReclaimDialog, list);
  gtk_widget_class_bind_template_child (widget_class, McReclaimDialog, note);
  gtk_widget_class_bind_template_child (widget_class, McReclaimDialog, button);
  gtk_widget_class_bind_template_child (widget_class, McReclaimDialog, deed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_install_action (widget_class, "reclaim.delete", NULL, delete_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
mc_reclaim_dialog_init (McReclaimDialog *self)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->items = g_list_store_new (MC_TYPE_RECLAIM_ITEM);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->items)));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  show_none (self);
}
