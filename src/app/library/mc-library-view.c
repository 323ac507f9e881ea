/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-library-view.h"

#include "mc-dict.h"
#include "mc-repo-row.h"

#include <glib/gi18n.h>

/* The list of repos: which of them, in which order, and what is shown instead of an empty list. */

struct _McLibraryView
{
  AdwBin parent_instance;
  McInventory *inventory;    /* (owned) */
  GtkFilterListModel *found; /* (owned) */
  GtkFilter *filter;         /* (owned) */
  GtkSearchBar *search_bar;  /* template widgets from here on */
  GtkSearchEntry *search_entry;
  GtkStack *stack;
  GtkListView *list;
  GtkLabel *storage;
};

enum
{
  PROP_SEARCHING = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McLibraryView, mc_library_view, ADW_TYPE_BIN)

/* --- which, and in which order --- */

static gboolean
contains (const char *text, const char *needle)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return strstr (folded, needle) != NULL;
}

static gboolean
is_found (gpointer item, gpointer user_data)
{
  McLibraryView *self = user_data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
  g_autofree char *needle = g_utf8_casefold (text, -1);
  g_autofree char *details = NULL;

  if (!gtk_search_bar_get_search_mode (self->search_bar) || needle[0] == '\0')
    return TRUE;
  g_object_get (item, "details", &details, NULL);
  return contains (mc_repo_item_get_id (item), needle)
         || (details != NULL && contains (details, needle));
}

/* What runs or went wrong comes first, then what is here, each by name. */
static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  guint left = mc_repo_item_get_rank ((McRepoItem *) a);
  guint right = mc_repo_item_get_rank ((McRepoItem *) b);

  if (left != right)
    return left < right ? GTK_ORDERING_SMALLER : GTK_ORDERING_LARGER;
  return gtk_ordering_from_cmpfunc (g_utf8_collate (mc_repo_item_get_title ((McRepoItem *) a),
                                                    mc_repo_item_get_title ((McRepoItem *) b)));
}

/* --- what is shown --- */

static const char *
choose_page (McLibraryView *self)
{
  guint all = g_list_model_get_n_items (mc_inventory_get_repos (self->inventory));

  if (all == 0)
    switch (mc_inventory_get_state (self->inventory))
      {
      case MC_INVENTORY_UNREACHABLE:
        return "unreachable";
      case MC_INVENTORY_CONNECTING:
      case MC_INVENTORY_RECONNECTING:
        return "connecting";
      case MC_INVENTORY_READY:
      default:
        return "empty";
      }
  return g_list_model_get_n_items (G_LIST_MODEL (self->found)) > 0 ? "list" : "no-results";
}

static void
update_page (McLibraryView *self)
{
  gtk_stack_set_visible_child_name (self->stack, choose_page (self));
}

static void
update_storage (McLibraryView *self)
{
  GVariant *usage = mc_inventory_get_usage (self->inventory);
  g_autofree char *taken = NULL;
  g_autofree char *free_space = NULL;
  g_autofree char *text = NULL;

  if (usage == NULL)
    return;
  taken = g_format_size (mc_dict_get_size (usage, "on_disk"));
  free_space = g_format_size (mc_dict_get_size (usage, "free_space"));
  /* Translators: sizes on the disk, “9.4 GB of models · 120 GB free” */
  text = g_strdup_printf (_ ("%s of models · %s free"), taken, free_space);
  gtk_label_set_label (self->storage, text);
  gtk_widget_set_visible (GTK_WIDGET (self->storage), TRUE);
}

static void
on_search_changed (McLibraryView *self)
{
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
on_search_mode (McLibraryView *self)
{
  on_search_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCHING]);
}

static void
on_activate (McLibraryView *self, guint position)
{
  GtkSelectionModel *model = gtk_list_view_get_model (self->list);
  g_autoptr (McRepoItem) item = g_list_model_get_item (G_LIST_MODEL (model), position);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-repo", "s", mc_repo_item_get_ref (item));
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_inventory_retry (MC_LIBRARY_VIEW (widget)->inventory);
}

void
mc_library_view_set_inventory (McLibraryView *self, McInventory *inventory)
{
  GListModel *repos = mc_inventory_get_repos (inventory);
  GtkExpression *rank = gtk_property_expression_new (MC_TYPE_REPO_ITEM, NULL, "rank");
  GtkSorter *by_rank = GTK_SORTER (gtk_numeric_sorter_new (rank));
  GtkSorter *by_both = GTK_SORTER (gtk_custom_sorter_new (compare, NULL, NULL));
  GtkMultiSorter *sorter = gtk_multi_sorter_new ();
  GtkSortListModel *sorted;

  /* The first watches the property, the second compares. */
  gtk_multi_sorter_append (sorter, by_rank);
  gtk_multi_sorter_append (sorter, by_both);
  self->inventory = g_object_ref (inventory);
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_found, self, NULL));
  self->found = gtk_filter_list_model_new (g_object_ref (repos), g_object_ref (self->filter));
  sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->found)), GTK_SORTER (sorter));
  {
    g_autoptr (GtkNoSelection) selection = gtk_no_selection_new (G_LIST_MODEL (sorted));

    gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  }
  g_signal_connect_object (self->found, "items-changed", G_CALLBACK (update_page), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "notify::state", G_CALLBACK (update_page), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "notify::usage", G_CALLBACK (update_storage), self,
                           G_CONNECT_SWAPPED);
  update_page (self);
}

static void
mc_library_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McLibraryView *self = MC_LIBRARY_VIEW (object);

  switch (id)
    {
    case PROP_SEARCHING:
      g_value_set_boolean (value, gtk_search_bar_get_search_mode (self->search_bar));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_library_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  McLibraryView *self = MC_LIBRARY_VIEW (object);

  switch (id)
    {
    case PROP_SEARCHING:
      gtk_search_bar_set_search_mode (self->search_bar, g_value_get_boolean (value));
      if (g_value_get_boolean (value))
        gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_library_view_dispose (GObject *object)
{
  McLibraryView *self = MC_LIBRARY_VIEW (object);

  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_LIBRARY_VIEW);
  g_clear_object (&self->found);
  g_clear_object (&self->filter);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_library_view_parent_class)->dispose (object);
}

static void
mc_library_view_class_init (McLibraryViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_library_view_get_property;
  object_class->set_property = mc_library_view_set_property;
  object_class->dispose = mc_library_view_dispose;
  properties[PROP_SEARCHING] =
      g_param_spec_boolean ("searching", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_type_ensure (MC_TYPE_REPO_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/library/mc-library-view.ui");
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, search_bar);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, search_entry);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, stack);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, list);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, storage);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_install_action (widget_class, "library.retry", NULL, retry_action);
}

static void
mc_library_view_init (McLibraryView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  g_signal_connect_object (self->search_bar, "notify::search-mode-enabled",
                           G_CALLBACK (on_search_mode), self, G_CONNECT_SWAPPED);
}
