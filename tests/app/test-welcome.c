/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include <glib/gstdio.h>

/* The first time somebody opens the window. */

#define FOUND "Hugging Face"

/* As a cache of huggingface_hub, where the service's HF_HOME says. */
static void
put_cache (WindowFixture *f)
{
  g_autofree char *hash = mc_test_hub_dup_hash (f->mcache.hub, GGUF, "tiny-Q4_K_M.gguf");
  g_autofree char *blobs =
      g_build_filename (g_get_user_config_dir (), "hub", "models--owner--tiny-GGUF", "blobs", NULL);
  g_autofree char *path = g_build_filename (blobs, hash, NULL);
  g_autofree guint8 *bytes = g_malloc (GGUF_SIZE);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (blobs, 0700), ==, 0);
  mc_test_hub_generate (8, 0, bytes, GGUF_SIZE);
  g_file_set_contents (path, (const char *) bytes, GGUF_SIZE, &error);
  g_assert_no_error (error);
}

/* What another program has is found, and adopted without a download. */
static void
test_adopt (WindowFixture *f, gconstpointer data)
{
  put_cache (f);
  window_open (f, NULL);
  mc_test_person_see (f->person, NULL, "No Models Yet");
  mc_test_person_see (f->person, "Found on this computer", "1 file · *");
  mc_test_person_press (f->person, "Found on this computer", "Adopt");
  mc_test_person_see (f->person, GGUF, "Ready");
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->mcache.hub, GGUF, "tiny-Q4_K_M.gguf"), ==, 0);
}

/* Where models will be, and that something is there to begin with on any computer. */
static void
test_begin (WindowFixture *f, gconstpointer data)
{
  window_open (f, NULL);
  mc_test_person_see (f->person, "Where Models Will Be", "* free");
  mc_test_person_see (f->person, "To Begin With", "Search by meaning*");
  mc_test_person_press (f->person, "Library", "Change…");
  mc_test_person_press (f->person, "Preferences", "Storage");
  mc_test_person_see (f->person, "Preferences", "Folder");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/welcome/adopt", WindowFixture, NULL, window_set_up, test_adopt, window_tear_down);
  g_test_add ("/welcome/begin", WindowFixture, NULL, window_set_up, test_begin, window_tear_down);
  return g_test_run ();
}
