/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-endpoint-row.h"

#include "mc-dict.h"
#include "mc-expander-lists.h"
#include "mc-phrases.h"
#include "mc-token-send.h"

#include <glib/gi18n.h>
#include <string.h>

/* The token is sent and forgotten: only whether there is one can be asked for afterwards. */

struct _McEndpointRow
{
  AdwExpanderRow parent_instance;
  McInventory *inventory;    /* (owned) */
  GCancellable *cancellable; /* (owned) */
  char *endpoint;            /* (owned) */
  char *trouble;             /* (owned): empty: none */
  gboolean mirror;
  gboolean tried;   /* so that it is known to be well */
  GtkImage *health; /* template widgets from here on */
  AdwPasswordEntryRow *token;
  AdwActionRow *account;
  GtkButton *sign_out;
  AdwActionRow *place;
};

enum
{
  SIGNAL_CHANGED,
  SIGNAL_FAILED,
  SIGNAL_REMOVE,
  SIGNAL_FIRST,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (McEndpointRow, mc_endpoint_row, ADW_TYPE_EXPANDER_ROW)

/* --- what is known --- */

static void
update (McEndpointRow *self)
{
  const char *what = self->mirror ? _ ("Mirror") : _ ("The Hub");
  const char *state = self->trouble[0] != '\0' ? self->trouble
                      : self->tried            ? _ ("In order")
                                               : NULL;
  g_autofree char *text = mc_phrase_join ((const char *[]){ what, state }, 2);

  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), text);
  gtk_image_set_from_icon_name (self->health, self->trouble[0] != '\0' ? "dialog-warning-symbolic"
                                              : self->tried            ? "emblem-ok-symbolic"
                                                                       : "network-server-symbolic");
}

static void
take_trouble (McEndpointRow *self, const char *trouble)
{
  g_free (self->trouble);
  self->trouble = g_strdup (trouble);
}

static void
show_account (McEndpointRow *self, gboolean signed_in, const char *name)
{
  /* Translators: the name of an account */
  g_autofree char *text = name != NULL && name[0] != '\0'
                              ? g_strdup_printf (_ ("Signed in as %s"), name)
                              : g_strdup (signed_in ? _ ("Signed in") : _ ("Not signed in"));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->account), text);
  gtk_widget_set_visible (GTK_WIDGET (self->sign_out), signed_in);
}

void
mc_endpoint_row_show (McEndpointRow *self, GVariant *dict)
{
  gboolean signed_in = mc_dict_get_flag (dict, "signed_in");
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self->account));
  const char *trouble = mc_dict_get_string (dict, "trouble");

  if (trouble[0] != '\0')
    take_trouble (self, trouble);
  /* The name is not asked for again. */
  if (!signed_in || strcmp (title, _ ("Not signed in")) == 0)
    show_account (self, signed_in, NULL);
  update (self);
}

void
mc_endpoint_row_show_name (McEndpointRow *self, const char *name)
{
  show_account (self, TRUE, name);
}

void
mc_endpoint_row_show_hops (McEndpointRow *self, GVariant *hops)
{
  take_trouble (self, "");
  self->tried = FALSE;
  for (gsize i = 0; i < g_variant_n_children (hops); i++)
    {
      g_autoptr (GVariant) hop = g_variant_get_child_value (hops, i);
      gboolean failed = strcmp (mc_dict_get_string (hop, "state"), "failed") == 0;

      if (strcmp (mc_dict_get_string (hop, "endpoint"), self->endpoint) != 0)
        continue;
      self->tried = TRUE;
      if (failed && self->trouble[0] == '\0')
        take_trouble (self, mc_dict_get_string (hop, "detail"));
    }
  update (self);
}

/* --- in and out --- */

static void
tell (McEndpointRow *self, GError *error)
{
  if (error == NULL)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

static void
sign_in_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McEndpointRow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) dict = mc_token_send_finish (MC_DBUS_MANAGER (source), result, &error);

  if (dict != NULL)
    {
      show_account (self, TRUE, mc_dict_get_string (dict, "name"));
      adw_action_row_set_subtitle (
          self->account,
          strcmp (mc_dict_get_string (dict, "kept"), "keyring") == 0
              ? ""
              : _ ("There is no keyring that could keep the token: it is forgotten when the "
                   "service ends."));
    }
  tell (self, error);
}

