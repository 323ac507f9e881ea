/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-transfer-bar.h"

/* Progress of a transfer and what can be done about it, for whatever row needs that. */

struct _McTransferBar
{
  AdwBin parent_instance;
  McTransferItem *transfer; /* (owned) (nullable) */
};

enum
{
  PROP_TRANSFER = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McTransferBar, mc_transfer_bar, ADW_TYPE_BIN)

static void
steer (McTransferBar *self, const char *method)
{
  if (self->transfer != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.steer", "(ts)",
                                mc_transfer_item_get_number (self->transfer), method);
}

static void
pause_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McTransferBar *self = MC_TRANSFER_BAR (widget);

  steer (self, "Pause");
}

static void
resume_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McTransferBar *self = MC_TRANSFER_BAR (widget);

  steer (self, "Resume");
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McTransferBar *self = MC_TRANSFER_BAR (widget);

  steer (self, "Retry");
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McTransferBar *self = MC_TRANSFER_BAR (widget);

  steer (self, "Cancel");
}

/* Where a person can do something about what stops it. */
static void
open_page_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McTransferBar *self = MC_TRANSFER_BAR (widget);
  GtkRoot *root = gtk_widget_get_root (widget);
  const char *page = self->transfer == NULL ? "" : mc_transfer_item_get_page (self->transfer);

  if (page[0] != '\0')
    gtk_show_uri (GTK_WINDOW (root), page, GDK_CURRENT_TIME);
}

static void
start_anyway_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action (widget, "win.allow-transfers", NULL);
}

static void
set_transfer (McTransferBar *self, McTransferItem *transfer)
{
  if (!g_set_object (&self->transfer, transfer))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSFER]);
}

static void
mc_transfer_bar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_TRANSFER:
      g_value_set_object (value, MC_TRANSFER_BAR (object)->transfer);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_transfer_bar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_TRANSFER:
      set_transfer (MC_TRANSFER_BAR (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_transfer_bar_dispose (GObject *object)
{
  McTransferBar *self = MC_TRANSFER_BAR (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_TRANSFER_BAR);
  g_clear_object (&self->transfer);
  G_OBJECT_CLASS (mc_transfer_bar_parent_class)->dispose (object);
}

static void
mc_transfer_bar_class_init (McTransferBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_transfer_bar_get_property;
  object_class->set_property = mc_transfer_bar_set_property;
  object_class->dispose = mc_transfer_bar_dispose;
  properties[PROP_TRANSFER] =
      g_param_spec_object ("transfer", NULL, NULL, MC_TYPE_TRANSFER_ITEM,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/downloads/mc-transfer-bar.ui");
  gtk_widget_class_install_action (widget_class, "transfer.pause", NULL, pause_action);
  gtk_widget_class_install_action (widget_class, "transfer.resume", NULL, resume_action);
  gtk_widget_class_install_action (widget_class, "transfer.retry", NULL, retry_action);
  gtk_widget_class_install_action (widget_class, "transfer.open-page", NULL, open_page_action);
  gtk_widget_class_install_action (widget_class, "transfer.start-anyway", NULL,
                                   start_anyway_action);
  gtk_widget_class_install_action (widget_class, "transfer.cancel", NULL, cancel_action);
}

static void
mc_transfer_bar_init (McTransferBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
