/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include <stdlib.h>

/* Replays inputs where there is no fuzzer: each argument is a file, or a folder of them. */

static guint
replay_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  g_autofree guint8 *exact = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error))
    {
      g_printerr ("%s\n", error->message);
      exit (1);
    }
  exact = g_memdup2 (data, size);
  /* Said before, so that a crash is known by the last line. */
  g_print ("%s\n", path);
  LLVMFuzzerTestOneInput (exact, size);
  return 1;
}

static guint
replay (const char *path)
{
  g_autoptr (GDir) folder = NULL;
  const char *name;
  guint replayed = 0;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return replay_file (path);
  folder = g_dir_open (path, 0, NULL);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      replayed += replay_file (file);
    }
  return replayed;
}

int
main (int argc, char **argv)
{
  guint replayed = 0;

  LLVMFuzzerInitialize (&argc, &argv);
  for (int i = 1; i < argc; i++)
    replayed += replay (argv[i]);
  g_print ("%u inputs\n", replayed);
  /* A corpus that was not found tests nothing. */
  return replayed > 0 ? 0 : 1;
}
