/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-store.h"

#include "mc-content-reader.h"
#include "mc-test-wait.h"

#include <ftw.h>
#include <sys/stat.h>

McStore *
mc_test_store_open (const char *folder)
{
  g_autoptr (GError) error = NULL;
  McStore *store = mc_store_open (folder, &error);

  g_assert_no_error (error);
  g_assert_nonnull (store);
  return store;
}

void
mc_test_store_close (McStore *store)
{
  mc_store_close (store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (store);
}

static guint64 measured;

static int
add_blocks (const char *path, const struct stat *info, int type, struct FTW *place)
{
  measured += (guint64) info->st_blocks * 512;
  return 0;
}

guint64
mc_test_store_measure (McStore *store)
{
  measured = 0;
  g_assert_cmpint (nftw (mc_store_get_folder (store), add_blocks, 16, FTW_PHYS), ==, 0);
  return measured;
}

/* --- manifests --- */

McManifest *
mc_test_manifest_new (const char *repo, const char *revision, char commit)
{
  McManifest *manifest = mc_manifest_new ();

  manifest->endpoint = g_strdup (MC_TEST_ENDPOINT);
  manifest->repo = g_strdup (repo);
  manifest->revision = g_strdup (revision);
  manifest->commit = g_strnfill (40, commit);
  return manifest;
}

McFile *
mc_test_manifest_add (McManifest *manifest, const char *path, McDigestKind kind, GBytes *bytes)
{
  return mc_manifest_add_file (manifest, path, g_bytes_get_size (bytes),
                               mc_test_digest (kind, bytes));
}

void
mc_test_manifest_add_variant (McManifest *manifest, const char *key)
{
  McVariant *variant = mc_manifest_add_variant (manifest, key, "test");
  guint last = manifest->files->len - 1;

  g_array_append_val (variant->files, last);
}

/* --- the store --- */

gint64
mc_test_save_repo (McStore *store, McManifest *manifest, const char *alias)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id;

  mc_store_save_repo_async (store, manifest, alias, mc_test_store_result, &result);
  id = mc_store_save_repo_finish (store, mc_test_await (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpint (id, >, 0);
  return id;
}

gboolean
mc_test_hold (McStore *store, gint64 repo, const char *variant, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  McManifest *manifest = mc_store_get_repo (store, repo)->manifest;

  if (path[0] != '\0')
    g_ptr_array_add (files, mc_manifest_find_file (manifest, path));
  else
    {
      McVariant *found = mc_manifest_find_variant (manifest, variant, NULL);

      g_ptr_array_unref (files);
      files = mc_manifest_variant_files (manifest, found);
    }
  mc_store_hold_async (store, repo, variant, path, files, mc_test_store_result, &result);
  return mc_store_hold_finish (store, mc_test_await (&result), error);
}

gboolean
mc_test_drop (McStore *store,
              gint64 repo,
              const char *variant,
              const char *path,
              McDropScope scope,
              McDropResult *dropped,
              GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_store_drop_async (store, repo, variant, path, scope, mc_test_store_result, &result);
  return mc_store_drop_finish (store, mc_test_await (&result), dropped, error);
}

gint64
mc_test_hold_one (McStore *store, McDigestKind kind, GBytes *bytes, McDigest *digest)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", 'a');
  g_autoptr (GError) error = NULL;
  gint64 repo;

  *digest = mc_test_manifest_add (manifest, "file", kind, bytes)->digest;
  repo = mc_test_save_repo (store, manifest, NULL);
  mc_test_hold (store, repo, "", "file", &error);
  g_assert_no_error (error);
  return repo;
}

/* --- contents --- */

McContentWriter *
mc_test_writer_open (McStore *store, const McDigest *digest)
{
  McContentWriter *writer = mc_content_writer_new (store, digest);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_content_writer_open_async (writer, mc_test_store_result, &result);
  mc_content_writer_open_finish (writer, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return writer;
}

gboolean
mc_test_writer_put (McContentWriter *writer, guint64 offset, GBytes *whole, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) piece =
      g_bytes_new_from_bytes (whole, offset, mc_content_writer_get_piece (writer, offset));

  mc_content_writer_put_async (writer, offset, piece, mc_test_store_result, &result);
  return mc_content_writer_put_finish (writer, mc_test_await (&result), error);
}

gboolean
mc_test_writer_finish (McContentWriter *writer, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_content_writer_finish_async (writer, mc_test_store_result, &result);
  return mc_content_writer_finish_finish (writer, mc_test_await (&result), error);
}

guint
mc_test_fill (McStore *store, const McDigest *digest, GBytes *whole)
{
  g_autoptr (McContentWriter) writer = mc_test_writer_open (store, digest);
  g_autoptr (GError) error = NULL;
  guint64 offset;
  guint64 length;
  guint n = 0;

  for (; mc_content_writer_find_missing (writer, 0, &offset, &length); n++)
    {
      mc_test_writer_put (writer, offset, whole, &error);
      g_assert_no_error (error);
    }
  mc_test_writer_finish (writer, &error);
  g_assert_no_error (error);
  return n;
}

GBytes *
mc_test_read (McStore *store, const McDigest *digest, guint64 size, GError **error)
{
  g_autoptr (McContentReader) reader =
      mc_content_reader_open (mc_store_get_folder (store), digest, size, error);
  g_autoptr (GByteArray) whole = g_byte_array_new ();

  if (reader == NULL)
    return NULL;
  while (whole->len < size)
    {
      g_autoptr (GBytes) bytes = mc_content_reader_read (reader, whole->len, error);

      if (bytes == NULL)
        return NULL;
      g_byte_array_append (whole, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&whole));
}

void
mc_test_assert_complete (McStore *store, const McDigest *digest, GBytes *whole)
{
  const McContent *content = mc_store_get_content (store, digest);
  McFile file = { .size = g_bytes_get_size (whole), .digest = *digest };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) found = NULL;

  g_assert_nonnull (content);
  g_assert_cmpint (content->state, ==, MC_CONTENT_COMPLETE);
  g_assert_cmpuint (content->committed, ==, content->size);
  g_assert_true (mc_store_has_file (store, &file));
  found = mc_test_read (store, digest, content->size, &error);
  g_assert_no_error (error);
  mc_test_assert_bytes (found, whole);
}

void
mc_test_assert_partial (McStore *store, const McDigest *digest, guint64 committed)
{
  const McContent *content = mc_store_get_content (store, digest);
  McFile file;

  g_assert_nonnull (content);
  g_assert_cmpint (content->state, ==, MC_CONTENT_PARTIAL);
  g_assert_cmpuint (content->committed, ==, committed);
  file = (McFile){ .size = content->size, .digest = *digest };
  g_assert_false (mc_store_has_file (store, &file));
}
