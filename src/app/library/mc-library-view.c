/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-library-view.h"

#include "mc-keep-top.h"
#include "mc-library-notice.h"
#include "mc-library-order.h"
#include "mc-repo-row.h"
#include "mc-storage-bar.h"
#include "mc-welcome.h"

#include "mc-error.h"

#include <glib/gi18n.h>
#include <string.h>

/* The list of repos: which of them, in which order, and what is shown instead of an empty list. The
 * list makes some 200 rows at once, most of them out of sight; it is given its items in portions,
 * so that the first of them are seen soon and nothing stalls. */

#define FIRST_PORTION 24 /* more than fit into most windows */
#define PORTION 16
#define LAST_PORTION 256 /* as soon as there are so many, more cost nothing */

struct _McLibraryView
{
  AdwBin parent_instance;
  McInventory *inventory;    /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GSettings *settings;       /* (owned) */
  GtkFilterListModel *found; /* (owned) */
  GListModel *sorted;        /* (owned) */
  GtkSliceListModel *shown;  /* (owned): the first of them, or all */
  GtkFilter *filter;         /* (owned) */
  GtkSorter *sorter;         /* (owned) */
  char *needle;              /* (owned): what is looked for, as it is compared; "": all */
  char *format;              /* (owned): "": all */
  char *order;               /* (owned) */
  char **formats;            /* (owned) (nullable): those that can be chosen */
  gboolean absent;           /* the store, as far as is known */
  guint updating;            /* source */
  guint growing;             /* tick callback */
  GtkSearchBar *search_bar;  /* template widgets from here on */
  GtkSearchEntry *search_entry;
  GtkLabel *order_label;
  GtkLabel *format_label;
  GtkMenuButton *format_button;
  GtkStack *stack;
  GtkListView *list;
  McStorageBar *storage;
};

enum
{
  PROP_SEARCHING = 1,
  PROP_ORDER,
  PROP_FORMAT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McLibraryView, mc_library_view, ADW_TYPE_BIN)

/* --- which, and in which order --- */

static gboolean
is_found (gpointer item, gpointer user_data)
{
  McLibraryView *self = user_data;

  if (self->format[0] != '\0' && !g_strv_contains (mc_repo_item_get_formats (item), self->format))
    return FALSE;
  return self->needle[0] == '\0' || mc_repo_item_matches (item, self->needle);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  McLibraryView *self = user_data;

  return mc_library_order_compare ((McRepoItem *) a, (McRepoItem *) b,
                                   mc_library_order_from_string (self->order));
}

/* --- in portions --- */

static gboolean
grow_cb (GtkWidget *list, GdkFrameClock *clock, gpointer user_data)
{
  McLibraryView *self = user_data;
  guint size = gtk_slice_list_model_get_size (self->shown) + PORTION;

  if (size < LAST_PORTION)
    {
      gtk_slice_list_model_set_size (self->shown, size);
      return G_SOURCE_CONTINUE;
    }
  self->growing = 0;
  gtk_slice_list_model_set_size (self->shown, G_MAXUINT);
  return G_SOURCE_REMOVE;
}

/* The list is another one: its first rows, and a portion more with each frame. */
static void
show_in_portions (McLibraryView *self)
{
  gtk_slice_list_model_set_size (self->shown, FIRST_PORTION);
  if (self->growing == 0)
    self->growing = gtk_widget_add_tick_callback (GTK_WIDGET (self->list), grow_cb, self, NULL);
}

/* --- what is shown --- */

/* The store is on a disk that is not there now, as the service said last: it ends while nobody
 * asks. */
static gboolean
is_absent (McLibraryView *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  g_autofree char *owner =
      manager == NULL ? NULL : g_dbus_proxy_get_name_owner (G_DBUS_PROXY (manager));

  if (owner != NULL)
    self->absent = mc_dbus_manager_get_store_absent (manager);
  return self->absent;
}

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
        return is_absent (self) ? "absent" : "empty";
      }
  return g_list_model_get_n_items (G_LIST_MODEL (self->found)) > 0 ? "list" : "no-results";
}

