/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-account-page.h"

#include "mc-dict.h"
#include "mc-phrases.h"
#include "mc-problem-bar.h"
#include "mc-token-send.h"

#include <glib/gi18n.h>
#include <string.h>

/* The token is sent and forgotten: only whether there is one can be asked for afterwards. */

struct _McAccountPage
{
  AdwPreferencesPage parent_instance;
  McInventory *inventory;    /* (owned) */
  GCancellable *cancellable; /* (owned) */
  AdwEntryRow *endpoints;    /* template widgets from here on */
  AdwActionRow *account;
  GtkButton *sign_out;
  GtkButton *diagnose;
  AdwPasswordEntryRow *token;
  GtkListBox *hops;
  McProblemBar *problem_bar;
};

G_DEFINE_FINAL_TYPE (McAccountPage, mc_account_page, ADW_TYPE_PREFERENCES_PAGE)

/* What a call that ended means for the page: FALSE if it is on its way out. */
static gboolean
take_error (McAccountPage *self, const GError *error)
{
  if (error == NULL)
    {
      mc_problem_bar_hide (self->problem_bar);
      return TRUE;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  mc_problem_bar_show (self->problem_bar, error, NULL);
  return TRUE;
}

/* --- endpoints --- */

static void
show_endpoints (McAccountPage *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  GVariant *settings = manager == NULL ? NULL : mc_dbus_manager_get_settings (manager);
  g_autofree const char **list = NULL;
  g_autofree char *text = NULL;

  if (settings == NULL || !g_variant_lookup (settings, "endpoints", "^a&s", &list))
    return;
  text = g_strjoinv (" ", (char **) list);
  if (strcmp (gtk_editable_get_text (GTK_EDITABLE (self->endpoints)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->endpoints), text);
}

static void
on_endpoints (McAccountPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->endpoints));
  g_auto (GStrv) words = g_strsplit_set (text, " ,;", -1);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE_STRING_ARRAY);
  for (char **word = words; *word != NULL; word++)
    if ((*word)[0] != '\0')
      g_variant_builder_add (&list, "s", *word);
  mc_inventory_configure (self->inventory, "endpoints", g_variant_builder_end (&list));
}

/* --- account --- */

static void
show_account (McAccountPage *self, gboolean signed_in, const char *name)
{
  /* Translators: the name of an account */
  g_autofree char *text = name != NULL && name[0] != '\0'
                              ? g_strdup_printf (_ ("Signed in as %s"), name)
                              : g_strdup (signed_in ? _ ("Signed in") : _ ("Not signed in"));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->account), text);
  adw_action_row_set_subtitle (self->account, "");
  gtk_widget_set_visible (GTK_WIDGET (self->sign_out), signed_in);
}

static void
sign_in_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McAccountPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) dict = mc_token_send_finish (MC_DBUS_MANAGER (source), result, &error);

  if (!take_error (self, error) || dict == NULL)
    return;
  show_account (self, TRUE, mc_dict_get_string (dict, "name"));
  if (strcmp (mc_dict_get_string (dict, "kept"), "keyring") != 0)
    adw_action_row_set_subtitle (
        self->account, _ ("There is no keyring that could keep the token: it is forgotten when the "
                          "service ends."));
}

static void
on_token (McAccountPage *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  const char *token = gtk_editable_get_text (GTK_EDITABLE (self->token));

  if (manager == NULL || token[0] == '\0')
    return;
  mc_token_send_async (manager, token, self->cancellable, sign_in_cb, g_object_ref (self));
  gtk_editable_set_text (GTK_EDITABLE (self->token), "");
}

static void
sign_in_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  on_token (MC_ACCOUNT_PAGE (widget));
}

static void
sign_out_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McAccountPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) dict = NULL;

  if (!take_error (self, error) || reply == NULL)
    return;
  dict = g_variant_get_child_value (reply, 0);
  show_account (self, mc_dict_get_flag (dict, "remains"), NULL);
  if (mc_dict_get_flag (dict, "remains"))
    adw_action_row_set_subtitle (self->account,
                                 _ ("With a token of the Hub’s own tools, which stays."));
}

static void
sign_out_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McAccountPage *self = MC_ACCOUNT_PAGE (widget);

  mc_inventory_call_async (self->inventory, "SignOut", g_variant_new ("(a{sv})", NULL), "(a{sv})",
                           self->cancellable, sign_out_cb, g_object_ref (self));
}

