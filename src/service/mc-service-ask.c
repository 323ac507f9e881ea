/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* The Manager's methods that people choose by: GetManifest, Plan, GetComputer. They ask nobody, but
 * wait a moment for a header that is being read. */

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  McRepoRef *ref;                    /* (owned) (nullable) */
  gint64 repo;
  gboolean is_plan;
  char *variant; /* of a plan, as the caller named it */
  guint64 context;
} Question;

static void
question_free (Question *question)
{
  g_assert (question->invocation == NULL);
  mc_service_release (question->service);
  g_object_unref (question->service);
  g_clear_pointer (&question->ref, mc_repo_ref_free);
  g_free (question->variant);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static void
fail (Question *question, GError *error)
{
  mc_dbus_error_return (g_steal_pointer (&question->invocation), error);
}

static GVariant *
describe_plan (McService *self, McLibraryRepo *repo, McVariant *variant, guint64 context)
{
  McChoice choice = mc_service_choose (self, repo, context);
  g_autoptr (GPtrArray) files = mc_manifest_variant_files (repo->manifest, variant);
  guint64 size = mc_files_total_size (files);
  guint64 here = mc_store_count_committed (self->store, files);
  guint64 missing = size - MIN (here, size);
  guint64 space = mc_store_get_free_space (self->store);
  guint64 lacking = mc_downloader_count_lacking (self->downloader, files);
  guint place = 0;
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_ptr_array_find (repo->manifest->variants, variant, &place);
  mc_service_add (&dict, "repo", "s", repo->manifest->repo);
  mc_service_add (&dict, "variant", "s", variant->key);
  mc_service_add (&dict, "format", "s", variant->format);
  mc_service_add (&dict, "size", "t", size);
  mc_service_add (&dict, "downloaded", "t", here);
  mc_service_add (&dict, "missing", "t", missing);
  mc_service_add (&dict, "free_space", "t", space);
  mc_service_add (&dict, "fits", "b", lacking == 0);
  mc_service_add (&dict, "lacking", "t", lacking);
  mc_service_add_facts (self, repo, place, &choice, &dict);
  mc_service_add_value (&dict, "files", mc_service_describe_files (self, files));
  return g_variant_builder_end (&dict);
}

static GVariant *
answer (Question *question, GError **error)
{
  McService *self = question->service;
  McLibraryRepo *repo = mc_store_get_repo (self->store, question->repo);
  McVariant *variant;

  if (repo == NULL)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_NOT_SCANNED, "%s left the library meanwhile",
                   question->ref->repo);
      return NULL;
    }
  if (!question->is_plan)
    return mc_service_describe_manifest (self, repo, question->context);
  variant = mc_service_find_variant (question->ref, repo, question->variant, error);
  return variant == NULL ? NULL : describe_plan (self, repo, variant, question->context);
}

static void
on_awaited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  GError *error = NULL;
  GVariant *dict;

  mc_service_await_header_finish (MC_SERVICE (source), result);
  dict = answer (question, &error);
  if (dict == NULL)
    fail (question, error);
  else
    g_dbus_method_invocation_return_value (g_steal_pointer (&question->invocation),
                                           g_variant_new ("(@a{sv})", dict));
}

/* variant: NULL asks for the manifest. */
static gboolean
ask (McService *self,
     GDBusMethodInvocation *invocation,
     const char *text,
     const char *variant,
     GVariant *options)
{
  g_autoptr (Question) question = g_new0 (Question, 1);
  McLibraryRepo *repo;
  GError *error = NULL;

  question->service = g_object_ref (self);
  question->invocation = invocation;
  question->is_plan = variant != NULL;
  question->variant = g_strdup (variant);
  mc_service_hold (self);
  repo = mc_service_find_scanned (self, text, &question->ref, &error);
  if (repo == NULL
      || (options != NULL
          && !mc_service_get_number (options, "context", &question->context, &error)))
    {
      fail (question, error);
      return TRUE;
    }
  question->repo = repo->id;
  mc_service_await_header_async (self, repo, on_awaited, g_steal_pointer (&question));
  return TRUE;
}

static gboolean
on_get_manifest (McDbusManager *manager,
                 GDBusMethodInvocation *invocation,
                 const char *text,
                 gpointer user_data)
{
  return ask (user_data, invocation, text, NULL, NULL);
}

static gboolean
on_get_manifest_with_options (McDbusManager *manager,
                              GDBusMethodInvocation *invocation,
                              const char *text,
                              GVariant *options,
                              gpointer user_data)
{
  return ask (user_data, invocation, text, NULL, options);
}

static gboolean
on_plan (McDbusManager *manager,
         GDBusMethodInvocation *invocation,
         const char *text,
         const char *variant,
         GVariant *options,
         gpointer user_data)
{
  return ask (user_data, invocation, text, variant, options);
}

static gboolean
on_get_computer (McDbusManager *manager, GDBusMethodInvocation *invocation, gpointer user_data)
{
  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(@a{sv})", mc_service_describe_computer (user_data)));
  return TRUE;
}

void
mc_service_connect_questions (McService *self)
{
  static const struct
  {
    const char *signal;
    GCallback handler;
  } methods[] = {
    { "handle-get-manifest", G_CALLBACK (on_get_manifest) },
    { "handle-get-manifest-with-options", G_CALLBACK (on_get_manifest_with_options) },
    { "handle-plan", G_CALLBACK (on_plan) },
    { "handle-get-computer", G_CALLBACK (on_get_computer) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    g_signal_connect (self->manager, methods[i].signal, methods[i].handler, self);
}
