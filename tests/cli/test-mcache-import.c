/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

/* What other programs have, adopted: import. */

/* The path of a file as in a cache of huggingface_hub. */
static char *
put (const char *folder, const char *repo, const char *hash, guint32 seed, gsize size)
{
  g_auto (GStrv) parts = g_strsplit (repo, "/", 2);
  g_autofree char *name = g_strconcat ("models--", parts[0], "--", parts[1], NULL);
  g_autofree char *blobs = g_build_filename (folder, name, "blobs", NULL);
  g_autofree guint8 *bytes = g_malloc (size);
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (blobs, hash, NULL);

  g_assert_cmpint (g_mkdir_with_parents (blobs, 0700), ==, 0);
  mc_test_hub_generate (seed, 0, bytes, size);
  g_file_set_contents (path, (const char *) bytes, (gssize) size, &error);
  g_assert_no_error (error);
  return path;
}

static void
test_import (McacheFixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "other", NULL);
  g_autofree char *hash = mc_test_hub_dup_hash (f->hub, GGUF, "tiny-Q4_K_M.gguf");
  g_autofree char *path = put (folder, GGUF, hash, 8, GGUF_SIZE);
  g_autoptr (JsonNode) preview = NULL;
  g_autoptr (JsonNode) list = NULL;
  g_autoptr (McacheRun) done = NULL;
  g_autoptr (McacheRun) again = NULL;
  g_autoptr (McacheRun) fetched = NULL;

  g_free (put (folder, GGUF, "stray", 99, GGUF_SIZE));
  preview = mcache_run_json (f, 0, "import", folder, "--dry-run", NULL);
  list = mcache_run_json (f, 0, "list", NULL);
  g_assert_cmpuint (mcache_get_int (json_node_get_object (preview), "adopted"), ==, 1);
  g_assert_cmpuint (mcache_get_int (json_node_get_object (preview), "unknown"), ==, 1);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (list)), ==, 0);
  done = mcache_run (f, "import", folder, NULL);
  g_assert_cmpint (done->status, ==, 0);
  g_assert_nonnull (strstr (done->out, "tiny-Q4_K_M.gguf"));
  g_assert_nonnull (strstr (done->out, "Adopted 1 file"));
  g_assert_nonnull (strstr (done->out, "left alone"));
  again = mcache_run (f, "import", path, GGUF, NULL);
  g_assert_nonnull (strstr (again->out, "here already"));
  fetched = mcache_run (f, "download", GGUF, "Q4_K_M", NULL);
  g_assert_cmpint (fetched->status, ==, 0);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, GGUF, "tiny-Q4_K_M.gguf"), ==, 0);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_refused (McacheFixture *f, gconstpointer data)
{
  static const char *const absent[] = { "import", "/nonexistent/folder", NULL };
  static const char *const no_repo[] = { "import", "/", "o/unknown-repo", NULL };
  static const char *const empty[] = { "import", "", NULL };

  mcache_assert_fails (f, 1, "Failed", absent);
  mcache_assert_fails (f, 3, "NotFound", no_repo);
  mcache_assert_fails (f, 2, "Usage", empty);
}

/* Only those that are there, and without the service. */
static void
test_places (McacheFixture *f, gconstpointer data)
{
  g_autofree char *home = g_build_filename (g_get_user_data_dir (), "home", NULL);
  g_autofree char *place = g_build_filename (home, ".ollama", "models", NULL);
  g_autofree char *home_variable = g_strconcat ("HOME=", home, NULL);
  const char *const environment[] = { home_variable,   "HF_HOME",        "HF_HUB_CACHE",
                                      "OLLAMA_MODELS", "XDG_CACHE_HOME", NULL };
  static const char *const arguments[] = { "import", NULL };
  g_autoptr (McacheRun) none = mcache_run_with (f, environment, NULL, arguments);
  g_autoptr (McacheRun) one = NULL;

  g_assert_cmpint (none->status, ==, 0);
  g_assert_nonnull (strstr (none->out, "name a folder"));
  g_assert_cmpint (g_mkdir_with_parents (place, 0700), ==, 0);
  one = mcache_run_with (f, environment, NULL, arguments);
  g_assert_nonnull (strstr (one->out, place));
  g_assert_nonnull (strstr (one->out, "Ollama"));
  g_assert_null (strstr (one->out, "LM Studio"));
}

#define ADD(path, test)                                                                            \
  g_test_add (path, McacheFixture, NULL, mcache_set_up, test, mcache_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/mcache/import/adopts", test_import);
  ADD ("/mcache/import/refused", test_refused);
  ADD ("/mcache/import/places", test_places);
  return g_test_run ();
}
