/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-manifest-build.h"
#include "mc-variant-detect.h"

#include <string.h>

/* Paths, one on each line, of any bytes: grouped in two orders, and put into a manifest. */

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted, without doubles. Borrowed from the lines. */
static GPtrArray *
read_paths (char **lines)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_hash_table_add (seen, lines[i]))
      g_ptr_array_add (paths, lines[i]);
  g_ptr_array_sort (paths, compare_paths);
  return g_steal_pointer (&paths);
}

static void
count (GArray *places, guint *counts, guint n_paths)
{
  for (guint i = 0; i < places->len; i++)
    {
      guint place = g_array_index (places, guint, i);

      g_assert_cmpuint (place, <, n_paths);
      g_assert_true (i == 0 || place > g_array_index (places, guint, i - 1));
      counts[place]++;
    }
}

/* Nothing is lost, nothing is in two places, no key is there twice. */
static void
assert_sound (const McGrouping *grouping, guint n_paths)
{
  g_autofree guint *in_variants = g_new0 (guint, n_paths + 1);
  g_autofree guint *elsewhere = g_new0 (guint, n_paths + 1);
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < grouping->variants->len; i++)
    {
      const McVariantGroup *group = g_ptr_array_index (grouping->variants, i);

      g_assert_true (g_hash_table_add (keys, group->key));
      g_assert_true (g_str_has_prefix (group->key, group->format));
      g_assert_cmpint (group->key[strlen (group->format)], ==, ':');
      g_assert_cmpuint (group->files->len, >, 0);
      count (group->files, in_variants, n_paths);
    }
  count (grouping->shared, elsewhere, n_paths);
  count (grouping->other, elsewhere, n_paths);
  for (guint i = 0; i < n_paths; i++)
    g_assert_cmpuint ((in_variants[i] > 0 ? 1 : 0) + elsewhere[i], ==, 1);
  if (grouping->default_key == NULL)
    g_assert_cmpuint (grouping->variants->len, ==, 0);
  else
    g_assert_true (g_hash_table_contains (keys, grouping->default_key));
}

/* forward was made of the paths as they are, backward of the same from the end. */
static void
assert_alike (const McGrouping *forward, const McGrouping *backward, guint n_paths)
{
  g_assert_cmpuint (forward->variants->len, ==, backward->variants->len);
  g_assert_cmpuint (forward->shared->len, ==, backward->shared->len);
  g_assert_cmpuint (forward->other->len, ==, backward->other->len);
  g_assert_cmpstr (forward->default_key, ==, backward->default_key);
  for (guint i = 0; i < forward->variants->len; i++)
    {
      const McVariantGroup *a = g_ptr_array_index (forward->variants, i);
      const McVariantGroup *b = g_ptr_array_index (backward->variants, i);

      g_assert_cmpstr (a->key, ==, b->key);
      g_assert_cmpuint (a->files->len, ==, b->files->len);
      for (guint j = 0; j < a->files->len; j++)
        g_assert_cmpuint (g_array_index (a->files, guint, j), ==,
                          n_paths - 1 - g_array_index (b->files, guint, b->files->len - 1 - j));
    }
}

/* Every variant is found by its key and brings what it needs. */
static void
check_manifest (const McGrouping *grouping, GPtrArray *paths)
{
  g_autoptr (McManifest) manifest = mc_manifest_new ();

  for (guint i = 0; i < paths->len; i++)
    mc_manifest_add_file (manifest, g_ptr_array_index (paths, i), 1, (McDigest){ MC_DIGEST_NONE });
  mc_manifest_apply_grouping (manifest, grouping);
  for (guint i = 0; i < manifest->variants->len; i++)
    {
      McVariant *variant = g_ptr_array_index (manifest->variants, i);
      g_autoptr (GPtrArray) files = mc_manifest_variant_files (manifest, variant);

      g_assert_true (mc_manifest_find_variant (manifest, variant->key, NULL) == variant);
      g_assert_cmpuint (files->len, ==, variant->files->len + grouping->shared->len);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = mc_fuzz_dup_text (data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) paths = read_paths (lines);
  g_autoptr (GPtrArray) reversed = g_ptr_array_new ();
  g_autoptr (McGrouping) forward = NULL;
  g_autoptr (McGrouping) backward = NULL;

  for (guint i = paths->len; i > 0; i--)
    g_ptr_array_add (reversed, g_ptr_array_index (paths, i - 1));
  forward = mc_grouping_detect ((const char *const *) paths->pdata, paths->len);
  backward = mc_grouping_detect ((const char *const *) reversed->pdata, reversed->len);
  assert_sound (forward, paths->len);
  assert_sound (backward, paths->len);
  assert_alike (forward, backward, paths->len);
  check_manifest (forward, paths);
  return 0;
}
