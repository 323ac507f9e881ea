/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-progress.h"

#include "mc-cli-text.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Bars that follow transfers, on standard error so that standard output stays what was asked for.
 * The only file that moves the cursor. */

#define BAR_MIN 10
#define BAR_MAX 30
#define LABEL_MIN 12
#define PLAIN_INTERVAL (5 * G_USEC_PER_SEC)

struct _McCliProgress
{
  guint drawn;       /* lines on the terminal that the next drawing goes over */
  gint64 last_told;  /* monotonic */
  char *last_states; /* (owned) (nullable): of all views */
};

/* --- pure --- */

/* Room that a number is given at least, so that the bar keeps its length while numbers change. */
#define SIZE_COLUMNS 8
#define RATE_COLUMNS 10
#define LEFT_COLUMNS 5

static void
append_padded (GString *text, const char *word, guint columns)
{
  g_autofree char *padded = mc_cli_text_pad (word, columns, TRUE);

  g_string_append_printf (text, "  %s", padded);
}

static void
append_amounts (GString *tail, const McCliProgressView *view)
{
  g_autofree char *done = mc_cli_text_size (view->done);
  g_autofree char *total = mc_cli_text_size (view->total);

  append_padded (tail, done, SIZE_COLUMNS);
  g_string_append_printf (tail, " / %s", total);
}

static void
append_speed (GString *tail, const McCliProgressView *view, guint poverty)
{
  g_autofree char *rate = view->rate == 0 ? g_strdup ("") : mc_cli_text_rate (view->rate);
  g_autofree char *left = NULL;

  if (poverty < 2)
    append_padded (tail, rate, RATE_COLUMNS);
  if (poverty == 3)
    return;
  left = view->seconds_left < 0 ? g_strdup ("-:--")
                                : mc_cli_text_duration ((guint64) view->seconds_left);
  append_padded (tail, left, LEFT_COLUMNS);
}

/* The parts that follow the bar, from the richest choice to the poorest. */
static char *
render_tail (const McCliProgressView *view, guint poverty)
{
  g_autoptr (GString) tail = g_string_new (NULL);

  g_string_append_printf (tail, "%3u%%", mc_cli_text_percent (view->done, view->total));
  if (poverty == 0)
    append_amounts (tail, view);
  if (view->state == NULL)
    append_speed (tail, view, poverty);
  else if (poverty < 3)
    g_string_append_printf (tail, "  %s", view->state);
  return g_string_free (g_steal_pointer (&tail), FALSE);
}

char *
mc_cli_progress_render (const McCliProgressView *view, guint columns, gboolean utf8)
{
  guint label_width = mc_cli_text_width (view->label);

  for (guint poverty = 0; poverty <= 3; poverty++)
    {
      g_autofree char *tail = render_tail (view, poverty);
      guint tail_width = mc_cli_text_width (tail);
      guint room = columns > tail_width + 1 ? columns - tail_width - 1 : 0;
      guint bar_width;
      g_autofree char *label = NULL;
      g_autofree char *bar = NULL;

      /* Poorer tails are better than no label, up to a point. */
      if (room >= BAR_MIN + 2 + MIN (label_width, LABEL_MIN))
        label = mc_cli_text_fit (view->label, MIN (label_width, room - BAR_MIN - 2), utf8);
      else if (poverty < 2 || room < BAR_MIN)
        continue;
      bar_width = room - (label == NULL ? 0 : mc_cli_text_width (label) + 2);
      bar = mc_cli_text_bar (MIN (bar_width, BAR_MAX), view->done, view->total, utf8);
      return g_strdup_printf ("%s%s%s %s", label == NULL ? "" : label, label == NULL ? "" : "  ",
                              bar, tail);
    }
  return g_strdup_printf ("%u%%", mc_cli_text_percent (view->done, view->total));
}

