/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-copy-card.h"

struct _McCopyCard
{
  AdwBin parent_instance;
  McCopy *copy;              /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable) */
};

enum
{
  PROP_COPY = 1,
  N_PROPS
};

enum
{
  SIGNAL_FAILED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (McCopyCard, mc_copy_card, ADW_TYPE_BIN)

static void
set_copy (McCopyCard *self, McCopy *copy)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (copy != NULL)
    self->cancellable = g_cancellable_new ();
  gtk_widget_set_visible (GTK_WIDGET (self), copy != NULL);
  if (g_set_object (&self->copy, copy))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COPY]);
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McCopyCard) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!mc_copy_run_finish (MC_COPY (source), result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

void
mc_copy_card_start (McCopyCard *self, McCopy *copy)
{
  set_copy (self, copy);
  mc_copy_run_async (copy, self->cancellable, copied_cb, g_object_ref (self));
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_cancellable_cancel (MC_COPY_CARD (widget)->cancellable);
}

static void
dismiss_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  set_copy (MC_COPY_CARD (widget), NULL);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McCopyCard *self = MC_COPY_CARD (widget);
  g_autofree char *uri =
      self->copy == NULL ? NULL : g_filename_to_uri (mc_copy_get_folder (self->copy), NULL, NULL);

  if (uri != NULL)
    gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (widget)), uri, GDK_CURRENT_TIME);
}

static gboolean
is_over (GObject *object, gboolean running)
{
  return !running;
}

static void
mc_copy_card_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_COPY:
      g_value_set_object (value, MC_COPY_CARD (object)->copy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_copy_card_dispose (GObject *object)
{
  McCopyCard *self = MC_COPY_CARD (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_COPY_CARD);
  g_clear_object (&self->copy);
  G_OBJECT_CLASS (mc_copy_card_parent_class)->dispose (object);
}

static void
mc_copy_card_class_init (McCopyCardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_copy_card_get_property;
  object_class->dispose = mc_copy_card_dispose;
  properties[PROP_COPY] =
      g_param_spec_object ("copy", NULL, NULL, MC_TYPE_COPY,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", MC_TYPE_COPY_CARD, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  g_type_ensure (MC_TYPE_COPY);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/repo/mc-copy-card.ui");
  gtk_widget_class_bind_template_callback (widget_class, is_over);
  gtk_widget_class_install_action (widget_class, "copy.cancel", NULL, cancel_action);
  gtk_widget_class_install_action (widget_class, "copy.dismiss", NULL, dismiss_action);
  gtk_widget_class_install_action (widget_class, "copy.open", NULL, open_action);
}

static void
mc_copy_card_init (McCopyCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
