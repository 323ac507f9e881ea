/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include "mc-copy.h"
#include "mc-drag-out.h"
#include "mc-error.h"
#include "mc-test-wait.h"

#include <glib/gstdio.h>
#include <string.h>

/* Files that leave the store as plain files, against the real service. */

typedef struct
{
  McacheFixture mcache;
  GDBusConnection *bus;
  GPtrArray *files; /* (owned): McFileItem */
  char *folder;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  mcache_set_up (&f->mcache, data);
  f->bus = mc_test_bus_connect (f->mcache.bus);
  f->files = g_ptr_array_new_with_free_func (g_object_unref);
  f->folder = g_build_filename (g_get_user_data_dir (), "copies", NULL);
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_ptr_array_unref (f->files);
  g_free (f->folder);
  g_dbus_connection_close_sync (f->bus, NULL, NULL);
  g_clear_object (&f->bus);
  mcache_tear_down (&f->mcache, data);
}

static void
add_file (Fixture *f, const char *path, guint64 size)
{
  McFileItem *item = mc_file_item_new (ONNX, path);
  g_autoptr (GVariant) file = g_variant_ref_sink (g_variant_new_parsed (
      "@a{sv} {'path': <%s>, 'size': <%t>, 'downloaded': <%t>, 'sha256': <'x'>}", path, size,
      size));

  mc_file_item_update (item, file);
  g_ptr_array_add (f->files, item);
}

static gboolean
run (McCopy *copy, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_copy_run_async (copy, cancellable, mc_test_store_result, &result);
  return mc_copy_run_finish (copy, mc_test_await (&result), error);
}

static void
assert_is_weights (Fixture *f, const char *path)
{
  g_autofree char *expected = mc_test_hub_dup_hash (f->mcache.hub, ONNX, ONNX_WEIGHTS);
  g_autofree char *bytes = NULL;
  g_autofree char *hash = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &bytes, &length, &error);
  g_assert_no_error (error);
  hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, length);
  g_assert_cmpstr (hash, ==, expected);
}

static void
test_whole (Fixture *f, gconstpointer data)
{
  g_autofree char *weights = g_build_filename (f->folder, ONNX_WEIGHTS, NULL);
  g_autofree char *config = g_build_filename (f->folder, "config.json", NULL);
  g_autoptr (McCopy) copy = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;

  add_file (f, "config.json", strlen (CONFIG));
  add_file (f, ONNX_WEIGHTS, ONNX_SIZE);
  copy = mc_copy_new (f->bus, f->files, f->folder);
  g_assert_true (run (copy, NULL, &error));
  g_assert_no_error (error);
  g_object_get (copy, "done", &done, NULL);
  g_assert_true (done);
  assert_is_weights (f, weights);
  g_assert_true (g_file_test (config, G_FILE_TEST_IS_REGULAR));
}

/* What is not what it should be gets no name. */
static void
test_wrong_size (Fixture *f, gconstpointer data)
{
  g_autofree char *weights = g_build_filename (f->folder, ONNX_WEIGHTS, NULL);
  g_autofree char *part = g_strconcat (weights, ".part", NULL);
  g_autoptr (McCopy) copy = NULL;
  g_autoptr (GError) error = NULL;

  add_file (f, ONNX_WEIGHTS, ONNX_SIZE + 1);
  copy = mc_copy_new (f->bus, f->files, f->folder);
  g_assert_false (run (copy, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
  g_assert_false (g_file_test (weights, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
}

static void
test_no_place (Fixture *f, gconstpointer data)
{
  g_autoptr (McCopy) copy = NULL;
  g_autoptr (GError) error = NULL;

  add_file (f, "config.json", strlen (CONFIG));
  copy = mc_copy_new (f->bus, f->files, "/dev/null/in/a/file");
  g_assert_false (run (copy, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_FAILED);
}

/* A name from the bus never leads out of the folder. */
static void
test_hostile_path (Fixture *f, gconstpointer data)
{
  g_autoptr (McCopy) copy = NULL;
  g_autoptr (GError) error = NULL;

  add_file (f, "../config.json", strlen (CONFIG));
  copy = mc_copy_new (f->bus, f->files, f->folder);
  g_assert_false (run (copy, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (McCopy) copy = NULL;
  g_autoptr (GError) error = NULL;

  add_file (f, ONNX_WEIGHTS, ONNX_SIZE);
  copy = mc_copy_new (f->bus, f->files, f->folder);
  g_cancellable_cancel (cancellable);
  g_assert_false (run (copy, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- dragged --- */

static char *
write_address (GdkContentProvider *provider)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  gdk_content_provider_write_mime_type_async (provider, "text/uri-list", stream, G_PRIORITY_DEFAULT,
                                              NULL, mc_test_store_result, &result);
  gdk_content_provider_write_mime_type_finish (provider, mc_test_await (&result), &error);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_write_all (stream, "", 1, NULL, NULL, NULL));
  g_output_stream_close (stream, NULL, NULL);
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (stream));
}

/* No copy before somebody asks, and one however often that is. */
static void
test_dragged (Fixture *f, gconstpointer data)
{
  g_autofree char *dragged =
      g_build_filename (g_get_user_cache_dir (), "model-cache", "dragged", NULL);
  g_autoptr (GdkContentProvider) provider = NULL;
  g_autofree char *first = NULL;
  g_autofree char *again = NULL;
  g_autofree char *path = NULL;

  add_file (f, ONNX_WEIGHTS, ONNX_SIZE);
  provider = mc_file_provider_new (f->bus, g_ptr_array_index (f->files, 0));
  g_assert_false (g_file_test (dragged, G_FILE_TEST_EXISTS));
  first = write_address (provider);
  again = write_address (provider);
  g_assert_cmpstr (first, ==, again);
  g_assert_true (g_str_has_suffix (first, "/model_q4.onnx\r\n"));
  path = g_filename_from_uri (g_strstrip (first), NULL, NULL);
  g_assert_true (g_str_has_prefix (path, dragged));
  assert_is_weights (f, path);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/copy/whole", test_whole);
  ADD ("/copy/wrong-size", test_wrong_size);
  ADD ("/copy/no-place", test_no_place);
  ADD ("/copy/hostile-path", test_hostile_path);
  ADD ("/copy/cancelled", test_cancelled);
  ADD ("/copy/dragged", test_dragged);
  return g_test_run ();
}
