/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-network-page.h"

#include "mc-dict.h"
#include "mc-endpoint-row.h"
#include "mc-phrases.h"
#include "mc-problem-bar.h"

#include <glib/gi18n.h>
#include <string.h>

/* Rows of endpoints are made anew when the setting changes, and else told what is new. */

struct _McNetworkPage
{
  AdwPreferencesPage parent_instance;
  McInventory *inventory;    /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GPtrArray *rows;           /* (owned): borrowed McEndpointRow, in their order */
  GtkListBox *endpoints;     /* template widgets from here on */
  AdwEntryRow *mirror;
  GtkButton *diagnose;
  GtkListBox *hops;
  McProblemBar *problem_bar;
};

G_DEFINE_FINAL_TYPE (McNetworkPage, mc_network_page, ADW_TYPE_PREFERENCES_PAGE)

static void
clear_list (GtkListBox *list)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
}

/* --- endpoints --- */

static void ask_endpoints (McNetworkPage *self);

static McEndpointRow *
row_at (McNetworkPage *self, guint i)
{
  return g_ptr_array_index (self->rows, i);
}

/* With one of them first (nullable), without another (nullable), and with a new one (nullable). */
static void
configure (McNetworkPage *self, McEndpointRow *first, McEndpointRow *without, const char *more)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE_STRING_ARRAY);
  if (first != NULL)
    g_variant_builder_add (&list, "s", mc_endpoint_row_get_endpoint (first));
  for (guint i = 0; i < self->rows->len; i++)
    if (row_at (self, i) != first && row_at (self, i) != without)
      g_variant_builder_add (&list, "s", mc_endpoint_row_get_endpoint (row_at (self, i)));
  if (more != NULL)
    g_variant_builder_add (&list, "s", more);
  mc_problem_bar_hide (self->problem_bar);
  mc_inventory_configure (self->inventory, "endpoints", g_variant_builder_end (&list));
}

static void
on_remove (McNetworkPage *self, McEndpointRow *row)
{
  configure (self, NULL, row, NULL);
}

static void
on_first (McNetworkPage *self, McEndpointRow *row)
{
  configure (self, row, NULL, NULL);
}

static void
on_row_changed (McNetworkPage *self)
{
  mc_problem_bar_hide (self->problem_bar);
  ask_endpoints (self);
}

static void
on_row_failed (McNetworkPage *self, GError *error)
{
  mc_problem_bar_show_setting (self->problem_bar, error);
}

static void
add_row (McNetworkPage *self, GVariant *dict)
{
  McEndpointRow *row = mc_endpoint_row_new (self->inventory, mc_dict_get_string (dict, "endpoint"),
                                            mc_dict_get_flag (dict, "mirror"));

  g_signal_connect_object (row, "changed", G_CALLBACK (on_row_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "failed", G_CALLBACK (on_row_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "remove", G_CALLBACK (on_remove), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "first", G_CALLBACK (on_first), self, G_CONNECT_SWAPPED);
  gtk_list_box_append (self->endpoints, GTK_WIDGET (row));
  g_ptr_array_add (self->rows, row);
}

static gboolean
has_same_rows (McNetworkPage *self, GVariant *list)
{
  if (g_variant_n_children (list) != self->rows->len)
    return FALSE;
  for (guint i = 0; i < self->rows->len; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (list, i);

      if (strcmp (mc_dict_get_string (dict, "endpoint"),
                  mc_endpoint_row_get_endpoint (row_at (self, i)))
          != 0)
        return FALSE;
    }
  return TRUE;
}

/* Not signed in is no problem here; it is what the row says. */
static void
who_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McEndpointRow) row = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  const char *name;

  if (reply == NULL)
    {
      g_debug ("WhoAmI: %s", error->message);
      return;
    }
  g_variant_get (reply, "(&s)", &name);
  mc_endpoint_row_show_name (row, name);
}

static void
show_endpoints (McNetworkPage *self, GVariant *list)
{
  gboolean same = has_same_rows (self, list);

  if (!same)
    {
      g_ptr_array_set_size (self->rows, 0);
      clear_list (self->endpoints);
    }
  for (guint i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (list, i);

      if (!same)
        add_row (self, dict);
      mc_endpoint_row_show (row_at (self, i), dict);
      if (!same && !mc_dict_get_flag (dict, "mirror") && mc_dict_get_flag (dict, "signed_in"))
        mc_inventory_call_async (self->inventory, "WhoAmI", NULL, "(s)", self->cancellable, who_cb,
                                 g_object_ref (row_at (self, i)));
    }
}

static void
endpoints_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McNetworkPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) list = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      mc_problem_bar_show_setting (self->problem_bar, error);
      return;
    }
  list = g_variant_get_child_value (reply, 0);
  show_endpoints (self, list);
}

static void
ask_endpoints (McNetworkPage *self)
{
  mc_inventory_call_async (self->inventory, "ListEndpoints", g_variant_new ("(a{sv})", NULL),
                           "(aa{sv})", self->cancellable, endpoints_cb, g_object_ref (self));
}

static void
on_mirror (McNetworkPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->mirror));
  g_autofree char *address = g_strstrip (g_strdup (text));

  if (address[0] == '\0')
    return;
  configure (self, NULL, NULL, address);
  gtk_editable_set_text (GTK_EDITABLE (self->mirror), "");
}

static void
add_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  on_mirror (MC_NETWORK_PAGE (widget));
}

