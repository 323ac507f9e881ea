/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-peers.h"
#include "mc-service-absent.h"
#include "mc-service.h"

#include "mc-dbus-names.h"
#include "mc-dbus-socket.h"

#include "mc-endpoint.h"
#include "mc-location.h"
#include "mc-retry-policy.h"
#include "mc-sandbox.h"
#include "modelcache.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

/* The program: finds the bus, the socket and the data folder, owns the name, ends in good order. */

#define IDLE_MS (30 * 1000)
/* A service that ends still has the store for a moment while the next one starts. */
#define PATIENCE_MS 10000
#define GLANCE_MS 50

typedef struct
{
  GMainLoop *loop;
  McService *service;          /* (owned) (nullable) */
  McServiceAbsent *absent;     /* (owned) (nullable): instead of it, while the store is away */
  GDBusConnection *connection; /* borrowed (nullable): the session bus */
  McPeers *peers;              /* (owned) (nullable): the private socket */
  guint name;
  gboolean listening;
  guint leaving; /* source: whether something came while the name was given up */
  gboolean ending;
  int status;
} Program;

static void be_reachable (Program *program);

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;

  mc_service_stop_finish (MC_SERVICE (source), result, NULL);
  g_main_loop_quit (program->loop);
}

static void
be_out_of_reach (Program *program)
{
  g_clear_handle_id (&program->name, g_bus_unown_name);
  if (program->peers != NULL)
    mc_peers_stop_listening (program->peers);
  program->listening = FALSE;
}

/* The name and the socket go first: who calls from now on starts a new service. What came before is
 * answered. */
static void
begin_to_end (Program *program)
{
  if (program->ending)
    return;
  program->ending = TRUE;
  g_clear_handle_id (&program->leaving, g_source_remove);
  be_out_of_reach (program);
  if (program->service != NULL)
    mc_service_stop_async (program->service, on_stopped, program);
  else
    g_main_loop_quit (program->loop);
}

/* The one that stands for an absent store ends, or the Flatpak was removed. */
static void
end_cb (gpointer user_data)
{
  begin_to_end (user_data);
}

static gboolean
leave_cb (gpointer user_data)
{
  Program *program = user_data;

  program->leaving = 0;
  if (mc_service_is_needed (program->service))
    be_reachable (program);
  else
    begin_to_end (program);
  return G_SOURCE_REMOVE;
}

/* GLib waits for the bus to have taken the name back: what was sent here before that has come, and
 * stands in the queue before what has a lower priority. Whoever calls while nobody has the name
 * starts another service, which waits for the store, and is answered by whoever has the name
 * first. */
static void
on_idle (McService *service, gpointer user_data)
{
  Program *program = user_data;

  if (program->name == 0 && !program->listening)
    return;
  be_out_of_reach (program);
  program->leaving = g_idle_add_full (G_PRIORITY_LOW, leave_cb, program, NULL);
}

static void
on_quit (McService *service, gpointer user_data)
{
  begin_to_end (user_data);
}

static gboolean
on_signal (gpointer user_data)
{
  begin_to_end (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer user_data)
{
  Program *program = user_data;

  if (program->name == 0)
    return;
  if (connection != NULL && !g_dbus_connection_is_closed (connection))
    {
      g_printerr ("model-cache-service: another service owns %s\n", name);
      program->status = 1;
    }
  begin_to_end (program);
}

static void
be_reachable (Program *program)
{
  g_autoptr (GError) error = NULL;

  if (program->connection != NULL)
    program->name = g_bus_own_name_on_connection (program->connection, MC_DBUS_NAME,
                                                  G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, NULL,
                                                  on_name_lost, program, NULL);
  if (program->peers == NULL)
    return;
  program->listening = mc_peers_listen (program->peers, &error);
  if (program->listening)
    return;
  g_printerr ("model-cache-service: %s\n", error->message);
  if (program->connection == NULL)
    {
      program->status = 1;
      begin_to_end (program);
    }
}

/* --- the private socket --- */

static void
on_peer_came (GDBusConnection *peer, const char *name, gpointer user_data)
{
  Program *program = user_data;

  if (program->service != NULL)
    mc_service_add_peer (program->service, peer, name);
  else
    mc_service_absent_show (program->absent, peer);
}

static void
on_peer_gone (GDBusConnection *peer, const char *name, gpointer user_data)
{
  Program *program = user_data;

  if (program->service != NULL)
    mc_service_remove_peer (program->service, peer, name);
  else
    mc_service_absent_hide (program->absent, peer);
}

/* On a session bus it can do without. */
static gboolean
take_socket (Program *program, guint patience_ms, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *path = mc_dbus_socket_find (&local);

  if (path != NULL)
    program->peers = mc_peers_new (path, patience_ms, &local);
  if (program->peers != NULL)
    mc_peers_connect (program->peers, on_peer_came, on_peer_gone, program);
  else if (program->connection == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!g_error_matches (local, MC_ERROR, MC_ERROR_BUSY))
    g_printerr ("model-cache-service: %s\n", local->message);
  return program->peers != NULL || program->connection != NULL;
}

/* Who started it waits for the end of its output: it can be reached now. */
static void
let_go_of_starter (void)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  if (null < 0)
    return;
  dup2 (null, STDOUT_FILENO);
  dup2 (null, STDERR_FILENO);
  close (null);
}

/* A number from the environment, for tests. */
static guint
read_number (const char *name, guint fallback)
{
  const char *text = g_getenv (name);
  guint64 number;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &number, NULL))
    return fallback;
  return (guint) number;
}

/* Where the store is by itself, and where a folder that a person chose is remembered. */
static char *
find_home (void)
{
  return g_build_filename (g_get_user_data_dir (), MC_FOLDER, NULL);
}

