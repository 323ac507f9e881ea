/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-arguments.h"
#include "mc-cli-fetch.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-run.h"
#include "mc-cli-text.h"
#include "mc-dbus-names.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* mcache open: a command that inherits a file as an open descriptor. The lease lasts as long as the
 * command does. */

typedef struct
{
  int fd;
  char *lease;
  GVariant *details;
} Opened;

static void
opened_clear (Opened *opened)
{
  if (opened->fd >= 0)
    close (opened->fd);
  g_free (opened->lease);
  g_clear_pointer (&opened->details, g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opened, opened_clear)

/* With progress, where OpenFile would keep its caller waiting without a word. */
static gboolean
fetch_file (McCli *cli, GError **error)
{
  const McCliWanted wanted = { cli->arguments[0], "", cli->arguments[1] };
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;
  gboolean is_here = FALSE;

  mc_dbus_manager_call_has_file (manager, wanted.repo, wanted.file, cli->cancellable,
                                 mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_has_file_finish (manager, &is_here, result, &local))
    return mc_cli_fail (error, local);
  return is_here || mc_cli_fetch (cli, &wanted, &transfer, error);
}

static gboolean
open_file (McCli *cli, gboolean fetch, Opened *opened, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_open_file (manager, cli->arguments[0], cli->arguments[1],
                                  mc_cli_flag_option ("fetch", fetch), NULL, cli->cancellable,
                                  mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_open_file_finish (manager, &handle, &opened->lease, &opened->details,
                                              &descriptors, result, &local))
    return mc_cli_fail (error, local);
  opened->fd = mc_cli_take_descriptor (handle, descriptors, error);
  return opened->fd >= 0;
}

/* Leaving the bus would end it as well: a failure changes nothing. */
static void
release_lease (McCli *cli, const char *lease)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) reply = NULL;

  g_dbus_connection_call (mc_client_get_bus (cli->client), MC_DBUS_NAME, lease,
                          "com.tabagent.ModelCache1.Lease", "Release", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  reply = g_dbus_connection_call_finish (mc_client_get_bus (cli->client), result, NULL);
}

/* By a path, which a command may open again, or as its standard input. */
static void
run_command (McCli *cli, Opened *opened)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", opened->fd);

  mc_cli_run (cli, path, opened->fd, NULL);
  opened->fd = -1;
}

static void
print_details (McCli *cli, GVariant *details)
{
  const char *sha256 = mc_cli_dict_get_string (details, "sha256", NULL);
  const char *git_sha1 = mc_cli_dict_get_string (details, "git_sha1", NULL);
  g_autofree char *size = NULL;

  if (cli->json)
    {
      mc_cli_print_json_value (details, FALSE);
      return;
    }
  size = mc_cli_text_size (mc_cli_dict_get_size (details, "size"));
  mc_cli_print ("%s\n", cli->arguments[1]);
  mc_cli_print_fact (_ ("Size:"), size);
  mc_cli_print_fact ("SHA-256:", sha256);
  mc_cli_print_fact (_ ("Git SHA-1:"), git_sha1);
  mc_cli_print (_ ("Give a command to run on it: mcache open %s %s -- COMMAND {}\n"),
                cli->arguments[0], cli->arguments[1]);
}

gboolean
mc_cli_open (McCli *cli, GError **error)
{
  gboolean fetch = FALSE;
  const GOptionEntry entries[] = {
    { "fetch", 0, 0, G_OPTION_ARG_NONE, &fetch, N_ ("Download the file first if it is not here"),
      NULL },
    { NULL },
  };
  g_auto (Opened) opened = { .fd = -1 };

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (cli->command != NULL && cli->command[0] == NULL)
    return mc_cli_fail_usage (error, _ ("A command must follow --"));
  if (cli->command != NULL && cli->json)
    return mc_cli_fail_usage (error, _ ("The output is the command's own: --json makes no sense"));
  if (!mc_cli_connect (cli, error) || (fetch && !fetch_file (cli, error)))
    return FALSE;
  if (!open_file (cli, fetch, &opened, error))
    return FALSE;
  if (cli->command == NULL)
    print_details (cli, opened.details);
  else
    run_command (cli, &opened);
  release_lease (cli, opened.lease);
  return TRUE;
}
