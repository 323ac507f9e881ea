/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-application.h"
#include "mc-library-view.h"

#include <gio/gunixinputstream.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The window, in a process of its own that looks at its main loop and its frames:
 *   window-probe bare              an application of libadwaita with nothing in its window but a
 *                                  header bar, for comparison
 *   window-probe open              until what there is in the library is shown
 *   window-probe scroll            then the whole list goes by, once
 *   window-probe watch VIEW        then it stays until its standard input ends, with that view
 * shown It prints lines "NAME NUMBER", in milliseconds and MiB, and the line "ready 1" as soon as
 * what was asked for is shown. MC_BENCH_SPAWNED is the monotonic time at which it was started. */

#define SCROLL_FRAMES 600

typedef struct
{
  const char *mode;
  const char *view; /* (nullable) */
  GtkWindow *window;
  GdkFrameClock *clock; /* borrowed: of the window */
  GtkAdjustment *scrolled;
  gint64 spawned; /* monotonic time, as are the others */
  gint64 frame_began;
  gint64 frame_cpu_began;
  gint64 longest_frame;
  gint64 most_frame_cpu;
  gint64 away_since; /* from poll() */
  gint64 away_cpu_since;
  gint64 longest_stall;
  gint64 longest_work; /* CPU of this thread between two polls, µs */
  guint frames;
  gboolean ready;
  gboolean ended;
} Probe;

static Probe probe;

/* --- the main loop --- */

static gint64
get_thread_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* What is done between two polls keeps everything else waiting. */
static int
poll_and_measure (GPollFD *fds, guint n_fds, int timeout)
{
  int ready;

  if (probe.away_since != 0)
    {
      probe.longest_stall = MAX (probe.longest_stall, g_get_monotonic_time () - probe.away_since);
      probe.longest_work = MAX (probe.longest_work, get_thread_time () - probe.away_cpu_since);
    }
  ready = g_poll (fds, n_fds, timeout);
  probe.away_since = g_get_monotonic_time ();
  probe.away_cpu_since = get_thread_time ();
  return ready;
}

static void
measure_anew (void)
{
  probe.longest_frame = 0;
  probe.most_frame_cpu = 0;
  probe.longest_stall = 0;
  probe.longest_work = 0;
  probe.away_since = 0;
}

/* --- what is said --- */

static void
say (const char *name, double number)
{
  g_print ("%s %.3f\n", name, number);
}

static double
get_age (void)
{
  return (double) (g_get_monotonic_time () - probe.spawned) / 1e3;
}

static void
say_stalls (void)
{
  say ("frame", (double) probe.longest_frame / 1e3);
  say ("frame-work", (double) probe.most_frame_cpu / 1e3);
  say ("stall", (double) probe.longest_stall / 1e3);
  say ("work", (double) probe.longest_work / 1e3);
}

static void
say_memory (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL)
      && (line = strstr (text, "\nPss:")) != NULL)
    say ("memory", (double) g_ascii_strtoull (line + strlen ("\nPss:"), NULL, 10) / 1024);
}

static void
end (void)
{
  if (probe.ended)
    return;
  probe.ended = TRUE;
  say_stalls ();
  say_memory ();
  gtk_window_close (probe.window);
}

/* --- scrolling --- */

static GtkWidget *
find_widget (GtkWidget *widget, GType type)
{
  GtkWidget *found = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_child_visible (child))
      found = find_widget (child, type);
  return found;
}

static gboolean
scroll_on (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  double end_of_list =
      gtk_adjustment_get_upper (probe.scrolled) - gtk_adjustment_get_page_size (probe.scrolled);
  double value = gtk_adjustment_get_value (probe.scrolled);

  if (probe.frames++ >= 2 * SCROLL_FRAMES || value >= end_of_list)
    {
      end ();
      return G_SOURCE_REMOVE;
    }
  gtk_adjustment_set_value (probe.scrolled, value + end_of_list / SCROLL_FRAMES);
  return G_SOURCE_CONTINUE;
}

