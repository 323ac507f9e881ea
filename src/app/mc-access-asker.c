/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-access-asker.h"

#include <adwaita.h>
#include <gio/gdesktopappinfo.h>
#include <glib/gi18n.h>
#include <string.h>

/* The service lists the questions; a dialog is there for as long as its question is. Whoever closes
 * it without an answer refuses for now. */

#define NEWS "access"

struct _McAccessAsker
{
  GObject parent_instance;
  GtkApplication *application; /* borrowed */
  McInventory *inventory;      /* (owned) */
  McDbusManager *manager;      /* (owned) (nullable): the one that is listened to */
  GtkWidget *dialog;           /* (nullable): its window owns it */
  char *app;                   /* (owned) (nullable): that it asks about */
  char *answered;              /* (owned) (nullable): the service has not heard yet */
};

G_DEFINE_FINAL_TYPE (McAccessAsker, mc_access_asker, G_TYPE_OBJECT)

char *
mc_access_dup_app_name (const char *id)
{
  g_autofree char *file = g_strconcat (id, ".desktop", NULL);
  g_autoptr (GDesktopAppInfo) info = g_desktop_app_info_new (file);

  return g_strdup (info == NULL ? id : g_app_info_get_display_name (G_APP_INFO (info)));
}

/* --- one question --- */

static void
close_dialog (McAccessAsker *self)
{
  GtkWidget *dialog = g_steal_pointer (&self->dialog);

  g_clear_pointer (&self->app, g_free);
  g_application_withdraw_notification (G_APPLICATION (self->application), NEWS);
  if (dialog == NULL)
    return;
  g_signal_handlers_disconnect_by_data (dialog, self);
  g_object_remove_weak_pointer (G_OBJECT (dialog), (gpointer *) &self->dialog);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);

  if (reply == NULL)
    g_info ("The answer was not taken: %s", error->message);
}

static void
on_response (McAccessAsker *self, const char *access)
{
  mc_inventory_call_async (self->inventory, "SetAccess",
                           g_variant_new ("(ssa{sv})", self->app, access, NULL), "()", NULL,
                           answered_cb, NULL);
  /* It closes by itself. */
  g_object_remove_weak_pointer (G_OBJECT (self->dialog), (gpointer *) &self->dialog);
  self->dialog = NULL;
  g_free (self->answered);
  self->answered = g_steal_pointer (&self->app);
  g_application_withdraw_notification (G_APPLICATION (self->application), NEWS);
}

static GtkWidget *
make_dialog (GtkWindow *parent, const char *app)
{
  g_autofree char *name = mc_access_dup_app_name (app);
  /* Translators: the name of an app */
  g_autofree char *heading = g_strdup_printf (_ ("Allow “%s” to Use Models?"), name);
  g_autofree char *body =
      g_strdup_printf (_ ("%s runs in a sandbox. It can open the models that are here, or also "
                          "download, delete and change settings."),
                       app);
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, body);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "none", _ ("_Refuse"), "read",
                                    _ ("Only _Read"), "all", _ ("_Allow"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "read");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "not-now");
  return dialog;
}

static void
notify (McAccessAsker *self, const char *app)
{
  g_autofree char *name = mc_access_dup_app_name (app);
  g_autofree char *title = g_strdup_printf (_ ("Allow “%s” to Use Models?"), name);
  g_autoptr (GNotification) news = g_notification_new (title);

  g_notification_set_body (news, app);
  g_notification_set_priority (news, G_NOTIFICATION_PRIORITY_HIGH);
  g_application_send_notification (G_APPLICATION (self->application), NEWS, news);
}

static void
ask (McAccessAsker *self, GtkWindow *window, const char *app)
{
  self->app = g_strdup (app);
  self->dialog = make_dialog (window, app);
  g_object_add_weak_pointer (G_OBJECT (self->dialog), (gpointer *) &self->dialog);
  g_signal_connect_object (self->dialog, "response", G_CALLBACK (on_response), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self->dialog));
  if (!gtk_window_is_active (window))
    notify (self, app);
}

/* NULL: there is none. */
static const char *
choose_question (McAccessAsker *self, const char *const *apps)
{
  if (self->answered != NULL && !g_strv_contains (apps, self->answered))
    g_clear_pointer (&self->answered, g_free);
  for (; *apps != NULL; apps++)
    if (g_strcmp0 (*apps, self->answered) != 0)
      return *apps;
  return NULL;
}

static void
show_question (McAccessAsker *self)
{
  static const char *const none[] = { NULL };
  const char *const *apps = mc_dbus_manager_get_access_questions (self->manager);
  GtkWindow *window = gtk_application_get_active_window (self->application);
  const char *app = choose_question (self, apps == NULL ? none : apps);

  if (self->dialog != NULL && apps != NULL && g_strv_contains (apps, self->app))
    return;
  close_dialog (self);
  if (app != NULL && window != NULL)
    ask (self, window, app);
  else if (app != NULL)
    notify (self, app);
}

/* --- the service --- */

/* It is told that somebody is here, without being started for that. */
static void
offer (McAccessAsker *self)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (self->manager));

  if (owner != NULL)
    g_dbus_proxy_call (G_DBUS_PROXY (self->manager), "OfferToAsk", g_variant_new ("(a{sv})", NULL),
                       G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
  show_question (self);
}

static void
listen (McAccessAsker *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);

  if (manager == NULL || manager == self->manager)
    return;
  if (self->manager != NULL)
    g_signal_handlers_disconnect_by_data (self->manager, self);
  g_set_object (&self->manager, manager);
  g_signal_connect_object (manager, "notify::g-name-owner", G_CALLBACK (offer), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::access-questions", G_CALLBACK (show_question), self,
                           G_CONNECT_SWAPPED);
  offer (self);
}

/* A window that opens later. */
static void
on_window (McAccessAsker *self)
{
  if (self->manager != NULL && self->dialog == NULL)
    show_question (self);
}

/* --- its life --- */

McAccessAsker *
mc_access_asker_new (GtkApplication *application, McInventory *inventory)
{
  McAccessAsker *self = g_object_new (MC_TYPE_ACCESS_ASKER, NULL);

  self->application = application;
  self->inventory = g_object_ref (inventory);
  g_signal_connect_object (inventory, "notify::state", G_CALLBACK (listen), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (application, "notify::active-window", G_CALLBACK (on_window), self,
                           G_CONNECT_SWAPPED);
  listen (self);
  return self;
}

static void
mc_access_asker_dispose (GObject *object)
{
  McAccessAsker *self = MC_ACCESS_ASKER (object);

  close_dialog (self);
  g_clear_pointer (&self->answered, g_free);
  g_clear_object (&self->manager);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_access_asker_parent_class)->dispose (object);
}

static void
mc_access_asker_class_init (McAccessAskerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mc_access_asker_dispose;
}

static void
mc_access_asker_init (McAccessAsker *self)
{
}
