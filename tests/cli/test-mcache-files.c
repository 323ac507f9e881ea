/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include "mc-digest.h"
#include "mc-hasher.h"
#include "mc-test-wait.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The bytes of a file: cat and open. */

static void
set_up (McacheFixture *f, gconstpointer data)
{
  mcache_set_up (f, data);
  mcache_assert_works (f, "download", ONNX, "q4", NULL);
}

static void
test_cat (McacheFixture *f, gconstpointer data)
{
  g_autofree char *expected = g_malloc (ONNX_SIZE);
  g_autoptr (McacheRun) whole = mcache_run (f, "cat", ONNX, ONNX_WEIGHTS, NULL);
  g_autoptr (McacheRun) range =
      mcache_run (f, "cat", "--offset", "5242870", ONNX, ONNX_WEIGHTS, "-n", "20", NULL);
  g_autoptr (McacheRun) end =
      mcache_run (f, "cat", "--offset=6MB", "--length=1GiB", ONNX, ONNX_WEIGHTS, NULL);
  g_autoptr (McacheRun) small = mcache_run (f, "cat", ONNX, "config.json", NULL);

  mc_test_hub_generate (ONNX_SEED, 0, expected, ONNX_SIZE);
  g_assert_cmpint (whole->status, ==, 0);
  g_assert_cmpmem (whole->out, whole->out_length, expected, ONNX_SIZE);
  g_assert_cmpint (range->status, ==, 0);
  g_assert_cmpmem (range->out, range->out_length, expected + 5242870, 20);
  g_assert_cmpint (end->status, ==, 0);
  g_assert_cmpmem (end->out, end->out_length, expected + 6000000, 1);
  g_assert_cmpstr (small->out, ==, CONFIG);
}

static void
test_cat_fails (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) unknown = mcache_run (f, "cat", ONNX, "none.bin", NULL);
  g_autoptr (McacheRun) not_here = mcache_run (f, "cat", ONNX, "onnx/model.onnx", NULL);

  g_assert_cmpint (unknown->status, ==, 3);
  g_assert_cmpstr (unknown->out, ==, "");
  g_assert_cmpint (not_here->status, ==, 3);
  g_assert_cmpstr (not_here->out, ==, "");
}

/* A reader that has enough is no error, and nobody is told. */
static void
test_cat_closed_pipe (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) process = mcache_start (f, "cat", ONNX, ONNX_WEIGHTS, NULL);
  g_autoptr (GError) error = NULL;
  char byte;
  char said[100];

  g_input_stream_read (g_subprocess_get_stdout_pipe (process), &byte, 1, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_close (g_subprocess_get_stdout_pipe (process), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mcache_end (process), ==, -SIGPIPE);
  g_assert_cmpint (
      g_input_stream_read (g_subprocess_get_stderr_pipe (process), said, sizeof said, NULL, NULL),
      ==, 0);
}

static void
test_open (McacheFixture *f, gconstpointer data)
{
  g_autofree char *bytes = g_malloc (ONNX_SIZE);
  g_autofree char *expected = NULL;
  McDigest digest;
  g_autoptr (McacheRun) hashed =
      mcache_run (f, "open", ONNX, ONNX_WEIGHTS, "--", "sha256sum", "{}", NULL);
  g_autoptr (McacheRun) within = mcache_run (f, "open", ONNX, "config.json", "--", "sh", "-c",
                                             "cat <{} && test {} = {}", NULL);
  g_autoptr (McacheRun) piped = mcache_run (f, "open", ONNX, "config.json", "--", "cat", NULL);
  g_autoptr (McacheRun) nested =
      mcache_run (f, "open", ONNX, "config.json", "--", "sh", "-c", "sh -c 'cat {}'", NULL);
  g_autoptr (JsonNode) details = mcache_run_json (f, 0, "open", ONNX, "config.json", NULL);

  mc_test_hub_generate (ONNX_SEED, 0, bytes, ONNX_SIZE);
  digest = mc_sha256 (bytes, ONNX_SIZE);
  expected = mc_digest_to_hex (&digest);
  g_assert_cmpint (hashed->status, ==, 0);
  g_assert_true (g_str_has_prefix (hashed->out, expected));
  g_assert_nonnull (strstr (hashed->out, "/proc/self/fd/"));
  g_assert_cmpint (within->status, ==, 0);
  g_assert_cmpstr (within->out, ==, CONFIG);
  g_assert_cmpstr (piped->out, ==, CONFIG);
  g_assert_cmpstr (nested->out, ==, CONFIG);
  g_assert_cmpuint (mcache_get_int (json_node_get_object (details), "size"), ==, strlen (CONFIG));
}

