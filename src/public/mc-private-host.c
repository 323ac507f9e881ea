/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-private-host.h"

#include "mc-hub-token.h"
#include "mc-retry-policy.h"

/* The thread's function reads from top to bottom: open, work until somebody closes, give up what is
 * under way, stop, let go. */

struct _McPrivateHost
{
  gatomicrefcount ref_count;
  GMainContext *context; /* (owned) */
  GThread *thread;       /* (owned) (nullable): until it was joined */
  char *folder;
  char *endpoint; /* (nullable) */
  char *token;    /* (nullable) */

  GMutex lock;
  GCond opened_cond;
  gboolean opened; /* or not: error */
  gboolean ended;  /* nothing is done any more */
  GError *error;   /* (owned) (nullable): why it could not be opened */

  /* On its thread. */
  McHubClient *hub;         /* (owned) */
  McStore *store;           /* (owned) */
  McDownloader *downloader; /* (owned) */
  GPtrArray *works;         /* (owned): McPrivateWork, borrowed */
  gboolean closing;
  gboolean stopped;
};

McPrivateHost *
mc_private_host_ref (McPrivateHost *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
mc_private_host_unref (McPrivateHost *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->thread, g_thread_unref);
  g_main_context_unref (self->context);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->opened_cond);
  g_free (self->folder);
  g_free (self->endpoint);
  g_free (self->token);
  g_free (self);
}

const char *
mc_private_host_get_folder (McPrivateHost *self)
{
  return self->folder;
}

McStore *
mc_private_host_get_store (McPrivateHost *self)
{
  return self->store;
}

McHubClient *
mc_private_host_get_hub (McPrivateHost *self)
{
  return self->hub;
}

McDownloader *
mc_private_host_get_downloader (McPrivateHost *self)
{
  return self->downloader;
}

/* --- works --- */

static void
work_free (McPrivateWork *work)
{
  g_ptr_array_remove_fast (work->host->works, work);
  for (guint i = 0; work->transfer != NULL && i < G_N_ELEMENTS (work->watches); i++)
    g_clear_signal_handler (&work->watches[i], work->transfer);
  g_clear_object (&work->transfer);
  if (work->cancelled != NULL)
    g_source_destroy (work->cancelled);
  g_clear_pointer (&work->cancelled, g_source_unref);
  g_object_unref (work->cancellable);
  g_clear_pointer (&work->ref, mc_repo_ref_free);
  g_free (work);
}

void
mc_private_work_fail (McPrivateWork *work, GError *error)
{
  McRequest *request = work->request;

  work_free (work);
  mc_request_return_error (request, error);
}

void
mc_private_work_return (McPrivateWork *work, gpointer pointer, GDestroyNotify destroy)
{
  McRequest *request = work->request;

  work_free (work);
  mc_request_return_pointer (request, pointer, destroy);
}

void
mc_private_work_return_number (McPrivateWork *work, gint64 number)
{
  McRequest *request = work->request;

  work_free (work);
  mc_request_return_number (request, number);
}

/* What waits for the engine is told by that. */
static void
cancel_work (McPrivateWork *work)
{
  g_cancellable_cancel (work->cancellable);
  if (work->transfer != NULL)
    mc_private_work_leave_transfer (work);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  cancel_work (user_data);
  return G_SOURCE_REMOVE;
}

/* GLib tells whoever is connected in the thread of whoever cancels: hence a source. */
static void
watch_caller (McPrivateWork *work)
{
  GCancellable *cancellable = mc_request_get_cancellable (work->request);

  if (cancellable == NULL)
    return;
  work->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (work->cancelled, G_SOURCE_FUNC (on_cancelled), work, NULL);
  g_source_attach (work->cancelled, work->host->context);
}

static gboolean
read_names (McPrivateWork *work, GError **error)
{
  McRequest *request = work->request;
  McHubClient *hub = work->host->hub;

  if (request->repo == NULL)
    return TRUE;
  work->ref = mc_repo_ref_parse (request->repo, mc_hub_client_get_host (hub), error);
  if (work->ref == NULL || request->kind != MC_REQUEST_SCAN || request->name == NULL)
    return work->ref != NULL;
  if (!mc_revision_is_valid (request->name))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "“%s” is no revision", request->name);
      return FALSE;
    }
  g_free (work->ref->revision);
  work->ref->revision = g_strdup (request->name);
  return TRUE;
}

