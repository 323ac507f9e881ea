/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloads-view.h"

#include "mc-transfer-row.h"

/* The list of transfers: what runs first, then the newest. */

struct _McDownloadsView
{
  AdwBin parent_instance;
  McInventory *inventory; /* (owned) */
  GtkStack *stack;        /* template widgets */
  GtkListView *list;
};

G_DEFINE_FINAL_TYPE (McDownloadsView, mc_downloads_view, ADW_TYPE_BIN)

static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  McTransferItem *left = (McTransferItem *) a;
  McTransferItem *right = (McTransferItem *) b;
  guint64 left_number = mc_transfer_item_get_number (left);
  guint64 right_number = mc_transfer_item_get_number (right);

  if (mc_transfer_item_get_open (left) != mc_transfer_item_get_open (right))
    return mc_transfer_item_get_open (left) ? GTK_ORDERING_SMALLER : GTK_ORDERING_LARGER;
  return left_number > right_number   ? GTK_ORDERING_SMALLER
         : left_number < right_number ? GTK_ORDERING_LARGER
                                      : GTK_ORDERING_EQUAL;
}

static void
update_page (McDownloadsView *self)
{
  guint n = g_list_model_get_n_items (mc_inventory_get_transfers (self->inventory));

  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "list" : "empty");
}

void
mc_downloads_view_set_inventory (McDownloadsView *self, McInventory *inventory)
{
  GListModel *transfers = mc_inventory_get_transfers (inventory);
  GtkExpression *open = gtk_property_expression_new (MC_TYPE_TRANSFER_ITEM, NULL, "open");
  GtkMultiSorter *sorter = gtk_multi_sorter_new ();
  GtkSortListModel *sorted;
  g_autoptr (GtkNoSelection) selection = NULL;

  self->inventory = g_object_ref (inventory);
  /* The second watches the property; nothing is equal for the first but the same. */
  gtk_multi_sorter_append (sorter, GTK_SORTER (gtk_custom_sorter_new (compare, NULL, NULL)));
  gtk_multi_sorter_append (sorter, GTK_SORTER (gtk_numeric_sorter_new (open)));
  sorted = gtk_sort_list_model_new (g_object_ref (transfers), GTK_SORTER (sorter));
  selection = gtk_no_selection_new (G_LIST_MODEL (sorted));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  g_signal_connect_object (transfers, "items-changed", G_CALLBACK (update_page), self,
                           G_CONNECT_SWAPPED);
  update_page (self);
}

static void
mc_downloads_view_dispose (GObject *object)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (object);

  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  /* A bound child would be taken from under the bin. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_DOWNLOADS_VIEW);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_downloads_view_parent_class)->dispose (object);
}

static void
mc_downloads_view_class_init (McDownloadsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_downloads_view_dispose;
  g_type_ensure (MC_TYPE_TRANSFER_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/downloads/mc-downloads-view.ui");
  gtk_widget_class_bind_template_child (widget_class, McDownloadsView, stack);
  gtk_widget_class_bind_template_child (widget_class, McDownloadsView, list);
}

static void
mc_downloads_view_init (McDownloadsView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
