/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

#include <string.h>

/* Deleting what a person chose of the whole library, and telling before what that gives back: less
 * than the sum where parts share contents with what stays, more where they share among themselves.
 */

#define MOST_PARTS 10000

typedef struct
{
  gint64 repo;
  gint64 holding;
  char *name; /* of the repo */
  char *variant;
  char *path;
  GError *error; /* (owned) (nullable): it stays */
} Part;

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  GPtrArray *parts;                  /* (owned): Part */
  McEviction *plan;                  /* (owned) (nullable): as it was before */
  guint at;                          /* the part that goes next */
  gboolean dry_run;
} Call;

static void
part_free (gpointer data)
{
  Part *part = data;

  g_free (part->name);
  g_free (part->variant);
  g_free (part->path);
  g_clear_error (&part->error);
  g_free (part);
}

static void
call_free (Call *call)
{
  mc_service_release (call->service);
  g_object_unref (call->service);
  g_ptr_array_unref (call->parts);
  g_clear_pointer (&call->plan, mc_eviction_free);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* --- which --- */

static const char *
get_text (GVariant *dict, const char *key)
{
  const char *text = "";

  g_variant_lookup (dict, key, "&s", &text);
  return text;
}

static const McHolding *
find_holding (McService *self, gint64 repo, const char *variant, const char *path)
{
  g_autoptr (GPtrArray) holdings = mc_store_list_holdings (self->store, repo);

  for (guint i = 0; i < holdings->len; i++)
    {
      const McHolding *holding = g_ptr_array_index (holdings, i);

      if (strcmp (holding->variant, variant) == 0 && strcmp (holding->path, path) == 0)
        return holding;
    }
  return NULL;
}

static gboolean
add_part (Call *call, GVariant *dict, GError **error)
{
  const char *name = get_text (dict, "repo");
  const char *revision = get_text (dict, "revision");
  const char *variant = get_text (dict, "variant");
  const char *path = get_text (dict, "path");
  g_autoptr (McRepoRef) ref = NULL;
  const McHolding *holding;
  McLibraryRepo *repo;
  Part *part;

  if (!mc_service_find_repo (call->service, name, revision[0] == '\0' ? NULL : revision, &ref,
                             &repo, error))
    return FALSE;
  holding = repo == NULL ? NULL : find_holding (call->service, repo->id, variant, path);
  if (holding == NULL)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED, "%s %s%s was not downloaded", name,
                   variant, path);
      return FALSE;
    }
  part = g_new0 (Part, 1);
  part->repo = repo->id;
  part->holding = holding->id;
  part->name = g_strdup (repo->manifest->repo);
  part->variant = g_strdup (variant);
  part->path = g_strdup (path);
  g_ptr_array_add (call->parts, part);
  return TRUE;
}

static gboolean
read_parts (Call *call, GVariant *dicts, GError **error)
{
  gsize n = g_variant_n_children (dicts);

  if (n > MOST_PARTS)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "More than %d parts", MOST_PARTS);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (dicts, i);

      if (!add_part (call, dict, error))
        return FALSE;
    }
  return TRUE;
}

/* --- what comes of it --- */

static GVariant *
describe_failed (Call *call)
{
  GVariantBuilder dicts;

  g_variant_builder_init (&dicts, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < call->parts->len; i++)
    {
      const Part *part = g_ptr_array_index (call->parts, i);
      g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

      if (part->error == NULL)
        continue;
      mc_service_add (&dict, "repo", "s", part->name);
      mc_service_add (&dict, part->path[0] == '\0' ? "variant" : "path", "s",
                      part->path[0] == '\0' ? part->variant : part->path);
      mc_service_add (&dict, "error", "s", mc_error_get_name (part->error));
      mc_service_add (&dict, "message", "s", part->error->message);
      g_variant_builder_add_value (&dicts, g_variant_builder_end (&dict));
    }
  return g_variant_builder_end (&dicts);
}

static void
answer (Call *call)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint64 kept;
  guint64 returns;

  for (guint i = 0; i < call->parts->len; i++)
    {
      const Part *part = g_ptr_array_index (call->parts, i);

      if (part->error == NULL)
        g_array_append_val (ids, part->holding);
    }
  returns = mc_eviction_measure (call->plan, ids, &kept);
  mc_service_add (&dict, "returns", "t", returns);
  mc_service_add (&dict, "kept", "t", kept);
  mc_service_add_value (&dict, "failed", describe_failed (call));
  mc_dbus_manager_complete_delete_parts (call->service->manager, call->invocation,
                                         g_variant_builder_end (&dict));
}

static void drop_next (Call *call);

static void
on_dropped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  Part *part = g_ptr_array_index (call->parts, call->at++);

  mc_store_drop_finish (MC_STORE (source), result, NULL, &part->error);
  drop_next (call);
}

/* Takes the call. */
static void
drop_next (Call *call)
{
  McService *self = call->service;

  while (call->at < call->parts->len)
    {
      Part *part = g_ptr_array_index (call->parts, call->at);

      if (part->error == NULL)
        {
          mc_downloader_forget_ended (self->downloader, part->repo, part->variant);
          mc_store_drop_async (self->store, part->repo, part->variant, part->path, MC_DROP_ONE,
                               on_dropped, call);
          return;
        }
      call->at++;
    }
  mc_service_show_repos (self);
  answer (call);
  call_free (call);
}

/* A transfer that has not ended keeps what it works on. */
static void
spare_busy (Call *call)
{
  for (guint i = 0; i < call->parts->len; i++)
    {
      Part *part = g_ptr_array_index (call->parts, i);

      if (mc_downloader_works_on (call->service->downloader, part->repo, part->variant))
        part->error = g_error_new (MC_ERROR, MC_ERROR_IN_USE,
                                   "A transfer works on %s: cancel it or let it end", part->name);
    }
}

static gboolean
never (const McHolding *holding, gpointer user_data)
{
  return FALSE;
}

static void
on_surveyed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  g_autoptr (McUsage) usage = mc_store_survey_finish (MC_STORE (source), result, &error);

  if (usage == NULL)
    {
      mc_dbus_error_return (call->invocation, error);
      return;
    }
  call->plan = mc_store_make_eviction (call->service->store, usage, never, NULL);
  spare_busy (call);
  if (call->dry_run)
    answer (call);
  else
    drop_next (g_steal_pointer (&call));
}

static gboolean
on_delete_parts (McDbusManager *manager,
                 GDBusMethodInvocation *invocation,
                 GVariant *parts,
                 GVariant *options,
                 gpointer user_data)
{
  McService *self = user_data;
  g_autoptr (Call) call = g_new0 (Call, 1);
  GError *error = NULL;

  call->service = g_object_ref (self);
  call->invocation = invocation;
  call->parts = g_ptr_array_new_with_free_func (part_free);
  mc_service_hold (self);
  if (mc_service_get_flag (options, "dry_run", &call->dry_run, &error)
      && read_parts (call, parts, &error))
    mc_store_survey_async (self->store, on_surveyed, g_steal_pointer (&call));
  else
    mc_dbus_error_return (invocation, error);
  return TRUE;
}

void
mc_service_connect_parts (McService *self)
{
  g_signal_connect (self->manager, "handle-delete-parts", G_CALLBACK (on_delete_parts), self);
}
