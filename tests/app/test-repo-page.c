/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include "mc-test-wait.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

/* What a person does on the page of a model. */

#define LINES "Lines for other programs"
#define Q4_FILE "tiny-Q4_K_M.gguf"

static void
open_page (WindowFixture *f, const char *repo, const char *title)
{
  window_open (f, NULL);
  mc_test_person_press (f->person, "Models in the library", title);
  mc_test_person_see (f->person, "Model", repo);
}

static void
get (WindowFixture *f, const char *repo, const char *variant)
{
  mcache_assert_works (&f->mcache, "download", repo, variant, NULL);
}

/* --- what is told --- */

static void
test_facts (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "scan", ONNX, NULL);
  open_page (f, ONNX, "tiny-onnx");
  mc_test_person_see (f->person, "Model", "Text generation · apache-2.0 · 12.0M parameters*");
  mc_test_person_see (f->person, "Model", "Changed on the Hub *");
  mc_test_person_see (f->person, "Model", "Page on the Hub");
  mc_test_person_see (f->person, "Variants", "★ Suggested");
  mc_test_person_see (f->person, "Variants", "Suggested: *");
  mc_test_person_see (f->person, "q4", "✓ fits this computer");
}

/* State and hash of each file, which follow what happens. */
static void
test_files (WindowFixture *f, gconstpointer data)
{
  g_autofree char *hash = mc_test_hub_dup_hash (f->mcache.hub, GGUF, Q4_FILE);

  mcache_assert_works (&f->mcache, "scan", GGUF, NULL);
  open_page (f, GGUF, "tiny-GGUF");
  mc_test_person_press (f->person, "Q4_K_M", "Files");
  mc_test_person_see (f->person, Q4_FILE, "*· not here");
  mc_test_person_see (f->person, Q4_FILE, hash);
  mc_test_person_press (f->person, "Q4_K_M", "Download");
  mc_test_person_see (f->person, Q4_FILE, "*· here");
  mc_test_person_press (f->person, Q4_FILE, "Copy Hash");
  mc_test_person_see (f->person, NULL, "Hash Copied");
}

/* --- other programs --- */

static char *
write_program (const char *name, const char *text)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "bin", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&folder);
}

/* What a program printed that was given these lines; in a folder of its own. */
static char *
run_lines (WindowFixture *f, const char *program, const char *option, const char *lines)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *llama = write_program ("llama-cli", "#!/bin/sh\nexec sha256sum \"$2\"\n");
  g_autofree char *folder = g_path_get_dirname (g_getenv ("MC_MCACHE"));
  g_autofree char *path = g_strdup_printf ("%s:%s:%s", llama, folder, g_getenv ("PATH"));
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *out = NULL;

  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS",
                                mc_test_bus_get_address (f->mcache.bus), TRUE);
  g_subprocess_launcher_setenv (launcher, "PATH", path, TRUE);
  g_subprocess_launcher_set_cwd (launcher, g_get_user_data_dir ());
  process = g_subprocess_launcher_spawn (launcher, &error, program, option, lines, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mcache_get_status (process), ==, 0);
  return out;
}

static void
assert_prints (WindowFixture *f, const char *pattern, const char *expected)
{
  g_autofree char *lines = mc_test_person_dup_seen (f->person, LINES, pattern);
  g_autofree char *out = run_lines (f, "/bin/sh", "-c", lines);

  g_assert_true (g_str_has_prefix (out, expected));
}

/* The system's own interpreter has GLib's bindings, if any has. */
static gboolean
has_bindings (void)
{
  const char *const arguments[] = { "/usr/bin/python3", "-c", "from gi.repository import Gio",
                                    NULL };
  int status = 1;

  return g_spawn_sync (NULL, (char **) arguments, NULL,
                       G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                       NULL, &status, NULL)
         && status == 0;
}

/* What uses the descriptor is appended to the lines. */
static void
assert_python_hashes (WindowFixture *f, const char *hash)
{
  g_autofree char *lines = mc_test_person_dup_seen (f->person, LINES, "from gi.repository*");
  g_autofree char *program = g_strconcat (
      lines, "\nimport hashlib\nprint(hashlib.sha256(open(path, 'rb').read()).hexdigest())", NULL);
  g_autofree char *out = run_lines (f, "/usr/bin/python3", "-c", program);

  g_assert_true (g_str_has_prefix (out, hash));
}

static void
test_use_with (WindowFixture *f, gconstpointer data)
{
  g_autofree char *hash = mc_test_hub_dup_hash (f->mcache.hub, GGUF, Q4_FILE);
  g_autofree char *gdbus = g_find_program_in_path ("gdbus");

  get (f, GGUF, "Q4_K_M");
  open_page (f, GGUF, "tiny-GGUF");
  mc_test_person_press (f->person, "Q4_K_M", "Use With");
  assert_prints (f, "mcache open*llama-cli*", hash);
  assert_prints (f, "mcache open*sha256sum*", hash);
  mc_test_person_press (f->person, "llama.cpp", "Copy");
  mc_test_person_see (f->person, NULL, "Lines Copied");
  if (has_bindings ())
    assert_python_hashes (f, hash);
  if (gdbus != NULL)
    assert_prints (f, "gdbus call*", "(true,)");
  if (!has_bindings () || gdbus == NULL)
    g_test_skip ("gdbus, or GLib's bindings for Python (python3-gi), are not installed");
}