static GError *
make_closed (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "The cache was closed");
}

static void
begin (McPrivateHost *self, gpointer data)
{
  static void (*const kinds[MC_N_REQUESTS]) (McPrivateWork *) = {
    [MC_REQUEST_SCAN] = mc_private_do_scan,
    [MC_REQUEST_LOOKUP] = mc_private_do_lookup,
    [MC_REQUEST_LIST] = mc_private_do_list,
    [MC_REQUEST_HAS_FILE] = mc_private_do_has_file,
    [MC_REQUEST_DOWNLOAD] = mc_private_do_download,
    [MC_REQUEST_DOWNLOAD_FILE] = mc_private_do_download,
    [MC_REQUEST_OPEN] = mc_private_do_open,
    [MC_REQUEST_LOAD] = mc_private_do_open,
    [MC_REQUEST_CHECKOUT] = mc_private_do_checkout,
    [MC_REQUEST_DELETE] = mc_private_do_delete,
  };
  McPrivateWork *work;
  GError *error = NULL;

  if (self->closing)
    {
      mc_request_return_error (data, make_closed ());
      return;
    }
  work = g_new0 (McPrivateWork, 1);
  work->host = self;
  work->request = data;
  work->fetch = work->request->fetch;
  work->cancellable = g_cancellable_new ();
  g_ptr_array_add (self->works, work);
  watch_caller (work);
  if (read_names (work, &error))
    kinds[work->request->kind](work);
  else
    mc_private_work_fail (work, error);
}

/* --- messages --- */

typedef struct
{
  McPrivateHost *host; /* (owned) */
  void (*function) (McPrivateHost *self, gpointer data);
  gpointer data;
  GDestroyNotify destroy; /* (nullable) */
} Message;

static gboolean
dispatch (gpointer user_data)
{
  Message *message = user_data;

  message->function (message->host, message->data);
  return G_SOURCE_REMOVE;
}

static void
message_free (gpointer user_data)
{
  Message *message = user_data;

  if (message->destroy != NULL)
    message->destroy (message->data);
  mc_private_host_unref (message->host);
  g_free (message);
}

/* FALSE: it has ended; the data was not freed. */
static gboolean
post (McPrivateHost *self,
      void (*function) (McPrivateHost *self, gpointer data),
      gpointer data,
      GDestroyNotify destroy)
{
  Message message = { self, function, data, destroy };
  gboolean ended;

  g_mutex_lock (&self->lock);
  ended = self->ended;
  if (!ended)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      mc_private_host_ref (self);
      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, dispatch, g_memdup2 (&message, sizeof message), message_free);
      g_source_attach (source, self->context);
    }
  g_mutex_unlock (&self->lock);
  return !ended;
}

void
mc_private_host_begin (McPrivateHost *self, McRequest *request)
{
  if (!post (self, begin, request, NULL))
    mc_request_return_error (request, make_closed ());
}

void
mc_private_host_post (McPrivateHost *self,
                      void (*function) (McPrivateHost *self, gpointer data),
                      gpointer data,
                      GDestroyNotify destroy)
{
  if (!post (self, function, data, destroy) && destroy != NULL)
    destroy (data);
}

static void
begin_to_close (McPrivateHost *self, gpointer data)
{
  self->closing = TRUE;
}

void
mc_private_host_close (McPrivateHost *self, gboolean wait)
{
  GThread *thread;

  post (self, begin_to_close, NULL, NULL);
  g_mutex_lock (&self->lock);
  thread = wait ? g_steal_pointer (&self->thread) : NULL;
  g_mutex_unlock (&self->lock);
  if (thread != NULL)
    g_thread_join (thread);
}

/* --- the thread --- */