/* Most windows never show these. */
static void
add_page (McLibraryView *self, const char *page)
{
  GtkWidget *widget = mc_library_notice_new (page);

  if (widget == NULL)
    {
      widget = g_object_new (MC_TYPE_WELCOME, NULL);
      mc_welcome_set_inventory (MC_WELCOME (widget), self->inventory);
      mc_welcome_begin (MC_WELCOME (widget));
    }
  gtk_stack_add_named (self->stack, widget, page);
}

static void
update_page (McLibraryView *self)
{
  const char *page = choose_page (self);

  if (gtk_stack_get_child_by_name (self->stack, page) == NULL)
    add_page (self, page);
  gtk_stack_set_visible_child_name (self->stack, page);
  gtk_widget_set_visible (GTK_WIDGET (self->storage), strcmp (page, "list") == 0);
}

/* The first of each section says which it is. */
static void
update_headings (McLibraryView *self)
{
  guint n = g_list_model_get_n_items (self->sorted);
  int last = -1;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (self->sorted, i);
      int section = (int) mc_repo_item_get_rank (item);

      mc_repo_item_set_heading (item,
                                section == last ? NULL : mc_library_order_get_heading (section));
      last = section;
    }
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_formats (McLibraryView *self)
{
  GListModel *repos = mc_inventory_get_repos (self->inventory);
  GPtrArray *formats = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < g_list_model_get_n_items (repos); i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (repos, i);

      for (const char *const *format = mc_repo_item_get_formats (item); *format != NULL; format++)
        if (!g_ptr_array_find_with_equal_func (formats, *format, g_str_equal, NULL))
          g_ptr_array_add (formats, g_strdup (*format));
    }
  g_ptr_array_sort (formats, compare_texts);
  return formats;
}

/* An open menu stays if it is still right. */
static gboolean
is_known (McLibraryView *self, GPtrArray *formats)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) before = g_steal_pointer (&self->formats);

  for (guint i = 0; i < formats->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (formats, i));
  self->formats = g_strv_builder_end (builder);
  return before != NULL
         && g_strv_equal ((const char *const *) before, (const char *const *) self->formats);
}

static void
update_formats (McLibraryView *self)
{
  g_autoptr (GPtrArray) formats = list_formats (self);
  g_autoptr (GMenu) menu = g_menu_new ();

  if (is_known (self, formats))
    return;
  g_menu_append (menu, _ ("All Formats"), "library.format::");
  for (guint i = 0; i < formats->len; i++)
    {
      const char *format = g_ptr_array_index (formats, i);
      g_autofree char *action = g_strconcat ("library.format::", format, NULL);

      g_menu_append (menu, format, action);
    }
  gtk_menu_button_set_menu_model (self->format_button, G_MENU_MODEL (menu));
  gtk_widget_set_visible (GTK_WIDGET (self->format_button),
                          formats->len > 1 || self->format[0] != '\0');
}

static void
update_labels (McLibraryView *self)
{
  static const char *const labels[] = {
    [MC_LIBRARY_BY_NAME] = N_ ("By _Name"),
    [MC_LIBRARY_BY_SIZE] = N_ ("By _Size"),
    [MC_LIBRARY_BY_LAST_USED] = N_ ("By Last _Use"),
  };

  gtk_label_set_label (self->order_label, _ (labels[mc_library_order_from_string (self->order)]));
  gtk_label_set_label (self->format_label,
                       self->format[0] == '\0' ? _ ("All _Formats") : self->format);
}

/* Filters and sorters do not watch the items. */
static gboolean
update_cb (gpointer user_data)
{
  McLibraryView *self = user_data;

  self->updating = 0;
  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  update_headings (self);
  update_formats (self);
  update_page (self);
  return G_SOURCE_REMOVE;
}

