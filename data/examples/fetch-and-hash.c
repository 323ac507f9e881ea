/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */

/* fetch-and-hash REPO PATH: the SHA-256 of a file of a model, which is downloaded if need be.
 *
 * cc -o fetch-and-hash fetch-and-hash.c $(pkg-config --cflags --libs gio-unix-2.0) */

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME "com.tabagent.ModelCache.Service"
#define ROOT "/com/tabagent/ModelCache1"
#define MANAGER "com.tabagent.ModelCache1.Manager"

/* A download takes as long as it takes. */
#define NO_LIMIT G_MAXINT

static gboolean
has_file (GDBusConnection *bus, const char *repo, const char *path, gboolean *has, GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, NAME, ROOT, MANAGER, "HasFile", g_variant_new ("(ss)", repo, path),
      G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NONE, NO_LIMIT, NULL, error);

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(b)", has);
  return TRUE;
}

/* A read-only descriptor and its lease; the file is fetched first if it is not here. */
static int
open_file (GDBusConnection *bus, const char *repo, const char *path, char **lease, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) reply = NULL;
  gint32 handle;

  reply = g_dbus_connection_call_with_unix_fd_list_sync (
      bus, NAME, ROOT, MANAGER, "OpenFile",
      g_variant_new_parsed ("(%s, %s, {'fetch': <true>})", repo, path),
      G_VARIANT_TYPE ("(hoa{sv})"), G_DBUS_CALL_FLAGS_NONE, NO_LIMIT, NULL, &descriptors, NULL,
      error);
  if (reply == NULL)
    return -1;
  g_variant_get (reply, "(hoa{sv})", &handle, lease, NULL);
  return g_unix_fd_list_get (descriptors, handle, error);
}

/* Leaving the bus would do it too. The descriptor stays good either way. */
static void
release (GDBusConnection *bus, const char *lease)
{
  GVariant *reply =
      g_dbus_connection_call_sync (bus, NAME, lease, "com.tabagent.ModelCache1.Lease", "Release",
                                   NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  g_clear_pointer (&reply, g_variant_unref);
}

static gboolean
print_hash (int descriptor, const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new_from_fd (descriptor, FALSE, error);
  g_autoptr (GBytes) bytes = file == NULL ? NULL : g_mapped_file_get_bytes (file);
  g_autofree char *hash = NULL;

  if (bytes == NULL)
    return FALSE;
  hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_print ("%s  %s\n", hash, path);
  return TRUE;
}

static gboolean
fetch_and_hash (const char *repo, const char *path, GError **error)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);
  g_autofree char *lease = NULL;
  gboolean has = FALSE;
  gboolean ok;
  int descriptor;

  if (bus == NULL || !has_file (bus, repo, path, &has, error))
    return FALSE;
  if (!has)
    g_printerr ("%s is not here yet: it is fetched\n", path);
  descriptor = open_file (bus, repo, path, &lease, error);
  if (descriptor < 0)
    return FALSE;
  ok = print_hash (descriptor, path, error);
  close (descriptor);
  release (bus, lease);
  return ok;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 3)
    {
      g_printerr ("Usage: %s REPO PATH\n", argv[0]);
      return EXIT_FAILURE;
    }
  if (fetch_and_hash (argv[1], argv[2], &error))
    return EXIT_SUCCESS;
  g_dbus_error_strip_remote_error (error);
  g_printerr ("%s\n", error->message);
  return EXIT_FAILURE;
}
