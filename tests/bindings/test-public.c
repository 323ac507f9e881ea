/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include "model-cache.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* The library that is installed, from C: what languages cannot show, such as threads, contexts and
 * lifetimes, and what sanitizers should see. Cases with “private” as data have a private cache. */

typedef struct
{
  McacheFixture base;
  McCache *cache;
} Fixture;

#define TOTAL (ONNX_SIZE + strlen (CONFIG))

static McCache *
open_private (const char *name)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), name, NULL);
  g_autoptr (GError) error = NULL;
  McPrivateCache *cache = mc_private_cache_new (folder, NULL, NULL, &error);

  g_assert_no_error (error);
  return MC_CACHE (cache);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  mcache_set_up (&f->base, NULL);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", mc_test_bus_get_address (f->base.bus), TRUE);
  g_setenv ("HF_ENDPOINT", mc_test_hub_get_url (f->base.hub), TRUE);
  if (data != NULL)
    f->cache = open_private ("cache");
  else
    f->cache = (McCache *) mc_shared_cache_new (NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->cache != NULL && MC_IS_PRIVATE_CACHE (f->cache))
    mc_private_cache_close ((McPrivateCache *) f->cache);
  g_clear_object (&f->cache);
  mcache_tear_down (&f->base, NULL);
}

static void
download (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (mc_cache_download (f->cache, ONNX, "q4", NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
assert_hash (Fixture *f, GBytes *bytes)
{
  g_autofree char *expected = mc_test_hub_dup_hash (f->base.hub, ONNX, ONNX_WEIGHTS);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

  g_assert_cmpstr (hash, ==, expected);
}

static void
note_progress (guint64 done, guint64 total, gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (done, >=, *last);
  g_assert_cmpuint (total, ==, TOTAL);
  *last = done;
}

static void
test_whole (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McRepo) repo = mc_cache_scan (f->cache, ONNX, NULL, NULL, &error);
  g_autoptr (McRepoVariant) found = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (McCheckout) checkout = NULL;
  g_autofree char *path = NULL;
  g_auto (GStrv) names = NULL;
  guint64 last = 0;

  g_assert_no_error (error);
  g_assert_true (mc_cache_download (f->cache, ONNX, "q4", NULL, note_progress, &last, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (last, ==, TOTAL);
  names = mc_cache_list (f->cache, NULL, &error);
  g_assert_cmpstr (names[0], ==, ONNX);
  g_assert_null (names[1]);
  found = mc_repo_find_variant (repo, "onnx:q4");
  g_assert_cmpstr (mc_repo_variant_get_status (found), ==, "available");
  g_assert_cmpuint (mc_repo_variant_get_size (found), ==, TOTAL);
  bytes = mc_cache_load (f->cache, ONNX, ONNX_WEIGHTS, MC_OPEN_NONE, NULL, &error);
  g_assert_no_error (error);
  assert_hash (f, bytes);
  checkout = mc_cache_checkout (f->cache, ONNX, NULL, MC_OPEN_FETCH, NULL, &error);
  g_assert_no_error (error);
  path = mc_checkout_dup_path (checkout, "config.json");
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  g_clear_object (&checkout);
  /* Removed by the cache that is private, soon by the service. */
  if (data != NULL)
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* --- contexts and lifetimes --- */

typedef struct
{
  GMainContext *context;
  GThread *thread;
  GAsyncResult *result;
  gboolean finalized;
} Home;

static void
at_home_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Home *home = user_data;

  g_assert_true (g_main_context_is_owner (home->context));
  g_assert_true (g_thread_self () == home->thread);
  home->result = g_object_ref (result);
}

static void
on_finalized (gpointer user_data, GObject *was)
{
  Home *home = user_data;

  g_assert_true (g_thread_self () == home->thread);
  home->finalized = TRUE;
}

/* The caller lets go of the cache as soon as it has asked. */
static gpointer
ask_in_context (gpointer data)
{
  McCache *cache = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  Home home = { context, g_thread_self (), NULL, FALSE };

  g_main_context_push_thread_default (context);
  g_object_weak_ref (G_OBJECT (cache), on_finalized, &home);
  mc_cache_load_async (cache, ONNX, ONNX_WEIGHTS, MC_OPEN_FETCH, NULL, at_home_cb, &home);
  g_object_unref (cache);
  g_assert_false (home.finalized);
  while (home.result == NULL)
    g_main_context_iteration (context, TRUE);
  bytes = mc_cache_load_finish (cache, home.result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, ONNX_SIZE);
  g_clear_object (&home.result);
  while (!home.finalized)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_context (Fixture *f, gconstpointer data)
{
  g_thread_join (g_thread_new ("asks", ask_in_context, g_steal_pointer (&f->cache)));
}

/* --- giving up --- */

static gpointer
cancel_in_thread (gpointer data)
{
  g_cancellable_cancel (data);
  return NULL;
}

static void
cancel_elsewhere (guint64 done, guint64 total, gpointer user_data)
{
  g_thread_join (g_thread_new ("cancels", cancel_in_thread, user_data));
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  mc_test_hub_script (f->base.hub, "storage:" ONNX "/" ONNX_WEIGHTS, MC_TEST_STALL_AFTER, 100000,
                      0);
  g_assert_false (
      mc_cache_download (f->cache, ONNX, "q4", cancellable, cancel_elsewhere, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  mc_test_hub_forget_scripts (f->base.hub);
  download (f);
}

/* --- a private cache --- */

static void
test_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  download (f);
  mc_private_cache_close ((McPrivateCache *) f->cache);
  g_clear_object (&f->cache);
  f->cache = open_private ("cache");
  bytes = mc_cache_load (f->cache, ONNX, ONNX_WEIGHTS, MC_OPEN_NONE, NULL, &error);
  g_assert_no_error (error);
  assert_hash (f, bytes);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->base.hub, ONNX, ONNX_WEIGHTS), ==, ONNX_SIZE);
}

/* (nullable): the one large pack that there is. */
static char *
find_pack (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      char *found = g_str_has_suffix (name, ".pack") ? g_strdup (path) : find_pack (path);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
damage (McCache *cache)
{
  g_autofree char *packs =
      g_build_filename (mc_private_cache_get_folder ((McPrivateCache *) cache), "packs", NULL);
  g_autofree char *pack = find_pack (packs);
  char bytes[4096];
  int fd;

  g_assert_nonnull (pack);
  g_assert_cmpint (g_chmod (pack, 0600), ==, 0);
  fd = g_open (pack, O_RDWR | O_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  memset (bytes, 7, sizeof bytes);
  g_assert_cmpint (pwrite (fd, bytes, sizeof bytes, 3 << 20), ==, sizeof bytes);
  close (fd);
  g_assert_cmpint (g_chmod (pack, 0400), ==, 0);
}

static void
test_damage (Fixture *f, gconstpointer data)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *buffer = g_malloc (ONNX_SIZE);
  gsize n;

  download (f);
  damage (f->cache);
  stream = mc_cache_open (f->cache, ONNX, ONNX_WEIGHTS, MC_OPEN_NONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_input_stream_read_all (stream, buffer, ONNX_SIZE, &n, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
  g_clear_error (&error);
  g_clear_object (&stream);
  download (f);
  bytes = mc_cache_load (f->cache, ONNX, ONNX_WEIGHTS, MC_OPEN_NONE, NULL, &error);
  g_assert_no_error (error);
  assert_hash (f, bytes);
}

/* What is open stays; what was mapped needs nothing any more. */
static void
test_in_use (Fixture *f, gconstpointer data)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  download (f);
  stream = mc_cache_open (f->cache, ONNX, ONNX_WEIGHTS, MC_OPEN_NONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mc_cache_delete (f->cache, ONNX, "q4", NULL, &error), ==, -1);
  g_assert_error (error, MC_ERROR, MC_ERROR_IN_USE);
  g_clear_error (&error);
  g_clear_object (&stream);
  g_assert_cmpint (mc_cache_delete (f->cache, ONNX, "q4", NULL, &error), ==, TOTAL);
  g_assert_no_error (error);
}

#define ADD(path, private, function)                                                               \
  g_test_add (path, Fixture, private, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/public/shared/whole", NULL, test_whole);
  ADD ("/public/shared/context", NULL, test_context);
  ADD ("/public/shared/cancel", NULL, test_cancel);
  ADD ("/public/private/whole", "private", test_whole);
  ADD ("/public/private/context", "private", test_context);
  ADD ("/public/private/cancel", "private", test_cancel);
  ADD ("/public/private/again", "private", test_again);
  ADD ("/public/private/damage", "private", test_damage);
  ADD ("/public/private/in-use", "private", test_in_use);
  return g_test_run ();
}
