/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* Checkout: the files of a variant under their real names, in the folder view where there is one,
 * else as plain copies that go with the lease. */

static GVariant *
describe (McVariantCall *call, const char *kind)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder paths;

  g_variant_builder_init (&paths, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < call->files->len; i++)
    g_variant_builder_add (&paths, "s", ((McFile *) g_ptr_array_index (call->files, i))->path);
  mc_service_add (&dict, "kind", "s", kind);
  mc_service_add (&dict, "variant", "s", call->variant->key);
  mc_service_add (&dict, "size", "t", mc_files_total_size (call->files));
  mc_service_add_value (&dict, "files", g_variant_builder_end (&paths));
  return g_variant_builder_end (&dict);
}

/* checkout: (nullable): taken. Takes the call. */
static void
answer (McVariantCall *call, const char *folder, const char *kind, McCheckout *checkout)
{
  GPtrArray *kept = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_checkout_free);
  g_autofree char *lease = NULL;
  g_autofree char *copied = g_strdup (folder);
  GError *error = NULL;

  if (checkout != NULL)
    g_ptr_array_add (kept, checkout);
  lease = mc_variant_call_lease (call, 0, call->files->len, kept, &error);
  if (lease == NULL)
    {
      mc_variant_call_fail (call, error);
      return;
    }
  mc_service_note_program (call->service, call->invocation, call->manifest->repo);
  g_dbus_method_invocation_return_value (
      g_steal_pointer (&call->invocation),
      g_variant_new ("(so@a{sv})", copied, lease, describe (call, kind)));
  mc_variant_call_free (call);
}

static void
on_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McVariantCall *call = user_data;
  GError *error = NULL;
  McCheckout *checkout = mc_checkouts_make_finish (call->service->checkouts, result, &error);

  if (checkout == NULL)
    mc_variant_call_fail (call, error);
  else
    answer (call, mc_checkout_get_folder (checkout), "copy", checkout);
}

static void
find_place (McVariantCall *call)
{
  McService *self = call->service;
  g_autofree char *seen =
      self->view == NULL ? NULL : mc_view_find_files (self->view, call->manifest, call->files);

  if (seen != NULL)
    answer (call, seen, "view", NULL);
  else
    mc_checkouts_make_async (self->checkouts, call->files, on_made, call);
}

static gboolean
on_checkout (McDbusManager *manager,
             GDBusMethodInvocation *invocation,
             const char *repo,
             const char *variant,
             GVariant *options,
             gpointer user_data)
{
  McVariantCall *call = g_new0 (McVariantCall, 1);

  call->go = find_place;
  mc_variant_call_begin (call, user_data, invocation, repo, variant, options);
  return TRUE;
}

void
mc_service_connect_checkout (McService *self)
{
  g_signal_connect (self->manager, "handle-checkout", G_CALLBACK (on_checkout), self);
}
