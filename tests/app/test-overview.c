/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-overview.h"

#include <string.h>

/* What the desktop's overview gets for what is typed there. */

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static GListModel *
make_library (void)
{
  static const char *const ids[] = { "unsloth/Qwen3-4B-GGUF", "unsloth/Qwen3-0.6B-GGUF",
                                     "Xenova/all-MiniLM-L6-v2" };
  GListStore *store = g_list_store_new (MC_TYPE_REPO_ITEM);

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (McRepoItem) item =
          mc_repo_item_new (mc_repo_summary_new_named (i + 1, ids[i], ""));

      g_list_store_append (store, item);
    }
  return G_LIST_MODEL (store);
}

static void
assert_found (const char *const *words, const char *expected)
{
  g_autoptr (GListModel) library = make_library ();
  g_auto (GStrv) results = mc_overview_find (library, words);
  g_autofree char *text = g_strjoinv (" | ", results);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_find (void)
{
  assert_found (WORDS ("qwen", "4b"), "repo:unsloth/Qwen3-4B-GGUF | hub:qwen 4b");
  assert_found (WORDS ("MiniLM"), "repo:Xenova/all-MiniLM-L6-v2 | hub:MiniLM");
  /* All of the words, and what is in the library is not offered a second time. */
  assert_found (WORDS ("qwen", "firefox"), "hub:qwen firefox");
  assert_found (WORDS ("llama", "3b"),
                "start:bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M | hub:llama 3b");
  /* Who looks for something else is left alone. */
  assert_found (WORDS ("firefox"), "");
  assert_found (WORDS ("q"), "");
  assert_found (WORDS (NULL), "");
}

static void
test_means_model (void)
{
  static const char *const models[] = { "4b",    "0.6B",    "270m",    "qwen",
                                        "Qwen3", "gemma-3", "whisper", "gpt-oss" };
  static const char *const others[] = { "b",      "4",     "4bit", ".b",     "philosophy",
                                        "yields", "files", "4bb",  "alberta" };

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    g_assert_true (mc_overview_means_model (WORDS ("the", models[i])));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (mc_overview_means_model (WORDS (others[i])));
}

static void
assert_described (const char *result, const char *name, const char *details)
{
  g_autoptr (GListModel) library = make_library ();
  g_autofree char *own_name = NULL;
  g_autofree char *own_details = NULL;

  g_assert_true (mc_overview_describe (library, result, &own_name, &own_details));
  g_assert_cmpstr (own_name, ==, name);
  g_assert_true (g_str_has_prefix (own_details, details));
}

static void
test_describe (void)
{
  static const char *const nonsense[] = { "", "repo:", "repo:gone/away", "start:no/such:one",
                                          "unsloth/Qwen3-4B-GGUF" };
  g_autoptr (GListModel) library = make_library ();
  char *name = NULL, *details = NULL;

  assert_described ("repo:unsloth/Qwen3-4B-GGUF", "Qwen3-4B-GGUF", "unsloth/Qwen3-4B-GGUF · ");
  assert_described ("start:bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M",
                    "Llama-3.2-3B-Instruct-GGUF", "Conversation, fast · download, 2.0");
  assert_described ("hub:qwen 4b", "“qwen 4b” on the Hub", "Look for");
  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    g_assert_false (mc_overview_describe (library, nonsense[i], &name, &details));
  g_assert_null (name);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overview/find", test_find);
  g_test_add_func ("/overview/means-model", test_means_model);
  g_test_add_func ("/overview/describe", test_describe);
  return g_test_run ();
}
