/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Models to begin with. The names are facts; sizes are those of the variant that is meant, rounded.
 */
typedef struct
{
  const char *repo;
  const char *variant; /* as in a repo's name: "repo:variant" */
  const char *phrase;  /* what it is for, translated */
  guint64 size;        /* bytes */
} McStarter;

#define MC_STARTERS_MOST 4

/* Those that run well with so much memory (bytes; 0: unknown), the most capable first: of those
 * that do the same only that. Fills at most MC_STARTERS_MOST; the result is how many. Pure. */
guint mc_starters_choose (guint64 memory, McStarter *starters);

G_END_DECLS
