/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-layout.h"

#include <adwaita.h>
#include <string.h>

#define SLACK 1        /* pixels that rounding may take */
#define BUTTON_UP_TO 1 /* levels from it to the control that it is part of */
#define TEXT_UP_TO 4
#define MOST 400 /* places that the focus may have */

/* --- walking --- */

static gboolean
is_shown (GtkWidget *widget)
{
  return gtk_widget_get_mapped (widget) && gtk_widget_get_opacity (widget) > 0
         && gtk_widget_get_width (widget) > 0;
}

static void
collect (GtkWidget *widget, GPtrArray *all)
{
  if (!is_shown (widget))
    return;
  g_ptr_array_add (all, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (!GTK_IS_NATIVE (child))
      collect (child, all);
}

static GPtrArray *
list_shown (GtkWidget *root)
{
  GPtrArray *all = g_ptr_array_new ();

  collect (root, all);
  return all;
}

static const char *
get_some_text (GtkWidget *widget)
{
  GtkWidget *label = mc_test_layout_find_type (widget, GTK_TYPE_LABEL);

  return label == NULL ? NULL : gtk_label_get_text (GTK_LABEL (label));
}

/* "McRepoPage GtkBox GtkLabel “Variants”", from our own widget on. */
static char *
describe (GtkWidget *widget)
{
  const char *text = get_some_text (widget);
  g_autoptr (GString) path = g_string_new (G_OBJECT_TYPE_NAME (widget));

  for (GtkWidget *parent = gtk_widget_get_parent (widget); parent != NULL;
       parent = gtk_widget_get_parent (parent))
    {
      g_string_prepend_c (path, ' ');
      g_string_prepend (path, G_OBJECT_TYPE_NAME (parent));
      if (g_str_has_prefix (G_OBJECT_TYPE_NAME (parent), "Mc"))
        break;
    }
  if (text != NULL)
    g_string_append_printf (path, " “%s”", text);
  if (gtk_widget_get_tooltip_text (widget) != NULL)
    g_string_append_printf (path, " (%s)", gtk_widget_get_tooltip_text (widget));
  return g_string_free (g_steal_pointer (&path), FALSE);
}

static void
complain (GString *wrong, GtkWidget *widget, const char *what)
{
  g_autofree char *where = describe (widget);

  g_string_append_printf (wrong, "%s: %s\n", what, where);
}

GtkWidget *
mc_test_layout_find_type (GtkWidget *root, GType type)
{
  g_autoptr (GPtrArray) all = list_shown (root);

  for (guint i = 0; i < all->len; i++)
    if (G_TYPE_CHECK_INSTANCE_TYPE (g_ptr_array_index (all, i), type))
      return g_ptr_array_index (all, i);
  return NULL;
}

GtkWidget *
mc_test_layout_find_action (GtkWidget *root, const char *action)
{
  g_autoptr (GPtrArray) all = list_shown (root);

  for (guint i = 0; i < all->len; i++)
    {
      GtkWidget *widget = g_ptr_array_index (all, i);

      if (GTK_IS_ACTIONABLE (widget)
          && g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0)
        return widget;
    }
  return NULL;
}

GtkWidget *
mc_test_layout_find_text (GtkWidget *root, const char *text)
{
  g_autoptr (GPtrArray) all = list_shown (root);

  for (guint i = 0; i < all->len; i++)
    {
      GtkWidget *widget = g_ptr_array_index (all, i);

      if (GTK_IS_LABEL (widget)
          && g_pattern_match_simple (text, gtk_label_get_text (GTK_LABEL (widget))))
        return widget;
    }
  return NULL;
}

/* --- text --- */

/* A window of ours offers the whole text of whatever has no tooltip itself. */
static gboolean
has_tooltip (GtkWidget *widget)
{
  while (widget != NULL && !gtk_widget_get_has_tooltip (widget))
    widget = gtk_widget_get_parent (widget);
  return widget != NULL;
}

static void
judge_label (GtkLabel *label, GString *wrong)
{
  GtkWidget *widget = GTK_WIDGET (label);
  PangoLayout *layout = gtk_label_get_layout (label);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  if (pango_layout_is_ellipsized (layout) && !has_tooltip (widget))
    complain (wrong, widget, "shortened, and without a tooltip");
  if (width > gtk_widget_get_width (widget) + SLACK
      || height > gtk_widget_get_height (widget) + SLACK)
    complain (wrong, widget, "cut");
}

/* --- places --- */

/* What is laid over something else there is meant to. */
static gboolean
is_layered (GtkWidget *parent)
{
  return gtk_widget_get_ancestor (parent, ADW_TYPE_ENTRY_ROW) != NULL || GTK_IS_OVERLAY (parent)
         || GTK_IS_STACK (parent) || ADW_IS_VIEW_STACK (parent) || ADW_IS_LEAFLET (parent)
         || GTK_IS_ROOT (parent) || GTK_IS_RANGE (parent) || GTK_IS_SCROLLED_WINDOW (parent)
         || GTK_IS_SWITCH (parent) || GTK_IS_PROGRESS_BAR (parent) || GTK_IS_TEXT (parent)
         || ADW_IS_SQUEEZER (parent)
         || strcmp (G_OBJECT_TYPE_NAME (parent), "AdwIndicatorBin") == 0;
}

static gboolean
overlap (GtkWidget *parent, GtkWidget *a, GtkWidget *b)
{
  graphene_rect_t left, right, both;

  return gtk_widget_compute_bounds (a, parent, &left)
         && gtk_widget_compute_bounds (b, parent, &right)
         && graphene_rect_intersection (&left, &right, &both)
         && graphene_rect_get_width (&both) > SLACK && graphene_rect_get_height (&both) > SLACK;
}

static void
judge_children (GtkWidget *parent, GString *wrong)
{
  if (is_layered (parent))
    return;
  for (GtkWidget *a = gtk_widget_get_first_child (parent); a != NULL;
       a = gtk_widget_get_next_sibling (a))
    for (GtkWidget *b = gtk_widget_get_next_sibling (a); b != NULL;
         b = gtk_widget_get_next_sibling (b))
      if (is_shown (a) && is_shown (b) && !GTK_IS_NATIVE (a) && !GTK_IS_NATIVE (b)
          && overlap (parent, a, b))
        {
          complain (wrong, a, "overlaps");
          complain (wrong, b, "  with");
        }
}

/* Beyond the window's edge nobody sees it; what lies below can be scrolled to. */
static void
judge_edge (GtkWidget *window, GtkWidget *widget, GString *wrong)
{
  graphene_rect_t bounds;

  if (!GTK_IS_LABEL (widget) && !GTK_IS_BUTTON (widget))
    return;
  if (!gtk_widget_compute_bounds (widget, window, &bounds))
    return;
  if (graphene_rect_get_x (&bounds) < -SLACK
      || graphene_rect_get_x (&bounds) + graphene_rect_get_width (&bounds)
             > (float) gtk_widget_get_width (window) + SLACK)
    complain (wrong, widget, "beyond the edge");
}

/* Who makes it so wide: the last in the chain of those that need all of it. */
static GtkWidget *
find_wide (GtkWidget *widget, int width)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int least = 0;

      if (!gtk_widget_get_visible (child) || GTK_IS_NATIVE (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
      if (least > width)
        return find_wide (child, width);
    }
  return widget;
}

static void
judge_width (GtkWidget *window, int width, GString *wrong)
{
  int least;

  gtk_widget_measure (window, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  if (least <= width)
    return;
  g_string_append_printf (wrong, "%d px wide at the least; ", least);
  complain (wrong, find_wide (window, width), "because of");
}

void
mc_test_layout_judge (GtkWidget *window, int width, GString *wrong)
{
  g_autoptr (GPtrArray) all = list_shown (window);

  judge_width (window, width, wrong);
  for (guint i = 0; i < all->len; i++)
    {
      GtkWidget *widget = g_ptr_array_index (all, i);

      if (GTK_IS_LABEL (widget))
        judge_label (GTK_LABEL (widget), wrong);
      judge_children (widget, wrong);
      judge_edge (window, widget, wrong);
    }
}

/* --- names --- */

/* GTK says that a button is labelled by its picture, which has no name. */
static gboolean
is_named (GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);

  if (gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL))
    return TRUE;
  return !GTK_IS_BUTTON (widget)
         && gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

/* What a control consists of has no name, the control has. */
static gboolean
is_named_by_parent (GtkWidget *widget)
{
  guint up_to = GTK_IS_TEXT (widget) ? TEXT_UP_TO : BUTTON_UP_TO;

  for (guint i = 0; i <= up_to && widget != NULL; i++, widget = gtk_widget_get_parent (widget))
    if (is_named (widget))
      return TRUE;
  return FALSE;
}

static gboolean
is_control (GtkWidget *widget)
{
  return GTK_IS_BUTTON (widget) || GTK_IS_TEXT (widget) || GTK_IS_SWITCH (widget)
         || GTK_IS_CHECK_BUTTON (widget) || GTK_IS_SCALE (widget) || GTK_IS_DROP_DOWN (widget)
         || GTK_IS_LIST_BOX (widget) || GTK_IS_LIST_BASE (widget) || GTK_IS_PROGRESS_BAR (widget)
         || GTK_IS_LEVEL_BAR (widget);
}

static gboolean
is_presentation (GtkWidget *widget)
{
  return gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (widget))
         == GTK_ACCESSIBLE_ROLE_PRESENTATION;
}

