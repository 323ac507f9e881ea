/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-access-page.h"

#include "mc-apps-group.h"
#include "mc-dict.h"
#include "mc-expander-lists.h"
#include "mc-phrases.h"
#include "mc-problem-bar.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* A row a program, with what it used last on top; inside, the models. Asked for once: whoever wants
 * to see it anew opens the preferences again. */

#define MOST_MODELS 20 /* rows in a program's */

struct _McAccessPage
{
  AdwPreferencesPage parent_instance;
  McInventory *inventory;     /* (owned) */
  GCancellable *cancellable;  /* (owned) */
  AdwPreferencesGroup *group; /* template widgets from here on */
  GtkListBox *programs;
  McAppsGroup *apps;
  McProblemBar *problem_bar;
};

G_DEFINE_FINAL_TYPE (McAccessPage, mc_access_page, ADW_TYPE_PREFERENCES_PAGE)

static char *
describe_use (GVariant *use)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *ago = mc_phrase_ago (now - mc_dict_get_time (use, "last_used"));
  guint64 uses = mc_dict_get_size (use, "uses");
  g_autofree char *count =
      g_strdup_printf (ngettext ("%" PRIu64 " time", "%" PRIu64 " times", (gulong) uses), uses);

  return mc_phrase_join ((const char *[]){ ago, count }, 2);
}

static AdwExpanderRow *
add_program (McAccessPage *self, const char *program, GVariant *use)
{
  GtkWidget *row = adw_expander_row_new ();
  g_autofree char *name = g_path_get_basename (program);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *ago = mc_phrase_ago (now - mc_dict_get_time (use, "last_used"));
  g_autofree char *subtitle = mc_phrase_join ((const char *[]){ ago, program }, 2);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
  mc_expander_lists_name (ADW_EXPANDER_ROW (row), name);
  gtk_list_box_append (self->programs, row);
  return ADW_EXPANDER_ROW (row);
}

static void
add_model (AdwExpanderRow *program, GVariant *use)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *subtitle = describe_use (use);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), mc_dict_get_string (use, "repo"));
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_expander_row_add_row (program, row);
}

typedef struct
{
  AdwExpanderRow *row; /* borrowed */
  guint models;
} Program;

/* The service says the newest first. */
static void
show_programs (McAccessPage *self, GVariant *uses)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (gsize i = 0; i < g_variant_n_children (uses); i++)
    {
      g_autoptr (GVariant) use = g_variant_get_child_value (uses, i);
      const char *name = mc_dict_get_string (use, "program");
      Program *program = g_hash_table_lookup (known, name);

      if (program == NULL)
        {
          program = g_new0 (Program, 1);
          program->row = add_program (self, name, use);
          g_hash_table_insert (known, g_strdup (name), program);
        }
      if (program->models++ < MOST_MODELS)
        add_model (program->row, use);
    }
  if (g_variant_n_children (uses) == 0)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->programs), TRUE);
  adw_preferences_group_set_description (
      self->group, _ ("What they say of themselves: every program of yours can use what is here."));
}

static void
programs_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McAccessPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) uses = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      mc_problem_bar_show_setting (self->problem_bar, error);
      return;
    }
  uses = g_variant_get_child_value (reply, 0);
  show_programs (self, uses);
}

void
mc_access_page_set_inventory (McAccessPage *self, McInventory *inventory)
{
  self->inventory = g_object_ref (inventory);
  mc_apps_group_set_inventory (self->apps, inventory);
  mc_inventory_call_async (inventory, "ListPrograms", g_variant_new ("(a{sv})", NULL), "(aa{sv})",
                           self->cancellable, programs_cb, g_object_ref (self));
}

/* The window closes: what is under way holds references. */
static void
mc_access_page_unroot (GtkWidget *widget)
{
  g_cancellable_cancel (MC_ACCESS_PAGE (widget)->cancellable);
  GTK_WIDGET_CLASS (mc_access_page_parent_class)->unroot (widget);
}

static void
mc_access_page_dispose (GObject *object)
{
  McAccessPage *self = MC_ACCESS_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_ACCESS_PAGE);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_access_page_parent_class)->dispose (object);
}

static void
mc_access_page_class_init (McAccessPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_access_page_dispose;
  widget_class->unroot = mc_access_page_unroot;
  g_type_ensure (MC_TYPE_APPS_GROUP);
  g_type_ensure (MC_TYPE_PROBLEM_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/preferences/mc-access-page.ui");
  gtk_widget_class_bind_template_child (widget_class, McAccessPage, apps);
  gtk_widget_class_bind_template_child (widget_class, McAccessPage, group);
  gtk_widget_class_bind_template_child (widget_class, McAccessPage, programs);
  gtk_widget_class_bind_template_child (widget_class, McAccessPage, problem_bar);
}

static void
mc_access_page_init (McAccessPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