/* Not signed in is no problem here; it is what the page says. */
static void
who_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McAccountPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  const char *name;

  if (reply == NULL)
    {
      g_debug ("WhoAmI: %s", error->message);
      return;
    }
  g_variant_get (reply, "(&s)", &name);
  show_account (self, TRUE, name);
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
show_hops (McAccountPage *self, GVariant *hops)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->hops))) != NULL)
    gtk_list_box_remove (self->hops, row);
  for (gsize i = 0; i < g_variant_n_children (hops); i++)
    {
      g_autoptr (GVariant) hop = g_variant_get_child_value (hops, i);

      gtk_list_box_append (self->hops, make_hop (hop));
    }
  gtk_widget_set_visible (GTK_WIDGET (self->hops), TRUE);
}

static void
diagnose_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McAccountPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) hops = NULL;

  if (!take_error (self, error))
    return;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "account.diagnose", TRUE);
  gtk_button_set_label (self->diagnose, _ ("Check Now"));
  if (reply == NULL)
    return;
  hops = g_variant_get_child_value (reply, 0);
  show_hops (self, hops);
}

static void
diagnose_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McAccountPage *self = MC_ACCOUNT_PAGE (widget);

  gtk_widget_action_set_enabled (widget, "account.diagnose", FALSE);
  gtk_button_set_label (self->diagnose, _ ("Checking…"));
  mc_inventory_call_async (self->inventory, "Diagnose", g_variant_new ("(a{sv})", NULL), "(aa{sv})",
                           self->cancellable, diagnose_cb, g_object_ref (self));
}

/* --- its life --- */

static void
on_failed (McAccountPage *self, GError *error, const char *repo)
{
  if (repo == NULL)
    mc_problem_bar_show (self->problem_bar, error, NULL);
}

void
mc_account_page_set_inventory (McAccountPage *self, McInventory *inventory)
{
  McDbusManager *manager = mc_inventory_get_manager (inventory);

  self->inventory = g_object_ref (inventory);
  if (manager != NULL)
    g_signal_connect_object (manager, "notify::settings", G_CALLBACK (show_endpoints), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  show_endpoints (self);
  if (manager != NULL && mc_dbus_manager_get_signed_in (manager))
    mc_inventory_call_async (inventory, "WhoAmI", NULL, "(s)", self->cancellable, who_cb,
                             g_object_ref (self));
}

/* The window closes: what is under way holds references. */
static void
mc_account_page_unroot (GtkWidget *widget)
{
  g_cancellable_cancel (MC_ACCOUNT_PAGE (widget)->cancellable);
  GTK_WIDGET_CLASS (mc_account_page_parent_class)->unroot (widget);
}

static void
mc_account_page_dispose (GObject *object)
{
  McAccountPage *self = MC_ACCOUNT_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_ACCOUNT_PAGE);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_account_page_parent_class)->dispose (object);
}

static void
mc_account_page_class_init (McAccountPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_account_page_dispose;
  widget_class->unroot = mc_account_page_unroot;
  g_type_ensure (MC_TYPE_PROBLEM_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/preferences/mc-account-page.ui");
  gtk_widget_class_bind_template_child (widget_class, McAccountPage, endpoints);
  gtk_widget_class_bind_template_child (widget_class, McAccountPage, account);
  gtk_widget_class_bind_template_child (widget_class, McAccountPage, sign_out);
  gtk_widget_class_bind_template_child (widget_class, McAccountPage, diagnose);
  gtk_widget_class_bind_template_child (widget_class, McAccountPage, token);
  gtk_widget_class_bind_template_child (widget_class, McAccountPage, hops);
  gtk_widget_class_bind_template_child (widget_class, McAccountPage, problem_bar);
  gtk_widget_class_bind_template_callback (widget_class, on_endpoints);
  gtk_widget_class_bind_template_callback (widget_class, on_token);
  gtk_widget_class_install_action (widget_class, "account.sign-in", NULL, sign_in_action);
  gtk_widget_class_install_action (widget_class, "account.sign-out", NULL, sign_out_action);
  gtk_widget_class_install_action (widget_class, "account.diagnose", NULL, diagnose_action);
}

static void
mc_account_page_init (McAccountPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
