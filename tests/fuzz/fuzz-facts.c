/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-fit.h"
#include "mc-manifest-build.h"
#include "mc-repo-ref.h"

#include <string.h>

/* The name of a repo, then lines of "size path": the facts about each variant, and the suggestion.
 */

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (strchr (*(const char *const *) a, ' '), strchr (*(const char *const *) b, ' '));
}

static McManifest *
read_manifest (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 64);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (McGrouping) grouping = NULL;
  McManifest *manifest = mc_manifest_new ();

  manifest->endpoint = g_strdup ("https://huggingface.co");
  manifest->repo = g_strdup (lines[0] != NULL ? lines[0] : "");
  manifest->revision = g_strdup ("main");
  manifest->commit = g_strnfill (40, 'a');
  manifest->parameters = strlen (manifest->repo) * 1000000;
  for (gsize i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    if (strchr (lines[i], ' ') != NULL && mc_repo_path_is_valid (strchr (lines[i], ' ') + 1))
      g_ptr_array_add (sorted, lines[i]);
  g_ptr_array_sort (sorted, compare_paths);
  for (guint i = 0; i < sorted->len; i++)
    {
      const char *line = g_ptr_array_index (sorted, i);
      const char *path = strchr (line, ' ') + 1;
      McDigest digest = { 0 };

      if (paths->len == 0 || strcmp (g_ptr_array_index (paths, paths->len - 1), path) != 0)
        g_ptr_array_add (
            paths,
            mc_manifest_add_file (manifest, path, g_ascii_strtoull (line, NULL, 10), digest)->path);
    }
  grouping = mc_grouping_detect ((const char *const *) paths->pdata, paths->len);
  mc_manifest_apply_grouping (manifest, grouping);
  return manifest;
}

static void
check_facts (McManifest *manifest, McVariant *variant, const McMachine *machine)
{
  g_autoptr (McVariantFacts) facts = mc_variant_facts_new (manifest, variant, NULL);
  McFit fit = mc_fit_judge (facts, facts->weight_bytes, 0, machine);

  if (facts->encoding != NULL)
    mc_fuzz_assert_shown (facts->encoding);
  g_assert_true (facts->nominal_bits >= 0 && facts->nominal_bits <= 64);
  g_assert_true (facts->measured_bits >= 0 && facts->measured_bits <= 64);
  g_assert_cmpint (facts->n_missing > 0, ==, (facts->notes & MC_NOTE_INCOMPLETE) != 0);
  g_assert_cmpuint (facts->missing->len, <=, facts->n_missing);
  for (guint i = 0; i < facts->missing->len; i++)
    g_assert_null (mc_manifest_find_file (manifest, g_ptr_array_index (facts->missing, i)));
  g_assert_cmpuint (fit.need, >=, fit.weights);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const McMachine machine = { .ram = (guint64) 16 << 30, .vram = (guint64) 8 << 30 };
  g_autofree char *text = mc_fuzz_dup_text (data, size);
  g_autoptr (McManifest) manifest = read_manifest (text);
  McSuggestion suggestion = mc_fit_suggest (manifest, NULL, &machine, 0);

  for (guint i = 0; i < manifest->variants->len; i++)
    check_facts (manifest, g_ptr_array_index (manifest->variants, i), &machine);
  g_assert_cmpint (suggestion.variant != NULL, ==, suggestion.reason != MC_SUGGEST_NONE);
  return 0;
}
