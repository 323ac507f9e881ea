/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-discover-view.h"

#include "mc-error-text.h"
#include "mc-error.h"
#include "mc-hit-item.h"
#include "mc-hit-row.h"
#include "mc-hit-search.h"
#include "mc-repo-ref.h"

#include <glib/gi18n.h>
#include <string.h>

/* The entry waits until the person stops typing. The next page is asked for before its place comes
 * into sight. Its actions:
 *   discover.task s, discover.format s    a tag of the Hub; empty: any
 *   discover.fits b                       only what this computer runs
 *   discover.clear-filters, discover.go-on, discover.to-results
 *   discover.act                          what helps against a failed search
 */

#define PAGES_AHEAD 2 /* so many heights of the list before its end */

struct _McDiscoverView
{
  AdwBin parent_instance;
  McInventory *inventory; /* (owned) */
  McHitSearch *search;    /* (owned) */
  char *task;             /* (owned) */
  char *format;           /* (owned) */
  gboolean fits;
  gboolean looking_up;
  GtkSearchEntry *entry; /* template widgets from here on */
  GtkSpinner *spinner;
  GtkLabel *task_label;
  GtkLabel *format_label;
  GtkMenuButton *task_button;
  GtkMenuButton *format_button;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  GtkListView *list;
  GtkButton *clear_button;
  AdwStatusPage *failure;
  GtkButton *failure_button;
  GtkWidget *more_failure;
  GtkLabel *more_failure_label;
};

enum
{
  PROP_TASK = 1,
  PROP_FORMAT,
  PROP_FITS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McDiscoverView, mc_discover_view, ADW_TYPE_BIN)

/* As the menus in the template have them. */
static const struct
{
  const char *tag;
  const char *label;
} tags[] = {
  { "text-generation", N_ ("Text Generation") },
  { "image-text-to-text", N_ ("Text and Pictures") },
  { "feature-extraction", N_ ("Embeddings") },
  { "automatic-speech-recognition", N_ ("Speech Recognition") },
  { "text-to-speech", N_ ("Text to Speech") },
  { "text-to-image", N_ ("Text to Picture") },
  { "translation", N_ ("Translation") },
  { "text-classification", N_ ("Text Classification") },
  { "image-classification", N_ ("Picture Classification") },
  { "object-detection", N_ ("Object Detection") },
  { "gguf", N_ ("GGUF") },
  { "onnx", N_ ("ONNX") },
  { "safetensors", N_ ("Safetensors") },
};

static const char *
find_label (const char *tag, const char *any)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    if (strcmp (tags[i].tag, tag) == 0)
      return _ (tags[i].label);
  return any;
}

/* --- what is shown --- */

static void
update_spinner (McDiscoverView *self)
{
  McHitSearchState state = mc_hit_search_get_state (self->search);
  gboolean busy =
      self->looking_up || state == MC_HIT_SEARCH_SEARCHING || state == MC_HIT_SEARCH_GOING_ON;

  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
}

void
mc_discover_view_set_busy (McDiscoverView *self, gboolean busy)
{
  self->looking_up = busy;
  update_spinner (self);
}

static gboolean
has_filters (McDiscoverView *self)
{
  return self->task[0] != '\0' || self->format[0] != '\0' || self->fits;
}

static gboolean
is_offline (McDiscoverView *self)
{
  const GError *error = mc_hit_search_get_error (self->search);

  return error != NULL && g_error_matches (error, MC_ERROR, MC_ERROR_OFFLINE);
}

static void
show_failure (McDiscoverView *self)
{
  McErrorText text = mc_error_text_get (mc_hit_search_get_error (self->search));

  adw_status_page_set_title (self->failure, text.title);
  adw_status_page_set_description (self->failure, text.explanation);
  gtk_button_set_label (self->failure_button,
                        is_offline (self) ? _ ("_Turn Off Offline Mode") : _ ("_Try Again"));
}

static const char *
choose_page (McDiscoverView *self)
{
  guint n = g_list_model_get_n_items (mc_hit_search_get_hits (self->search));

  switch (mc_hit_search_get_state (self->search))
    {
    case MC_HIT_SEARCH_FAILED:
      return "failed";
    case MC_HIT_SEARCH_READY:
      return n > 0 ? "hits" : "none";
    case MC_HIT_SEARCH_SEARCHING:
      return n > 0 ? "hits" : "searching";
    case MC_HIT_SEARCH_GOING_ON:
    case MC_HIT_SEARCH_MORE_FAILED:
      return "hits";
    case MC_HIT_SEARCH_IDLE:
    default:
      return "start";
    }
}

