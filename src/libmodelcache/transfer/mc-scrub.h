/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-downloader.h"

G_BEGIN_DECLS

/* Reads contents back that were not for long, when there is nothing else to do: those that were
 * verified longest ago first, with the lowest priority for disk and processor. What turns out to be
 * damaged is repaired. Main thread. */
typedef struct _McScrub McScrub;

/* The time, Unix seconds. */
typedef gint64 (*McScrubNow) (gpointer user_data);

/* budget_ms: how long a run may take: no content is begun after that. ended: called at the end of
 * each run, from the main loop. */
McScrub *mc_scrub_new (McStore *store,
                       McDownloader *downloader,
                       guint budget_ms,
                       McScrubNow now,
                       void (*ended) (gpointer user_data),
                       gpointer user_data);

/* Not while it runs. */
void mc_scrub_free (McScrub *self);

/* Begins a run: FALSE if no content is due, since it was verified within so many days as the
 * setting "scrub-days" says, or since that is 0. */
gboolean mc_scrub_start (McScrub *self);

/* Ends the run soon, in the middle of a content, which is due as before. */
void mc_scrub_stop (McScrub *self);

gboolean mc_scrub_is_running (McScrub *self);

G_END_DECLS
