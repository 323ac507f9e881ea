/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-view-tree.h"

#include <string.h>

/* The names that the folder view shows: what strangers call their files must not lead out of it. */

#define COMMIT "0123456789012345678901234567890123456789"

static McManifest *
make_manifest (const char *repo, const char *revision)
{
  McManifest *manifest = mc_manifest_new ();

  manifest->endpoint = g_strdup ("https://huggingface.co");
  manifest->repo = g_strdup (repo);
  manifest->revision = g_strdup (revision);
  manifest->commit = g_strdup (COMMIT);
  return manifest;
}

static void
add_file (McManifest *manifest, const char *path, guint8 seed, guint64 size)
{
  guint8 bytes[MC_SHA256_SIZE] = { seed };

  mc_manifest_add_file (manifest, path, size, mc_digest_from_bytes (MC_DIGEST_SHA256, bytes));
}

static gboolean
is_here (const McFile *file, gpointer user_data)
{
  return file->digest.bytes[0] != 0;
}

static void
add (McViewTree *tree, McViewNumbers *numbers, McManifest *manifest)
{
  mc_view_tree_add_repo (tree, numbers, manifest, is_here, NULL);
  mc_manifest_unref (manifest);
}

/* (nullable), borrowed */
static const McViewNode *
find (McViewTree *tree, const char *path)
{
  g_auto (GStrv) words = g_strsplit (path, "/", -1);
  guint64 number = MC_VIEW_ROOT;
  const McViewNode *node = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    {
      node = mc_view_tree_look_up (tree, number, words[i]);
      if (node == NULL)
        return NULL;
      number = node->number;
      g_assert_true (mc_view_tree_get (tree, number) == node);
    }
  return node;
}

static void
test_layout (void)
{
  g_autoptr (McViewNumbers) numbers = mc_view_numbers_new ();
  g_autoptr (McViewTree) tree = mc_view_tree_new ();
  McManifest *manifest = make_manifest ("ada/small", "main");
  const McViewNode *file;
  const McViewNode *link;

  add_file (manifest, "config.json", 1, 10);
  add_file (manifest, "not-here", 0, 10);
  add_file (manifest, "onnx/a/model.onnx", 2, 20);
  add_file (manifest, "same.json", 1, 10);
  add (tree, numbers, manifest);

  file = find (tree, "ada/small/config.json");
  g_assert_cmpint (file->kind, ==, MC_VIEW_FILE);
  g_assert_cmpuint (file->size, ==, 10);
  /* One content is one file to the kernel, whatever it is called. */
  g_assert_true (find (tree, "ada/small/same.json") == file);
  g_assert_true (find (tree, "models--ada--small/blobs/"
                             "0100000000000000000000000000000000000000000000000000000000000000")
                 == file);
  g_assert_null (find (tree, "ada/small/not-here"));
  link = find (tree, "models--ada--small/snapshots/" COMMIT "/onnx/a/model.onnx");
  g_assert_cmpint (link->kind, ==, MC_VIEW_LINK);
  g_assert_cmpstr (link->text, ==,
                   "../../../../blobs/"
                   "0200000000000000000000000000000000000000000000000000000000000000");
  g_assert_cmpstr (find (tree, "models--ada--small/refs/main")->text, ==, COMMIT);
}

static void
test_revisions (void)
{
  g_autoptr (McViewNumbers) numbers = mc_view_numbers_new ();
  g_autoptr (McViewTree) tree = mc_view_tree_new ();
  static const char *const revisions[] = { "main", "v1", "refs/pr/1", COMMIT, ".." };

  for (guint i = 0; i < G_N_ELEMENTS (revisions); i++)
    {
      McManifest *manifest = make_manifest ("ada/small", revisions[i]);

      add_file (manifest, "file", (guint8) (i + 1), 1);
      add (tree, numbers, manifest);
    }
  g_assert_nonnull (find (tree, "ada/small/file"));
  g_assert_nonnull (find (tree, "ada/small@v1/file"));
  g_assert_nonnull (find (tree, "ada/small@" COMMIT "/file"));
  g_assert_cmpuint (mc_view_tree_look_up (tree, MC_VIEW_ROOT, "ada")->names->len, ==, 3);
  g_assert_cmpstr (find (tree, "models--ada--small/refs/refs/pr/1")->text, ==, COMMIT);
  g_assert_null (find (tree, "models--ada--small/refs/" COMMIT));
}

