/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-rate-graph.h"

#include "mc-rate-history.h"

/* A sample a second, from when the first bytes come until a minute after the last ones: then the
 * clock stops, and nothing is drawn for nothing. Who does not want things to move gets a new
 * picture every ten seconds. */

#define HEIGHT 40
#define CALM_SECONDS 10
#define TELL_SECONDS 5 /* the words change no more often */
#define FILL 0.25
#define LINE 1.5

struct _McRateGraph
{
  GtkWidget parent_instance;
  McInventory *inventory; /* (owned) (nullable) */
  McRateHistory history;
  guint clock; /* source; 0: it stands */
  guint ticks;
};

G_DEFINE_FINAL_TYPE (McRateGraph, mc_rate_graph, GTK_TYPE_WIDGET)

static void
tell (McRateGraph *self)
{
  g_autofree char *text = mc_rate_history_describe (&self->history);

  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static gboolean
is_calm (McRateGraph *self)
{
  gboolean moves = TRUE;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &moves, NULL);
  return !moves;
}

static gboolean
tick_cb (gpointer user_data)
{
  McRateGraph *self = user_data;
  gboolean changed = mc_rate_history_add (&self->history, mc_inventory_get_rate (self->inventory));
  guint every = is_calm (self) ? CALM_SECONDS : 1;

  if (self->ticks % TELL_SECONDS == 0 || !changed)
    tell (self);
  if (self->ticks++ % every == 0 || !changed)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  if (changed)
    return G_SOURCE_CONTINUE;
  self->clock = 0;
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  return G_SOURCE_REMOVE;
}

static void
on_rate (McRateGraph *self)
{
  if (self->clock > 0 || mc_inventory_get_rate (self->inventory) == 0)
    return;
  self->ticks = 0;
  self->clock = g_timeout_add_seconds (1, tick_cb, self);
  tick_cb (self);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
}

void
mc_rate_graph_set_inventory (McRateGraph *self, McInventory *inventory)
{
  self->inventory = g_object_ref (inventory);
  g_signal_connect_object (inventory, "notify::rate", G_CALLBACK (on_rate), self,
                           G_CONNECT_SWAPPED);
  on_rate (self);
}

/* --- drawing --- */

static void
trace (McRateGraph *self, cairo_t *cr, double width, double height)
{
  double x, y;

  for (guint i = 0; i < self->history.n; i++)
    {
      mc_rate_history_place (&self->history, i, width, height - LINE, &x, &y);
      cairo_line_to (cr, x, y + LINE / 2);
    }
}

static void
mc_rate_graph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  McRateGraph *self = MC_RATE_GRAPH (widget);
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  double first, ignored;
  GdkRGBA color;
  cairo_t *cr;

  if (self->history.n < 2)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  mc_rate_history_place (&self->history, 0, width, height, &first, &ignored);
  trace (self, cr, width, height);
  cairo_line_to (cr, width, height);
  cairo_line_to (cr, first, height);
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, color.alpha * FILL);
  cairo_fill (cr);
  trace (self, cr, width, height);
  cairo_set_line_width (cr, LINE);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
mc_rate_graph_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 0;
}

/* --- its life --- */

static void
mc_rate_graph_dispose (GObject *object)
{
  McRateGraph *self = MC_RATE_GRAPH (object);

  g_clear_handle_id (&self->clock, g_source_remove);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_rate_graph_parent_class)->dispose (object);
}

static void
mc_rate_graph_class_init (McRateGraphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_rate_graph_dispose;
  widget_class->snapshot = mc_rate_graph_snapshot;
  widget_class->measure = mc_rate_graph_measure;
  gtk_widget_class_set_css_name (widget_class, "mcgraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
mc_rate_graph_init (McRateGraph *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
