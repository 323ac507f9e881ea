/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli.h"
#include "mc-cli-output.h"

#include "mc-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

/* mcache login, logout and whoami. The token is read from standard input, or without showing it
 * from the terminal, and goes to the service by a descriptor: it is in no argument, no message and
 * no file. */

#define MAX_TOKEN 4096

/* Up to the end of the line. FALSE with an error. */
static gboolean
read_line (char *buffer, gsize size, GError **error)
{
  gsize length = 0;

  while (length < size - 1)
    {
      ssize_t count = read (STDIN_FILENO, buffer + length, 1);

      if (count < 0 && errno == EINTR)
        continue;
      if (count <= 0 || buffer[length] == '\n')
        break;
      length++;
    }
  buffer[length] = '\0';
  g_strstrip (buffer);
  if (buffer[0] != '\0')
    return TRUE;
  return mc_cli_fail_usage (error, _ ("There is no token on standard input"));
}

static gboolean
ask_token (char *buffer, gsize size, GError **error)
{
  struct termios shown;
  struct termios hidden;
  gboolean is_terminal = tcgetattr (STDIN_FILENO, &shown) == 0;
  gboolean done;

  if (!is_terminal)
    return read_line (buffer, size, error);
  hidden = shown;
  hidden.c_lflag &= ~(tcflag_t) ECHO;
  g_printerr ("%s ", _ ("Token (it is not shown):"));
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
  done = read_line (buffer, size, error);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
  g_printerr ("\n");
  return done;
}

/* -1 with an error. */
static int
pack_token (GError **error)
{
  char buffer[MAX_TOKEN + 1];
  gsize length;
  int fd;

  if (!ask_token (buffer, sizeof buffer, error))
    return -1;
  length = strlen (buffer);
  fd = memfd_create ("token", MFD_CLOEXEC);
  if (fd < 0 || write (fd, buffer, length) != (ssize_t) length)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "%s", g_strerror (errno));
      if (fd >= 0)
        close (fd);
      fd = -1;
    }
  explicit_bzero (buffer, sizeof buffer);
  return fd;
}

static GVariant *
make_options (const char *endpoint)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (endpoint != NULL)
    g_variant_builder_add (&options, "{sv}", "endpoint", g_variant_new_string (endpoint));
  return g_variant_builder_end (&options);
}

static const char *
look_up (GVariant *dict, const char *name)
{
  const char *text = "";

  g_variant_lookup (dict, name, "&s", &text);
  return text;
}

static void
print_login (McCli *cli, GVariant *result)
{
  if (cli->json)
    {
      mc_cli_print_json_value (result, FALSE);
      return;
    }
  /* Translators: the address of a Hub, and the name of an account there. */
  mc_cli_print (_ ("Signed in to %s as %s.\n"), look_up (result, "endpoint"),
                look_up (result, "name"));
  if (strcmp (look_up (result, "kept"), "keyring") == 0)
    {
      mc_cli_print ("%s\n", _ ("The token is kept in your keyring."));
      return;
    }
  mc_cli_print (
      "%s\n%s\n",
      _ ("There is no keyring that could keep the token: it is forgotten when the service "
         "ends, or you log out. Start a keyring, then sign in once more."),
      look_up (result, "reason"));
}

static const char *
get_endpoint (McCli *cli)
{
  return cli->n_arguments > 0 ? cli->arguments[0] : NULL;
}

gboolean
mc_cli_login (McCli *cli, GError **error)
{
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) dict = NULL;
  GError *local = NULL;
  int handle;
  int fd;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  fd = pack_token (error);
  if (fd < 0)
    return FALSE;
  handle = g_unix_fd_list_append (list, fd, error);
  close (fd);
  if (handle < 0)
    return FALSE;
  mc_dbus_manager_call_sign_in (mc_cli_get_manager (cli), g_variant_new_handle (handle),
                                make_options (get_endpoint (cli)), list, cli->cancellable,
                                mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_sign_in_finish (mc_cli_get_manager (cli), &dict, NULL, result, &local))
    return mc_cli_fail (error, local);
  print_login (cli, dict);
  return TRUE;
}

gboolean
mc_cli_logout (McCli *cli, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) dict = NULL;
  gboolean remains = FALSE;
  GError *local = NULL;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  mc_dbus_manager_call_sign_out (mc_cli_get_manager (cli), make_options (get_endpoint (cli)),
                                 cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_sign_out_finish (mc_cli_get_manager (cli), &dict, result, &local))
    return mc_cli_fail (error, local);
  if (cli->json)
    {
      mc_cli_print_json_value (dict, FALSE);
      return TRUE;
    }
  /* Translators: the address of a Hub. */
  mc_cli_print (_ ("Signed out of %s.\n"), look_up (dict, "endpoint"));
  g_variant_lookup (dict, "remains", "b", &remains);
  if (remains)
    mc_cli_print ("%s\n", _ ("A token from HF_TOKEN or from the file of the Hub's own tools is "
                             "still sent. It is not ours to remove."));
  return TRUE;
}

gboolean
mc_cli_whoami (McCli *cli, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) dict = NULL;
  g_autofree char *name = NULL;
  GError *local = NULL;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  mc_dbus_manager_call_who_am_i (mc_cli_get_manager (cli), cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_who_am_i_finish (mc_cli_get_manager (cli), &name, result, &local))
    return mc_cli_fail (error, local);
  if (!cli->json)
    {
      mc_cli_print ("%s\n", name);
      return TRUE;
    }
  dict = g_variant_ref_sink (g_variant_new_parsed ("{'name': <%s>}", name));
  mc_cli_print_json_value (dict, FALSE);
  return TRUE;
}
