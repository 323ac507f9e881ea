/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-access.h"
#include "mc-dbus-error.h"

#include <string.h>

/* Calls pass here before their methods see them, and the methods by which the person decides. */

#define PREFIX "com.tabagent.ModelCache1."

/* --- each call --- */

/* GDBus has a signal for this, "g-authorize-method", which comes in a thread of its own, so that
 * calls would reach the service later than they came. Hence the classes of the generated code get
 * another table of methods, which looks first and then calls theirs. */
typedef struct
{
  const GDBusInterfaceVTable *theirs;
  GDBusInterfaceVTable ours;
} Tables;

typedef struct
{
  GDBusInterfaceSkeleton *skeleton;  /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over */
} Held;

/* The formatter would put blanks into the names. */
/* clang-format off */
static G_DEFINE_QUARK (mc-service-tables, tables)
static G_DEFINE_QUARK (mc-service-guard, guard)
    /* clang-format on */

    static const Tables *get_tables (gpointer skeleton)
{
  return g_type_get_qdata (G_OBJECT_TYPE (skeleton), tables_quark ());
}

static void
go_on (GError *refusal, gpointer data)
{
  g_autofree Held *held = data;
  g_autoptr (GDBusInterfaceSkeleton) skeleton = held->skeleton;
  GDBusMethodInvocation *invocation = held->invocation;

  if (refusal != NULL)
    {
      mc_dbus_error_return (invocation, refusal);
      return;
    }
  get_tables (skeleton)->theirs->method_call (
      g_dbus_method_invocation_get_connection (invocation),
      g_dbus_method_invocation_get_sender (invocation),
      g_dbus_method_invocation_get_object_path (invocation),
      g_dbus_method_invocation_get_interface_name (invocation),
      g_dbus_method_invocation_get_method_name (invocation),
      g_dbus_method_invocation_get_parameters (invocation), invocation, skeleton);
}

static void
on_call (GDBusConnection *connection,
         const char *caller,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer skeleton)
{
  McService *self = g_object_get_qdata (skeleton, guard_quark ());
  Held *held = g_new0 (Held, 1);

  held->skeleton = g_object_ref (skeleton);
  held->invocation = invocation;
  if (mc_access_is_free (self->access, caller))
    go_on (NULL, held);
  else
    mc_access_check (self->access, caller,
                     mc_access_need (interface + strlen (PREFIX), method, parameters), go_on, held);
}

static GDBusInterfaceVTable *
get_our_vtable (GDBusInterfaceSkeleton *skeleton)
{
  return (GDBusInterfaceVTable *) &get_tables (skeleton)->ours;
}

void
mc_service_guard (McService *self, gpointer skeleton)
{
  Tables *tables;

  g_object_set_qdata (skeleton, guard_quark (), self);
  if (get_tables (skeleton) != NULL)
    return;
  tables = g_new0 (Tables, 1); /* for as long as the type is there */
  tables->theirs = g_dbus_interface_skeleton_get_vtable (skeleton);
  tables->ours = *tables->theirs;
  tables->ours.method_call = on_call;
  g_type_set_qdata (G_OBJECT_TYPE (skeleton), tables_quark (), tables);
  G_DBUS_INTERFACE_SKELETON_GET_CLASS (skeleton)->get_vtable = get_our_vtable;
}

/* --- the person --- */

static void
on_held (gboolean held, gpointer user_data)
{
  if (held)
    mc_service_hold (user_data);
  else
    mc_service_release (user_data);
}

static void
on_questions (gpointer user_data)
{
  McService *self = user_data;
  g_autoptr (GPtrArray) questions = mc_access_list_questions (self->access);

  g_ptr_array_add (questions, NULL);
  mc_dbus_manager_set_access_questions (self->manager, (const char *const *) questions->pdata);
}

static void
bar (const char *caller, gpointer user_data)
{
  McService *self = user_data;

  mc_leases_drop_of (self->leases, caller);
}

static void
on_settings (McService *self)
{
  mc_access_judge_anew (self->access);
  mc_access_find_barred (self->access, bar, self);
  mc_service_close_properties (self);
}

