/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-doctor.h"

#include "mc-error.h"
#include "mc-fault.h"
#include "mc-hub-probe.h"
#include "mc-redact.h"
#include "mc-task.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A list of steps, one after the other; each ends in conclude(), which begins the next. What is
 * tried at the resolver and the storage host is the first large file of some repo: of the library,
 * else of whatever the Hub names first. */

#define PAGE 4096

typedef struct
{
  McHubClient *hub;    /* (owned) */
  McStore *store;      /* (owned) */
  char **endpoints;    /* (owned) */
  guint at;            /* of these */
  McHubClient *client; /* (owned) (nullable): of that endpoint alone */
  guint step;
  gint64 began;     /* microseconds */
  gboolean stopped; /* an earlier hop failed */
  char *repo;       /* (owned) (nullable), as are the next two */
  char *commit;
  char *path;
  guint64 size;
  McResolved *resolved; /* (owned) (nullable) */
  GPtrArray *hops;      /* (owned) */
} Doctor;

static void try_name (GTask *task);
static void try_connection (GTask *task);
static void try_api (GTask *task);
static void try_token (GTask *task);
static void try_resolver (GTask *task);
static void try_storage (GTask *task);
static void try_disk (GTask *task);
static void next (GTask *task);

static const struct
{
  const char *name;
  void (*begin) (GTask *task);
  gboolean stops; /* what follows at this endpoint cannot go well if it fails */
} steps[] = {
  { "name", try_name, TRUE },         { "connection", try_connection, TRUE },
  { "api", try_api, FALSE },          { "token", try_token, FALSE },
  { "resolver", try_resolver, TRUE }, { "storage", try_storage, TRUE },
};

static void
hop_free (McHop *hop)
{
  g_free (hop->endpoint);
  g_free (hop->detail);
  g_free (hop);
}

static void
forget_endpoint (Doctor *self)
{
  g_clear_object (&self->client);
  g_clear_pointer (&self->repo, g_free);
  g_clear_pointer (&self->commit, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->resolved, mc_resolved_free);
  self->step = 0;
  self->stopped = FALSE;
}

static void
doctor_free (Doctor *self)
{
  forget_endpoint (self);
  g_object_unref (self->hub);
  g_object_unref (self->store);
  g_strfreev (self->endpoints);
  g_clear_pointer (&self->hops, g_ptr_array_unref);
  g_free (self);
}

const char *
mc_hop_state_to_string (McHopState state)
{
  static const char *const names[] = { "ok", "failed", "skipped" };

  return names[state];
}

/* --- between the steps --- */

static void
add_hop (Doctor *self, const char *name, McHopState state, const char *detail)
{
  const char *endpoint = self->endpoints[self->at];
  McHop *hop = g_new0 (McHop, 1);

  hop->name = name;
  hop->endpoint = g_strdup (endpoint == NULL ? "" : endpoint);
  hop->mirror =
      endpoint != NULL && g_strcmp0 (endpoint, mc_hub_client_get_endpoint (self->hub)) != 0;
  hop->state = state;
  hop->detail = mc_redact (detail, NULL);
  hop->ms = (guint) ((g_get_monotonic_time () - self->began) / 1000);
  g_ptr_array_add (self->hops, hop);
}

/* Of the step that is under way. */
static void
conclude (GTask *task, McHopState state, const char *detail)
{
  Doctor *self = g_task_get_task_data (task);

  add_hop (self, steps[self->step].name, state, detail);
  if (state == MC_HOP_FAILED && steps[self->step].stops)
    self->stopped = TRUE;
  self->step++;
  next (task);
}

static void
conclude_with (GTask *task, const GError *error, const char *detail)
{
  conclude (task, error == NULL ? MC_HOP_OK : MC_HOP_FAILED,
            error == NULL ? detail : error->message);
}

