/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-arguments.h"
#include "mc-cli-manifest.h"
#include "mc-dbus-names.h"
#include "mc-error.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* mcache cat: a file's bytes from the service's pipe to standard output. A pipe that ends too early
 * looks like one that ends: the bytes are counted. */

#define BLOCK_SIZE (256 * 1024)

/* How many bytes are to come. */
static gboolean
find_expected (McCli *cli, guint64 offset, guint64 length, guint64 *expected, GError **error)
{
  g_autoptr (GVariant) manifest = mc_cli_get_manifest (cli, cli->arguments[0], error);
  g_autoptr (GVariant) files = NULL;

  if (manifest == NULL)
    return FALSE;
  files = mc_cli_dict_get_list (manifest, "files");
  for (gsize i = 0; i < g_variant_n_children (files); i++)
    {
      g_autoptr (GVariant) file = g_variant_get_child_value (files, i);
      guint64 size = mc_cli_dict_get_size (file, "size");
      guint64 rest = offset < size ? size - offset : 0;

      if (strcmp (mc_cli_dict_get_string (file, "path", ""), cli->arguments[1]) != 0)
        continue;
      *expected = length == 0 ? rest : MIN (length, rest);
      return TRUE;
    }
  g_set_error (error, MC_ERROR, MC_ERROR_UNKNOWN_FILE, "%s has no file “%s”", cli->arguments[0],
               cli->arguments[1]);
  return FALSE;
}

/* The reading end of the pipe; -1 on failure. */
static int
open_pipe (McCli *cli, guint64 offset, guint64 length, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_read_range (manager, cli->arguments[0], cli->arguments[1], offset, length,
                                   NULL, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_read_range_finish (manager, &handle, &descriptors, result, &local))
    {
      mc_cli_fail (error, local);
      return -1;
    }
  return mc_cli_take_descriptor (handle, descriptors, error);
}

static gboolean
write_all (const char *bytes, gsize length, GError **error)
{
  while (length > 0)
    {
      gssize written = write (STDOUT_FILENO, bytes, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0 && errno == EPIPE)
        {
          g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_PIPE, "Nobody reads the output");
          return FALSE;
        }
      if (written < 0)
        {
          int number = errno;

          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
                       _ ("Writing to standard output failed: %s"), g_strerror (number));
          return FALSE;
        }
      bytes += written;
      length -= (gsize) written;
    }
  return TRUE;
}

static gboolean
copy (int from, guint64 *copied, GError **error)
{
  g_autofree char *block = g_malloc (BLOCK_SIZE);
  gssize got;

  while ((got = read (from, block, BLOCK_SIZE)) != 0)
    {
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          int number = errno;

          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
                       "Reading from the service failed: %s", g_strerror (number));
          return FALSE;
        }
      if (!write_all (block, (gsize) got, error))
        return FALSE;
      *copied += (guint64) got;
    }
  return TRUE;
}

static gboolean
parse_range (const char *offset_text,
             const char *length_text,
             guint64 *offset,
             guint64 *length,
             GError **error)
{
  if (offset_text != NULL && !mc_cli_arguments_parse_bytes (offset_text, offset))
    return mc_cli_fail_usage (error, _ ("--offset takes a count of bytes"));
  if (length_text != NULL && (!mc_cli_arguments_parse_bytes (length_text, length) || *length == 0))
    return mc_cli_fail_usage (error, _ ("--length takes a count of bytes, at least 1"));
  return TRUE;
}

/* Why a pipe ended too early: the service went away, or the bytes are bad. */
static gboolean
fail_short (McCli *cli, guint64 copied, guint64 expected, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) reply = NULL;
  GError *local = NULL;

  g_dbus_connection_call (mc_client_get_bus (cli->client), MC_DBUS_NAME, "/",
                          "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  reply = g_dbus_connection_call_finish (mc_client_get_bus (cli->client), result, &local);
  if (reply == NULL)
    mc_cli_fail (error, local);
  else
    g_set_error_literal (error, MC_ERROR, MC_ERROR_CORRUPT, "The service ended the pipe");
  g_prefix_error (error, "%s: only %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes came: ",
                  cli->arguments[1], copied, expected);
  return FALSE;
}

gboolean
mc_cli_cat (McCli *cli, GError **error)
{
  g_autofree char *offset_text = NULL;
  g_autofree char *length_text = NULL;
  guint64 offset = 0;
  guint64 length = 0;
  guint64 expected = 0;
  guint64 copied = 0;
  const GOptionEntry entries[] = {
    { "offset", 'o', 0, G_OPTION_ARG_FILENAME, &offset_text, N_ ("Begin at this byte"), N_ ("N") },
    { "length", 'n', 0, G_OPTION_ARG_FILENAME, &length_text, N_ ("At most this many bytes"),
      N_ ("N") },
    { NULL },
  };
  int from;
  gboolean ok;

  if (!mc_cli_parse (cli, entries, error)
      || !parse_range (offset_text, length_text, &offset, &length, error))
    return FALSE;
  if (cli->json)
    return mc_cli_fail_usage (error, _ ("cat writes the file's own bytes: --json makes no sense"));
  if (!mc_cli_connect (cli, error) || !find_expected (cli, offset, length, &expected, error))
    return FALSE;
  from = open_pipe (cli, offset, length, error);
  if (from < 0)
    return FALSE;
  mc_cli_release_interrupt (cli);
  ok = copy (from, &copied, error);
  close (from);
  if (ok && copied != expected)
    return fail_short (cli, copied, expected, error);
  return ok;
}
