/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-crash-world.h"

G_BEGIN_DECLS

/* What is done to a store while the disk fails. */

typedef enum
{
  MC_CRASH_ANY,
  MC_CRASH_WHOLE,
  MC_CRASH_GONE,
} McCrashEnd;

typedef struct
{
  const char *name;
  gboolean (*prepare) (McCrashWorld *world, GError **error); /* (nullable): the folder is empty */
  void (*tamper) (McCrashWorld *world);                      /* (nullable): while it is closed */
  gboolean (*run) (McCrashWorld *world, GError **error);     /* may be done again */
  McCrashEnd end[MC_CRASH_N_CONTENTS];
} McCrashScenario;

/* The last one has no name. */
extern const McCrashScenario mc_crash_scenarios[];

G_END_DECLS
