/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include "mc-dbus-generated.h"
#include "mc-dbus-names.h"
#include "mc-test-wait.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* mcache and the service where there is no session bus. */

#define LIMIT_MS 60000
#define AT_ONCE 6

typedef struct
{
  McacheFixture mcache;
  char *runtime;      /* as XDG_RUNTIME_DIR, short enough for a socket */
  char *folder;       /* in it: of the socket */
  char *socket;       /* in that */
  char **environment; /* without any bus */
} Fixture;

static void
set_up (Fixture *f, gconstpointer idle_ms)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);

  mcache_set_up (&f->mcache, NULL);
  f->runtime = g_dir_make_tmp ("mcp-XXXXXX", NULL);
  f->folder = g_build_filename (f->runtime, "model-cache-bus", NULL);
  f->socket = g_build_filename (f->folder, "socket", NULL);
  g_ptr_array_add (strings,
                   g_strconcat ("HF_ENDPOINT=", mc_test_hub_get_url (f->mcache.hub), NULL));
  g_ptr_array_add (strings, g_strconcat ("XDG_RUNTIME_DIR=", f->runtime, NULL));
  g_ptr_array_add (strings, g_strconcat ("XDG_DATA_HOME=", g_get_user_data_dir (), NULL));
  g_ptr_array_add (strings, g_strconcat ("HF_HOME=", g_get_user_config_dir (), NULL));
  g_ptr_array_add (strings, g_strconcat ("XDG_CACHE_HOME=", g_get_user_cache_dir (), NULL));
  g_ptr_array_add (strings, g_strconcat ("MC_IDLE_MS=", idle_ms == NULL ? "30000" : idle_ms, NULL));
  for (guint i = 0; i < strings->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (strings, i));
  g_strv_builder_add_many (builder, "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY",
                           "MODEL_CACHE_SOCKET", "MC_RETRY_BASE_MS=1", NULL);
  f->environment = g_strv_builder_end (builder);
}

static McacheRun *run (Fixture *f, ...) G_GNUC_NULL_TERMINATED;

static McacheRun *
run (Fixture *f, ...)
{
  const char *words[16] = { NULL };
  va_list rest;

  va_start (rest, f);
  for (guint i = 0; (words[i] = va_arg (rest, const char *)) != NULL; i++)
    ;
  va_end (rest);
  return mcache_run_with (&f->mcache, (const char *const *) f->environment, NULL, words);
}

#define WORKS(f, ...)                                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (McacheRun) done = run (f, __VA_ARGS__, NULL);                                       \
    g_assert_cmpint (done->status, ==, 0);                                                         \
  }                                                                                                \
  G_STMT_END

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *lock = g_strconcat (f->socket, ".lock", NULL);

  WORKS (f, "service", "stop");
  g_assert_false (g_file_test (f->socket, G_FILE_TEST_EXISTS));
  g_unlink (lock);
  g_rmdir (f->folder);
  g_rmdir (f->runtime);
  mcache_tear_down (&f->mcache, data);
  g_free (f->runtime);
  g_free (f->folder);
  g_free (f->socket);
  g_strfreev (f->environment);
}

/* What mcache service tells; *socket is the caller's to free. */
static GPid
read_service (const McacheRun *done, char **socket)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  g_assert_cmpint (done->status, ==, 0);
  node = json_from_string (done->out, NULL);
  object = json_node_get_object (node);
  if (socket != NULL)
    *socket = g_strdup (
        json_object_has_member (object, "socket") ? mcache_get_string (object, "socket") : NULL);
  return (GPid) mcache_get_int (object, "pid");
}

static GPid
find_service (Fixture *f)
{
  g_autoptr (McacheRun) done = run (f, "--json", "service", NULL);
  g_autofree char *socket = NULL;
  GPid pid = read_service (done, &socket);

  g_assert_cmpstr (socket, ==, f->socket);
  g_assert_cmpint (pid, >, 0);
  return pid;
}

static GDBusConnection *
try_to_join (Fixture *f, GError **error)
{
  g_autofree char *address = g_strconcat ("unix:path=", f->socket, NULL);

  return g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, error);
}

static GDBusConnection *
join (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = try_to_join (f, &error);

  g_assert_no_error (error);
  return connection;
}

static McDbusManager *
make_manager (GDBusConnection *connection)
{
  g_autoptr (GError) error = NULL;
  McDbusManager *manager = mc_dbus_manager_proxy_new_sync (
      connection, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME, MC_DBUS_PATH, NULL, &error);

  g_assert_no_error (error);
  return manager;
}

/* --- cases --- */

static void
test_works (Fixture *f, gconstpointer data)
{
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (McDbusManager) manager = NULL;
  g_autoptr (McacheRun) shown = NULL;
  g_autoptr (McacheRun) told = NULL;
  g_autofree char *repo = NULL;
  gboolean has = FALSE;

  WORKS (f, "scan", ONNX);
  WORKS (f, "download", ONNX, "q4");
  shown = run (f, "cat", ONNX, "config.json", NULL);
  g_assert_cmpstr (shown->out, ==, CONFIG);
  told = run (f, "service", NULL);
  g_assert_nonnull (strstr (told->out, f->socket));
  connection = join (f);
  manager = make_manager (connection);
  g_assert_nonnull (mc_dbus_manager_get_version (manager));
  g_assert_true (
      mc_dbus_manager_call_has_file_sync (manager, ONNX, ONNX_WEIGHTS, &has, NULL, NULL));
  g_assert_true (has);
  g_assert_true (mc_dbus_manager_call_scan_sync (manager, GGUF, g_variant_new ("a{sv}", NULL),
                                                 &repo, NULL, NULL));
}

