/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hands.h"

#define FRAME 5 /* pixels that GTK draws around a window where no window manager does */
#define MOST 100

static void
run (McTestDisplay *display, const char *const *arguments)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "DISPLAY", mc_test_display_get_name (display), TRUE);
  process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

void
mc_test_hands_focus (McTestDisplay *display)
{
  run (display,
       (const char *const[]){
           "sh", "-c",
           "xdotool windowfocus \"$(xdotool search --onlyvisible --name . | tail -n 1)\"", NULL });
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

static void
point (McTestDisplay *display, int x, int y)
{
  g_autofree char *across = g_strdup_printf ("%d", x);
  g_autofree char *down = g_strdup_printf ("%d", y);

  run (display, (const char *const[]){ "xdotool", "mousemove", across, down, NULL });
}

void
mc_test_hands_click (McTestDisplay *display,
                     McTestPerson *person,
                     const char *within,
                     const char *name)
{
  int x, y;

  mc_test_person_find_place (person, within, name, &x, &y);
  point (display, x + FRAME, y + FRAME);
  run (display, (const char *const[]){ "xdotool", "click", "1", NULL });
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
