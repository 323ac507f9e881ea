/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-library.h"

/* Repos by number and by name. */

#define HUB "https://huggingface.co"
#define MIRROR "https://mirror.example"

static void
add_repo (
    McLibrary *library, gint64 id, const char *endpoint, const char *name, const char *revision)
{
  McLibraryRepo *repo = mc_library_repo_new (id);

  repo->manifest->endpoint = g_strdup (endpoint);
  repo->manifest->repo = g_strdup (name);
  repo->manifest->revision = g_strdup (revision);
  repo->manifest->commit = g_strdup_printf ("commit-%" G_GINT64_FORMAT, id);
  g_ptr_array_add (library->repos, repo);
}

static McLibrary *
make_library (void)
{
  McLibrary *library = mc_library_new ();

  add_repo (library, 3, HUB, "ada/Small-GGUF", "main");
  add_repo (library, 5, HUB, "ada/Small-GGUF", "v1");
  add_repo (library, 6, MIRROR, "ada/Small-GGUF", "main");
  add_repo (library, 9, HUB, "bo/large", "main");
  mc_library_add_alias (library, HUB, "Bo/Former", "bo/large");
  return library;
}

/* 0: there is none. */
static gint64
find (McLibrary *library, const char *endpoint, const char *name, const char *revision)
{
  McLibraryRepo *repo = mc_library_find_repo (library, endpoint, name, revision);

  return repo == NULL ? 0 : repo->id;
}

static void
test_find (void)
{
  g_autoptr (McLibrary) library = make_library ();

  g_assert_cmpint (find (library, HUB, "ada/Small-GGUF", "main"), ==, 3);
  g_assert_cmpint (find (library, HUB, "Ada/small-gguf", "main"), ==, 3);
  g_assert_cmpint (find (library, HUB, "ada/Small-GGUF", "v1"), ==, 5);
  g_assert_cmpint (find (library, HUB, "ada/Small-GGUF", "commit-5"), ==, 5);
  g_assert_cmpint (find (library, MIRROR, "ada/Small-GGUF", "main"), ==, 6);
  g_assert_cmpint (find (library, MIRROR, "ada/Small-GGUF", "v1"), ==, 0);
  g_assert_cmpint (find (library, HUB, "ada/Small", "main"), ==, 0);
  g_assert_cmpint (find (library, HUB, "", "main"), ==, 0);
}

static void
test_alias (void)
{
  g_autoptr (McLibrary) library = make_library ();

  g_assert_cmpint (find (library, HUB, "bo/former", "main"), ==, 9);
  g_assert_cmpint (find (library, HUB, "bo/former", "commit-9"), ==, 9);
  g_assert_cmpint (find (library, HUB, "bo/former", "v1"), ==, 0);
  g_assert_cmpint (find (library, MIRROR, "bo/former", "main"), ==, 0);
}

static void
test_number (void)
{
  static const gint64 absent[] = { G_MININT64, 0, 4, 8, 10, G_MAXINT64 };
  g_autoptr (McLibrary) library = make_library ();

  for (guint i = 0; i < library->repos->len; i++)
    {
      McLibraryRepo *repo = g_ptr_array_index (library->repos, i);

      g_assert_true (mc_library_get_repo (library, repo->id) == repo);
    }
  for (guint i = 0; i < G_N_ELEMENTS (absent); i++)
    g_assert_null (mc_library_get_repo (library, absent[i]));
}

static void
test_remove (void)
{
  g_autoptr (McLibrary) library = make_library ();

  g_assert_cmpint (find (library, HUB, "ada/Small-GGUF", "main"), ==, 3);
  mc_library_remove_repo (library, 4);
  g_assert_cmpint (library->repos->len, ==, 4);
  mc_library_remove_repo (library, 3);
  g_assert_cmpint (find (library, HUB, "ada/Small-GGUF", "main"), ==, 0);
  g_assert_cmpint (find (library, HUB, "ada/Small-GGUF", "v1"), ==, 5);
  g_assert_null (mc_library_get_repo (library, 3));
}

/* A repo was renamed, and another revision of one was scanned. */
static void
test_update (void)
{
  g_autoptr (McLibrary) library = make_library ();
  McLibrary *renamed = mc_library_new ();
  McLibrary *another = mc_library_new ();

  g_assert_cmpint (find (library, HUB, "bo/large", "main"), ==, 9);
  add_repo (renamed, 9, HUB, "bo/larger", "main");
  mc_library_update (library, renamed);
  mc_library_free (renamed);
  g_assert_cmpint (find (library, HUB, "bo/large", "main"), ==, 0);
  g_assert_cmpint (find (library, HUB, "bo/larger", "main"), ==, 9);

  add_repo (another, 3, HUB, "ada/Small-GGUF", "main");
  add_repo (another, 4, HUB, "ada/Small-GGUF", "v2");
  mc_library_update (library, another);
  mc_library_free (another);
  g_assert_cmpint (find (library, HUB, "ada/small-GGUF", "v2"), ==, 4);
  g_assert_cmpint (find (library, HUB, "ada/small-GGUF", "v1"), ==, 0);
  g_assert_nonnull (mc_library_get_repo (library, 4));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/find", test_find);
  g_test_add_func ("/library/alias", test_alias);
  g_test_add_func ("/library/number", test_number);
  g_test_add_func ("/library/remove", test_remove);
  g_test_add_func ("/library/update", test_update);
  return g_test_run ();
}