/* --- doctor --- */

static const char *
describe_hop (const char *hop)
{
  static const struct
  {
    const char *hop;
    const char *title;
  } titles[] = {
    { "name", N_ ("Its name is found") },           { "connection", N_ ("It can be connected to") },
    { "api", N_ ("It answers questions") },         { "token", N_ ("The token is accepted") },
    { "resolver", N_ ("It says where files are") }, { "storage", N_ ("Files can be fetched") },
    { "disk", N_ ("There is space on the disk") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (titles); i++)
    if (strcmp (titles[i].hop, hop) == 0)
      return _ (titles[i].title);
  return hop;
}

static const char *
describe_hop_state (const char *state)
{
  if (strcmp (state, "ok") == 0)
    return _ ("In order");
  return strcmp (state, "failed") == 0 ? _ ("Failed") : _ ("Skipped");
}

static GtkWidget *
make_hop (GVariant *hop)
{
  GtkWidget *row = adw_action_row_new ();
  const char *state = mc_dict_get_string (hop, "state");
  const char *icon = strcmp (state, "ok") == 0       ? "emblem-ok-symbolic"
                     : strcmp (state, "failed") == 0 ? "dialog-warning-symbolic"
                                                     : "media-skip-forward-symbolic";
  const char *parts[] = { describe_hop_state (state), mc_dict_get_string (hop, "endpoint"),
                          mc_dict_get_string (hop, "detail") };
  g_autofree char *subtitle = mc_phrase_join (parts, G_N_ELEMENTS (parts));
  GtkWidget *image = gtk_image_new_from_icon_name (icon);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 describe_hop (mc_dict_get_string (hop, "hop")));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  return row;
}

static void
show_hops (McNetworkPage *self, GVariant *hops)
{
  clear_list (self->hops);
  for (gsize i = 0; i < g_variant_n_children (hops); i++)
    {
      g_autoptr (GVariant) hop = g_variant_get_child_value (hops, i);

      gtk_list_box_append (self->hops, make_hop (hop));
    }
  gtk_widget_set_visible (GTK_WIDGET (self->hops), TRUE);
}

static void
tell_rows (McNetworkPage *self, GVariant *hops)
{
  for (guint i = 0; i < self->rows->len; i++)
    mc_endpoint_row_show_hops (row_at (self, i), hops);
}

static void
diagnose_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McNetworkPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) hops = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "network.diagnose", TRUE);
  gtk_button_set_label (self->diagnose, _ ("Check Now"));
  if (reply == NULL)
    {
      mc_problem_bar_show_setting (self->problem_bar, error);
      return;
    }
  mc_problem_bar_hide (self->problem_bar);
  hops = g_variant_get_child_value (reply, 0);
  show_hops (self, hops);
  tell_rows (self, hops);
}

static void
diagnose_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McNetworkPage *self = MC_NETWORK_PAGE (widget);

  gtk_widget_action_set_enabled (widget, "network.diagnose", FALSE);
  gtk_button_set_label (self->diagnose, _ ("Checking…"));
  mc_inventory_call_async (self->inventory, "Diagnose", g_variant_new ("(a{sv})", NULL), "(aa{sv})",
                           self->cancellable, diagnose_cb, g_object_ref (self));
}

/* --- its life --- */

static void
on_failed (McNetworkPage *self, GError *error, const char *repo)
{
  if (repo == NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    mc_problem_bar_show_setting (self->problem_bar, error);
}

void
mc_network_page_set_inventory (McNetworkPage *self, McInventory *inventory)
{
  McDbusManager *manager = mc_inventory_get_manager (inventory);

  self->inventory = g_object_ref (inventory);
  if (manager != NULL)
    g_signal_connect_object (manager, "notify::settings", G_CALLBACK (ask_endpoints), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  ask_endpoints (self);
}

/* The window closes: what is under way holds references. */
static void
mc_network_page_unroot (GtkWidget *widget)
{
  g_cancellable_cancel (MC_NETWORK_PAGE (widget)->cancellable);
  GTK_WIDGET_CLASS (mc_network_page_parent_class)->unroot (widget);
}

static void
mc_network_page_dispose (GObject *object)
{
  McNetworkPage *self = MC_NETWORK_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_NETWORK_PAGE);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_network_page_parent_class)->dispose (object);
}

static void
mc_network_page_class_init (McNetworkPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_network_page_dispose;
  widget_class->unroot = mc_network_page_unroot;
  g_type_ensure (MC_TYPE_PROBLEM_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/preferences/mc-network-page.ui");
  gtk_widget_class_bind_template_child (widget_class, McNetworkPage, endpoints);
  gtk_widget_class_bind_template_child (widget_class, McNetworkPage, mirror);
  gtk_widget_class_bind_template_child (widget_class, McNetworkPage, diagnose);
  gtk_widget_class_bind_template_child (widget_class, McNetworkPage, hops);
  gtk_widget_class_bind_template_child (widget_class, McNetworkPage, problem_bar);
  gtk_widget_class_bind_template_callback (widget_class, on_mirror);
  gtk_widget_class_install_action (widget_class, "network.add", NULL, add_action);
  gtk_widget_class_install_action (widget_class, "network.diagnose", NULL, diagnose_action);
}

static void
mc_network_page_init (McNetworkPage *self)
{
  self->cancellable = g_cancellable_new ();
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
