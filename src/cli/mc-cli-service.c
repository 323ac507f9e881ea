/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-client-bus.h"
#include "mc-dbus-names.h"
#include "mc-error.h"
#include "mc-sandbox.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache service: what it is, and its end. */

/* Of the process behind the name; 0 if the bus cannot tell. */
static guint32
find_pid (McCli *cli)
{
  GDBusConnection *bus = mc_client_get_bus (cli->client);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) reply = NULL;
  guint32 pid = 0;

  /* That of what stands between a Flatpak and the bus is nobody's business. */
  if (mc_sandbox_is_flatpak ())
    return 0;
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                          g_variant_new ("(s)", MC_DBUS_NAME), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  reply = g_dbus_connection_call_finish (bus, result, NULL);
  if (reply != NULL)
    g_variant_get (reply, "(u)", &pid);
  return pid;
}

static const char *
or_empty (const char *text)
{
  return text == NULL ? "" : text;
}

static void
print_json (McDbusManager *manager, guint32 pid, const char *socket)
{
  g_autoptr (GVariant) dict = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "version",
                         g_variant_new_string (or_empty (mc_dbus_manager_get_version (manager))));
  g_variant_builder_add (&builder, "{sv}", "interface_version",
                         g_variant_new_uint32 (mc_dbus_manager_get_interface_version (manager)));
  g_variant_builder_add (&builder, "{sv}", "endpoint",
                         g_variant_new_string (or_empty (mc_dbus_manager_get_endpoint (manager))));
  g_variant_builder_add (&builder, "{sv}", "signed_in",
                         g_variant_new_boolean (mc_dbus_manager_get_signed_in (manager)));
  g_variant_builder_add (
      &builder, "{sv}", "data_folder",
      g_variant_new_string (or_empty (mc_dbus_manager_get_data_folder (manager))));
  g_variant_builder_add (&builder, "{sv}", "pid", g_variant_new_uint32 (pid));
  if (socket != NULL)
    g_variant_builder_add (&builder, "{sv}", "socket", g_variant_new_string (socket));
  dict = g_variant_ref_sink (g_variant_builder_end (&builder));
  mc_cli_print_json_value (dict, FALSE);
}

static gboolean
show (McCli *cli, GError **error)
{
  McDbusManager *manager;
  const char *socket;
  guint32 pid;
  g_autofree char *pid_text = NULL;

  if (!mc_cli_connect (cli, error))
    return FALSE;
  manager = mc_cli_get_manager (cli);
  pid = find_pid (cli);
  socket = mc_client_bus_get_socket (mc_client_get_bus (cli->client));
  if (cli->json)
    {
      print_json (manager, pid, socket);
      return TRUE;
    }
  pid_text = g_strdup_printf ("%u", pid);
  mc_cli_print ("%s\n", MC_DBUS_NAME);
  mc_cli_print_fact (_ ("Reached by:"), socket == NULL ? _ ("session bus") : socket);
  mc_cli_print_fact (_ ("Version:"), mc_dbus_manager_get_version (manager));
  mc_cli_print_fact (_ ("Hub:"), mc_dbus_manager_get_endpoint (manager));
  mc_cli_print_fact (_ ("Signed in:"),
                     mc_dbus_manager_get_signed_in (manager) ? _ ("yes") : _ ("no"));
  mc_cli_print_fact (_ ("Data folder:"), mc_dbus_manager_get_data_folder (manager));
  if (pid != 0)
    mc_cli_print_fact (_ ("Process:"), pid_text);
  return TRUE;
}

/* --- stop --- */

/* Without starting it, as a client would. */
static gboolean
is_running (McCli *cli, GDBusConnection *bus, gboolean *running, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) reply = NULL;
  GError *local = NULL;

  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "NameHasOwner",
                          g_variant_new ("(s)", MC_DBUS_NAME), G_VARIANT_TYPE ("(b)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  reply = g_dbus_connection_call_finish (bus, result, &local);
  *running = FALSE;
  if (reply != NULL)
    g_variant_get (reply, "(b)", running);
  else if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return mc_cli_fail (error, local);
  g_clear_error (&local);
  return TRUE;
}

static gboolean
quit_and_wait (McCli *cli, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_quit (manager, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_quit_finish (manager, result, &local)
      && mc_client_get_running (cli->client))
    return mc_cli_fail (error, local);
  g_clear_error (&local);
  while (mc_client_get_running (cli->client) && !g_cancellable_is_cancelled (cli->cancellable))
    g_main_context_iteration (NULL, TRUE);
  return !g_cancellable_set_error_if_cancelled (cli->cancellable, error);
}

static gboolean
stop (McCli *cli, GError **error)
{
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  gboolean running = FALSE;
  GError *local = NULL;

  mc_cli_catch_interrupt (cli);
  mc_client_bus_get_async (0, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  bus = mc_client_bus_get_finish (result, &local);
  if (bus == NULL && !g_error_matches (local, MC_ERROR, MC_ERROR_NO_SERVICE))
    {
      g_propagate_error (error, mc_client_receive_absence (local, "Connecting to the service"));
      return FALSE;
    }
  g_clear_error (&local);
  if (bus != NULL && !is_running (cli, bus, &running, error))
    return FALSE;
  if (running && (!mc_cli_connect (cli, error) || !quit_and_wait (cli, error)))
    return FALSE;
  if (!cli->json)
    mc_cli_print ("%s\n", running ? _ ("The service has ended. It starts again when it is needed.")
                                  : _ ("The service does not run."));
  else
    {
      g_autoptr (GVariant) dict =
          g_variant_ref_sink (g_variant_new_parsed ("{'stopped': <%b>}", running));

      mc_cli_print_json_value (dict, FALSE);
    }
  return TRUE;
}

gboolean
mc_cli_service (McCli *cli, GError **error)
{
  const char *action;

  if (!mc_cli_parse (cli, NULL, error))
    return FALSE;
  action = cli->n_arguments > 0 ? cli->arguments[0] : "status";
  if (strcmp (action, "status") == 0)
    return show (cli, error);
  if (strcmp (action, "stop") == 0)
    return stop (cli, error);
  return mc_cli_fail_usage (error, _ ("“%s” is neither status nor stop"), action);
}