static void
on_token (McEndpointRow *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  const char *token = gtk_editable_get_text (GTK_EDITABLE (self->token));

  if (manager == NULL || token[0] == '\0')
    return;
  mc_token_send_async (manager, self->endpoint, token, self->cancellable, sign_in_cb,
                       g_object_ref (self));
  gtk_editable_set_text (GTK_EDITABLE (self->token), "");
}

static void
sign_in_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  on_token (MC_ENDPOINT_ROW (widget));
}

static void
sign_out_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McEndpointRow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) dict = reply == NULL ? NULL : g_variant_get_child_value (reply, 0);

  if (dict != NULL)
    {
      show_account (self, mc_dict_get_flag (dict, "remains"), NULL);
      adw_action_row_set_subtitle (self->account,
                                   mc_dict_get_flag (dict, "remains")
                                       ? _ ("With a token of the Hub’s own tools, which stays.")
                                       : "");
    }
  tell (self, error);
}

static void
sign_out_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McEndpointRow *self = MC_ENDPOINT_ROW (widget);
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "endpoint", "s", self->endpoint);
  mc_inventory_call_async (self->inventory, "SignOut",
                           g_variant_new ("(@a{sv})", g_variant_dict_end (&options)), "(a{sv})",
                           self->cancellable, sign_out_cb, g_object_ref (self));
}

static void
remove_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, signals[SIGNAL_REMOVE], 0);
}

static void
first_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, signals[SIGNAL_FIRST], 0);
}

/* --- its life --- */

const char *
mc_endpoint_row_get_endpoint (McEndpointRow *self)
{
  return self->endpoint;
}

McEndpointRow *
mc_endpoint_row_new (McInventory *inventory, const char *endpoint, gboolean mirror)
{
  McEndpointRow *self = g_object_new (MC_TYPE_ENDPOINT_ROW, "title", endpoint, NULL);

  self->inventory = g_object_ref (inventory);
  self->endpoint = g_strdup (endpoint);
  self->mirror = mirror;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, endpoint,
                                  -1);
  mc_expander_lists_name (ADW_EXPANDER_ROW (self), endpoint);
  gtk_widget_set_visible (GTK_WIDGET (self->place), mirror);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self), !mirror);
  update (self);
  return self;
}

/* What is under way holds references. */
static void
mc_endpoint_row_unroot (GtkWidget *widget)
{
  g_cancellable_cancel (MC_ENDPOINT_ROW (widget)->cancellable);
  GTK_WIDGET_CLASS (mc_endpoint_row_parent_class)->unroot (widget);
}

static void
mc_endpoint_row_dispose (GObject *object)
{
  McEndpointRow *self = MC_ENDPOINT_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_ENDPOINT_ROW);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_endpoint_row_parent_class)->dispose (object);
}

static void
mc_endpoint_row_finalize (GObject *object)
{
  McEndpointRow *self = MC_ENDPOINT_ROW (object);

  g_free (self->endpoint);
  g_free (self->trouble);
  G_OBJECT_CLASS (mc_endpoint_row_parent_class)->finalize (object);
}

static void
install_signals (GType type)
{
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_REMOVE] =
      g_signal_new ("remove", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_FIRST] =
      g_signal_new ("first", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mc_endpoint_row_class_init (McEndpointRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_endpoint_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = mc_endpoint_row_finalize;
  widget_class->unroot = mc_endpoint_row_unroot;
  install_signals (MC_TYPE_ENDPOINT_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/preferences/mc-endpoint-row.ui");
  gtk_widget_class_bind_template_child (widget_class, McEndpointRow, health);
  gtk_widget_class_bind_template_child (widget_class, McEndpointRow, token);
  gtk_widget_class_bind_template_child (widget_class, McEndpointRow, account);
  gtk_widget_class_bind_template_child (widget_class, McEndpointRow, sign_out);
  gtk_widget_class_bind_template_child (widget_class, McEndpointRow, place);
  gtk_widget_class_bind_template_callback (widget_class, on_token);
  gtk_widget_class_install_action (widget_class, "endpoint.sign-in", NULL, sign_in_action);
  gtk_widget_class_install_action (widget_class, "endpoint.sign-out", NULL, sign_out_action);
  gtk_widget_class_install_action (widget_class, "endpoint.remove", NULL, remove_action);
  gtk_widget_class_install_action (widget_class, "endpoint.first", NULL, first_action);
}

static void
mc_endpoint_row_init (McEndpointRow *self)
{
  self->cancellable = g_cancellable_new ();
  self->trouble = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
}