/* What the caller's descriptors are, the command has; ours it has not; the file cannot be written.
 */
static void
test_open_descriptors (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) open_ones =
      mcache_run (f, "open", ONNX, "config.json", "--", "sh", "-c",
                  "for n in /proc/self/fd/*; do readlink $n; done; : {}", NULL);
  g_autoptr (McacheRun) written =
      mcache_run (f, "open", ONNX, ONNX_WEIGHTS, "--", "sh", "-c", "echo x >>{}", NULL);

  g_assert_cmpint (open_ones->status, ==, 0);
  g_assert_null (strstr (open_ones->out, "socket:"));
  g_assert_null (strstr (open_ones->out, "eventfd"));
  /* Root may open anything for writing; then only the copy is changed, never the store. */
  if (written->status == 0)
    mcache_assert_works (f, "verify", ONNX, "q4", NULL);
  else
    g_assert_cmpint (written->status, !=, 0);
}

static void
test_open_status (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) seven =
      mcache_run (f, "open", ONNX, "config.json", "--", "sh", "-c", "exit 7", NULL);
  g_autoptr (McacheRun) killed =
      mcache_run (f, "open", ONNX, "config.json", "--", "sh", "-c", "kill -9 $$", NULL);
  g_autoptr (McacheRun) missing =
      mcache_run (f, "open", ONNX, "config.json", "--", "no-such-command", "{}", NULL);
  g_autoptr (McacheRun) forbidden =
      mcache_run (f, "open", ONNX, "config.json", "--", "/dev/null", "{}", NULL);
  g_autoptr (McacheRun) empty = mcache_run (f, "open", ONNX, "config.json", "--", NULL);

  g_assert_cmpint (seven->status, ==, 7);
  g_assert_cmpint (killed->status, ==, 128 + SIGKILL);
  g_assert_cmpint (missing->status, ==, 127);
  g_assert_cmpint (forbidden->status, ==, 126);
  g_assert_cmpint (empty->status, ==, 2);
}

/* While the command runs the file stays; afterwards it may go. */
static void
test_open_holds (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) during =
      mcache_run (f, "open", ONNX, ONNX_WEIGHTS, "--", g_getenv ("MC_MCACHE"), "--json", "delete",
                  "--yes", ONNX, NULL);
  g_autoptr (McacheRun) after = mcache_run (f, "delete", "--yes", ONNX, NULL);

  g_assert_cmpint (during->status, ==, 9);
  g_assert_nonnull (strstr (during->out, "\"InUse\""));
  g_assert_cmpint (after->status, ==, 0);
}

static void
test_open_fetch (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) fetched =
      mcache_run (f, "open", "--fetch", GGUF, "tiny-Q8_0.gguf", "--", "wc", "-c", NULL);
  g_autoptr (McacheRun) again = NULL;
  g_autofree char *expected = g_strdup_printf ("%d\n", 2 * GGUF_SIZE);

  mcache_assert_fails (f, 3, "NotDownloaded",
                       (const char *const[]){ "open", GGUF, "tiny-Q4_K_M.gguf", NULL });
  g_assert_cmpint (fetched->status, ==, 0);
  g_assert_cmpstr (fetched->out, ==, expected);
  g_assert_true (g_str_has_prefix (fetched->err, GGUF " tiny-Q8_0.gguf: "));
  again = mcache_run (f, "open", "--fetch", GGUF, "tiny-Q8_0.gguf", "--", "wc", "-c", NULL);
  g_assert_cmpstr (again->out, ==, expected);
  g_assert_cmpstr (again->err, ==, "");
}

static gboolean
is_gone (gpointer data)
{
  return g_access (data, F_OK) != 0;
}

/* A folder for a command; it goes with it. */
static void
test_checkout (McacheFixture *f, gconstpointer data)
{
  g_autofree char *expected = NULL;
  g_autofree char *bytes = g_malloc (ONNX_SIZE);
  McDigest digest;
  g_autoptr (McacheRun) hashed = mcache_run (f, "checkout", ONNX, "q4", "--", "sh", "-c",
                                             "sha256sum <{}/" ONNX_WEIGHTS "; echo {}", NULL);
  g_autoptr (McacheRun) within =
      mcache_run (f, "checkout", ONNX, "q4", "--", "cat", "config.json", NULL);
  g_autoptr (McacheRun) status =
      mcache_run (f, "checkout", ONNX, "q4", "--", "sh", "-c", "exit 7", NULL);
  g_auto (GStrv) lines = g_strsplit (hashed->out, "\n", -1);

  mc_test_hub_generate (ONNX_SEED, 0, bytes, ONNX_SIZE);
  digest = mc_sha256 (bytes, ONNX_SIZE);
  expected = mc_digest_to_hex (&digest);
  g_assert_cmpint (hashed->status, ==, 0);
  g_assert_true (g_str_has_prefix (lines[0], expected));
  g_assert_cmpstr (within->out, ==, CONFIG);
  g_assert_cmpint (status->status, ==, 7);
  g_assert_true (g_path_is_absolute (lines[1]));
  g_assert_true (mc_test_wait_until (is_gone, lines[1], 60000));
}

