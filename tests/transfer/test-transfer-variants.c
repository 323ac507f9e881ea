/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-content-reader.h"
#include "mc-json.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"
#include "variant-cases.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A variant that was downloaded is a folder with the files it needs, and no other: for every
 * variant of every case, here and in the shared folder, with contents of a few bytes. */

/* --- a case --- */

typedef struct
{
  char *repo;
  char **paths;
  GHashTable *variants; /* key -> GHashTable of paths: what is to be there, shared ones too */
} Case;

static void
case_free (gpointer data)
{
  Case *self = data;

  g_free (self->repo);
  g_strfreev (self->paths);
  g_hash_table_unref (self->variants);
  g_free (self);
}

static Case *
case_new (guint number)
{
  Case *self = g_new0 (Case, 1);

  self->repo = g_strdup_printf ("cases/n%u", number);
  self->variants =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  return self;
}

static void
add_paths (GHashTable *set, char **paths)
{
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    g_hash_table_add (set, g_strdup (paths[i]));
}

static void
case_add_variant (Case *self, const char *key, char **files)
{
  GHashTable *set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  add_paths (set, files);
  g_hash_table_insert (self->variants, g_strdup (key), set);
}

static void
case_add_shared (Case *self, char **files)
{
  GHashTableIter iter;
  gpointer set;

  g_hash_table_iter_init (&iter, self->variants);
  while (g_hash_table_iter_next (&iter, NULL, &set))
    add_paths (set, files);
}

/* "gguf:Q8_0 = a, b\nshared = c\nother = d\ndefault = gguf:Q8_0\n" */
static Case *
case_from_table (const McVariantCase *row, guint number)
{
  Case *self = case_new (number);
  g_auto (GStrv) lines = g_strsplit (row->expected, "\n", -1);
  g_autofree char *listing = g_strchomp (g_strdup (row->paths));
  g_auto (GStrv) shared = NULL;

  self->paths = g_strsplit (listing, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      const char *equals = strstr (lines[i], " = ");
      g_autofree char *name = g_strndup (lines[i], (gsize) (equals - lines[i]));
      g_auto (GStrv) files = g_strsplit (equals + strlen (" = "), ", ", -1);

      if (strcmp (name, "shared") == 0)
        shared = g_steal_pointer (&files);
      else if (strcmp (name, "other") != 0 && strcmp (name, "default") != 0)
        case_add_variant (self, name, files);
    }
  case_add_shared (self, shared);
  return self;
}

static char **
read_listing (JsonObject *root)
{
  JsonArray *files = mc_json_get_array (root, "files");
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  for (guint i = 0; i < json_array_get_length (files); i++)
    g_strv_builder_add (paths,
                        mc_json_get_string (json_array_get_object_element (files, i), "path"));
  return g_strv_builder_end (paths);
}

/* NULL if the file is no case. */
static Case *
case_from_file (const char *path, guint number)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root;
  JsonObject *expected;
  JsonObject *variants;
  g_autoptr (GList) keys = NULL;
  g_auto (GStrv) shared = NULL;
  gsize length;
  Case *self;

  g_assert_true (g_file_get_contents (path, &text, &length, &error));
  node = mc_json_parse (text, (gssize) length, &error);
  g_assert_no_error (error);
  root = mc_json_node_get_object (node);
  expected = mc_json_get_object (root, "expected");
  if (expected == NULL)
    return NULL;
  self = case_new (number);
  self->paths = read_listing (root);
  variants = mc_json_get_object (expected, "variants");
  keys = json_object_get_members (variants);
  for (GList *key = keys; key != NULL; key = key->next)
    {
      g_auto (GStrv) files =
          mc_json_get_strings (mc_json_get_object (variants, key->data), "files");

      case_add_variant (self, key->data, files);
    }
  shared = mc_json_get_strings (expected, "shared");
  case_add_shared (self, shared);
  return self;
}

/* --- the Hub --- */

/* A few bytes that no other file has. */
static char *
make_content (const Case *self, const char *path)
{
  return g_strdup_printf ("%s/%s\n", self->repo, path);
}

/* As the Hub keeps them: text in git, the rest apart. */
static gboolean
is_lfs (const char *path)
{
  static const char *const texts[] = { ".json", ".txt", ".md", ".py", ".yaml", ".jinja" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_has_suffix (path, texts[i]))
      return FALSE;
  return TRUE;
}

static void
publish (Fixture *f, const Case *self)
{
  static const McTestRepoFacts facts = { 0 };

  mc_test_hub_add_repo (f->hub, self->repo, &facts);
  for (guint i = 0; self->paths[i] != NULL; i++)
    {
      g_autofree char *content = make_content (self, self->paths[i]);

      mc_test_hub_add_file (f->hub, self->repo, self->paths[i], content, strlen (content),
                            is_lfs (self->paths[i]));
    }
}

/* --- the folder --- */

static GHashTable *found; /* of the walk: it takes no data */
static gsize root_length;

static int
note_file (const char *path, const struct stat *info, int type, struct FTW *place)
{
  if (type == FTW_F)
    g_hash_table_add (found, g_strdup (path + root_length + 1));
  return 0;
}

static int
remove_cb (const char *path, const struct stat *info, int type, struct FTW *place)
{
  return remove (path);
}

