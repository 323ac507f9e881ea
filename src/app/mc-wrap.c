/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-wrap.h"

/* Lines are found anew at each measuring: there are few children. */

struct _McWrap
{
  GtkWidget parent_instance;
  int spacing; /* pixels, between children and between lines */
};

enum
{
  PROP_SPACING = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McWrap, mc_wrap, GTK_TYPE_WIDGET)

typedef struct
{
  GtkWidget *first;
  GtkWidget *end; /* (nullable): behind the last */
  guint n;
  guint n_expanding;
  int wanted; /* pixels, of all, with what is between them */
  int least;
  int natural;
} Line;

/* --- lines --- */

static GtkWidget *
skip_hidden (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static GtkWidget *
get_next (GtkWidget *child)
{
  return skip_hidden (gtk_widget_get_next_sibling (child));
}

/* At least one child, whatever its width. */
static Line
take_line (McWrap *self, GtkWidget *first, int width)
{
  Line line = { .first = first, .end = first };

  while (line.end != NULL)
    {
      int gap = line.n > 0 ? self->spacing : 0;
      gboolean expands = gtk_widget_compute_expand (line.end, GTK_ORIENTATION_HORIZONTAL);
      int least, natural;

      gtk_widget_measure (line.end, GTK_ORIENTATION_HORIZONTAL, -1, &least, &natural, NULL, NULL);
      if (line.n > 0 && line.wanted + gap + (expands ? least : natural) > width)
        break;
      line.n++;
      line.n_expanding += expands ? 1 : 0;
      line.wanted += gap + (expands ? least : natural);
      line.least += gap + least;
      line.natural += gap + natural;
      line.end = get_next (line.end);
    }
  return line;
}

/* What does not expand gets what it wants, if that is there; what is left after the least of all is
 * for the others, up to their natural width, and then for those that expand. */
static GtkRequestedSize *
divide (McWrap *self, const Line *line, int width)
{
  GtkRequestedSize *sizes = g_new0 (GtkRequestedSize, line->n);
  gboolean wanted = line->wanted <= width;
  int left = width - (wanted ? line->wanted : line->least);
  guint i = 0;

  for (GtkWidget *child = line->first; child != line->end; child = get_next (child), i++)
    {
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &sizes[i].minimum_size,
                          &sizes[i].natural_size, NULL, NULL);
      if (wanted && !gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL))
        sizes[i].minimum_size = sizes[i].natural_size;
    }
  left = gtk_distribute_natural_allocation (MAX (left, 0), line->n, sizes);
  i = 0;
  for (GtkWidget *child = line->first; child != line->end; child = get_next (child), i++)
    if (gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL))
      sizes[i].minimum_size += left / (int) line->n_expanding;
  return sizes;
}

static int
measure_line (McWrap *self, const Line *line, int width)
{
  g_autofree GtkRequestedSize *sizes = divide (self, line, width);
  int height = 0;
  guint i = 0;

  for (GtkWidget *child = line->first; child != line->end; child = get_next (child), i++)
    {
      int least;

      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, sizes[i].minimum_size, &least, NULL,
                          NULL, NULL);
      height = MAX (height, least);
    }
  return height;
}

/* --- as a widget --- */

static GtkWidget *
get_first (McWrap *self)
{
  return skip_hidden (gtk_widget_get_first_child (GTK_WIDGET (self)));
}

static void
measure_width (McWrap *self, int *minimum, int *natural)
{
  Line all = get_first (self) == NULL ? (Line){ 0 } : take_line (self, get_first (self), G_MAXINT);

  *minimum = 0;
  *natural = all.natural;
  for (GtkWidget *child = get_first (self); child != NULL; child = get_next (child))
    {
      int least;

      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
      *minimum = MAX (*minimum, least);
    }
}

static int
measure_height (McWrap *self, int width)
{
  int height = 0;

  for (GtkWidget *child = get_first (self); child != NULL;)
    {
      Line line = take_line (self, child, width);

      height += (height > 0 ? self->spacing : 0) + measure_line (self, &line, width);
      child = line.end;
    }
  return height;
}

static void
mc_wrap_measure (GtkWidget *widget,
                 GtkOrientation orientation,
                 int for_size,
                 int *minimum,
                 int *natural,
                 int *minimum_baseline,
                 int *natural_baseline)
{
  McWrap *self = MC_WRAP (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    measure_width (self, minimum, natural);
  else
    *minimum = *natural = measure_height (self, for_size < 0 ? G_MAXINT : for_size);
}

static void
place_line (McWrap *self, const Line *line, int width, int y, int height)
{
  g_autofree GtkRequestedSize *sizes = divide (self, line, width);
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  guint i = 0;
  int x = 0;

  for (GtkWidget *child = line->first; child != line->end; child = get_next (child), i++)
    {
      int share = sizes[i].minimum_size;
      GtkAllocation place = { rtl ? width - x - share : x, y, share, height };

      gtk_widget_size_allocate (child, &place, -1);
      x += share + self->spacing;
    }
}

static void
mc_wrap_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  McWrap *self = MC_WRAP (widget);
  int y = 0;

  for (GtkWidget *child = get_first (self); child != NULL;)
    {
      Line line = take_line (self, child, width);
      int line_height = measure_line (self, &line, width);

      place_line (self, &line, width, y, line_height);
      y += line_height + self->spacing;
      child = line.end;
    }
}

static GtkSizeRequestMode
mc_wrap_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
mc_wrap_compute_expand (GtkWidget *widget, gboolean *horizontal, gboolean *vertical)
{
  *horizontal = FALSE;
  *vertical = FALSE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    *horizontal |= gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL);
}

/* --- its life --- */

static void
mc_wrap_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SPACING:
      g_value_set_int (value, MC_WRAP (object)->spacing);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_wrap_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SPACING:
      MC_WRAP (object)->spacing = g_value_get_int (value);
      gtk_widget_queue_resize (GTK_WIDGET (object));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_wrap_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (mc_wrap_parent_class)->dispose (object);
}

static void
mc_wrap_class_init (McWrapClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_wrap_get_property;
  object_class->set_property = mc_wrap_set_property;
  object_class->dispose = mc_wrap_dispose;
  widget_class->measure = mc_wrap_measure;
  widget_class->size_allocate = mc_wrap_size_allocate;
  widget_class->get_request_mode = mc_wrap_get_request_mode;
  widget_class->compute_expand = mc_wrap_compute_expand;
  properties[PROP_SPACING] = g_param_spec_int ("spacing", NULL, NULL, 0, G_MAXINT16, 0,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
mc_wrap_init (McWrap *self)
{
}