static char *
open_file (McDbusManager *manager, int *fd)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autoptr (GError) error = NULL;
  char *lease = NULL;

  mc_dbus_manager_call_open_file_sync (manager, ONNX, ONNX_WEIGHTS, g_variant_new ("a{sv}", NULL),
                                       NULL, &handle, &lease, &details, &fds, NULL, &error);
  g_assert_no_error (error);
  *fd = g_unix_fd_list_get (fds, g_variant_get_handle (handle), &error);
  g_assert_no_error (error);
  return lease;
}

static void
on_removed (GDBusObjectManager *objects, GDBusObject *object, gpointer user_data)
{
  char **left = user_data;

  if (g_strcmp0 (g_dbus_object_get_object_path (object), *left) == 0)
    *left = NULL;
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* What a client has open goes with it, and those who watch are told. */
static void
test_lease (Fixture *f, gconstpointer data)
{
  g_autoptr (GDBusConnection) holder = NULL;
  g_autoptr (GDBusConnection) watcher = NULL;
  g_autoptr (GDBusObjectManager) objects = NULL;
  g_autoptr (McDbusManager) manager = NULL;
  g_autoptr (McDbusObject) object = NULL;
  g_autoptr (McDbusLease) lease = NULL;
  g_autoptr (McacheRun) refused = NULL;
  g_autofree char *path = NULL;
  char *left;
  guint8 found[100];
  guint8 expected[sizeof found];
  int fd;

  WORKS (f, "download", ONNX, "q4");
  holder = join (f);
  manager = make_manager (holder);
  left = path = open_file (manager, &fd);
  mc_test_hub_generate (ONNX_SEED, 5000000, expected, sizeof expected);
  g_assert_cmpint (pread (fd, found, sizeof found, 5000000), ==, sizeof found);
  g_assert_cmpmem (found, sizeof found, expected, sizeof expected);
  watcher = join (f);
  objects = mc_dbus_object_manager_client_new_sync (
      watcher, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE, MC_DBUS_NAME, MC_DBUS_PATH, NULL, NULL);
  object = MC_DBUS_OBJECT (g_dbus_object_manager_get_object (objects, path));
  lease = mc_dbus_object_get_lease (object);
  g_assert_cmpstr (mc_dbus_lease_get_holder (lease), ==,
                   g_dbus_connection_get_unique_name (holder));
  refused = run (f, "delete", "--yes", ONNX, NULL);
  g_signal_connect (objects, "object-removed", G_CALLBACK (on_removed), &left);
  g_dbus_connection_close_sync (holder, NULL, NULL);
  g_assert_true (mc_test_wait_until (is_null, &left, LIMIT_MS));
  close (fd);
}

static gboolean
is_absent (gpointer path)
{
  return !g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Nobody is left: it ends, and the next client starts another, which has what was there. */
static void
test_idle (Fixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) shown = NULL;

  WORKS (f, "download", ONNX, "q4");
  g_assert_true (mc_test_wait_until (is_absent, f->socket, LIMIT_MS));
  shown = run (f, "cat", ONNX, "config.json", NULL);
  g_assert_cmpstr (shown->out, ==, CONFIG);
}

static gboolean
is_closed (gpointer connection)
{
  return g_dbus_connection_is_closed (connection);
}

/* As long as somebody is connected it stays, for he would not find another. */
static void
test_stays (Fixture *f, gconstpointer data)
{
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (McDbusManager) manager = NULL;
  gboolean has;

  /* It may end before the second one comes. */
  while (connection == NULL)
    {
      WORKS (f, "list");
      connection = try_to_join (f, NULL);
    }
  manager = make_manager (connection);
  g_assert_false (mc_test_wait_until (is_closed, connection, 1000));
  g_assert_true (
      mc_dbus_manager_call_has_file_sync (manager, ONNX, "config.json", &has, NULL, NULL));
}

static void
test_killed (Fixture *f, gconstpointer data)
{
  GPid pid;

  WORKS (f, "scan", ONNX);
  pid = find_service (f);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_true (g_file_test (f->socket, G_FILE_TEST_EXISTS));
  WORKS (f, "show", ONNX);
  g_assert_cmpint (find_service (f), !=, pid);
}

/* Whoever comes first starts it, and all others find that one. */
static void
test_at_once (Fixture *f, gconstpointer data)
{
  GSubprocess *started[AT_ONCE];
  GPid first = 0;

  for (guint i = 0; i < AT_ONCE; i++)
    {
      g_autoptr (GSubprocessLauncher) launcher =
          g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
      g_auto (GStrv) environment = g_get_environ ();

      for (char **item = f->environment; *item != NULL; item++)
        {
          g_auto (GStrv) parts = g_strsplit (*item, "=", 2);

          environment = parts[1] == NULL ? g_environ_unsetenv (environment, parts[0])
                                         : g_environ_setenv (environment, parts[0], parts[1], TRUE);
        }
      g_subprocess_launcher_set_environ (launcher, environment);
      started[i] = g_subprocess_launcher_spawn (launcher, NULL, g_getenv ("MC_MCACHE"), "--json",
                                                "service", NULL);
      g_assert_nonnull (started[i]);
    }
  for (guint i = 0; i < AT_ONCE; i++)
    {
      McacheRun done = { 0 };
      GPid pid;

      g_assert_true (g_subprocess_communicate_utf8 (started[i], NULL, NULL, &done.out, NULL, NULL));
      done.status = mcache_get_status (started[i]);
      pid = read_service (&done, NULL);
      first = first == 0 ? pid : first;
      g_assert_cmpint (pid, ==, first);
      g_free (done.out);
      g_object_unref (started[i]);
    }
}

static gpointer
hang_up (gpointer listener)
{
  g_autoptr (GSocketConnection) connection = g_socket_listener_accept (listener, NULL, NULL, NULL);

  g_assert_true (g_io_stream_close (G_IO_STREAM (connection), NULL, NULL));
  return NULL;
}

/* One that ends while somebody connects does not run any more. */
static void
test_ending (Fixture *f, gconstpointer data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (f->socket);
  GThread *thread;

  g_assert_cmpint (g_mkdir (f->folder, 0700), ==, 0);
  g_assert_true (g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM,
                                                G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, NULL));
  thread = g_thread_new ("listener", hang_up, listener);
  WORKS (f, "service", "stop");
  g_thread_join (thread);
  g_socket_listener_close (listener);
  g_assert_cmpint (g_unlink (f->socket), ==, 0);
}