static gboolean
on_offer_to_ask (McDbusManager *manager,
                 GDBusMethodInvocation *invocation,
                 GVariant *options,
                 gpointer user_data)
{
  McService *self = user_data;

  mc_access_add_asker (self->access, g_dbus_method_invocation_get_sender (invocation));
  mc_dbus_manager_complete_offer_to_ask (manager, invocation);
  return TRUE;
}

static gboolean
on_list_access (McDbusManager *manager,
                GDBusMethodInvocation *invocation,
                GVariant *options,
                gpointer user_data)
{
  McService *self = user_data;
  g_auto (GStrv) apps = mc_settings_dup_list (mc_store_get_settings (self->store), MC_SETTING_APPS);
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (char **item = apps; *item != NULL; item++)
    {
      g_auto (GStrv) parts = g_strsplit (*item, "=", 2);
      g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
      McAccessLevel level;

      if (parts[1] == NULL || !mc_access_parse (parts[1], &level))
        continue;
      mc_service_add (&dict, "app", "s", parts[0]);
      mc_service_add (&dict, "access", "s", parts[1]);
      g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
    }
  mc_dbus_manager_complete_list_access (manager, invocation, g_variant_builder_end (&list));
  return TRUE;
}

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
} Change;

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Change *change = user_data;
  g_autoptr (McService) self = change->service;
  GError *error = NULL;

  if (mc_store_configure_finish (MC_STORE (source), result, &error))
    mc_dbus_manager_complete_set_access (self->manager, change->invocation);
  else
    mc_dbus_error_return (change->invocation, error);
  mc_service_release (self);
}

static void
keep (McService *self, GDBusMethodInvocation *invocation, const char *app, McAccessLevel level)
{
  g_auto (GStrv) before =
      mc_settings_dup_list (mc_store_get_settings (self->store), MC_SETTING_APPS);
  g_auto (GStrv) after = mc_access_change (before, app, level);
  g_autoptr (GVariant) changes = NULL;
  Change *change = g_new0 (Change, 1);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, mc_setting_get_name (MC_SETTING_APPS),
                               g_variant_new_strv ((const char *const *) after, -1));
  changes = g_variant_ref_sink (g_variant_dict_end (&dict));
  change->service = g_object_ref (self);
  change->invocation = invocation;
  mc_service_hold (self);
  mc_store_configure_async (self->store, changes, changed_cb, change);
}

static gboolean
on_set_access (McDbusManager *manager,
               GDBusMethodInvocation *invocation,
               const char *app,
               const char *word,
               GVariant *options,
               gpointer user_data)
{
  McService *self = user_data;
  McAccessLevel level;

  mc_access_take_up (self->access, app);
  if (!g_application_id_is_valid (app))
    mc_dbus_error_return (invocation, g_error_new (MC_ERROR, MC_ERROR_INVALID_NAME,
                                                   "“%s” is no app, such as org.example.App", app));
  else if (strcmp (word, "not-now") == 0)
    {
      mc_access_put_off (self->access, app);
      mc_dbus_manager_complete_set_access (manager, invocation);
    }
  else if (mc_access_parse (word, &level))
    keep (self, invocation, app, level);
  else
    mc_dbus_error_return (invocation,
                          g_error_new (MC_ERROR, MC_ERROR_INVALID_NAME,
                                       "“%s” is none of all, read, none, ask, not-now", word));
  return TRUE;
}

void
mc_service_make_access (McService *self)
{
  const McAccessHost host = { on_held, on_questions, self };

  self->access = mc_access_new (self->callers, self->store, &host);
}

void
mc_service_connect_access (McService *self)
{
  mc_service_guard (self, self->manager);
  g_signal_connect (self->manager, "handle-offer-to-ask", G_CALLBACK (on_offer_to_ask), self);
  g_signal_connect (self->manager, "handle-list-access", G_CALLBACK (on_list_access), self);
  g_signal_connect (self->manager, "handle-set-access", G_CALLBACK (on_set_access), self);
  g_signal_connect_object (self->store, "settings-changed", G_CALLBACK (on_settings), self,
                           G_CONNECT_SWAPPED);
}