static void
next (GTask *task)
{
  Doctor *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  self->began = g_get_monotonic_time ();
  if (self->step == G_N_ELEMENTS (steps))
    {
      forget_endpoint (self);
      self->at++;
    }
  if (self->endpoints[self->at] == NULL)
    {
      try_disk (task);
      return;
    }
  if (self->client == NULL)
    self->client = mc_hub_client_new_for (self->hub, self->endpoints[self->at], NULL, &error);
  if (self->client == NULL)
    conclude_with (task, error, NULL);
  else if (self->stopped)
    conclude (task, MC_HOP_SKIPPED, "not tried: an earlier hop failed");
  else
    steps[self->step].begin (task);
}

/* --- name and connection --- */

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *detail = mc_hub_probe_finish (result, &error);

  conclude_with (task, error, detail);
}

static void
try_name (GTask *task)
{
  Doctor *self = g_task_get_task_data (task);

  mc_hub_probe_name_async (self->client, g_task_get_cancellable (task), on_probed,
                           g_object_ref (task));
}

static void
try_connection (GTask *task)
{
  Doctor *self = g_task_get_task_data (task);

  mc_hub_probe_connection_async (self->client, g_task_get_cancellable (task), on_probed,
                                 g_object_ref (task));
}

/* --- the API, and a file to try --- */

static gboolean
take_file (Doctor *self, const char *path, guint64 size, const McDigest *digest)
{
  if (digest->kind != MC_DIGEST_SHA256 || size == 0)
    return FALSE;
  self->path = g_strdup (path);
  self->size = size;
  return TRUE;
}

/* Of the library, without asking anybody. */
static void
find_known_file (Doctor *self)
{
  GPtrArray *repos = mc_store_get_repos (self->store);

  for (guint i = 0; i < repos->len && self->path == NULL; i++)
    {
      McManifest *manifest = ((McLibraryRepo *) g_ptr_array_index (repos, i))->manifest;

      for (guint j = 0; j < manifest->files->len && self->path == NULL; j++)
        {
          McFile *file = g_ptr_array_index (manifest->files, j);

          if (!take_file (self, file->path, file->size, &file->digest))
            continue;
          self->repo = g_strdup (manifest->repo);
          self->commit = g_strdup (manifest->commit);
        }
    }
}

static void
on_tree (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Doctor *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries =
      mc_hub_client_tree_finish (MC_HUB_CLIENT (source), result, &error);

  for (guint i = 0; entries != NULL && i < entries->len && self->path == NULL; i++)
    {
      McTreeEntry *entry = g_ptr_array_index (entries, i);

      take_file (self, entry->path, entry->size, &entry->digest);
    }
  conclude_with (task, error, "answers");
}

static void
on_info (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Doctor *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = mc_hub_client_info_finish (MC_HUB_CLIENT (source), result, &error);

  if (info == NULL)
    {
      conclude_with (task, error, NULL);
      return;
    }
  self->commit = g_strdup (info->commit);
  mc_hub_client_tree_async (self->client, self->repo, self->commit, g_task_get_cancellable (task),
                            on_tree, g_object_ref (task));
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Doctor *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits =
      mc_hub_client_search_finish (MC_HUB_CLIENT (source), result, NULL, &error);

  find_known_file (self);
  if (error != NULL || self->path != NULL || hits->len == 0)
    {
      conclude_with (task, error, "answers");
      return;
    }
  self->repo = g_strdup (((McSearchHit *) g_ptr_array_index (hits, 0))->id);
  mc_hub_client_info_async (self->client, self->repo, NULL, g_task_get_cancellable (task), on_info,
                            g_object_ref (task));
}

static void
try_api (GTask *task)
{
  Doctor *self = g_task_get_task_data (task);
  const McSearchQuery query = { .text = "", .limit = 1 };

  mc_hub_client_search_async (self->client, &query, g_task_get_cancellable (task), on_found,
                              g_object_ref (task));
}

/* --- the token --- */