static void
test_hostile (void)
{
  static const char *const repos[] = {
    "",      "..",        "../..",
    "a//b",  "/a/b",      "a/..",
    "./b",   ".hidden/b", "models--ada--small/snapshots",
    "a/b@c",
  };
  static const char *const paths[] = {
    "", ".", "..", "../x", "/x", "x/", "a//b", "a/../../b", "./a", "a/.", "ok",
  };
  g_autoptr (McViewNumbers) numbers = mc_view_numbers_new ();
  g_autoptr (McViewTree) tree = mc_view_tree_new ();
  g_autofree char *name = g_strnfill (256, 'n');
  g_autofree char *deep = g_strnfill (5000, 'n');
  McManifest *manifest;

  for (guint i = 0; i < G_N_ELEMENTS (repos); i++)
    {
      manifest = make_manifest (repos[i], "main");
      add_file (manifest, "file", 1, 1);
      add (tree, numbers, manifest);
    }
  g_assert_cmpuint (mc_view_tree_get (tree, MC_VIEW_ROOT)->names->len, ==, 0);

  for (guint i = 1; i < strlen (deep); i += 2)
    deep[i] = '/';
  manifest = make_manifest ("ada/small", "main");
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    add_file (manifest, paths[i], 1, 1);
  add_file (manifest, name, 1, 1);
  add_file (manifest, deep, 1, 1);
  add (tree, numbers, manifest);
  g_assert_cmpuint (find (tree, "ada/small")->names->len, ==, 1);
  g_assert_nonnull (find (tree, "ada/small/ok"));
}

/* A file where another has a folder, and the other way round. */
static void
test_in_the_way (void)
{
  g_autoptr (McViewNumbers) numbers = mc_view_numbers_new ();
  g_autoptr (McViewTree) tree = mc_view_tree_new ();
  McManifest *manifest = make_manifest ("ada/small", "main");

  add_file (manifest, "a", 1, 1);
  add_file (manifest, "a/b", 2, 1);
  add_file (manifest, "c/d", 3, 1);
  add_file (manifest, "c/d/e", 4, 1);
  add_file (manifest, "e/f", 5, 1);
  add_file (manifest, "e", 6, 1);
  add (tree, numbers, manifest);
  g_assert_cmpint (find (tree, "ada/small/a")->kind, ==, MC_VIEW_FILE);
  g_assert_null (find (tree, "ada/small/a/b"));
  g_assert_cmpint (find (tree, "ada/small/c/d")->kind, ==, MC_VIEW_FILE);
  g_assert_nonnull (find (tree, "ada/small/e/f"));
  g_assert_cmpuint (find (tree, "ada/small")->names->len, ==, 3);
}

/* A number is never another's, and what went is known. */
static void
test_exchange (void)
{
  g_autoptr (McViewNumbers) numbers = mc_view_numbers_new ();
  g_autoptr (McViewTree) before = mc_view_tree_new ();
  g_autoptr (McViewTree) after = mc_view_tree_new ();
  McManifest *manifest = make_manifest ("ada/small", "main");
  g_autoptr (GArray) gone = NULL;

  add_file (manifest, "a", 1, 1);
  add_file (manifest, "b", 2, 1);
  add (before, numbers, manifest);
  manifest = make_manifest ("ada/small", "main");
  add_file (manifest, "a", 1, 1);
  add_file (manifest, "b", 3, 1);
  add (after, numbers, manifest);
  g_assert_cmpuint (find (before, "ada/small/a")->number, ==, find (after, "ada/small/a")->number);
  g_assert_cmpuint (find (before, "ada/small/b")->number, !=, find (after, "ada/small/b")->number);
  gone = mc_view_tree_list_gone (after, before);
  g_assert_cmpuint (gone->len, ==, 1);
  g_assert_cmpuint (g_array_index (gone, guint64, 0), ==, find (before, "ada/small/b")->number);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view-tree/layout", test_layout);
  g_test_add_func ("/view-tree/revisions", test_revisions);
  g_test_add_func ("/view-tree/hostile", test_hostile);
  g_test_add_func ("/view-tree/in-the-way", test_in_the_way);
  g_test_add_func ("/view-tree/exchange", test_exchange);
  return g_test_run ();
}