/* Once for whatever came meanwhile. */
static void
update_soon (McLibraryView *self)
{
  if (self->updating == 0)
    self->updating = g_idle_add (update_cb, self);
}

static void
on_repos (McLibraryView *self, guint position, guint removed, guint added, GListModel *list)
{
  static const char *const watched[] = { "notify::rank", "notify::size", "notify::last-used" };

  for (guint i = 0; i < added; i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (list, position + i);

      for (guint w = 0; w < G_N_ELEMENTS (watched); w++)
        g_signal_connect_object (item, watched[w], G_CALLBACK (update_soon), self,
                                 G_CONNECT_SWAPPED);
    }
  update_soon (self);
}

static void
filter_anew (McLibraryView *self)
{
  if (self->filter == NULL)
    return;
  show_in_portions (self);
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_headings (self);
  update_page (self);
}

static void
on_search_changed (McLibraryView *self)
{
  gboolean searching = gtk_search_bar_get_search_mode (self->search_bar);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  g_free (self->needle);
  self->needle = g_utf8_casefold (searching ? text : "", -1);
  filter_anew (self);
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
  g_autoptr (McRepoItem) item = g_list_model_get_item (self->sorted, position);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-repo", "s", mc_repo_item_get_ref (item));
}

static void look_for_store (McLibraryView *self);

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McLibraryView) self = user_data;
  McInventory *inventory = MC_INVENTORY (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) repos = mc_inventory_call_finish (inventory, result, &error);

  /* The one that found the disk back ends, and the next call starts one that has its store. */
  if (g_error_matches (error, MC_ERROR, MC_ERROR_BUSY))
    look_for_store (self);
  else if (repos != NULL)
    update_page (self);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit_by_name (inventory, "failed", error, NULL);
}

/* A service without its store looks for it with every call. */
static void
look_for_store (McLibraryView *self)
{
  mc_inventory_call_async (self->inventory, "ListRepos", g_variant_new ("(a{sv})", NULL),
                           "(aa{sv})", NULL, looked_cb, g_object_ref (self));
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McLibraryView *self = MC_LIBRARY_VIEW (widget);

  if (is_absent (self))
    look_for_store (self);
  else
    mc_inventory_retry (self->inventory);
}

/* --- what is newer on the Hub --- */

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McLibraryView) self = user_data;
  McInventory *inventory = MC_INVENTORY (source);
  g_autoptr (GError) error = NULL;
  int count = mc_inventory_check_updates_finish (inventory, result, &error);
  g_autofree char *news = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "library.check-updates", TRUE);
  if (error != NULL)
    {
      g_signal_emit_by_name (inventory, "failed", error, NULL);
      return;
    }
  news = count == 0 ? g_strdup (_ ("Everything is as it is on the Hub"))
                    : g_strdup_printf (ngettext ("%d model is newer on the Hub",
                                                 "%d models are newer on the Hub", (gulong) count),
                                       count);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.tell", "s", news);
}

static void
check_updates_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McLibraryView *self = MC_LIBRARY_VIEW (widget);

  gtk_widget_action_set_enabled (widget, "library.check-updates", FALSE);
  mc_inventory_check_updates_async (self->inventory, self->cancellable, checked_cb,
                                    g_object_ref (self));
}

/* --- its life --- */

static void
make_models (McLibraryView *self, GListModel *repos)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  self->filter = GTK_FILTER (gtk_custom_filter_new (is_found, self, NULL));
  self->sorter = GTK_SORTER (gtk_custom_sorter_new (compare, self, NULL));
  self->found = gtk_filter_list_model_new (g_object_ref (repos), g_object_ref (self->filter));
  self->sorted = G_LIST_MODEL (gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->found)),
                                                        g_object_ref (self->sorter)));
  self->shown = gtk_slice_list_model_new (g_object_ref (self->sorted), 0, FIRST_PORTION);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->shown)));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  mc_keep_top (self->list);
  show_in_portions (self);
}

