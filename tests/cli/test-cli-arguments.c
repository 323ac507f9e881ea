/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-arguments.h"
#include "mc-cli-verbs.h"

#include "mc-cli-transfers.h"

typedef const char *const Words[];

#define WORDS(...) ((Words){ __VA_ARGS__ __VA_OPT__ (, ) NULL })

static void
assert_words (char **words, const char *const *expected)
{
  g_assert_cmpstrv (words, expected);
}

static void
test_split (void)
{
  g_auto (GStrv) before = NULL;
  g_auto (GStrv) after = NULL;

  mc_cli_arguments_split (WORDS ("a", "b"), &before, &after);
  assert_words (before, WORDS ("a", "b"));
  g_assert_null (after);
  g_clear_pointer (&before, g_strfreev);

  mc_cli_arguments_split (WORDS ("a", "--", "b", "--", "c"), &before, &after);
  assert_words (before, WORDS ("a"));
  assert_words (after, WORDS ("b", "--", "c"));
  g_clear_pointer (&before, g_strfreev);
  g_clear_pointer (&after, g_strfreev);

  mc_cli_arguments_split (WORDS ("--"), &before, &after);
  assert_words (before, WORDS ());
  assert_words (after, WORDS ());
}

static void
assert_joined (const char *const *words, const char *const *expected)
{
  g_auto (GStrv) joined = mc_cli_arguments_join_pasted (words);

  assert_words (joined, expected);
}

static void
test_join (void)
{
  assert_joined (WORDS (), WORDS ());
  assert_joined (WORDS ("mcache", "owner/name", "q4"), WORDS ("mcache", "owner/name", "q4"));
  assert_joined (WORDS ("mcache", "hf", "download", "owner/name"),
                 WORDS ("mcache", "hf download owner/name"));
  assert_joined (WORDS ("mcache", "--json", "hf", "download", "owner/name", "--revision", "r"),
                 WORDS ("mcache", "--json", "hf download owner/name --revision r"));
  assert_joined (WORDS ("mcache", "--offset", "5", "ollama", "run", "hf.co/owner/name"),
                 WORDS ("mcache", "--offset", "5", "ollama run hf.co/owner/name"));
  assert_joined (WORDS ("mcache", "llama-server", "-hf", "owner/name:Q4"),
                 WORDS ("mcache", "llama-server -hf owner/name:Q4"));
  assert_joined (WORDS ("mcache", "git", "clone", "https://huggingface.co/owner/name"),
                 WORDS ("mcache", "git clone https://huggingface.co/owner/name"));
  /* Repos may have such names, too. */
  assert_joined (WORDS ("mcache", "git", "q4"), WORDS ("mcache", "git", "q4"));
  assert_joined (WORDS ("mcache", "hf"), WORDS ("mcache", "hf"));
}

static void
test_nearest (void)
{
  g_auto (GStrv) names = mc_cli_list_verb_names ();
  Words words = { "search", "scan", "show", "status", "list", "cat", NULL };
  g_autofree char *endless = g_strnfill (100000, 's');

  g_assert_cmpstr (mc_cli_arguments_nearest ("sxearch", words), ==, "search");
  g_assert_cmpstr (mc_cli_arguments_nearest ("sho", words), ==, "show");
  g_assert_cmpstr (mc_cli_arguments_nearest ("stat", words), ==, "status");
  g_assert_cmpstr (mc_cli_arguments_nearest ("lixst", words), ==, "list");
  g_assert_cmpstr (mc_cli_arguments_nearest ("cta", words), ==, "cat");
  g_assert_null (mc_cli_arguments_nearest ("frobnicate", words));
  g_assert_null (mc_cli_arguments_nearest ("", words));
  g_assert_null (mc_cli_arguments_nearest ("x", words));
  g_assert_null (mc_cli_arguments_nearest (endless, words));
  g_assert_cmpstr (mc_cli_arguments_nearest ("downlxoad", (const char *const *) names), ==,
                   "download");
}