static void
on_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name G_GNUC_UNUSED =
      mc_hub_client_whoami_finish (MC_HUB_CLIENT (source), result, &error);

  conclude_with (task, error, "is accepted");
}

static void
try_token (GTask *task)
{
  Doctor *self = g_task_get_task_data (task);

  if (!mc_hub_client_has_token (self->client))
    conclude (task, MC_HOP_SKIPPED, "nobody is signed in there");
  else
    mc_hub_client_whoami_async (self->client, g_task_get_cancellable (task), on_known,
                                g_object_ref (task));
}

/* --- resolver and storage host --- */

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Doctor *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *detail = g_strdup_printf ("knows %s/%s", self->repo, self->path);

  self->resolved = mc_hub_client_resolve_finish (MC_HUB_CLIENT (source), result, &error);
  conclude_with (task, error, detail);
}

static void
try_resolver (GTask *task)
{
  Doctor *self = g_task_get_task_data (task);

  if (self->path == NULL)
    conclude (task, MC_HOP_SKIPPED, "there is no file to try");
  else
    mc_hub_client_resolve_async (self->client, self->repo, self->commit, self->path,
                                 g_task_get_cancellable (task), on_resolved, g_object_ref (task));
}

static void
on_byte (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Doctor *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes G_GNUC_UNUSED =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  g_autoptr (GUri) uri = g_uri_parse (self->resolved->url, G_URI_FLAGS_NONE, NULL);
  g_autofree char *detail =
      g_strdup_printf ("%s gives bytes", uri == NULL ? "it" : g_uri_get_host (uri));

  conclude_with (task, error, detail);
}

static void
on_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream =
      mc_hub_client_open_range_finish (MC_HUB_CLIENT (source), result, &error);

  if (stream == NULL)
    conclude_with (task, error, NULL);
  else
    g_input_stream_read_bytes_async (stream, 1, G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                     on_byte, g_object_ref (task));
}

static void
try_storage (GTask *task)
{
  Doctor *self = g_task_get_task_data (task);

  if (self->resolved == NULL)
    conclude (task, MC_HOP_SKIPPED, "there is no file to try");
  else
    mc_hub_client_open_range_async (self->client, self->resolved, 0, 1, self->size, MC_HUB_FRESH,
                                    g_task_get_cancellable (task), on_open, g_object_ref (task));
}

/* --- the disk --- */

/* A page that has no name, and goes with its descriptor. */
static gboolean
write_page (const char *folder, GError **error)
{
  static const char page[PAGE] = { 0 };
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  gboolean done = fd >= 0 && write (fd, page, PAGE) == PAGE && fdatasync (fd) == 0;

  if (!done)
    g_set_error (error, MC_ERROR, MC_ERROR_STORE, "%s cannot be written to: %s", folder,
                 g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return done && mc_fault_point ("doctor.disk", MC_ERROR, MC_ERROR_STORE, error);
}

static void
try_disk (GTask *task)
{
  Doctor *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *space = g_format_size (mc_store_get_free_space (self->store));
  g_autofree char *detail = g_strdup_printf ("can be written to, %s are free", space);
  gboolean done = write_page (mc_store_get_folder (self->store), &error);

  add_hop (self, "disk", done ? MC_HOP_OK : MC_HOP_FAILED, done ? detail : error->message);
  g_task_return_pointer (task, g_steal_pointer (&self->hops), (GDestroyNotify) g_ptr_array_unref);
}

void
mc_doctor_async (McHubClient *hub,
                 McStore *store,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (NULL, cancellable, callback, user_data, mc_doctor_async);
  Doctor *self = g_new0 (Doctor, 1);

  self->hub = g_object_ref (hub);
  self->store = g_object_ref (store);
  self->endpoints = mc_hub_client_dup_endpoints (hub);
  self->hops = g_ptr_array_new_with_free_func ((GDestroyNotify) hop_free);
  g_task_set_task_data (task, self, (GDestroyNotify) doctor_free);
  next (task);
}

GPtrArray *
mc_doctor_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
