/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-row.h"

/* A repo in the library. Everything it shows is bound in its template; it is also an action, for
 * those who do not use a pointer. */

struct _McRepoRow
{
  AdwBin parent_instance;
  McRepoItem *item; /* (owned) (nullable) */
};

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McRepoRow, mc_repo_row, ADW_TYPE_BIN)

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRepoRow *self = MC_REPO_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "win.show-repo", "s", mc_repo_item_get_ref (self->item));
}

static void
update_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McRepoRow *self = MC_REPO_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "win.update", "s", mc_repo_item_get_ref (self->item));
}

/* What wants to be seen stands out, and says so in words as well. */
static char **
get_state_classes (McRepoRow *self, guint rank)
{
  static const char *const update[] = { "caption", "mc-badge", NULL };
  static const char *const wrong[] = { "caption", "mc-badge", "mc-wrong", NULL };
  static const char *const other[] = { "caption", "dim-label", NULL };

  if (rank == MC_SECTION_UPDATE)
    return g_strdupv ((char **) update);
  return g_strdupv ((char **) (rank == MC_SECTION_WRONG ? wrong : other));
}

static void
set_item (McRepoRow *self, McRepoItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    mc_repo_item_get_id (item), -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

static void
mc_repo_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, MC_REPO_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_repo_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      set_item (MC_REPO_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_repo_row_dispose (GObject *object)
{
  McRepoRow *self = MC_REPO_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_REPO_ROW);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (mc_repo_row_parent_class)->dispose (object);
}

static void
mc_repo_row_class_init (McRepoRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_repo_row_get_property;
  object_class->set_property = mc_repo_row_set_property;
  object_class->dispose = mc_repo_row_dispose;
  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, MC_TYPE_REPO_ITEM,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/library/mc-repo-row.ui");
  gtk_widget_class_bind_template_callback (widget_class, get_state_classes);
  gtk_widget_class_install_action (widget_class, "row.open", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "row.update", NULL, update_action);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
mc_repo_row_init (McRepoRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
