/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "listing-builder.h"

#include "mc-manifest-build.h"

#include <string.h>

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

McManifest *
build_manifest (const char *repo, const char *const *lines)
{
  McManifest *manifest = mc_manifest_new ();
  g_autoptr (GPtrArray) sorted = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (McGrouping) grouping = NULL;

  manifest->endpoint = g_strdup ("https://huggingface.co");
  manifest->repo = g_strdup (repo);
  manifest->revision = g_strdup ("main");
  manifest->commit = g_strnfill (40, 'a');
  for (gsize i = 0; lines[i] != NULL; i++)
    g_ptr_array_add (sorted, g_strdup (lines[i]));
  /* The blank between path and size sorts before all that a path has. */
  g_ptr_array_sort (sorted, compare_lines);
  for (guint i = 0; i < sorted->len; i++)
    {
      char *path = g_ptr_array_index (sorted, i);
      char *blank = strrchr (path, ' ');
      McDigest digest = { 0 };

      g_assert_nonnull (blank);
      *blank = '\0';
      g_ptr_array_add (paths, mc_manifest_add_file (manifest, path,
                                                    g_ascii_strtoull (blank + 1, NULL, 10), digest)
                                  ->path);
    }
  grouping = mc_grouping_detect ((const char *const *) paths->pdata, paths->len);
  mc_manifest_apply_grouping (manifest, grouping);
  return manifest;
}

McVariant *
get_variant (McManifest *manifest, const char *key)
{
  g_autoptr (GError) error = NULL;
  McVariant *variant = mc_manifest_find_variant (manifest, key, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (variant->key, ==, key);
  return variant;
}
