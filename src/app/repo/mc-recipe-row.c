/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-recipe-row.h"

#include <glib/gi18n.h>

/* Lines that make another program use a variant, to be copied. */

struct _McRecipeRow
{
  GtkListBoxRow parent_instance;
  McRecipe *recipe; /* (owned) (nullable) */
};

enum
{
  PROP_RECIPE = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McRecipeRow, mc_recipe_row, GTK_TYPE_LIST_BOX_ROW)

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRecipeRow *self = MC_RECIPE_ROW (widget);

  if (self->recipe == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), mc_recipe_get_text (self->recipe));
  gtk_widget_activate_action (widget, "win.tell", "s", _ ("Lines Copied"));
}

static void
set_recipe (McRecipeRow *self, McRecipe *recipe)
{
  if (!g_set_object (&self->recipe, recipe))
    return;
  if (recipe != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    mc_recipe_get_title (recipe), -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECIPE]);
}

static void
mc_recipe_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_RECIPE:
      g_value_set_object (value, MC_RECIPE_ROW (object)->recipe);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_recipe_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_RECIPE:
      set_recipe (MC_RECIPE_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_recipe_row_dispose (GObject *object)
{
  McRecipeRow *self = MC_RECIPE_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_RECIPE_ROW);
  g_clear_object (&self->recipe);
  G_OBJECT_CLASS (mc_recipe_row_parent_class)->dispose (object);
}

static void
mc_recipe_row_class_init (McRecipeRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_recipe_row_get_property;
  object_class->set_property = mc_recipe_row_set_property;
  object_class->dispose = mc_recipe_row_dispose;
  properties[PROP_RECIPE] =
      g_param_spec_object ("recipe", NULL, NULL, MC_TYPE_RECIPE,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/repo/mc-recipe-row.ui");
  gtk_widget_class_install_action (widget_class, "recipe.copy", NULL, copy_action);
}

static void
mc_recipe_row_init (McRecipeRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