/* What the store hands out of the file. */
static char *
read_file (Fixture *f, const McFile *file)
{
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (McContentReader) reader =
      mc_content_reader_open (f->folder, &file->digest, file->size, &error);

  g_assert_no_error (error);
  while (all->len < file->size)
    {
      g_autoptr (GBytes) bytes = mc_content_reader_read (reader, all->len, &error);

      g_assert_no_error (error);
      g_string_append_len (all, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
    }
  return g_string_free (g_steal_pointer (&all), FALSE);
}

static void
write_file (const char *folder, const char *path, const char *content)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *full = g_build_filename (folder, path, NULL);
  g_autofree char *parent = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (
      g_file_set_contents_full (full, content, -1, G_FILE_SET_CONTENTS_NONE, 0600, &error));
}

/* Whatever of the repo the store has, under its own names. */
static char *
check_out (Fixture *f, gint64 repo)
{
  McManifest *manifest = mc_store_get_repo (f->store, repo)->manifest;
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("mc-variant-XXXXXX", &error);

  g_assert_no_error (error);
  for (guint i = 0; i < manifest->files->len; i++)
    {
      const McFile *file = g_ptr_array_index (manifest->files, i);
      g_autofree char *content = NULL;

      if (!mc_store_has_file (f->store, file))
        continue;
      content = read_file (f, file);
      write_file (folder, file->path, content);
    }
  return folder;
}

static void
assert_folder (const Case *self, const char *key, const char *folder, GHashTable *expected)
{
  GHashTableIter iter;
  gpointer path;

  found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  root_length = strlen (folder);
  g_assert_cmpint (nftw (folder, note_file, 16, FTW_PHYS), ==, 0);
  g_hash_table_iter_init (&iter, expected);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    {
      g_autofree char *full = g_build_filename (folder, path, NULL);
      g_autofree char *wanted = make_content (self, path);
      g_autofree char *content = NULL;

      if (!g_hash_table_remove (found, path))
        g_error ("%s lacks %s", key, (char *) path);
      g_assert_true (g_file_get_contents (full, &content, NULL, NULL));
      g_assert_cmpstr (content, ==, wanted);
    }
  g_hash_table_iter_init (&iter, found);
  if (g_hash_table_iter_next (&iter, &path, NULL))
    g_error ("%s has too much: %s", key, (char *) path);
  g_clear_pointer (&found, g_hash_table_unref);
}

/* --- --- */

static void
drop (Fixture *f, gint64 repo, const char *key, McDropScope scope)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McDropResult dropped;

  mc_store_drop_async (f->store, repo, key, "", scope, mc_test_store_result, &result);
  g_assert_true (mc_store_drop_finish (f->store, mc_test_await (&result), &dropped, &error));
  g_assert_no_error (error);
}

/* How many variants it has. */
static guint
run_case (Fixture *f, const Case *self)
{
  GHashTableIter iter;
  gpointer key;
  gpointer expected;
  gint64 repo;

  publish (f, self);
  repo = fixture_scan (f, self->repo);
  g_assert_cmpuint (mc_store_get_repo (f->store, repo)->manifest->variants->len, ==,
                    g_hash_table_size (self->variants));
  g_hash_table_iter_init (&iter, self->variants);
  while (g_hash_table_iter_next (&iter, &key, &expected))
    {
      g_autofree char *folder = NULL;

      fixture_have (f, repo, key, "");
      folder = check_out (f, repo);
      assert_folder (self, key, folder, expected);
      g_assert_cmpint (nftw (folder, remove_cb, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
      drop (f, repo, key, MC_DROP_ONE);
    }
  drop (f, repo, "", MC_DROP_ALL);
  return g_hash_table_size (self->variants);
}

static void
run_table (Fixture *f, const McVariantCase *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      Case *self = case_from_table (&rows[i], (guint) i);

      g_test_message ("%s", rows[i].name);
      run_case (f, self);
      case_free (self);
    }
}

static void
test_own_cases (Fixture *f, gconstpointer data)
{
  run_table (f, gguf_cases, G_N_ELEMENTS (gguf_cases));
  run_table (f, onnx_cases, G_N_ELEMENTS (onnx_cases));
  run_table (f, weight_cases, G_N_ELEMENTS (weight_cases));
  run_table (f, pipeline_cases, G_N_ELEMENTS (pipeline_cases));
  run_table (f, bundle_cases, G_N_ELEMENTS (bundle_cases));
  run_table (f, support_cases, G_N_ELEMENTS (support_cases));
}

static void
test_shared_cases (Fixture *f, gconstpointer data)
{
  const char *shared = g_getenv ("MC_SHARED_DIR");
  g_autofree char *folder =
      shared != NULL ? g_build_filename (shared, "variant-cases", NULL) : NULL;
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;
  guint n_cases = 0;
  guint n_variants = 0;

  if (dir == NULL)
    {
      g_test_skip ("the shared folder with cases is not there");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      Case *self = g_str_has_suffix (name, ".json") ? case_from_file (path, n_cases) : NULL;

      if (self == NULL)
        continue;
      g_test_message ("%s", name);
      n_cases++;
      n_variants += run_case (f, self);
      case_free (self);
    }
  g_test_message ("%u variants of %u cases", n_variants, n_cases);
  g_assert_cmpuint (n_variants, >, 0);
}

/* Thousands of small files, each of them written through to the disk: here it is enough that the
 * memory has them. */
static void
keep_in_memory (void)
{
  if (g_access ("/dev/shm", W_OK | X_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
}

int
main (int argc, char **argv)
{
  keep_in_memory ();
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/transfer-variants/own-cases", Fixture, NULL, fixture_set_up, test_own_cases,
              fixture_tear_down);
  g_test_add ("/transfer-variants/shared-cases", Fixture, NULL, fixture_set_up, test_shared_cases,
              fixture_tear_down);
  return g_test_run ();
}
