/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-task.h"

/* When headers of weight files are read, so that people know more of a model before they choose.
 * After a scan that somebody asked for it happens in the background: the scan is done without it,
 * and so is everything else. Who asks for facts meanwhile waits for it, but not long. */

/* Each takes some MiB of memory. */
#define READ_AT_ONCE 2
#define READ_MS (30 * 1000)
#define AWAIT_MS (5 * 1000)

/* One that is read, or waits for its turn. */
typedef struct
{
  McService *service; /* (owned) */
  gint64 repo;
  gboolean from_hub;
  gboolean is_begun;
  GCancellable *cancellable; /* (owned) */
  GSource *deadline;         /* (owned) (nullable) */
  GPtrArray *waiters;        /* (owned): Waiter */
} Reading;

typedef struct
{
  GTask *task;      /* (owned) */
  Reading *reading; /* borrowed */
  GSource *limit;   /* (owned) */
} Waiter;

static void begin_next (McService *self);

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
start_clock (guint ms, GSourceFunc callback, gpointer data)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, callback, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* The answer to those who wait is only that it is over. */
static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;

  clear_source (&waiter->limit);
  g_task_return_boolean (waiter->task, TRUE);
  g_object_unref (waiter->task);
  g_free (waiter);
}

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  clear_source (&reading->deadline);
  g_ptr_array_unref (reading->waiters);
  g_object_unref (reading->cancellable);
  mc_service_release (reading->service);
  g_object_unref (reading->service);
  g_free (reading);
}

GPtrArray *
mc_service_headers_new (void)
{
  return g_ptr_array_new_with_free_func (reading_free);
}

static Reading *
find (McService *self, gint64 repo)
{
  for (guint i = 0; i < self->headers->len; i++)
    {
      Reading *reading = g_ptr_array_index (self->headers, i);

      if (reading->repo == repo)
        return reading;
    }
  return NULL;
}

static gboolean
on_deadline (gpointer user_data)
{
  Reading *reading = user_data;

  g_cancellable_cancel (reading->cancellable);
  clear_source (&reading->deadline);
  return G_SOURCE_REMOVE;
}

static void
on_header (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reading *reading = user_data;
  g_autoptr (McService) self = g_object_ref (reading->service);
  g_autoptr (GError) error = NULL;

  /* Gated, offline, no such file: there is less to say, that is all. */
  if (mc_header_fetch_finish (MC_STORE (source), result, &error))
    mc_service_show_repo (self, reading->repo);
  else
    g_info ("Reading a header: %s", error->message);
  g_ptr_array_remove (self->headers, reading);
  begin_next (self);
}

static void
begin (Reading *reading, McManifest *manifest)
{
  McService *self = reading->service;

  reading->is_begun = TRUE;
  reading->deadline = start_clock (READ_MS, on_deadline, reading);
  mc_header_fetch_async (self->store, reading->from_hub ? self->hub : NULL, manifest,
                         reading->cancellable, on_header, reading);
}

/* In the order in which they were asked for. */
static void
begin_next (McService *self)
{
  guint begun = 0;

  for (guint i = 0; i < self->headers->len && begun < READ_AT_ONCE; i++)
    {
      Reading *reading = g_ptr_array_index (self->headers, i);
      McLibraryRepo *repo = mc_store_get_repo (self->store, reading->repo);

      if (!reading->is_begun && (repo == NULL || self->quitting))
        {
          g_ptr_array_remove_index (self->headers, i--);
          continue;
        }
      if (!reading->is_begun)
        begin (reading, repo->manifest);
      begun++;
    }
}

static Reading *
add (McService *self, gint64 repo, gboolean from_hub)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->service = g_object_ref (self);
  reading->repo = repo;
  reading->from_hub = from_hub;
  reading->cancellable = g_cancellable_new ();
  reading->waiters = g_ptr_array_new_with_free_func (waiter_free);
  mc_service_hold (self);
  g_ptr_array_add (self->headers, reading);
  return reading;
}

void
mc_service_read_header (McService *self, gint64 repo)
{
  if (find (self, repo) == NULL)
    add (self, repo, TRUE);
  begin_next (self);
}

void
mc_service_stop_headers (McService *self)
{
  for (guint i = 0; i < self->headers->len; i++)
    g_cancellable_cancel (((Reading *) g_ptr_array_index (self->headers, i))->cancellable);
  begin_next (self);
}

static gboolean
on_limit (gpointer user_data)
{
  Waiter *waiter = user_data;

  g_ptr_array_remove (waiter->reading->waiters, waiter);
  return G_SOURCE_REMOVE;
}

/* Whether its header can be had without asking anybody. */
static gboolean
has_unread_header (McService *self, McManifest *manifest)
{
  McHeaderFormat format;
  McFile *file = mc_manifest_find_header_file (manifest, &format);

  return file != NULL && mc_store_has_file (self->store, file)
         && mc_store_get_header (self->store, &file->digest) == NULL;
}

void
mc_service_await_header_async (McService *self,
                               McLibraryRepo *repo,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_service_await_header_async);
  Reading *reading = find (self, repo->id);
  Waiter *waiter;

  if (reading == NULL && !self->quitting && has_unread_header (self, repo->manifest))
    reading = add (self, repo->id, FALSE);
  if (reading == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  waiter = g_new0 (Waiter, 1);
  waiter->task = g_steal_pointer (&task);
  waiter->reading = reading;
  waiter->limit = start_clock (AWAIT_MS, on_limit, waiter);
  g_ptr_array_add (reading->waiters, waiter);
  begin_next (self);
}

void
mc_service_await_header_finish (McService *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}
