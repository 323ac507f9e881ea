/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-test-display.h"
#include "mc-test-person.h"

G_BEGIN_DECLS

/* A keyboard and a pointer: what is pressed here comes to the program as events of the display, and
 * not as calls. Blocking. */

/* Gives the keyboard to the window on top, as a window manager does, when there are so many. */
void mc_test_hands_focus (McTestDisplay *display, guint n_windows);

/* Of the only window, with the frame around it, in pixels. */
void mc_test_hands_resize (McTestDisplay *display, const char *width, const char *height);

/* Names as xdotool has them: "ctrl+f", "Tab". */
void mc_test_hands_key (McTestDisplay *display, const char *key);
void mc_test_hands_type (McTestDisplay *display, const char *text);

/* Puts the pointer into the farthest corner. */
void mc_test_hands_leave (McTestDisplay *display);

/* The first such thing that has a size, in the middle of it; it must be in sight. */
void mc_test_hands_click (McTestDisplay *display,
                          McTestPerson *person,
                          const char *within,
                          const char *name);

/* Takes hold of such a thing and begins to drag it; carries it to another; drops it. */
void mc_test_hands_hold (McTestDisplay *display,
                         McTestPerson *person,
                         const char *within,
                         const char *name);
void mc_test_hands_carry_to (McTestDisplay *display,
                             McTestPerson *person,
                             const char *within,
                             const char *name);
void mc_test_hands_let_go (McTestDisplay *display);

/* Presses a key again and again, at most a hundred times, until such a thing has the focus. */
void mc_test_hands_go_to (McTestDisplay *display,
                          McTestPerson *person,
                          const char *key,
                          const char *within,
                          const char *name);

G_END_DECLS