/* *home is set if the store may be moved. */
static char *
find_data_folder (char **home, GError **error)
{
  const char *folder = g_getenv ("MODEL_CACHE_DATA_DIR");

  if (folder != NULL && folder[0] != '\0' && mc_sandbox_forgets (folder))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_STORE,
                   "The Flatpak may not write to %s, which MODEL_CACHE_DATA_DIR names", folder);
      return NULL;
    }
  if (folder != NULL && folder[0] != '\0')
    return g_canonicalize_filename (folder, NULL);
  *home = find_home ();
  return mc_location_find (*home, error);
}

static McService *
make_service (GDBusConnection *connection, GError **error)
{
  g_autofree char *home = NULL;
  g_autofree char *folder = find_data_folder (&home, error);
  McServiceConfig config = {
    .data_folder = folder,
    .home = home,
    .idle_ms = read_number ("MC_IDLE_MS", IDLE_MS),
    .retry_base_ms = read_number ("MC_RETRY_BASE_MS", MC_RETRY_BASE_MS),
    .serve_patience_ms = read_number ("MC_SERVE_PATIENCE_MS", MC_ENDPOINT_PATIENCE_MS),
    .machine_root = g_getenv ("MC_MACHINE_ROOT"),
  };

  for (int waited = 0; folder != NULL; waited += GLANCE_MS)
    {
      g_autoptr (GError) local = NULL;
      McService *service = mc_service_new (connection, &config, &local);

      if (service != NULL)
        return service;
      if (!g_error_matches (local, MC_ERROR, MC_ERROR_BUSY) || waited >= PATIENCE_MS)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      g_usleep (GLANCE_MS * 1000);
    }
  return NULL;
}

/* With a service, or with what stands for it while the store is away. */
static gboolean
begin (Program *program, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *home = NULL;

  program->service = make_service (program->connection, &local);
  if (program->service != NULL)
    {
      g_signal_connect (program->service, "idle", G_CALLBACK (on_idle), program);
      g_signal_connect (program->service, "quit", G_CALLBACK (on_quit), program);
      return TRUE;
    }
  if (!g_error_matches (local, MC_ERROR, MC_ERROR_STORE_ABSENT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_printerr ("model-cache-service: %s\n", local->message);
  home = find_home ();
  program->absent =
      mc_service_absent_new (home, local, read_number ("MC_IDLE_MS", IDLE_MS), end_cb, program);
  if (program->connection != NULL)
    mc_service_absent_show (program->absent, program->connection);
  return TRUE;
}

static void
finish (Program *program)
{
  if (program->connection != NULL)
    g_dbus_connection_flush_sync (program->connection, NULL, NULL);
  g_clear_pointer (&program->peers, mc_peers_free);
  g_clear_pointer (&program->absent, mc_service_absent_free);
  if (program->service != NULL)
    mc_service_close (program->service);
  g_clear_object (&program->service);
}

/* Without a bus the socket goes first, since it says whether there is another service; with one the
 * store does, which the other gives up last. */
static gboolean
prepare (Program *program, GError **error)
{
  return (program->connection != NULL || take_socket (program, PATIENCE_MS, error))
         && begin (program, error)
         && (program->connection == NULL || take_socket (program, 0, error));
}

static int
run (GDBusConnection *connection, gboolean started)
{
  Program program = { .connection = connection };
  g_autoptr (GError) error = NULL;
  McSandboxWatch *sandbox;
  guint terminate;
  guint interrupt;

  if (!prepare (&program, &error))
    {
      gboolean served = program.peers == NULL && g_error_matches (error, MC_ERROR, MC_ERROR_BUSY);

      finish (&program);
      if (started && served)
        return 0; /* another was faster */
      g_printerr ("model-cache-service: %s\n", error->message);
      return 1;
    }
  program.loop = g_main_loop_new (NULL, FALSE);
  terminate = g_unix_signal_add (SIGTERM, on_signal, &program);
  interrupt = g_unix_signal_add (SIGINT, on_signal, &program);
  sandbox = mc_sandbox_watch_new (end_cb, &program);
  be_reachable (&program);
  if (started)
    let_go_of_starter ();
  if (program.service != NULL || !program.ending)
    g_main_loop_run (program.loop);
  g_source_remove (terminate);
  g_source_remove (interrupt);
  mc_sandbox_watch_free (sandbox);
  finish (&program);
  g_main_loop_unref (program.loop);
  return program.status;
}

int
main (int argc, char *argv[])
{
  gboolean version = FALSE;
  gboolean private = FALSE;
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version and end", NULL },
    { "private", 0, 0, G_OPTION_ARG_NONE, &private,
      "Stay away from the session bus, as the service of a client without one", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
      context, "Downloads model files, keeps them, and hands them to other programs over D-Bus.\n"
               "The session bus starts it when it is needed.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("model-cache-service: %s\n", error->message);
      return 2;
    }
  if (version)
    {
      g_print ("model-cache-service %s\n", mc_get_version ());
      return 0;
    }
  mc_hub_prepare_process ();
  signal (SIGPIPE, SIG_IGN);
  /* Chunks come and go by the hundred: each has its own mapping, which is returned at once. */
  mallopt (M_MMAP_THRESHOLD, 512 * 1024);
  mallopt (M_ARENA_MAX, 2);
  if (!private && mc_dbus_has_session ())
    {
      connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
      if (connection == NULL)
        {
          g_printerr ("model-cache-service: there is no session bus: %s\n", error->message);
          return 1;
        }
      g_dbus_connection_set_exit_on_close (connection, FALSE);
    }
  return run (connection, private);
}
