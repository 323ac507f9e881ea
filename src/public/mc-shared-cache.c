/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-shared-cache.h"

#include "mc-cache-private.h"
#include "mc-repo-private.h"
#include "mc-shared-private.h"

#include "mc-client-socket.h"
#include "mc-client.h"
#include "mc-dbus-error.h"
#include "mc-dbus-names.h"
#include "mc-dbus-socket.h"
#include "mc-task.h"

#include <string.h>

/* A connection and nothing else: GDBus may be used from any thread, and answers
 * where it was asked. It is one of our own, so that what the service lends to
 * us ends with us, and is made anew when it closed. */

/**
 * McSharedCache:
 *
 * The cache of the user, which a service keeps, and which all programs share.
 *
 * The service is started when it is needed. A download belongs to it and goes
 * on, if others want it, when this program ends. What is open, or checked out,
 * is not deleted.
 */
struct _McSharedCache
{
  McCache parent_instance;
  GMutex lock;
  GDBusConnection *bus; /* (owned): under the lock */
};

typedef struct
{
  McCacheClass parent_class;
} McSharedCacheClass;

G_DEFINE_FINAL_TYPE (McSharedCache, mc_shared_cache, MC_TYPE_CACHE)

static void mc_shared_cache_start (McCache *cache, McRequest *request);

/* --- calls --- */

void
mc_shared_call (McRequest *request,
                GDBusConnection *bus,
                const char *method,
                GVariant *parameters,
                const char *reply_type,
                GAsyncReadyCallback callback)
{
  g_dbus_connection_call (bus, MC_DBUS_NAME, MC_DBUS_PATH, MC_SHARED_MANAGER, method, parameters,
                          G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NONE, G_MAXINT,
                          mc_request_get_cancellable (request), callback, request);
}

/* A connection may close before that is noticed: whoever asks then is not to know of it. What was
 * deleted is not there to be deleted once more. */
void
mc_shared_fail (McRequest *request, GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) && !request->again
      && request->kind != MC_REQUEST_DELETE)
    {
      request->again = TRUE;
      g_error_free (error);
      mc_shared_cache_start (g_task_get_source_object (request->task), request);
      return;
    }
  mc_request_return_error (request, mc_client_receive_error (error));
}

static const char *
or_empty (const char *text)
{
  return text == NULL ? "" : text;
}

/* --- repos --- */

static void
got_manifest_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McRequest *request = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) manifest = NULL;

  if (reply == NULL)
    {
      mc_shared_fail (request, error);
      return;
    }
  manifest = g_variant_get_child_value (reply, 0);
  mc_request_return_pointer (request, mc_repo_new (manifest), g_object_unref);
}

static void
look_up (McRequest *request, GDBusConnection *bus, const char *name)
{
  mc_shared_call (request, bus, "GetManifest", g_variant_new ("(s)", name), "(a{sv})",
                  got_manifest_cb);
}

static char *
dup_name (const char *repo, const char *revision)
{
  return strcmp (revision, "main") == 0 ? g_strdup (repo)
                                        : g_strdup_printf ("%s@%s", repo, revision);
}

static void
got_repo_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McRequest *request = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) properties = NULL;
  g_autofree char *name = NULL;
  const char *id = "";
  const char *revision = "";

  if (reply == NULL)
    {
      mc_shared_fail (request, error);
      return;
    }
  properties = g_variant_get_child_value (reply, 0);
  g_variant_lookup (properties, "Id", "&s", &id);
  g_variant_lookup (properties, "Revision", "&s", &revision);
  name = dup_name (id, revision);
  look_up (request, G_DBUS_CONNECTION (source), name);
}

/* By its object, since the name in the request may be the address of another
 * revision. */
static void
scanned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McRequest *request = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  const char *path;

  if (reply == NULL)
    {
      mc_shared_fail (request, error);
      return;
    }
  g_variant_get (reply, "(&o)", &path);
  g_dbus_connection_call (
      G_DBUS_CONNECTION (source), MC_DBUS_NAME, path, "org.freedesktop.DBus.Properties", "GetAll",
      g_variant_new ("(s)", "com.tabagent.ModelCache1.Repo"), G_VARIANT_TYPE ("(a{sv})"),
      G_DBUS_CALL_FLAGS_NONE, G_MAXINT, mc_request_get_cancellable (request), got_repo_cb, request);
}

