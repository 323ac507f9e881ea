/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-storage-meter.h"

#define N_PARTS 3
#define LEAST 2 /* pixels of what is there at all */

struct _McStorageMeter
{
  GtkWidget parent_instance;
  GtkWidget *parts[N_PARTS]; /* children */
  double fractions[N_PARTS];
};

G_DEFINE_FINAL_TYPE (McStorageMeter, mc_storage_meter, GTK_TYPE_WIDGET)

void
mc_storage_meter_set (
    McStorageMeter *self, guint64 models, guint64 unfinished, guint64 other, guint64 whole)
{
  const guint64 amounts[N_PARTS] = { models, unfinished, other };

  for (guint i = 0; i < N_PARTS; i++)
    self->fractions[i] = whole > 0 ? (double) amounts[i] / (double) whole : 0;
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
mc_storage_meter_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  *minimum = *natural = 0;
}

static int
choose_width (double fraction, int width)
{
  int part = (int) (fraction * width);

  return fraction > 0 && part < LEAST ? LEAST : part;
}

/* From the side where text begins. */
static void
mc_storage_meter_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  McStorageMeter *self = MC_STORAGE_METER (widget);
  gboolean reversed = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int used = 0;

  for (guint i = 0; i < N_PARTS; i++)
    {
      int part = MIN (choose_width (self->fractions[i], width), width - used);
      GtkAllocation place = { reversed ? width - used - part : used, 0, part, height };

      gtk_widget_set_child_visible (self->parts[i], part > 0);
      gtk_widget_size_allocate (self->parts[i], &place, -1);
      used += part;
    }
}

static void
mc_storage_meter_dispose (GObject *object)
{
  McStorageMeter *self = MC_STORAGE_METER (object);

  for (guint i = 0; i < N_PARTS; i++)
    g_clear_pointer (&self->parts[i], gtk_widget_unparent);
  G_OBJECT_CLASS (mc_storage_meter_parent_class)->dispose (object);
}

static void
mc_storage_meter_class_init (McStorageMeterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_storage_meter_dispose;
  widget_class->measure = mc_storage_meter_measure;
  widget_class->size_allocate = mc_storage_meter_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "meter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
mc_storage_meter_init (McStorageMeter *self)
{
  static const char *const classes[N_PARTS] = { "models", "unfinished", "other" };

  gtk_widget_add_css_class (GTK_WIDGET (self), "mc-meter");
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  for (guint i = 0; i < N_PARTS; i++)
    {
      self->parts[i] =
          g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
      gtk_widget_add_css_class (self->parts[i], classes[i]);
      gtk_widget_set_parent (self->parts[i], GTK_WIDGET (self));
    }
}
