/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-arguments.h"
#include "mc-cli-fetch.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-run.h"
#include "mc-dbus-names.h"
#include "mc-error.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

/* mcache checkout: a folder with the files of a variant, for as long as a command runs, or until
 * Ctrl-C. The lease goes with this program. */

typedef struct
{
  char *folder;
  char *lease;
  GVariant *details;
} Place;

static void
place_clear (Place *place)
{
  g_free (place->folder);
  g_free (place->lease);
  g_clear_pointer (&place->details, g_variant_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static const char *
get_variant (McCli *cli)
{
  const char *variant = mc_cli_get_argument (cli, 1);

  return variant == NULL ? "" : variant;
}

/* With progress, where Checkout would keep its caller waiting without a word. */
static gboolean
fetch_variant (McCli *cli, GError **error)
{
  const McCliWanted wanted = { cli->arguments[0], get_variant (cli), NULL };
  g_autoptr (McDbusTransfer) transfer = NULL;

  return mc_cli_fetch (cli, &wanted, &transfer, error);
}

static gboolean
check_out (McCli *cli, Place *place, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_checkout (manager, cli->arguments[0], get_variant (cli),
                                 mc_cli_no_options (), cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  return mc_dbus_manager_call_checkout_finish (manager, &place->folder, &place->lease,
                                               &place->details, result, &local)
         || mc_cli_fail (error, local);
}

static void
print_place (McCli *cli, Place *place)
{
  g_autoptr (GVariant) dict = NULL;
  GVariantDict values;

  if (!cli->json)
    {
      mc_cli_print ("%s\n", place->folder);
      return;
    }
  g_variant_dict_init (&values, place->details);
  g_variant_dict_insert (&values, "folder", "s", place->folder);
  dict = g_variant_ref_sink (g_variant_dict_end (&values));
  mc_cli_print_json_value (dict, FALSE);
}

static void
on_gone (GDBusConnection *connection, const char *name, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* What a pipe is when nobody has its other end any more. */
static gboolean
on_unread (int fd, GIOCondition condition, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Ctrl-C ends it, and with it the lease; and the end of whoever read the folder from a pipe. */
static gboolean
stay (McCli *cli, GError **error)
{
  gboolean gone = FALSE;
  gboolean unread = FALSE;
  guint watch =
      g_bus_watch_name_on_connection (mc_client_get_bus (cli->client), MC_DBUS_NAME,
                                      G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_gone, &gone, NULL);
  guint reader = g_unix_fd_add (STDOUT_FILENO, G_IO_ERR, on_unread, &unread);

  while (!gone && !unread)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (reader);
  g_bus_unwatch_name (watch);
  if (unread)
    return TRUE;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_NO_SERVICE, _ ("The service has ended"));
  return FALSE;
}

gboolean
mc_cli_checkout (McCli *cli, GError **error)
{
  gboolean fetch = FALSE;
  const GOptionEntry entries[] = {
    { "fetch", 0, 0, G_OPTION_ARG_NONE, &fetch, N_ ("Download what is missing first"), NULL },
    { NULL },
  };
  g_auto (Place) place = { NULL };
  gboolean by_path;

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (cli->command != NULL && cli->command[0] == NULL)
    return mc_cli_fail_usage (error, _ ("A command must follow --"));
  if (cli->command != NULL && cli->json)
    return mc_cli_fail_usage (error, _ ("The output is the command's own: --json makes no sense"));
  if (!mc_cli_connect (cli, error) || (fetch && !fetch_variant (cli, error))
      || !check_out (cli, &place, error))
    return FALSE;
  if (cli->command == NULL)
    {
      /* Whoever reads it may press Ctrl-C at once. */
      mc_cli_release_interrupt (cli);
      print_place (cli, &place);
      fflush (stdout);
      return stay (cli, error);
    }
  by_path = mc_cli_arguments_have_placeholder ((const char *const *) cli->command);
  mc_cli_run (cli, place.folder, -1, by_path ? NULL : place.folder);
  return TRUE;
}