/* Insides of libadwaita's widgets, and the buttons of a window. */
static gboolean
is_foreign (GtkWidget *widget)
{
  return gtk_widget_get_ancestor (widget, ADW_TYPE_COMBO_ROW) != NULL
         || (GTK_IS_BUTTON (widget) && gtk_widget_get_ancestor (widget, ADW_TYPE_ENTRY_ROW) != NULL)
         || gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) != NULL;
}

void
mc_test_layout_judge_names (GtkWidget *window, GString *wrong)
{
  g_autoptr (GPtrArray) all = list_shown (window);

  for (guint i = 0; i < all->len; i++)
    {
      GtkWidget *widget = g_ptr_array_index (all, i);
      const char *text = GTK_IS_BUTTON (widget) ? get_some_text (widget) : NULL;

      if (is_control (widget) && !is_presentation (widget) && !is_foreign (widget)
          && (text == NULL || text[0] == '\0') && !is_named_by_parent (widget))
        complain (wrong, widget, "without a name");
    }
}

/* --- focus --- */

/* The buttons of a window are the window manager's keys, those of a spin button are arrows. */
static gboolean
is_operated (GtkWidget *widget)
{
  gboolean operable = GTK_IS_BUTTON (widget) || GTK_IS_TEXT (widget) || GTK_IS_SWITCH (widget)
                      || GTK_IS_CHECK_BUTTON (widget) || GTK_IS_SCALE (widget)
                      || (GTK_IS_LIST_BOX_ROW (widget) && !ADW_IS_ENTRY_ROW (widget)
                          && gtk_list_box_row_get_activatable (GTK_LIST_BOX_ROW (widget)));

  return operable && gtk_widget_is_sensitive (widget)
         && gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) == NULL
         && (!GTK_IS_BUTTON (widget)
             || gtk_widget_get_ancestor (widget, GTK_TYPE_SPIN_BUTTON) == NULL);
}

