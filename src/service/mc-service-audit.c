/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"
#include "mc-store-audit.h"

/* CheckStore: it may read for an hour, and stops when nobody waits for the answer any more. */

typedef struct
{
  McService *service; /* (owned) */
  GDBusMethodInvocation *invocation;
  GCancellable *cancellable; /* (owned) */
  guint watch;
} Call;

static void
on_caller_gone (gpointer user_data)
{
  Call *call = user_data;

  g_cancellable_cancel (call->cancellable);
}

static Call *
call_new (McService *service, GDBusMethodInvocation *invocation)
{
  Call *call = g_new0 (Call, 1);

  call->service = g_object_ref (service);
  call->invocation = invocation;
  call->cancellable = g_cancellable_new ();
  call->watch = mc_callers_watch (
      service->callers, g_dbus_method_invocation_get_sender (invocation), on_caller_gone, call);
  mc_service_hold (service);
  return call;
}

static void
call_free (Call *call)
{
  mc_callers_unwatch (call->service->callers, call->watch);
  mc_service_release (call->service);
  g_object_unref (call->service);
  g_object_unref (call->cancellable);
  g_free (call);
}

static void
on_audited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) found = mc_store_audit_finish (MC_STORE (source), result, &error);

  if (found == NULL)
    mc_dbus_error_return (call->invocation, error);
  else
    {
      GVariant *findings =
          g_variant_new_strv ((const char *const *) found->pdata, (gssize) found->len);

      g_dbus_method_invocation_return_value (call->invocation, g_variant_new_tuple (&findings, 1));
    }
  call_free (call);
}

static gboolean
on_check_store (McDbusManager *manager,
                GDBusMethodInvocation *invocation,
                GVariant *options,
                gpointer user_data)
{
  McService *self = user_data;
  gboolean deep;
  GError *error = NULL;
  Call *call;

  if (!mc_service_get_flag (options, "deep", &deep, &error))
    {
      mc_dbus_error_return (invocation, error);
      return TRUE;
    }
  call = call_new (self, invocation);
  mc_store_audit_async (self->store, deep ? MC_AUDIT_DEEP : MC_AUDIT_QUICK, NULL, call->cancellable,
                        on_audited, call);
  return TRUE;
}

void
mc_service_connect_audit (McService *self)
{
  g_signal_connect (self->manager, "handle-check-store", G_CALLBACK (on_check_store), self);
}
