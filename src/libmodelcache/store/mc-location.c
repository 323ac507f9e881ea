/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-location.h"

#include "mc-error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

gboolean
mc_location_has_store (const char *folder)
{
  static const char *const parts[] = { "catalog.db", "packs", "small.db" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *path = g_build_filename (folder, parts[i], NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

/* The lines of a file; NULL if it is not there or holds something else than absolute paths. */
static char **
read_paths (const char *home, const char *name, guint count)
{
  g_autofree char *path = g_build_filename (home, name, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  if (g_strv_length (lines) != count + 1)
    return NULL;
  for (guint i = 0; i < count; i++)
    if (!g_path_is_absolute (lines[i]))
      return NULL;
  return g_steal_pointer (&lines);
}

static gboolean
write_paths (const char *home, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (home, name, NULL);
  g_autoptr (GError) local = NULL;

  if (g_mkdir_with_parents (home, 0700) == 0
      && g_file_set_contents_full (path, text, -1,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, &local))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_STORE, "Writing %s: %s", path,
               local != NULL ? local->message : g_strerror (errno));
  return FALSE;
}

char *
mc_location_find (const char *home, GError **error)
{
  g_auto (GStrv) lines = read_paths (home, "location", 1);

  if (lines == NULL)
    return g_strdup (home);
  if (mc_location_has_store (lines[0]))
    return g_strdup (lines[0]);
  g_set_error (error, MC_ERROR, MC_ERROR_STORE_ABSENT,
               "The store was moved to %s, and is not there now", lines[0]);
  return NULL;
}

gboolean
mc_location_set (const char *home, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (home, "location", NULL);
  g_autofree char *text = g_strconcat (folder, "\n", NULL);

  if (strcmp (home, folder) != 0)
    return write_paths (home, "location", text, error);
  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_STORE, "Removing %s: %s", path, g_strerror (errno));
  return FALSE;
}

gboolean
mc_location_get_move (const char *home, char **from, char **to)
{
  g_auto (GStrv) lines = read_paths (home, "moving", 2);

  if (lines == NULL)
    return FALSE;
  *from = g_strdup (lines[0]);
  *to = g_strdup (lines[1]);
  return TRUE;
}

gboolean
mc_location_set_move (const char *home, const char *from, const char *to, GError **error)
{
  g_autofree char *text = g_strconcat (from, "\n", to, "\n", NULL);

  return write_paths (home, "moving", text, error);
}

void
mc_location_forget_move (const char *home)
{
  g_autofree char *path = g_build_filename (home, "moving", NULL);

  if (g_unlink (path) != 0 && errno != ENOENT)
    g_warning ("Removing %s: %s", path, g_strerror (errno));
}