static void
on_search_state (McDiscoverView *self)
{
  gboolean more_failed = mc_hit_search_get_state (self->search) == MC_HIT_SEARCH_MORE_FAILED;

  if (mc_hit_search_get_error (self->search) != NULL)
    show_failure (self);
  if (more_failed)
    gtk_label_set_label (self->more_failure_label,
                         mc_error_text_get (mc_hit_search_get_error (self->search)).title);
  gtk_widget_set_visible (self->more_failure, more_failed);
  gtk_widget_set_visible (GTK_WIDGET (self->clear_button), has_filters (self));
  gtk_stack_set_visible_child_name (self->stack, choose_page (self));
  update_spinner (self);
}

/* --- searching --- */

static gboolean
is_link (const char *text)
{
  return strstr (text, "://") != NULL || g_ascii_strncasecmp (text, "modelcache:", 11) == 0;
}

/* What names one repo rather than describes some: it has a slash, and nothing that names do not. Of
 * whatever else is an address one is told what is wrong with it. */
static char *
dup_named (McDiscoverView *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  const char *endpoint = manager == NULL ? NULL : mc_dbus_manager_get_endpoint (manager);
  const char *host = endpoint == NULL ? NULL : strstr (endpoint, "://");
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autoptr (McRepoRef) ref = NULL;

  if (strchr (text, '/') != NULL)
    ref = mc_repo_ref_parse (text, host == NULL ? NULL : host + strlen ("://"), NULL);
  if (ref == NULL && !is_link (text))
    return NULL;
  return g_strstrip (g_strdup (text));
}

static void
search (McDiscoverView *self)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  g_autofree char *named = dup_named (self);
  const char *filters[3] = { NULL };
  guint n = 0;

  if (self->task[0] != '\0')
    filters[n++] = self->task;
  if (self->format[0] != '\0')
    filters[n++] = self->format;
  /* With a filter alone the Hub tells what is liked most. */
  if (named != NULL || (text[0] == '\0' && !has_filters (self)))
    mc_hit_search_reset (self->search, named);
  else
    mc_hit_search_begin (self->search, text, filters, self->fits);
}

static void
on_search_changed (McDiscoverView *self)
{
  if (self->search != NULL)
    search (self);
}

/* Also when all that was found is in sight without scrolling. */
static void
on_scrolled (McDiscoverView *self)
{
  GtkAdjustment *place = gtk_scrolled_window_get_vadjustment (self->scroller);
  double rest = gtk_adjustment_get_upper (place) - gtk_adjustment_get_value (place)
                - gtk_adjustment_get_page_size (place);

  if (self->search == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self->scroller))
      || mc_hit_search_get_state (self->search) != MC_HIT_SEARCH_READY)
    return;
  if (rest <= PAGES_AHEAD * gtk_adjustment_get_page_size (place))
    mc_hit_search_go_on (self->search);
}

/* --- choosing --- */

static void
open_address (McDiscoverView *self, const char *address)
{
  const char *const addresses[] = { address, NULL };

  gtk_widget_activate_action (GTK_WIDGET (self), "win.open", "^as", addresses);
}

static void
on_activate (McDiscoverView *self, guint position)
{
  g_autoptr (McHitItem) item =
      g_list_model_get_item (mc_hit_search_get_hits (self->search), position);

  open_address (self, mc_hit_item_get_repo (item));
}

/* Enter opens what was named, and else searches without waiting. */
static void
on_entry_activate (McDiscoverView *self)
{
  g_autofree char *named = dup_named (self);

  if (named != NULL)
    open_address (self, named);
  else
    search (self);
}

static void
clear_filters_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_object_set (widget, "task", "", "format", "", "fits", FALSE, NULL);
}

static void
go_on_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_hit_search_go_on (MC_DISCOVER_VIEW (widget)->search);
}

static void
to_results_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_grab_focus (GTK_WIDGET (MC_DISCOVER_VIEW (widget)->list));
}

/* Once offline mode is off the search is made again by itself: see on_manager(). */
static void
act_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McDiscoverView *self = MC_DISCOVER_VIEW (widget);

  if (is_offline (self))
    mc_inventory_configure (self->inventory, "offline", g_variant_new_boolean (FALSE));
  else
    search (self);
}

void
mc_discover_view_focus (McDiscoverView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

void
mc_discover_view_look_for (McDiscoverView *self, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  mc_discover_view_focus (self);
  search (self);
}

static void
paste_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McDiscoverView) self = user_data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  /* An empty clipboard, or one with a picture in it, leaves the entry as it is. */
  if (text == NULL || self->entry == NULL)
    return;
  if (is_link (g_strstrip (text)))
    open_address (self, text);
  else
    gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
}

void
mc_discover_view_paste (McDiscoverView *self)
{
  mc_discover_view_focus (self);
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, paste_cb,
                                 g_object_ref (self));
}

/* --- its life --- */

static void
on_offline (McDiscoverView *self, GParamSpec *pspec, McDbusManager *manager)
{
  if (is_offline (self) && !mc_dbus_manager_get_offline (manager))
    search (self);
}