/* The folder is the one that transformers.js is told of. */
static void
test_use_with_copy (WindowFixture *f, gconstpointer data)
{
  g_autofree char *hash = mc_test_hub_dup_hash (f->mcache.hub, ONNX, ONNX_WEIGHTS);
  g_autofree char *check = NULL;
  g_autofree char *lines = NULL;
  g_autofree char *done = NULL;
  g_autofree char *out = NULL;

  get (f, ONNX, "q4");
  open_page (f, ONNX, "tiny-onnx");
  mc_test_person_press (f->person, "q4", "Use With");
  mc_test_person_see (f->person, LINES, "import*localModelPath = \"./models/\"*\"" ONNX "\"*q4*");
  lines = mc_test_person_dup_seen (f->person, LINES, "for file in*");
  done = run_lines (f, "/bin/sh", "-c", lines);
  check = g_strdup ("sha256sum models/" ONNX "/" ONNX_WEIGHTS " && ls models/" ONNX "/config.json");
  out = run_lines (f, "/bin/sh", "-c", check);
  g_assert_true (g_str_has_prefix (out, hash));
}

/* --- where they are --- */

static void
test_storage_folder (WindowFixture *f, gconstpointer data)
{
  window_install_file_manager ();
  get (f, GGUF, "Q4_K_M");
  open_page (f, GGUF, "tiny-GGUF");
  mc_test_person_press (f->person, "Q4_K_M", "Open Location…");
  mc_test_person_see (f->person, NULL, "Kept in Pieces");
  mc_test_person_press (f->person, NULL, "Open Storage Folder");
  window_await_folder ("model-cache");
}

/* --- deleting --- */

static char *
read_status (WindowFixture *f)
{
  g_autoptr (JsonNode) node = mcache_run_json (&f->mcache, 0, "show", GGUF, NULL);
  JsonNode *variants = json_object_get_member (json_node_get_object (node), "variants");

  return g_strdup (
      mcache_get_string (mcache_get_member (variants, "key", "gguf:Q4_K_M"), "status"));
}

static void
begin_deletion (WindowFixture *f)
{
  g_setenv ("MC_UNDO_MS", "3600000", TRUE);
  get (f, GGUF, "Q4_K_M");
  open_page (f, GGUF, "tiny-GGUF");
  mc_test_person_press (f->person, "Q4_K_M", "Delete…");
  mc_test_person_see (f->person, NULL, "This gives back * of space on the disk.");
  mc_test_person_press (f->person, NULL, "Delete");
  mc_test_person_see (f->person, "Q4_K_M", "Deleted in a moment");
}

static void
test_undo (WindowFixture *f, gconstpointer data)
{
  g_autofree char *status = NULL;

  begin_deletion (f);
  mc_test_person_press (f->person, "Q4_K_M", "Undo");
  mc_test_person_see (f->person, "Q4_K_M", "On this computer");
  mc_test_person_press (f->person, "Q4_K_M", "Delete…");
  mc_test_person_press (f->person, NULL, "Delete");
  mc_test_person_see (f->person, "Q4_K_M", "Deleted in a moment");
  mc_test_person_do (f->person, "Model Cache", "win.undo");
  mc_test_person_see (f->person, "Q4_K_M", "On this computer");
  window_close (f);
  status = read_status (f);
  g_assert_cmpstr (status, ==, "downloaded");
}

static gboolean
is_deleted (gpointer data)
{
  g_autofree char *status = read_status (data);

  return strcmp (status, "available") == 0;
}

/* Who closes the window has made up his mind. */
static void
test_delete_and_close (WindowFixture *f, gconstpointer data)
{
  begin_deletion (f);
  window_close (f);
  g_assert_true (mc_test_wait_until (is_deleted, f, 60000));
}

/* If it dies, all is as it was. */
static void
test_delete_and_die (WindowFixture *f, gconstpointer data)
{
  g_autofree char *status = NULL;

  begin_deletion (f);
  window_kill (f);
  status = read_status (f);
  g_assert_cmpstr (status, ==, "downloaded");
}

/* If the service dies meanwhile, the deletion still comes. */
static void
test_delete_without_service (WindowFixture *f, gconstpointer data)
{
  begin_deletion (f);
  mc_test_bus_end_service (f->mcache.bus, SIGKILL);
  mc_test_person_see (f->person, "Q4_K_M", "Deleted in a moment");
  window_close (f);
  g_assert_true (mc_test_wait_until (is_deleted, f, 60000));
}

#define ADD(path, function)                                                                        \
  g_test_add (path, WindowFixture, NULL, window_set_up, function, window_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/repo-page/facts", test_facts);
  ADD ("/repo-page/files", test_files);
  ADD ("/repo-page/use-with", test_use_with);
  ADD ("/repo-page/use-with-copy", test_use_with_copy);
  ADD ("/repo-page/storage-folder", test_storage_folder);
  ADD ("/repo-page/undo", test_undo);
  ADD ("/repo-page/delete-and-close", test_delete_and_close);
  ADD ("/repo-page/delete-and-die", test_delete_and_die);
  ADD ("/repo-page/delete-without-service", test_delete_without_service);
  return g_test_run ();
}