char *
mc_cli_progress_tell (const McCliProgressView *view)
{
  g_autofree char *done = mc_cli_text_size (view->done);
  g_autofree char *total = mc_cli_text_size (view->total);
  guint percent = mc_cli_text_percent (view->done, view->total);
  g_autofree char *rate = NULL;
  g_autofree char *left = NULL;

  if (view->state != NULL)
    /* Translators: name of a transfer, bytes here, bytes in all, per cent, state. */
    return g_strdup_printf (_ ("%s: %s of %s (%u %%), %s"), view->label, done, total, percent,
                            view->state);
  if (view->rate == 0 || view->seconds_left < 0)
    /* Translators: name of a transfer, bytes here, bytes in all, per cent. */
    return g_strdup_printf (_ ("%s: %s of %s (%u %%)"), view->label, done, total, percent);
  rate = mc_cli_text_rate (view->rate);
  left = mc_cli_text_duration ((guint64) view->seconds_left);
  /* Translators: name of a transfer, bytes here, bytes in all, per cent, speed, time left. */
  return g_strdup_printf (_ ("%s: %s of %s (%u %%), %s, %s left"), view->label, done, total,
                          percent, rate, left);
}

/* --- drawing --- */

McCliProgress *
mc_cli_progress_new (void)
{
  return g_new0 (McCliProgress, 1);
}

void
mc_cli_progress_free (McCliProgress *self)
{
  g_free (self->last_states);
  g_free (self);
}

static guint
count_rows (void)
{
  struct winsize size = { 0 };

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 2 ? size.ws_row - 1u : 23;
}

/* Bars below each other begin in one column, unless a name is so long that it would take the room
 * of all. */
static char *
pad_label (const McCliProgressView *views, guint n, guint i, guint columns)
{
  guint widest = 0;

  for (guint j = 0; j < n; j++)
    widest = MAX (widest, mc_cli_text_width (views[j].label));
  return mc_cli_text_pad (views[i].label, MIN (widest, columns / 3), FALSE);
}

static void
draw (McCliProgress *self, McCliStream *stream, const McCliProgressView *views, guint n_views)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = MIN (n_views, count_rows ());

  if (self->drawn > 0)
    g_string_append_printf (text, "\033[%uA", self->drawn);
  for (guint i = 0; i < n; i++)
    {
      /* One column is kept free: some terminals wrap as soon as the last one is filled. */
      guint columns = MAX (stream->columns, 2) - 1;
      g_autofree char *label = pad_label (views, n, i, columns);
      McCliProgressView view = views[i];
      g_autofree char *line = NULL;
      g_autofree char *clean = NULL;

      view.label = label;
      line = mc_cli_progress_render (&view, columns, stream->utf8);
      clean = mc_cli_text_clean (line, stream->utf8);
      g_string_append_printf (text, "\r%s\033[K\n", clean);
    }
  g_string_append (text, "\033[J");
  fputs (text->str, stderr);
  fflush (stderr);
  self->drawn = n;
}

static void
tell (McCliProgress *self, const McCliProgressView *views, guint n_views)
{
  g_autoptr (GString) states = g_string_new (NULL);
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < n_views; i++)
    g_string_append_printf (states, "%s %s\n", views[i].label,
                            views[i].state == NULL ? "" : views[i].state);
  if (g_strcmp0 (states->str, self->last_states) == 0 && now - self->last_told < PLAIN_INTERVAL)
    return;
  for (guint i = 0; i < n_views; i++)
    {
      g_autofree char *line = mc_cli_progress_tell (&views[i]);

      mc_cli_print_error ("%s\n", line);
    }
  self->last_told = now;
  g_free (self->last_states);
  self->last_states = g_string_free (g_steal_pointer (&states), FALSE);
}

void
mc_cli_progress_update (McCliProgress *self, const McCliProgressView *views, guint n_views)
{
  McCliStream stream = mc_cli_output_examine (STDERR_FILENO);

  if (stream.can_draw)
    draw (self, &stream, views, n_views);
  else
    tell (self, views, n_views);
}
