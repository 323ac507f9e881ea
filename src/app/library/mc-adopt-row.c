/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-adopt-row.h"

#include "mc-dict.h"
#include "mc-phrases.h"

#include <glib/gi18n.h>

struct _McAdoptRow
{
  AdwActionRow parent_instance;
  McInventory *inventory;   /* (owned) */
  McTransferItem *transfer; /* (owned) (nullable): of the adoption that was begun */
  guint64 number;           /* of the transfer; 0: not begun */
  char *path;               /* (owned) */
  char *amount;             /* (owned): what there is */
  GtkButton *adopt;         /* template widgets from here on */
  GtkButton *cancel;
  GtkProgressBar *progress;
};

G_DEFINE_FINAL_TYPE (McAdoptRow, mc_adopt_row, ADW_TYPE_ACTION_ROW)

static void
update (McAdoptRow *self)
{
  gboolean open = self->transfer != NULL && mc_transfer_item_get_open (self->transfer);
  g_autofree char *sentence = NULL;
  double fraction = 0;

  if (self->transfer != NULL)
    g_object_get (self->transfer, "sentence", &sentence, "fraction", &fraction, NULL);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), sentence != NULL ? sentence : self->amount);
  gtk_progress_bar_set_fraction (self->progress, fraction);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), open);
  gtk_widget_set_visible (GTK_WIDGET (self->cancel), open);
  gtk_widget_set_visible (GTK_WIDGET (self->adopt), !open);
  gtk_widget_set_sensitive (GTK_WIDGET (self->adopt), self->number == 0 || self->transfer != NULL);
}

/* The transfer shows up in the list, before or after the answer. */
static void
look_for_transfer (McAdoptRow *self)
{
  GListModel *transfers = mc_inventory_get_transfers (self->inventory);

  for (guint i = 0; self->number != 0 && i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (transfers, i);

      if (mc_transfer_item_get_number (item) != self->number || item == self->transfer)
        continue;
      g_set_object (&self->transfer, item);
      g_signal_connect_object (item, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      update (self);
    }
}

static void
adopt_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McAdoptRow) self = user_data;
  McInventory *inventory = MC_INVENTORY (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (inventory, result, &error);
  const char *path;

  if (reply == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_signal_emit_by_name (inventory, "failed", error, self->path);
      return;
    }
  if (self->inventory == NULL)
    return; /* the page is gone */
  g_variant_get (reply, "(&o)", &path);
  self->number = mc_client_object_number (path);
  update (self);
  look_for_transfer (self);
}

static void
adopt_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McAdoptRow *self = MC_ADOPT_ROW (widget);

  mc_inventory_call_async (self->inventory, "Import",
                           g_variant_new ("(ssa{sv})", self->path, "", NULL), "(o)", NULL, adopt_cb,
                           g_object_ref (self));
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McAdoptRow *self = MC_ADOPT_ROW (widget);

  if (self->transfer != NULL)
    mc_inventory_steer (self->inventory, self->transfer, "Cancel");
}

static char *
describe (GVariant *place)
{
  guint count = mc_dict_get_count (place, "files");
  g_autofree char *size = g_format_size (mc_dict_get_size (place, "size"));
  g_autofree char *files = g_strdup_printf (ngettext ("%u file", "%u files", count), count);

  return mc_phrase_join ((const char *[]){ files, size, mc_dict_get_string (place, "path") }, 3);
}

McAdoptRow *
mc_adopt_row_new (McInventory *inventory, GVariant *place)
{
  McAdoptRow *self =
      g_object_new (MC_TYPE_ADOPT_ROW, "title", mc_dict_get_string (place, "program"), NULL);

  self->inventory = g_object_ref (inventory);
  self->path = g_strdup (mc_dict_get_string (place, "path"));
  self->amount = describe (place);
  g_signal_connect_object (mc_inventory_get_transfers (inventory), "items-changed",
                           G_CALLBACK (look_for_transfer), self, G_CONNECT_SWAPPED);
  update (self);
  return self;
}

static void
mc_adopt_row_dispose (GObject *object)
{
  McAdoptRow *self = MC_ADOPT_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_ADOPT_ROW);
  g_clear_object (&self->transfer);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_adopt_row_parent_class)->dispose (object);
}

static void
mc_adopt_row_finalize (GObject *object)
{
  McAdoptRow *self = MC_ADOPT_ROW (object);

  g_free (self->path);
  g_free (self->amount);
  G_OBJECT_CLASS (mc_adopt_row_parent_class)->finalize (object);
}

static void
mc_adopt_row_class_init (McAdoptRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = mc_adopt_row_dispose;
  object_class->finalize = mc_adopt_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/library/mc-adopt-row.ui");
  gtk_widget_class_bind_template_child (widget_class, McAdoptRow, adopt);
  gtk_widget_class_bind_template_child (widget_class, McAdoptRow, cancel);
  gtk_widget_class_bind_template_child (widget_class, McAdoptRow, progress);
  gtk_widget_class_install_action (widget_class, "adopt.begin", NULL, adopt_action);
  gtk_widget_class_install_action (widget_class, "adopt.cancel", NULL, cancel_action);
}

static void
mc_adopt_row_init (McAdoptRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
