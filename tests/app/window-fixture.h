/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-test-display.h"
#include "mc-test-person.h"
#include "mcache-fixture.h"

G_BEGIN_DECLS

/* The real window against the real service and the scripted Hub, on a display in memory. */
typedef struct
{
  McacheFixture mcache;
  McTestDisplay *display;
  GDBusConnection *bus;
  McTestPerson *person;
  GSubprocess *window; /* (nullable): it was closed */
  guint width;         /* to be set before window_set_up(): of the window; 0: as it comes */
  guint height;
  gboolean dark;
  gboolean due;      /* updates were not looked for today */
  gboolean contrast; /* high */
  gboolean managed;  /* by a window manager, on a display with some room around */
} WindowFixture;

void window_set_up (WindowFixture *f, gconstpointer data);
/* The same with a service that, as long as the file “held” is there, which must be a FIFO, waits at
 * its start for a line of it, and that does not start at all while “broken” is there. */
void window_set_up_breakable (WindowFixture *f, gconstpointer data);
char *window_dup_file (const char *name);
void window_tear_down (WindowFixture *f, gconstpointer data);
/* For windows that are opened after that: folders are opened by a program that only takes notes. */
void window_install_file_manager (void);
/* Waits for a folder to be opened, and asserts what it is called. */
void window_await_folder (const char *name);

/* Starts the program and waits until it can be used; arguments ended by NULL. */
void window_open (WindowFixture *f, const char *const *arguments);
/* Starts the program once more, or without a window, and waits for nothing; output and errors are
 * pipes. */
GSubprocess *window_start (WindowFixture *f, const char *const *arguments);
/* Closes it and asserts that it ended well, without a warning and, where that is looked at, without
 * a leak. */
void window_close (WindowFixture *f);
/* The same for a program whose window is closed. */
void window_end (WindowFixture *f);
/* As a crash would. */
void window_kill (WindowFixture *f);

G_END_DECLS