static void
begin_scrolling (void)
{
  GtkWidget *list = find_widget (GTK_WIDGET (probe.window), GTK_TYPE_LIST_VIEW);

  if (list == NULL)
    {
      end ();
      return;
    }
  probe.scrolled = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  measure_anew ();
  gtk_widget_add_tick_callback (list, scroll_on, NULL, NULL);
}

/* --- until it is told to end --- */

static void
input_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_object_unref (source);
  end ();
}

static void
begin_watching (void)
{
  GInputStream *input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  static char byte;

  gtk_widget_activate_action (GTK_WIDGET (probe.window), "win.show-view", "s", probe.view);
  measure_anew ();
  g_input_stream_read_async (input, &byte, 1, G_PRIORITY_DEFAULT, NULL, input_cb, NULL);
}

/* --- frames --- */

/* Whether the library shows what there is, and not that it is being asked for. */
static gboolean
is_there (void)
{
  GtkWidget *view = find_widget (GTK_WIDGET (probe.window), MC_TYPE_LIBRARY_VIEW);
  GtkWidget *stack = view == NULL ? NULL : find_widget (view, GTK_TYPE_STACK);

  return stack != NULL
         && strcmp (gtk_stack_get_visible_child_name (GTK_STACK (stack)), "connecting") != 0;
}

static void
become_ready (void)
{
  probe.ready = TRUE;
  say ("shown", get_age ());
  if (strcmp (probe.mode, "scroll") == 0)
    {
      say ("opening", (double) probe.longest_stall / 1e3);
      begin_scrolling ();
    }
  else if (strcmp (probe.mode, "watch") == 0)
    begin_watching ();
  else
    end ();
  say ("ready", 1);
}

static void
on_before_paint (GdkFrameClock *clock)
{
  probe.frame_began = g_get_monotonic_time ();
  probe.frame_cpu_began = get_thread_time ();
}

static void
on_after_paint (GdkFrameClock *clock)
{
  static gboolean painted;

  probe.longest_frame = MAX (probe.longest_frame, g_get_monotonic_time () - probe.frame_began);
  probe.most_frame_cpu = MAX (probe.most_frame_cpu, get_thread_time () - probe.frame_cpu_began);
  if (!painted)
    say ("first", get_age ());
  painted = TRUE;
  if (!probe.ready && (strcmp (probe.mode, "bare") == 0 || is_there ()))
    become_ready ();
}

static void
on_realize (GtkWidget *window)
{
  probe.clock = gtk_widget_get_frame_clock (window);
  g_signal_connect (probe.clock, "before-paint", G_CALLBACK (on_before_paint), NULL);
  g_signal_connect_after (probe.clock, "after-paint", G_CALLBACK (on_after_paint), NULL);
}

static void
on_window_added (GtkApplication *application, GtkWindow *window)
{
  if (probe.window != NULL)
    return;
  probe.window = window;
  g_signal_connect (window, "realize", G_CALLBACK (on_realize), NULL);
}

/* --- --- */

static void
show_nothing (GtkApplication *application)
{
  GtkWidget *window = adw_application_window_new (application);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), "Nothing");
  gtk_window_set_default_size (GTK_WINDOW (window), 900, 680);
  gtk_window_present (GTK_WINDOW (window));
}

static GtkApplication *
make_application (void)
{
  GApplication *application;

  if (strcmp (probe.mode, "bare") != 0)
    return GTK_APPLICATION (mc_application_new ());
  application = G_APPLICATION (
      adw_application_new ("com.tabagent.ModelCache.Probe", G_APPLICATION_DEFAULT_FLAGS));
  g_signal_connect (application, "activate", G_CALLBACK (show_nothing), NULL);
  return GTK_APPLICATION (application);
}

int
main (int argc, char **argv)
{
  const char *spawned = g_getenv ("MC_BENCH_SPAWNED");
  g_autoptr (GtkApplication) application = NULL;

  probe.spawned = spawned == NULL ? g_get_monotonic_time () : g_ascii_strtoll (spawned, NULL, 10);
  probe.mode = argc > 1 ? argv[1] : "open";
  probe.view = argc > 2 ? argv[2] : "library";
  g_main_context_set_poll_func (NULL, poll_and_measure);
  application = make_application ();
  g_signal_connect (application, "window-added", G_CALLBACK (on_window_added), NULL);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