void
mc_library_view_set_inventory (McLibraryView *self, McInventory *inventory)
{
  GListModel *repos = mc_inventory_get_repos (inventory);

  self->inventory = g_object_ref (inventory);
  make_models (self, repos);
  g_signal_connect_object (repos, "items-changed", G_CALLBACK (on_repos), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "notify::state", G_CALLBACK (update_page), self,
                           G_CONNECT_SWAPPED);
  mc_storage_bar_set_inventory (self->storage, inventory);
  on_repos (self, 0, 0, g_list_model_get_n_items (repos), repos);
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
    case PROP_ORDER:
      g_value_set_string (value, self->order);
      break;
    case PROP_FORMAT:
      g_value_set_string (value, self->format);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_word (McLibraryView *self, guint id, char **place, const GValue *value)
{
  const char *word = g_value_get_string (value);

  g_free (*place);
  *place = g_strdup (word == NULL ? "" : word);
  update_labels (self);
  if (self->sorter != NULL && id == PROP_ORDER)
    {
      show_in_portions (self);
      gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
    }
  filter_anew (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
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
    case PROP_ORDER:
      set_word (self, id, &self->order, value);
      break;
    case PROP_FORMAT:
      set_word (self, id, &self->format, value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_library_view_dispose (GObject *object)
{
  McLibraryView *self = MC_LIBRARY_VIEW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->updating, g_source_remove);
  if (self->growing != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self->list), self->growing);
  self->growing = 0;
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_LIBRARY_VIEW);
  g_clear_object (&self->shown);
  g_clear_object (&self->sorted);
  g_clear_object (&self->found);
  g_clear_object (&self->filter);
  g_clear_object (&self->sorter);
  g_clear_object (&self->settings);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_library_view_parent_class)->dispose (object);
}

static void
mc_library_view_finalize (GObject *object)
{
  McLibraryView *self = MC_LIBRARY_VIEW (object);

  g_free (self->needle);
  g_free (self->format);
  g_free (self->order);
  g_strfreev (self->formats);
  G_OBJECT_CLASS (mc_library_view_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_SEARCHING] = g_param_spec_boolean ("searching", NULL, NULL, FALSE, flags);
  properties[PROP_ORDER] = g_param_spec_string ("order", NULL, NULL, "name", flags);
  properties[PROP_FORMAT] = g_param_spec_string ("format", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_library_view_class_init (McLibraryViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_library_view_get_property;
  object_class->set_property = mc_library_view_set_property;
  object_class->dispose = mc_library_view_dispose;
  object_class->finalize = mc_library_view_finalize;
  install_properties (object_class);
  g_type_ensure (MC_TYPE_REPO_ROW);
  g_type_ensure (MC_TYPE_STORAGE_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/library/mc-library-view.ui");
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, search_bar);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, search_entry);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, order_label);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, format_label);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, format_button);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, stack);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, list);
  gtk_widget_class_bind_template_child (widget_class, McLibraryView, storage);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_install_action (widget_class, "library.retry", NULL, retry_action);
  gtk_widget_class_install_action (widget_class, "library.check-updates", NULL,
                                   check_updates_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F5, 0, "library.check-updates", NULL);
  gtk_widget_class_install_property_action (widget_class, "library.order", "order");
  gtk_widget_class_install_property_action (widget_class, "library.format", "format");
}

static void
mc_library_view_init (McLibraryView *self)
{
  self->cancellable = g_cancellable_new ();
  self->needle = g_strdup ("");
  self->format = g_strdup ("");
  self->order = g_strdup ("name");
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  g_signal_connect_object (self->search_bar, "notify::search-mode-enabled",
                           G_CALLBACK (on_search_mode), self, G_CONNECT_SWAPPED);
  self->settings = g_settings_new ("com.tabagent.ModelCache");
  g_settings_bind (self->settings, "library-order", self, "order", G_SETTINGS_BIND_DEFAULT);
  update_labels (self);
}