static void
test_checkout_stays (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) process = mcache_start (f, "checkout", ONNX, "q4", NULL);
  g_autoptr (GDataInputStream) said =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  g_autofree char *folder = g_data_input_stream_read_line (said, NULL, NULL, NULL);
  g_autofree char *config = g_build_filename (folder, "config.json", NULL);

  g_assert_cmpint (g_access (config, R_OK), ==, 0);
  g_subprocess_send_signal (process, SIGINT);
  g_assert_cmpint (mcache_end (process), ==, -SIGINT);
  g_assert_true (mc_test_wait_until (is_gone, folder, 60000));
}

/* "mcache checkout ... | (read folder && ...)": it goes with whoever read it. */
static void
test_checkout_unread (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) process = mcache_start (f, "checkout", ONNX, "q4", NULL);
  GInputStream *output = g_subprocess_get_stdout_pipe (process);
  g_autoptr (GDataInputStream) said = g_data_input_stream_new (output);
  g_autofree char *folder = g_data_input_stream_read_line (said, NULL, NULL, NULL);

  g_assert_false (is_gone (folder));
  g_assert_true (g_input_stream_close (output, NULL, NULL));
  g_assert_cmpint (mcache_end (process), ==, 0);
  g_assert_true (mc_test_wait_until (is_gone, folder, 60000));
}

/* A folder with the files, as long as it is switched on. */
static void
test_mount (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *parent = g_dir_make_tmp ("mcache-mount-XXXXXX", &error);
  g_autofree char *folder = g_build_filename (parent, "view", NULL);
  g_autofree char *path = g_build_filename (folder, ONNX, "config.json", NULL);
  g_autofree char *expected = g_strconcat (folder, "\n", NULL);
  g_autoptr (McacheRun) on = mcache_run (f, "mount", folder, NULL);
  g_autoptr (JsonNode) again = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  if (on->status != 0)
    {
      g_assert_cmpstr (on->err, !=, "");
      g_test_skip ("FUSE cannot be had here");
      g_rmdir (folder);
      g_rmdir (parent);
      return;
    }
  g_assert_cmpstr (on->out, ==, expected);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, CONFIG);
  again = mcache_run_json (f, 0, "mount", NULL);
  g_assert_cmpstr (mcache_get_string (json_node_get_object (again), "folder"), ==, folder);
  mcache_assert_works (f, "mount", "--off", NULL);
  g_assert_cmpint (g_access (path, F_OK), !=, 0);
  g_assert_cmpint (g_rmdir (parent), ==, 0);
}

/* The port is another program's: said in so many words. */
static void
test_serve_taken (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_autofree char *text = g_strdup_printf ("%u", port);
  g_autofree char *expected = g_strdup_printf ("*Port %u cannot be listened on*", port);
  g_autoptr (McacheRun) run = NULL;

  g_assert_no_error (error);
  run = mcache_run (f, "serve", "--port", text, NULL);
  g_assert_cmpint (run->status, !=, 0);
  g_assert_true (g_pattern_match_simple (expected, run->err));
  g_assert_null (strstr (run->err, "too much"));
}

#define ADD(path, function)                                                                        \
  g_test_add (path, McacheFixture, NULL, set_up, function, mcache_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/mcache-files/cat", test_cat);
  ADD ("/mcache-files/cat-fails", test_cat_fails);
  ADD ("/mcache-files/cat-into-a-closed-pipe", test_cat_closed_pipe);
  ADD ("/mcache-files/open", test_open);
  ADD ("/mcache-files/open-gives-no-other-descriptors", test_open_descriptors);
  ADD ("/mcache-files/open-passes-the-status-on", test_open_status);
  ADD ("/mcache-files/open-holds-the-file", test_open_holds);
  ADD ("/mcache-files/open-fetches", test_open_fetch);
  ADD ("/mcache-files/checkout", test_checkout);
  ADD ("/mcache-files/checkout-stays", test_checkout_stays);
  ADD ("/mcache-files/checkout-unread", test_checkout_unread);
  ADD ("/mcache-files/mount", test_mount);
  ADD ("/mcache-files/serve-taken", test_serve_taken);
  return g_test_run ();
}