static void
scan (McRequest *request, GDBusConnection *bus)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (request->name != NULL)
    g_variant_builder_add (&options, "{sv}", "revision", g_variant_new_string (request->name));
  mc_shared_call (request, bus, "Scan", g_variant_new ("(sa{sv})", request->repo, &options), "(o)",
                  scanned_cb);
}

static void
lookup (McRequest *request, GDBusConnection *bus)
{
  look_up (request, bus, request->repo);
}

static char **
list_names (GVariant *dicts)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (gsize i = 0; i < g_variant_n_children (dicts); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (dicts, i);
      const char *id = mc_dict_get_text (dict, "repo");
      const char *revision = mc_dict_get_text (dict, "revision");
      g_autofree char *name = id == NULL || revision == NULL ? NULL : dup_name (id, revision);
      guint32 here = 0;

      if (name != NULL && g_variant_lookup (dict, "downloaded", "u", &here) && here > 0)
        g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McRequest *request = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) dicts = NULL;

  if (reply == NULL)
    {
      mc_shared_fail (request, error);
      return;
    }
  dicts = g_variant_get_child_value (reply, 0);
  mc_request_return_pointer (request, list_names (dicts), (GDestroyNotify) g_strfreev);
}

static void
list (McRequest *request, GDBusConnection *bus)
{
  mc_shared_call (request, bus, "ListRepos", g_variant_new ("(a{sv})", NULL), "(aa{sv})",
                  listed_cb);
}

/* --- files --- */

static void
has_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McRequest *request = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean has;

  if (reply == NULL)
    {
      mc_shared_fail (request, error);
      return;
    }
  g_variant_get (reply, "(b)", &has);
  mc_request_return_number (request, has);
}

static void
has_file (McRequest *request, GDBusConnection *bus)
{
  mc_shared_call (request, bus, "HasFile", g_variant_new ("(ss)", request->repo, request->name),
                  "(b)", has_cb);
}

static void
return_here (McRequest *request, GDBusConnection *bus)
{
  mc_request_return_number (request, 1);
}

static void
download (McRequest *request, GDBusConnection *bus)
{
  mc_shared_download (request, bus, return_here);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McRequest *request = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) dict = NULL;

  if (reply == NULL)
    {
      mc_shared_fail (request, error);
      return;
    }
  dict = g_variant_get_child_value (reply, 0);
  mc_request_return_number (request, (gint64) mc_dict_get_number (dict, "freed"));
}

static void delete (McRequest *request, GDBusConnection *bus)
{
  mc_shared_call (request, bus, "Delete",
                  g_variant_new ("(ssa{sv})", request->repo, or_empty (request->name), NULL),
                  "(a{sv})", deleted_cb);
}

/* --- reaching it --- */

static GDBusConnection *
connect_to_session (GCancellable *cancellable, GError **error)
{
  g_autofree char *address =
      g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, cancellable, error);

  if (address == NULL)
    return NULL;
  return g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, cancellable, error);
}

/* By name, so that a service that cannot be started is told from one that does
 * not answer. */
static gboolean
start_service (GDBusConnection *bus, GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "StartServiceByName", g_variant_new ("(su)", MC_DBUS_NAME, 0u), G_VARIANT_TYPE ("(u)"),
      G_DBUS_CALL_FLAGS_NONE, -1, cancellable, error);

  return reply != NULL;
}

/* The session bus, else the service's own socket, as all its clients do.
 * Blocking, any thread. */
static GDBusConnection *
reach_service (GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusConnection) bus = NULL;
  g_autofree char *path = NULL;
  GError *local = NULL;

  if (mc_dbus_socket_is_forced () || !mc_dbus_has_session ())
    {
      path = mc_dbus_socket_find (error);
      return path == NULL ? NULL : mc_client_socket_connect (path, TRUE, cancellable, error);
    }
  bus = connect_to_session (cancellable, &local);
  if (bus == NULL)
    local = mc_client_receive_absence (local, "Connecting to the session bus");
  else if (!start_service (bus, cancellable, &local))
    local = mc_client_receive_absence (local, "Starting " MC_DBUS_NAME);
  if (local == NULL)
    return g_steal_pointer (&bus);
  g_propagate_error (error, local);
  return NULL;
}

/* --- the object --- */

