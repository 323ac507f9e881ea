/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-progress.h"

#include "mc-cli-text.h"

#include <locale.h>
#include <string.h>

static const McCliProgressView running = {
  .label = "owner/name onnx:q4",
  .done = 500000000,
  .total = 2000000000,
  .rate = 12300000,
  .seconds_left = 122,
};

static void
assert_rendered (const McCliProgressView *view, guint columns, gboolean utf8, const char *expected)
{
  g_autofree char *line = mc_cli_progress_render (view, columns, utf8);

  g_assert_cmpstr (line, ==, expected);
}

static void
test_widths (void)
{
  assert_rendered (&running, 100, TRUE,
                   "owner/name onnx:q4  ███████░░░░░░░░░░░░░░░░░░░░░░░  25%  500.0 MB / 2.0 GB   "
                   "12.3 MB/s   2:02");
  assert_rendered (&running, 72, TRUE,
                   "owner/na… onnx:q4  ██░░░░░░░░  25%  500.0 MB / 2.0 GB   12.3 MB/s   2:02");
  assert_rendered (&running, 60, TRUE,
                   "owner/name onnx:q4  ████░░░░░░░░░░░░  25%   12.3 MB/s   2:02");
  assert_rendered (&running, 39, FALSE, "owner/n..nnx:q4  [##------]  25%   2:02");
  assert_rendered (&running, 24, FALSE, "[##--------]  25%   2:02");
  assert_rendered (&running, 5, TRUE, "25%");
}

/* Never wider than there is room, at any width. */
static void
test_never_too_wide (void)
{
  McCliProgressView view = running;

  view.label = "日本/とても長い名前 onnx:q4";
  for (guint columns = 4; columns < 200; columns++)
    for (guint utf8 = 0; utf8 <= 1; utf8++)
      {
        g_autofree char *line = mc_cli_progress_render (&view, columns, utf8 == 1);

        g_assert_cmpuint (mc_cli_text_width (line), <=, columns);
      }
}

/* The bar keeps its place while numbers change. */
static void
test_steady (void)
{
  McCliProgressView early = running;
  McCliProgressView late = running;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  early.done = 5000000;
  early.rate = 0;
  early.seconds_left = -1;
  late.done = 999900000;
  late.rate = 102300000;
  assert_rendered (&early, 60, FALSE,
                   "owner/name onnx:q4  [--------------]   0%               -:--");
  first = mc_cli_progress_render (&early, 79, FALSE);
  second = mc_cli_progress_render (&late, 79, FALSE);
  g_assert_cmpint (strchr (first, ']') - first, ==, strchr (second, ']') - second);
}

static void
test_states (void)
{
  McCliProgressView view = running;
  g_autofree char *told = NULL;
  g_autofree char *told_running = mc_cli_progress_tell (&running);

  view.state = "paused";
  assert_rendered (&view, 70, FALSE,
                   "owner/name onnx:q4  [####------------]  25%  500.0 MB / 2.0 GB  paused");
  told = mc_cli_progress_tell (&view);
  g_assert_cmpstr (told, ==, "owner/name onnx:q4: 500.0 MB of 2.0 GB (25 %), paused");
  g_assert_cmpstr (told_running, ==,
                   "owner/name onnx:q4: 500.0 MB of 2.0 GB (25 %), 12.3 MB/s, 2:02 left");
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-progress/adapts-to-the-width", test_widths);
  g_test_add_func ("/cli-progress/never-too-wide", test_never_too_wide);
  g_test_add_func ("/cli-progress/bar-stays-in-place", test_steady);
  g_test_add_func ("/cli-progress/states", test_states);
  return g_test_run ();
}