static void
on_inventory_state (McDiscoverView *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);

  if (manager == NULL)
    return;
  g_signal_handlers_disconnect_by_func (manager, on_offline, self);
  g_signal_connect_object (manager, "notify::offline", G_CALLBACK (on_offline), self,
                           G_CONNECT_SWAPPED);
}

void
mc_discover_view_set_inventory (McDiscoverView *self, McInventory *inventory)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  self->inventory = g_object_ref (inventory);
  self->search = mc_hit_search_new (inventory);
  g_signal_connect_object (self->search, "changed", G_CALLBACK (on_search_state), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "notify::state", G_CALLBACK (on_inventory_state), self,
                           G_CONNECT_SWAPPED);
  on_inventory_state (self);
  selection = gtk_no_selection_new (g_object_ref (mc_hit_search_get_hits (self->search)));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
}

static void
mc_discover_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (mc_discover_view_parent_class)->map (widget);
  mc_discover_view_focus (MC_DISCOVER_VIEW (widget));
}

static void
mc_discover_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McDiscoverView *self = MC_DISCOVER_VIEW (object);

  switch (id)
    {
    case PROP_TASK:
      g_value_set_string (value, self->task);
      break;
    case PROP_FORMAT:
      g_value_set_string (value, self->format);
      break;
    case PROP_FITS:
      g_value_set_boolean (value, self->fits);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* What the button shows is its name, too. */
static void
choose_tag (char **place, const char *tag, const char *any, GtkLabel *label, GtkMenuButton *button)
{
  const char *text = find_label (tag, any);

  g_free (*place);
  *place = g_strdup (tag);
  gtk_label_set_label (label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (button), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
mc_discover_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  McDiscoverView *self = MC_DISCOVER_VIEW (object);

  switch (id)
    {
    case PROP_TASK:
      choose_tag (&self->task, g_value_get_string (value), _ ("Any Task"), self->task_label,
                  self->task_button);
      break;
    case PROP_FORMAT:
      choose_tag (&self->format, g_value_get_string (value), _ ("Any Format"), self->format_label,
                  self->format_button);
      break;
    case PROP_FITS:
      self->fits = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  on_search_changed (self);
}

static void
mc_discover_view_dispose (GObject *object)
{
  McDiscoverView *self = MC_DISCOVER_VIEW (object);

  /* What is under way holds the search. */
  if (self->search != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->search, self);
      mc_hit_search_reset (self->search, NULL);
    }
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_DISCOVER_VIEW);
  g_clear_object (&self->search);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_discover_view_parent_class)->dispose (object);
}

static void
mc_discover_view_finalize (GObject *object)
{
  McDiscoverView *self = MC_DISCOVER_VIEW (object);

  g_free (self->task);
  g_free (self->format);
  G_OBJECT_CLASS (mc_discover_view_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  properties[PROP_TASK] =
      g_param_spec_string ("task", NULL, NULL, "", G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FORMAT] =
      g_param_spec_string ("format", NULL, NULL, "", G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FITS] =
      g_param_spec_boolean ("fits", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_property_action (widget_class, "discover.task", "task");
  gtk_widget_class_install_property_action (widget_class, "discover.format", "format");
  gtk_widget_class_install_property_action (widget_class, "discover.fits", "fits");
  gtk_widget_class_install_action (widget_class, "discover.clear-filters", NULL,
                                   clear_filters_action);
  gtk_widget_class_install_action (widget_class, "discover.go-on", NULL, go_on_action);
  gtk_widget_class_install_action (widget_class, "discover.to-results", NULL, to_results_action);
  gtk_widget_class_install_action (widget_class, "discover.act", NULL, act_action);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/discover/mc-discover-view.ui");
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, entry);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, spinner);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, task_label);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, format_label);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, task_button);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, format_button);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, stack);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, scroller);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, list);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, clear_button);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, failure);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, failure_button);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, more_failure);
  gtk_widget_class_bind_template_child (widget_class, McDiscoverView, more_failure_label);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activate);
}

static void
mc_discover_view_class_init (McDiscoverViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_discover_view_get_property;
  object_class->set_property = mc_discover_view_set_property;
  object_class->dispose = mc_discover_view_dispose;
  object_class->finalize = mc_discover_view_finalize;
  widget_class->map = mc_discover_view_map;
  install_properties (object_class);
  install_actions (widget_class);
  g_type_ensure (MC_TYPE_HIT_ROW);
  bind_template (widget_class);
}

static void
mc_discover_view_init (McDiscoverView *self)
{
  GtkAdjustment *place;

  self->task = g_strdup ("");
  self->format = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
  place = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (place, "changed", G_CALLBACK (on_scrolled), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (place, "value-changed", G_CALLBACK (on_scrolled), self,
                           G_CONNECT_SWAPPED);
}
