/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Somebody who uses the window by what a screen reader is told: finds things by their names, reads
 * them, presses and types. Speaks AT-SPI, as GTK does, and is itself the registry that programs
 * announce themselves to, so that nothing else has to run.
 *
 * Names are glob patterns ("*of it here"). Everything waits, at most a minute, for what it is
 * about, and fails the test otherwise. Pages that are out of sight are there, too: GTK 4.8 does not
 * say which are. */
typedef struct _McTestPerson McTestPerson;

/* bus: that of AT_SPI_BUS_ADDRESS; borrowed, one person each. */
McTestPerson *mc_test_person_new (GDBusConnection *bus);
void mc_test_person_free (McTestPerson *self);

/* Waits for a program to show up. One that did before is forgotten. */
void mc_test_person_await_program (McTestPerson *self);
void mc_test_person_forget_program (McTestPerson *self);

/* within: (nullable): the name of something that has it inside. */
void mc_test_person_see (McTestPerson *self, const char *within, const char *name);
void mc_test_person_miss (McTestPerson *self, const char *within, const char *name);
char *mc_test_person_dup_seen (McTestPerson *self, const char *within, const char *name);

/* The first such thing, or what it is part of, is activated. */
void mc_test_person_press (McTestPerson *self, const char *within, const char *name);
/* One of the actions that such a thing offers by name: what keys and menus do. */
void mc_test_person_do (McTestPerson *self, const char *name, const char *action);
/* Replaces the text of an entry. */
void mc_test_person_type (McTestPerson *self, const char *name, const char *text);
/* The value of a progress bar. */
double mc_test_person_read (McTestPerson *self, const char *within, const char *name);

/* Where the first such thing that has a size is: its middle, in pixels from the window's corner. */
void mc_test_person_find_place (
    McTestPerson *self, const char *within, const char *name, int *x, int *y);
/* Whether such a thing, or what it is part of, has the keyboard's focus now. */
gboolean mc_test_person_has_focus (McTestPerson *self, const char *within, const char *name);
/* Likewise, whether it is the one of several that is chosen, or is switched on. */
gboolean mc_test_person_is_chosen (McTestPerson *self, const char *within, const char *name);
/* What such a thing is described as, beside its name; waits for one. g_free() it. */
char *mc_test_person_dup_description (McTestPerson *self, const char *within, const char *name);
/* Waits until that is what was announced last. */
void mc_test_person_hear (McTestPerson *self, const char *text);

/* What has the keyboard's focus now: its role, its name, and what tells it from others of that
 * name; (nullable). g_free() it. */
char *mc_test_person_dup_focus (McTestPerson *self);
/* Whatever could have it, has a size, and nothing in it that could have it, in the same words.
 * g_strfreev() it. */
char **mc_test_person_list_controls (McTestPerson *self, const char *within);

/* Controls that a screen reader could not tell apart, by their paths; empty: none. */
char *mc_test_person_list_unnamed (McTestPerson *self);
/* All that is there, for a test that failed. */
char *mc_test_person_describe (McTestPerson *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTestPerson, mc_test_person_free)

G_END_DECLS
