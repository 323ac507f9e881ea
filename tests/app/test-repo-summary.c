/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-summary.h"

#include <string.h>

/* The dictionaries of ListRepos(), as a service of this version tells them, and others. */

#define NOW G_GINT64_CONSTANT (1767225600) /* 2026-01-01 */

static McRepoSummary *
read_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) dict = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return mc_repo_summary_new (dict, NOW);
}

static void
test_whole (void)
{
  g_autoptr (McRepoSummary) it = read_text (
      "{'path': <objectpath '/com/tabagent/ModelCache1/repo/17'>, 'repo': <'owner/Name-2B'>, "
      "'revision': <'main'>, 'task': <'text-generation'>, 'license': <'mit'>, "
      "'parameters': <uint64 2600000000>, 'last_modified': <'2025-12-29T00:00:00.000Z'>, "
      "'endpoint': <'https://hub.example'>, 'commit': <'0123'>, 'gated': <'manual'>, "
      "'formats': <['gguf', 'onnx']>, 'variants': <uint32 9>, 'downloaded': <uint32 2>, "
      "'damaged': <uint32 1>, 'failed': <uint32 3>, 'fraction': <0.25>}");

  g_assert_cmpuint (it->number, ==, 17);
  g_assert_cmpstr (it->id, ==, "owner/Name-2B");
  g_assert_cmpstr (it->ref, ==, "owner/Name-2B");
  g_assert_cmpstr (it->owner, ==, "owner");
  g_assert_cmpstr (it->title, ==, "Name-2B");
  g_assert_cmpstr (it->endpoint, ==, "https://hub.example");
  g_assert_cmpstr (it->commit, ==, "0123");
  g_assert_cmpstr (it->icon_name, ==, "mc-text-symbolic");
  g_assert_nonnull (strstr (it->details, "mit"));
  g_assert_nonnull (strstr (it->details, "2.6B parameters"));
  g_assert_nonnull (strstr (it->changed, "3"));
  g_assert_true (it->gated);
  g_assert_cmpuint (g_strv_length (it->formats), ==, 2);
  g_assert_cmpuint (it->n_variants, ==, 9);
  g_assert_cmpuint (it->n_here, ==, 2);
  g_assert_cmpuint (it->n_damaged, ==, 1);
  g_assert_cmpuint (it->n_failed, ==, 3);
  g_assert_cmpfloat (it->fraction, ==, 0.25);
  g_assert_nonnull (strstr (it->text, "owner/name-2b"));
  g_assert_nonnull (strstr (it->text, "onnx"));
}

/* A model of which two revisions are here has two rows. */
static void
test_revision (void)
{
  g_autoptr (McRepoSummary) it = mc_repo_summary_new_named (5, "owner/name", "v2");

  g_assert_cmpuint (it->number, ==, 5);
  g_assert_cmpstr (it->ref, ==, "owner/name@v2");
  g_assert_cmpstr (it->owner, ==, "owner · v2");
  g_assert_cmpstr (it->title, ==, "name");
  g_assert_false (it->gated);
}

static void
test_hostile (void)
{
  static const char *const texts[] = {
    "@a{sv} {}",
    ("{'repo': <5>, 'path': <'/nowhere'>, 'formats': <'gguf'>, 'variants': <'many'>, "
     "'fraction': <1e300>, 'gated': <true>, 'last_modified': <'yesterday'>}"),
    "{'fraction': <-1.0>, 'variants': <int64 -1>, 'commit': <@mv nothing>}",
    "{'repo': <''>, 'repo': <'second/one'>, 'formats': <@as []>}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (McRepoSummary) it = read_text (texts[i]);

      g_assert_cmpuint (it->number, ==, 0);
      g_assert_cmpstr (it->id, ==, "");
      g_assert_cmpstr (it->ref, ==, "");
      g_assert_cmpuint (g_strv_length (it->formats), ==, 0);
      g_assert_cmpuint (it->n_variants, ==, 0);
      g_assert_cmpfloat (it->fraction, ==, 0);
      g_assert_cmpstr (it->commit, ==, "");
      g_assert_null (it->changed);
      g_assert_false (it->gated);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/repo-summary/whole", test_whole);
  g_test_add_func ("/repo-summary/revision", test_revision);
  g_test_add_func ("/repo-summary/hostile", test_hostile);
  return g_test_run ();
}
