/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* Which hop fails: the method, and the one report of it. And what is known of each endpoint anyway.
 */

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
} Diagnosis;

static GVariant *
describe_hop (const McHop *hop)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_service_add (&dict, "hop", "s", hop->name);
  mc_service_add (&dict, "endpoint", "s", hop->endpoint);
  mc_service_add (&dict, "mirror", "b", hop->mirror);
  mc_service_add (&dict, "state", "s", mc_hop_state_to_string (hop->state));
  mc_service_add (&dict, "detail", "s", hop->detail);
  mc_service_add (&dict, "milliseconds", "u", hop->ms);
  return g_variant_builder_end (&dict);
}

static void
on_diagnosed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Diagnosis *call = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) hops = mc_doctor_finish (result, &error);
  GVariantBuilder list;

  if (hops == NULL)
    mc_dbus_error_return (call->invocation, error);
  else
    {
      g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
      for (guint i = 0; i < hops->len; i++)
        g_variant_builder_add_value (&list, describe_hop (g_ptr_array_index (hops, i)));
      g_dbus_method_invocation_return_value (call->invocation, g_variant_new ("(aa{sv})", &list));
    }
  mc_service_release (call->service);
  g_object_unref (call->service);
  g_free (call);
}

static gboolean
on_diagnose (McDbusManager *manager,
             GDBusMethodInvocation *invocation,
             GVariant *options,
             gpointer user_data)
{
  Diagnosis *call = g_new0 (Diagnosis, 1);

  call->service = g_object_ref (user_data);
  call->invocation = invocation;
  mc_service_hold (call->service);
  mc_doctor_async (call->service->hub, call->service->store, call->service->cancellable,
                   on_diagnosed, call);
  return TRUE;
}

static GVariant *
describe_endpoint (const McHubEndpoint *endpoint)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_service_add (&dict, "endpoint", "s", endpoint->endpoint);
  mc_service_add (&dict, "mirror", "b", !endpoint->is_home);
  mc_service_add (&dict, "signed_in", "b", endpoint->has_token);
  mc_service_add (&dict, "trouble", "s", endpoint->trouble == NULL ? "" : endpoint->trouble);
  return g_variant_builder_end (&dict);
}

static gboolean
on_list_endpoints (McDbusManager *manager,
                   GDBusMethodInvocation *invocation,
                   GVariant *options,
                   gpointer user_data)
{
  McService *self = user_data;
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  McHubEndpoint endpoint;

  for (guint i = 0; mc_hub_client_describe_endpoint (self->hub, i, &endpoint); i++)
    g_variant_builder_add_value (&list, describe_endpoint (&endpoint));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(aa{sv})", &list));
  return TRUE;
}

void
mc_service_connect_doctor (McService *self)
{
  g_signal_connect (self->manager, "handle-list-endpoints", G_CALLBACK (on_list_endpoints), self);
  g_signal_connect (self->manager, "handle-diagnose", G_CALLBACK (on_diagnose), self);
}
