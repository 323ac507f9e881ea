/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli-output.h"

G_BEGIN_DECLS

/* What is to be said of one transfer at one moment. Strings are borrowed. */
typedef struct
{
  const char *label;
  const char *state; /* (nullable): instead of rate and time left, where it is not running */
  guint64 done;
  guint64 total;
  guint64 rate;        /* bytes a second */
  gint64 seconds_left; /* -1: unknown */
} McCliProgressView;

/* One line of at most that many columns: label, bar, per cent, amounts, rate, time left; what
 * finds no room is left out. Pure. */
char *mc_cli_progress_render (const McCliProgressView *view, guint columns, gboolean utf8);

/* The same in words, for where nothing can be drawn over. Pure. */
char *mc_cli_progress_tell (const McCliProgressView *view);

/* Bars on standard error: on a terminal they are drawn over each other, elsewhere a line is
 * printed for each change of state and every few seconds. */
typedef struct _McCliProgress McCliProgress;

McCliProgress *mc_cli_progress_new (void);

/* Removes nothing that was drawn: the last state of things stays. */
void mc_cli_progress_free (McCliProgress *self);
void mc_cli_progress_update (McCliProgress *self, const McCliProgressView *views, guint n_views);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McCliProgress, mc_cli_progress_free)

G_END_DECLS
