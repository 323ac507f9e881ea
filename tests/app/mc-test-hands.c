/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hands.h"

#include "mc-test-wait.h"

#define LIMIT_MS 60000
#define FRAME 5 /* pixels that GTK draws around a window where no window manager does */
#define MOST 100

static GSubprocess *
start (McTestDisplay *display, GSubprocessFlags flags, const char *const *arguments)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_setenv (launcher, "DISPLAY", mc_test_display_get_name (display), TRUE);
  process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  return process;
}

static void
run (McTestDisplay *display, const char *const *arguments)
{
  g_autoptr (GSubprocess) process = start (display, G_SUBPROCESS_FLAGS_STDOUT_SILENCE, arguments);
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

/* --- the keyboard --- */

/* Lines, the one on top last. */
static char **
list_windows (McTestDisplay *display)
{
  const char *const arguments[] = { "xdotool", "search", "--onlyvisible", "--name", ".", NULL };
  g_autoptr (GSubprocess) process = start (
      display, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, arguments);
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  return g_strsplit (g_strstrip (out), "\n", -1);
}

typedef struct
{
  McTestDisplay *display;
  guint n;
  char *top; /* (owned) (nullable) */
} Windows;

static gboolean
are_there (gpointer data)
{
  Windows *windows = data;
  g_auto (GStrv) lines = list_windows (windows->display);

  if (g_strv_length (lines) != windows->n)
    return FALSE;
  windows->top = g_strdup (lines[windows->n - 1]);
  return TRUE;
}

static char *
await_windows (McTestDisplay *display, guint n)
{
  Windows windows = { .display = display, .n = n };

  g_assert_true (mc_test_wait_until (are_there, &windows, LIMIT_MS));
  return windows.top;
}

void
mc_test_hands_focus (McTestDisplay *display, guint n_windows)
{
  g_autofree char *window = await_windows (display, n_windows);

  run (display, (const char *const[]){ "xdotool", "windowfocus", window, NULL });
}

void
mc_test_hands_resize (McTestDisplay *display, const char *width, const char *height)
{
  g_autofree char *window = await_windows (display, 1);

  run (display, (const char *const[]){ "xdotool", "windowsize", window, width, height, NULL });
}

void
mc_test_hands_key (McTestDisplay *display, const char *key)
{
  run (display, (const char *const[]){ "xdotool", "key", key, NULL });
}

void
mc_test_hands_type (McTestDisplay *display, const char *text)
{
  run (display, (const char *const[]){ "xdotool", "type", "--delay", "1", text, NULL });
}

/* --- the pointer --- */

static void
point (McTestDisplay *display, int x, int y)
{
  g_autofree char *across = g_strdup_printf ("%d", x + FRAME);
  g_autofree char *down = g_strdup_printf ("%d", y + FRAME);

  run (display, (const char *const[]){ "xdotool", "mousemove", across, down, NULL });
}

/* What has just come may still move: it is where it was when the pointer is there. */
static void
point_at (McTestDisplay *display,
          McTestPerson *person,
          const char *within,
          const char *name,
          int *x,
          int *y)
{
  int was_x, was_y;

  mc_test_person_find_place (person, within, name, x, y);
  do
    {
      was_x = *x;
      was_y = *y;
      point (display, *x, *y);
      mc_test_person_find_place (person, within, name, x, y);
    }
  while (*x != was_x || *y != was_y);
}

void
mc_test_hands_leave (McTestDisplay *display)
{
  point (display, G_MAXINT16, G_MAXINT16);
}

void
mc_test_hands_click (McTestDisplay *display,
                     McTestPerson *person,
                     const char *within,
                     const char *name)
{
  int x, y;

  point_at (display, person, within, name, &x, &y);
  run (display, (const char *const[]){ "xdotool", "click", "1", NULL });
}

void
mc_test_hands_hold (McTestDisplay *display,
                    McTestPerson *person,
                    const char *within,
                    const char *name)
{
  int x, y;

  point_at (display, person, within, name, &x, &y);
  run (display, (const char *const[]){ "xdotool", "mousedown", "1", NULL });
  /* Far enough that it is no click. */
  for (int i = 1; i <= 4; i++)
    point (display, x + 10 * i, y);
}

void
mc_test_hands_carry_to (McTestDisplay *display,
                        McTestPerson *person,
                        const char *within,
                        const char *name)
{
  int x, y;

  point_at (display, person, within, name, &x, &y);
}

void
mc_test_hands_let_go (McTestDisplay *display)
{
  run (display, (const char *const[]){ "xdotool", "mouseup", "1", NULL });
}

void
mc_test_hands_go_to (McTestDisplay *display,
                     McTestPerson *person,
                     const char *key,
                     const char *within,
                     const char *name)
{
  mc_test_person_see (person, within, name);
  for (guint i = 0; i < MOST; i++)
    {
      if (mc_test_person_has_focus (person, within, name))
        return;
      mc_test_hands_key (display, key);
    }
  g_test_message ("“%s” never leads to “%s” in “%s”", key, name, within == NULL ? "*" : within);
  g_assert_not_reached ();
}