/* From everywhere in every direction, until there is nowhere new to go. */
static GHashTable *
find_places (GtkWidget *window)
{
  static const GtkDirectionType directions[] = { GTK_DIR_TAB_FORWARD, GTK_DIR_TAB_BACKWARD,
                                                 GTK_DIR_DOWN,        GTK_DIR_UP,
                                                 GTK_DIR_RIGHT,       GTK_DIR_LEFT };
  GHashTable *places = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) queue = g_ptr_array_new ();

  gtk_window_set_focus (GTK_WINDOW (window), NULL);
  for (guint next = 0; next <= queue->len && queue->len < MOST; next++)
    for (gsize i = 0; i < G_N_ELEMENTS (directions); i++)
      {
        GtkWidget *focus;

        if (next > 0)
          gtk_widget_grab_focus (g_ptr_array_index (queue, next - 1));
        gtk_widget_child_focus (window, directions[i]);
        focus = gtk_window_get_focus (GTK_WINDOW (window));
        if (focus != NULL && g_hash_table_add (places, focus))
          g_ptr_array_add (queue, focus);
      }
  return places;
}

void
mc_test_layout_judge_focus (GtkWidget *window, GString *wrong)
{
  g_autoptr (GHashTable) places = find_places (window);
  g_autoptr (GPtrArray) all = list_shown (window);

  for (guint i = 0; i < all->len; i++)
    {
      GtkWidget *widget = g_ptr_array_index (all, i);

      if (is_operated (widget) && !g_hash_table_contains (places, widget))
        complain (wrong, widget, "not reached by keys");
    }
}
