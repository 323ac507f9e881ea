/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */

/* cache-and-hash [--private FOLDER] REPO PATH: the SHA-256 of a file of a model, which is
 * downloaded if need be: to the cache of the user, or to one in a folder of this program's own.
 *
 * cc -o cache-and-hash cache-and-hash.c $(pkg-config --cflags --libs model-cache-1) */

#include <model-cache.h>
#include <stdlib.h>
#include <string.h>

static McCache *
open_cache (const char *folder, GError **error)
{
  if (folder == NULL)
    return (McCache *) mc_shared_cache_new (NULL, error);
  return (McCache *) mc_private_cache_new (folder, NULL, NULL, error);
}

static void
show_progress (guint64 done, guint64 total, gpointer user_data)
{
  g_printerr ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes are here\n", done, total);
}

static gboolean
cache_and_hash (const char *folder, const char *repo, const char *path, GError **error)
{
  g_autoptr (McCache) cache = open_cache (folder, error);
  g_autoptr (GBytes) content = NULL;
  g_autofree char *hash = NULL;

  if (cache == NULL)
    return FALSE;
  if (!mc_cache_has_file (cache, repo, path, NULL, NULL)
      && !mc_cache_download_file (cache, repo, path, NULL, show_progress, NULL, error))
    return FALSE;
  content = mc_cache_load (cache, repo, path, MC_OPEN_NONE, NULL, error);
  if (content == NULL)
    return FALSE;
  hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  g_print ("%s  %s\n", hash, path);
  return TRUE;
}

int
main (int argc, char **argv)
{
  const char *folder = NULL;
  g_autoptr (GError) error = NULL;

  if (argc == 5 && strcmp (argv[1], "--private") == 0)
    {
      folder = argv[2];
      argv += 2;
      argc -= 2;
    }
  if (argc != 3)
    {
      g_printerr ("Usage: cache-and-hash [--private FOLDER] REPO PATH\n");
      return EXIT_FAILURE;
    }
  if (cache_and_hash (folder, argv[1], argv[2], &error))
    return EXIT_SUCCESS;
  g_printerr ("%s\n", error->message);
  return EXIT_FAILURE;
}
