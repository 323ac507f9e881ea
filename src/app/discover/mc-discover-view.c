/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-discover-view.h"

#include "mc-error-text.h"
#include "mc-hit-item.h"
#include "mc-hit-row.h"
#include "mc-repo-ref.h"

#include <glib/gi18n.h>
#include <string.h>

/* The entry waits until the person stops typing; what was asked before is cancelled then. */

#define HITS 40

struct _McDiscoverView
{
  AdwBin parent_instance;
  McInventory *inventory;    /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable): of the search that runs */
  GListStore *hits;          /* (owned): McHitItem */
  gboolean looking_up;
  gboolean searching;
  GtkSearchEntry *entry; /* template widgets from here on */
  GtkSpinner *spinner;
  GtkStack *stack;
  GtkListView *list;
  AdwStatusPage *failure;
};

G_DEFINE_FINAL_TYPE (McDiscoverView, mc_discover_view, ADW_TYPE_BIN)

static void
update_spinner (McDiscoverView *self)
{
  gboolean busy = self->searching || self->looking_up;

  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
}

void
mc_discover_view_set_busy (McDiscoverView *self, gboolean busy)
{
  self->looking_up = busy;
  update_spinner (self);
}

/* What names one repo rather than describes some: it has a slash, and nothing that names do not. */
static char *
dup_named (const char *text)
{
  g_autoptr (McRepoRef) ref = NULL;

  if (strchr (text, '/') == NULL)
    return NULL;
  ref = mc_repo_ref_parse (text, NULL, NULL);
  return ref == NULL ? NULL : g_strstrip (g_strdup (text));
}

/* --- searching --- */

static void
show_hits (McDiscoverView *self, GVariant *hits, const char *named)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  gsize n = hits == NULL ? 0 : g_variant_n_children (hits);

  if (named != NULL)
    g_ptr_array_add (items, mc_hit_item_new_for_name (named));
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (hits, i);

      g_ptr_array_add (items, mc_hit_item_new (dict));
    }
  g_list_store_splice (self->hits, 0, g_list_model_get_n_items (G_LIST_MODEL (self->hits)),
                       items->pdata, items->len);
  gtk_stack_set_visible_child_name (self->stack, items->len > 0 ? "hits" : "none");
}

static void
show_failure (McDiscoverView *self, const GError *error)
{
  McErrorText text = mc_error_text_get (error);

  adw_status_page_set_title (self->failure, text.title);
  adw_status_page_set_description (self->failure, text.explanation);
  gtk_stack_set_visible_child_name (self->stack, "failed");
}

static void
search_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McDiscoverView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) hits = NULL;

  /* Another search has begun, and its result is what counts. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->searching = FALSE;
  update_spinner (self);
  if (reply == NULL)
    {
      show_failure (self, error);
      return;
    }
  hits = g_variant_get_child_value (reply, 0);
  show_hits (self, hits, NULL);
}

static void
begin_search (McDiscoverView *self, const char *text)
{
  GVariantBuilder options;

  self->cancellable = g_cancellable_new ();
  self->searching = TRUE;
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "limit", g_variant_new_uint32 (HITS));
  mc_inventory_call_async (self->inventory, "Search", g_variant_new ("(sa{sv})", text, &options),
                           "(aa{sv})", self->cancellable, search_cb, g_object_ref (self));
}

static void
on_search_changed (McDiscoverView *self)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  g_autofree char *named = dup_named (text);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->searching = FALSE;
  if (text[0] == '\0')
    gtk_stack_set_visible_child_name (self->stack, "start");
  else if (named != NULL)
    show_hits (self, NULL, named);
  else
    begin_search (self, text);
  update_spinner (self);
}

/* --- choosing --- */

static void
on_activate (McDiscoverView *self, guint position)
{
  g_autoptr (McHitItem) item = g_list_model_get_item (G_LIST_MODEL (self->hits), position);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.look-up", "s", mc_hit_item_get_repo (item));
}

/* Enter opens what was named, and else searches without waiting. */
static void
on_entry_activate (McDiscoverView *self)
{
  g_autofree char *named = dup_named (gtk_editable_get_text (GTK_EDITABLE (self->entry)));

  if (named != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.look-up", "s", named);
  else
    on_search_changed (self);
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  on_search_changed (MC_DISCOVER_VIEW (widget));
}

void
mc_discover_view_focus (McDiscoverView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
paste_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McDiscoverView) self = user_data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  /* An empty clipboard, or one with a picture in it, leaves the entry as it is. */
  if (text != NULL && self->entry != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->entry), g_strstrip (text));
}

void
mc_discover_view_paste (McDiscoverView *self)
{
  mc_discover_view_focus (self);
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, paste_cb,
                                 g_object_ref (self));
}

/* --- its life --- */

void
mc_discover_view_set_inventory (McDiscoverView *self, McInventory *inventory)
{
  self->inventory = g_object_ref (inventory);
}

static void
mc_discover_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (mc_discover_view_parent_class)->map (widget);
  mc_discover_view_focus (MC_DISCOVER_VIEW (widget));
}

static void
mc_discover_view_dispose (GObject *object)
{
  McDiscoverView *self = MC_DISCOVER_VIEW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_DISCOVER_VIEW);
  g_clear_object (&self->hits);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_discover_view_parent_class)->dispose (object);
}

static void
mc_discover_view_class_init (McDiscoverViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_discover_view_dispose;
  widget_class->map = mc_discover_view_map;
  g_type_ensure (MC_TYPE_HIT_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/discover/mc-discover-view.ui");
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, entry);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, spinner);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, stack);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, list);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, failure);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activate);
  gtk_widget_class_install_action (widget_class, "discover.retry", NULL, retry_action);
}

static void
mc_discover_view_init (McDiscoverView *self)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  self->hits = g_list_store_new (MC_TYPE_HIT_ITEM);
  gtk_widget_init_template (GTK_WIDGET (self));
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->hits)));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
}