static void
test_substitute (void)
{
  g_autofree char *whole = mc_cli_arguments_substitute ("{}", "/proc/self/fd/9");
  g_autofree char *within = mc_cli_arguments_substitute ("a={},b={}", "P");
  g_autofree char *none = mc_cli_arguments_substitute ("{ }", "P");

  g_assert_cmpstr (whole, ==, "/proc/self/fd/9");
  g_assert_cmpstr (within, ==, "a=P,b=P");
  g_assert_cmpstr (none, ==, "{ }");
  g_assert_true (mc_cli_arguments_have_placeholder (WORDS ("cat", "x{}")));
  g_assert_false (mc_cli_arguments_have_placeholder (WORDS ("cat", "-")));
}

static void
test_bytes (void)
{
  static const struct
  {
    const char *text;
    guint64 bytes;
  } good[] = {
    { "0", 0 },
    { "12", 12 },
    { "5MB", 5000000 },
    { "5m", 5000000 },
    { "200 GB", G_GUINT64_CONSTANT (200000000000) },
    { "64 KiB", 65536 },
    { "64KiB", 65536 },
    { "64Ki", 65536 },
    { "1GiB", 1073741824 },
    { "7B", 7 },
    { "18446744073709551615", G_MAXUINT64 },
  };
  static const char *const bad[] = {
    "",         "-1", "+1", "x", "1.5", "1 ", "1  B", " 1", "1Xi", "1MM", "18446744073709551616",
    "99999999T"
  };
  guint64 bytes;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (mc_cli_arguments_parse_bytes (good[i].text, &bytes));
      g_assert_cmpuint (bytes, ==, good[i].bytes);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mc_cli_arguments_parse_bytes (bad[i], &bytes));
}

static void
test_transfer_names (void)
{
  g_assert_true (mc_cli_transfer_is_named ("12", 12, "owner/name", "onnx:q4"));
  g_assert_false (mc_cli_transfer_is_named ("1", 12, "owner/name", "onnx:q4"));
  g_assert_true (mc_cli_transfer_is_named ("owner/name", 12, "owner/name", "onnx:q4"));
  g_assert_true (mc_cli_transfer_is_named ("Owner/Name", 12, "owner/name", "onnx:q4"));
  g_assert_true (mc_cli_transfer_is_named ("owner/name:q4", 12, "owner/name", "onnx:q4"));
  g_assert_true (mc_cli_transfer_is_named ("owner/name:onnx:Q4", 12, "owner/name", "onnx:q4"));
  g_assert_false (mc_cli_transfer_is_named ("owner/name:q8", 12, "owner/name", "onnx:q4"));
  g_assert_false (mc_cli_transfer_is_named ("owner/name:", 12, "owner/name", "onnx:q4"));
  g_assert_false (mc_cli_transfer_is_named ("owner/name2", 12, "owner/name", "onnx:q4"));
  g_assert_false (mc_cli_transfer_is_named ("owner", 12, "owner/name", ""));
  g_assert_false (mc_cli_transfer_is_named ("", 12, "", ""));
}

/* Each verb tells what it is, and the table is what the program has. */
static void
test_verbs (void)
{
  guint n = 0;

  for (const McCliVerb *verb = mc_cli_verbs; verb->name != NULL; verb++, n++)
    {
      g_assert_nonnull (verb->run);
      g_assert_nonnull (verb->arguments);
      g_assert_cmpuint (verb->min_arguments, <=, verb->max_arguments);
      g_assert_true (mc_cli_find_verb (verb->name) == verb);
      g_assert_false (g_str_has_suffix (verb->summary, "."));
    }
  g_assert_cmpuint (n, >=, 23);
  g_assert_null (mc_cli_find_verb ("nothing"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-arguments/split-at-two-dashes", test_split);
  g_test_add_func ("/cli-arguments/join-pasted-commands", test_join);
  g_test_add_func ("/cli-arguments/nearest-verb", test_nearest);
  g_test_add_func ("/cli-arguments/substitute-placeholder", test_substitute);
  g_test_add_func ("/cli-arguments/counts-of-bytes", test_bytes);
  g_test_add_func ("/cli-arguments/names-of-transfers", test_transfer_names);
  g_test_add_func ("/cli-arguments/verbs-are-whole", test_verbs);
  return g_test_run ();
}
