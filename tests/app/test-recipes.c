/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-recipes.h"
#include "mc-usage-dict.h"

#include <string.h>

/* Lines for other programs: that they are the right ones, and that no name gets out of its quotes.
 * That they work is seen in test-repo-page.c, against the service. */

static char *
list_texts (const McRecipeFacts *facts)
{
  g_autoptr (GListStore) recipes = mc_recipes_write (facts);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (recipes)); i++)
    {
      g_autoptr (McRecipe) recipe = g_list_model_get_item (G_LIST_MODEL (recipes), i);

      g_string_append_printf (text, "%s\n", mc_recipe_get_text (recipe));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_gguf (void)
{
  const char *const paths[] = { "a-Q4_K_M.gguf", NULL };
  const McRecipeFacts facts = { "o/n@v1", "o/n", "gguf", "gguf:Q4_K_M",
                                "Q4_K_M", "",    paths,  paths[0] };
  g_autofree char *text = list_texts (&facts);

  g_assert_nonnull (strstr (text, "mcache open o/n@v1 a-Q4_K_M.gguf -- llama-cli -m {}\n"));
  g_assert_nonnull (strstr (text, "HasFile \"'o/n@v1'\" \"'a-Q4_K_M.gguf'\"\n"));
  g_assert_nonnull (strstr (text, "(\"o/n@v1\", \"a-Q4_K_M.gguf\", {})"));
  g_assert_null (strstr (text, "transformers"));
}

/* mcache is in a Flatpak, llama-cli is not: the folder is what both see. */
static void
test_flatpak (void)
{
  const char *const paths[] = { "a-Q4_K_M.gguf", NULL };
  const McRecipeFacts facts = { "o/n", "o/n", "gguf",   "gguf:Q4_K_M", "Q4_K_M",
                                "",    paths, paths[0], TRUE };
  g_autofree char *text = list_texts (&facts);

  g_assert_nonnull (
      strstr (text, "flatpak run --command=mcache " MC_APP_ID " checkout o/n gguf:Q4_K_M |\n"
                    "  (read -r folder && llama-cli -m \"$folder\"/a-Q4_K_M.gguf </dev/tty)\n"));
  g_assert_nonnull (
      strstr (text, "  flatpak run --command=mcache " MC_APP_ID " cat o/n \"$file\" >"));
  g_assert_null (strstr (text, "\nmcache"));
}

/* Files that belong together do not load from descriptors without names. */
static void
test_parts (void)
{
  const char *const paths[] = { "a-00001-of-00002.gguf", "a-00002-of-00002.gguf", NULL };
  const McRecipeFacts facts = { "o/n", "o/n", "gguf", "gguf:Q8_0", "Q8_0", "", paths, "" };
  g_autofree char *text = list_texts (&facts);

  g_assert_null (strstr (text, "llama-cli"));
  g_assert_true (
      g_str_has_prefix (text, "for file in a-00001-of-00002.gguf a-00002-of-00002.gguf; do\n"));
}

static void
test_onnx (void)
{
  const char *const paths[] = { "config.json", "onnx/model_q4.onnx", NULL };
  McRecipeFacts facts = {
    "o/n", "o/n", "onnx", "onnx:q4", "q4", "text-generation", paths, paths[1]
  };
  g_autofree char *text = list_texts (&facts);
  g_autofree char *other = NULL;

  g_assert_nonnull (strstr (text, "pipeline(\"text-generation\", \"o/n\", { dtype: \"q4\" })"));
  facts.name = "of-nobody";
  other = list_texts (&facts);
  g_assert_null (strstr (other, "transformers"));
}

static void
test_no_lines (void)
{
  static const char *const odd[] = { "-rf", "a\nb", "../a", "/a", "a\033[2J", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      const char *const paths[] = { odd[i], NULL };
      const McRecipeFacts facts = { "o/n", "o/n", "gguf", "gguf:q", "q", "", paths, odd[i] };
      g_autofree char *text = list_texts (&facts);

      g_assert_cmpstr (text, ==, "");
    }
}

/* What a shell gets of a quoted word is the word. */
static void
test_quoting (void)
{
  static const char *const words[] = {
    "plain/a-b_c.gguf", "a b", "it's",   "$(touch x)", "`x`", "\\", "a\"b", "{}", "a;b", "~",
    "Ünï 模型",         "!x",  "a'\"'b", "*",          "a=b", "#x"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *quoted = mc_recipe_quote (words[i]);
      g_autofree char *script = g_strdup_printf ("printf %%s %s", quoted);
      const char *const arguments[] = { "/bin/sh", "-c", script, NULL };
      g_autofree char *out = NULL;
      g_autoptr (GError) error = NULL;

      g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, NULL,
                    &error);
      g_assert_no_error (error);
      g_assert_cmpstr (out, ==, words[i]);
    }
}

/* --- what a deletion gives back --- */

static void
assert_returns (GVariant *usage, const char *repo, const char *variant, gint64 expected)
{
  guint64 returns = 0;
  gboolean found = mc_usage_dict_find_returns (usage, repo, variant, &returns);

  g_assert_cmpint (found ? (gint64) returns : -1, ==, expected);
}

static void
test_returns (void)
{
  g_autoptr (GVariant) usage = g_variant_ref_sink (g_variant_new_parsed (
      "@a{sv} {'repos': <@aa{sv} [{'repo': <'o/n'>, 'revision': <'main'>, 'returns': <@t 7>,"
      " 'parts': <@aa{sv} [{'variant': <'gguf:a'>, 'returns': <@t 5>},"
      " {'path': <'x'>, 'returns': <@t 2>}]>},"
      " {'repo': <'o/n'>, 'revision': <'v1'>, 'returns': <@t 9>}]>}"));
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));

  assert_returns (usage, "o/n", "gguf:a", 5);
  assert_returns (usage, "o/n", "", 7);
  assert_returns (usage, "o/n@v1", "", 9);
  assert_returns (usage, "o/n@v1", "gguf:a", -1);
  assert_returns (usage, "o/n", "gguf:b", -1);
  assert_returns (usage, "o/other", "", -1);
  assert_returns (none, "o/n", "", -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipes/gguf", test_gguf);
  g_test_add_func ("/recipes/flatpak", test_flatpak);
  g_test_add_func ("/recipes/parts", test_parts);
  g_test_add_func ("/recipes/onnx", test_onnx);
  g_test_add_func ("/recipes/no-lines", test_no_lines);
  g_test_add_func ("/recipes/quoting", test_quoting);
  g_test_add_func ("/recipes/returns", test_returns);
  return g_test_run ();
}
