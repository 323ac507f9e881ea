/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* What sandboxed apps may do, as values: no I/O, any thread. */

/* What a call needs. */
typedef enum
{
  MC_NEED_READ,   /* it changes nothing */
  MC_NEED_ALL,    /* it downloads, deletes, changes settings ... */
  MC_NEED_PERSON, /* it decides what apps may, or shows what they did: never an app's own */
} McNeed;

/* interface: its last word, "Manager". What is not known needs MC_NEED_ALL. */
McNeed mc_access_need (const char *interface, const char *method, GVariant *parameters);

typedef enum
{
  MC_ACCESS_ASK, /* nobody has answered yet */
  MC_ACCESS_NONE,
  MC_ACCESS_READ,
  MC_ACCESS_ALL,
} McAccessLevel;

/* The words "ask", "none", "read" and "all". */
gboolean mc_access_parse (const char *word, McAccessLevel *level);
const char *mc_access_to_string (McAccessLevel level);

/* apps: the setting of that name, "APP=WORD" each; what is malformed there counts for nobody. */
McAccessLevel mc_access_find (char **apps, const char *app);
/* A new list; MC_ACCESS_ASK takes it out. */
char **mc_access_change (char **apps, const char *app, McAccessLevel level);

G_END_DECLS