static void
start_on (McRequest *request, GDBusConnection *bus)
{
  static void (*const kinds[MC_N_REQUESTS]) (McRequest *, GDBusConnection *) = {
    [MC_REQUEST_SCAN] = scan,
    [MC_REQUEST_LOOKUP] = lookup,
    [MC_REQUEST_LIST] = list,
    [MC_REQUEST_HAS_FILE] = has_file,
    [MC_REQUEST_DOWNLOAD] = download,
    [MC_REQUEST_DOWNLOAD_FILE] = download,
    [MC_REQUEST_OPEN] = mc_shared_open,
    [MC_REQUEST_LOAD] = mc_shared_open,
    [MC_REQUEST_CHECKOUT] = mc_shared_checkout,
    [MC_REQUEST_DELETE] = delete,
  };

  kinds[request->kind](request, bus);
}

/* A connection that is open; NULL: it closed, as that to a socket does when the service ends. */
static GDBusConnection *
get_bus (McSharedCache *self)
{
  GDBusConnection *bus;

  g_mutex_lock (&self->lock);
  bus = g_dbus_connection_is_closed (self->bus) ? NULL : g_object_ref (self->bus);
  g_mutex_unlock (&self->lock);
  return bus;
}

/* Unless somebody else was faster. */
static GDBusConnection *
reach_again (McSharedCache *self, GCancellable *cancellable, GError **error)
{
  GDBusConnection *bus = get_bus (self);
  GDBusConnection *closed;

  if (bus == NULL)
    bus = reach_service (cancellable, error);
  if (bus == NULL)
    return NULL;
  g_mutex_lock (&self->lock);
  closed = self->bus;
  self->bus = g_object_ref (bus);
  g_mutex_unlock (&self->lock);
  g_object_unref (closed);
  return bus;
}

static void
reach_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  GDBusConnection *bus = reach_again (data, cancellable, &error);

  if (bus == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, bus, g_object_unref);
}

static void
reached_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  g_autoptr (GDBusConnection) bus = g_task_propagate_pointer (G_TASK (result), &error);

  if (bus == NULL)
    mc_request_return_error (user_data, error);
  else
    start_on (user_data, bus);
}

static void
mc_shared_cache_start (McCache *cache, McRequest *request)
{
  McSharedCache *self = MC_SHARED_CACHE (cache);
  g_autoptr (GDBusConnection) bus = get_bus (self);
  g_autoptr (GTask) task = NULL;

  if (bus != NULL)
    {
      start_on (request, bus);
      return;
    }
  /* The request holds the cache, and lets go of it at home. */
  task = mc_task_new (NULL, mc_request_get_cancellable (request), reached_cb, request,
                      mc_shared_cache_start);
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, reach_in_thread);
}

static void
mc_shared_cache_finalize (GObject *object)
{
  McSharedCache *self = MC_SHARED_CACHE (object);

  g_clear_object (&self->bus);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (mc_shared_cache_parent_class)->finalize (object);
}

static void
mc_shared_cache_class_init (McSharedCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mc_shared_cache_finalize;
  MC_CACHE_CLASS (klass)->start = mc_shared_cache_start;
}

static void
mc_shared_cache_init (McSharedCache *self)
{
  g_mutex_init (&self->lock);
}

/**
 * mc_shared_cache_new: (constructor)
 * @cancellable: (nullable): to give up
 * @error: (nullable): why it failed
 *
 * Connects to the service, which is started if it does not run.
 *
 * It is on the session bus, or where there is none, on a socket of its own in
 * the user's runtime folder. %MC_ERROR_NO_SERVICE if there is neither, and none
 * could be started.
 *
 * Returns: (transfer full): a cache; %NULL with an error
 */
McSharedCache *
mc_shared_cache_new (GCancellable *cancellable, GError **error)
{
  GDBusConnection *bus;
  McSharedCache *self;

  mc_dbus_error_register ();
  bus = reach_service (cancellable, error);
  if (bus == NULL)
    return NULL;
  self = g_object_new (MC_TYPE_SHARED_CACHE, NULL);
  self->bus = bus;
  return self;
}

static void
connect_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  McSharedCache *self = mc_shared_cache_new (cancellable, &error);

  if (self == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, self, g_object_unref);
}

/**
 * mc_shared_cache_new_async:
 * @cancellable: (nullable): to give up
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Connects to the service.
 *
 * See [ctor@ModelCache.SharedCache.new], which waits.
 */
void
mc_shared_cache_new_async (GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (NULL, cancellable, callback, user_data, mc_shared_cache_new_async);

  g_task_run_in_thread (task, connect_in_thread);
}

/**
 * mc_shared_cache_new_finish: (constructor)
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [func@ModelCache.SharedCache.new_async].
 *
 * Returns: (transfer full): a cache; %NULL with an error
 */
McSharedCache *
mc_shared_cache_new_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