/* A token of the environment is for the endpoint of the environment. */
static McHubClient *
make_hub (McPrivateHost *self, GError **error)
{
  McHubConfig config = { .endpoint = self->endpoint, .token = self->token };
  g_autofree char *implicit = NULL;

  if (self->endpoint == NULL)
    config.endpoint = g_getenv ("HF_ENDPOINT");
  if (config.endpoint != NULL && config.endpoint[0] == '\0')
    config.endpoint = NULL;
  if (self->endpoint == NULL && self->token == NULL)
    config.token = implicit = mc_hub_token_from_environment ();
  if (config.token != NULL && config.token[0] == '\0')
    config.token = NULL;
  return mc_hub_client_new (&config, error);
}

static gboolean
open_store (McPrivateHost *self, GError **error)
{
  self->hub = make_hub (self, error);
  if (self->hub == NULL)
    return FALSE;
  self->store = mc_store_open (self->folder, error);
  if (self->store == NULL)
    return FALSE;
  mc_private_remove_leftovers (self->folder);
  self->downloader = mc_downloader_new (self->store, self->hub, MC_RETRY_BASE_MS);
  mc_downloader_start (self->downloader);
  /* Whoever wanted those is gone; what they brought is kept. */
  mc_downloader_cancel_all (self->downloader, FALSE);
  return TRUE;
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McPrivateHost *self = user_data;

  mc_downloader_stop_finish (MC_DOWNLOADER (source), result, NULL);
  self->stopped = TRUE;
}

static void
wind_up (McPrivateHost *self)
{
  g_autoptr (GPtrArray) works = g_ptr_array_copy (self->works, NULL, NULL);

  for (guint i = 0; i < works->len; i++)
    if (g_ptr_array_find (self->works, g_ptr_array_index (works, i), NULL))
      cancel_work (g_ptr_array_index (works, i));
  while (self->works->len > 0)
    g_main_context_iteration (self->context, TRUE);
  mc_downloader_stop_async (self->downloader, on_stopped, self);
  while (!self->stopped)
    g_main_context_iteration (self->context, TRUE);
}

static void
let_go (McPrivateHost *self)
{
  g_clear_object (&self->downloader);
  g_clear_object (&self->hub);
  if (self->store != NULL)
    mc_store_close (self->store);
  g_clear_object (&self->store);
  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  g_mutex_unlock (&self->lock);
  /* What came meanwhile, and what was still to be let go of. */
  while (g_main_context_iteration (self->context, FALSE))
    ;
}

static void
tell_opened (McPrivateHost *self, GError *error)
{
  g_mutex_lock (&self->lock);
  self->opened = TRUE;
  self->error = error;
  g_cond_signal (&self->opened_cond);
  g_mutex_unlock (&self->lock);
}

static gpointer
run (gpointer data)
{
  g_autoptr (McPrivateHost) self = data;
  GError *error = NULL;
  gboolean ok;

  g_main_context_push_thread_default (self->context);
  self->works = g_ptr_array_new ();
  ok = open_store (self, &error);
  if (ok)
    {
      tell_opened (self, NULL);
      while (!self->closing)
        g_main_context_iteration (self->context, TRUE);
      wind_up (self);
    }
  let_go (self);
  g_clear_pointer (&self->works, g_ptr_array_unref);
  g_main_context_pop_thread_default (self->context);
  if (!ok)
    tell_opened (self, error);
  return NULL;
}

McPrivateHost *
mc_private_host_open (const char *folder, const char *endpoint, const char *token, GError **error)
{
  g_autoptr (McPrivateHost) self = g_new0 (McPrivateHost, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_cond_init (&self->opened_cond);
  self->context = g_main_context_new ();
  self->folder = g_canonicalize_filename (folder, NULL);
  self->endpoint = g_strdup (endpoint);
  self->token = g_strdup (token);
  mc_hub_prepare_process ();
  self->thread = g_thread_new ("model-cache", run, mc_private_host_ref (self));
  g_mutex_lock (&self->lock);
  while (!self->opened)
    g_cond_wait (&self->opened_cond, &self->lock);
  g_mutex_unlock (&self->lock);
  if (self->error == NULL)
    return g_steal_pointer (&self);
  g_thread_join (g_steal_pointer (&self->thread));
  g_propagate_error (error, g_steal_pointer (&self->error));
  return NULL;
}