static void
assert_refused (Fixture *f, const char *why)
{
  g_autoptr (McacheRun) done = run (f, "list", NULL);

  g_assert_cmpint (done->status, ==, 8);
  g_assert_nonnull (strstr (done->err, why));
}

/* A folder that others could have put something into is not used, by neither side. */
static void
test_folder (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (f->folder, 0755), ==, 0);
  assert_refused (f, "other users can enter it");
  g_assert_cmpint (chmod (f->folder, 0700), ==, 0);
  if (geteuid () == 0)
    {
      g_assert_cmpint (chown (f->folder, 65534, 65534), ==, 0);
      assert_refused (f, "belongs to another user");
      g_assert_cmpint (chown (f->folder, 0, 0), ==, 0);
    }
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_assert_cmpint (symlink (f->runtime, f->folder), ==, 0);
  assert_refused (f, "it is a link");
  g_assert_cmpint (g_unlink (f->folder), ==, 0);
  WORKS (f, "list");
}

/* A bus that cannot start the service, and one on which somebody started it. */
static void
test_bare_bus (Fixture *f, gconstpointer data)
{
  g_autoptr (McTestBus) bare = mc_test_bus_new (NULL, NULL);
  g_autofree char *address =
      g_strconcat ("DBUS_SESSION_BUS_ADDRESS=", mc_test_bus_get_address (bare), NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) without = f->environment;
  g_autoptr (McacheRun) done = NULL;
  g_autofree char *socket = NULL;

  g_strv_builder_addv (builder, (const char **) without);
  g_strv_builder_add (builder, address);
  f->environment = g_strv_builder_end (builder);
  done = run (f, "--json", "service", NULL);
  read_service (done, &socket);
  g_assert_cmpstr (socket, ==, f->socket);
  g_strfreev (f->environment);
  f->environment = g_steal_pointer (&without);
}

/* The service of a session bus can be reached by the socket as well. */
static void
test_beside_bus (Fixture *f, gconstpointer data)
{
  g_autoptr (McTestBus) bus = mc_test_bus_new (
      g_getenv ("MC_SERVICE"),
      (const char *const *) (char *[]){ f->environment[0], f->environment[1], f->environment[2],
                                        f->environment[3], NULL });
  g_autoptr (GDBusConnection) connection = mc_test_bus_connect (bus);
  g_autoptr (McDbusManager) manager = make_manager (connection);

  g_assert_nonnull (mc_dbus_manager_get_version (manager));
  g_assert_cmpint (find_service (f), ==, mc_test_bus_get_service_pid (bus));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(name, data, test)                                                                      \
  g_test_add ("/mcache-peers/" name, Fixture, data, set_up, test, tear_down)
  ADD ("works", NULL, test_works);
  ADD ("lease", NULL, test_lease);
  ADD ("idle", "100", test_idle);
  ADD ("stays", "100", test_stays);
  ADD ("killed", NULL, test_killed);
  ADD ("at-once", NULL, test_at_once);
  ADD ("ending", NULL, test_ending);
  ADD ("folder", NULL, test_folder);
  ADD ("bare-bus", NULL, test_bare_bus);
  ADD ("beside-bus", NULL, test_beside_bus);
  return g_test_run ();
}
