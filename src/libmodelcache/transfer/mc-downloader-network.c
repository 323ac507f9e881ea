/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-clock.h"

/* What all fetches have in common towards the network: how many connections each may have, and that
 * the network was gone, or the computer slept. */

/* Chunks in memory: of one fetch, one for each of eight connections; of several, which have threads
 * and caches of their own, fewer. Of eight fetches three wait. */
#define BUFFERS_ALONE 8
#define BUFFERS 5

/* Less than that no connection minds. */
#define SLEPT (5 * G_TIME_SPAN_SECOND)

void
mc_downloader_share_memory (McDownloader *self)
{
  g_autoptr (GPtrArray) fetches = mc_downloader_list_fetches (self);
  guint n = MAX (fetches->len, 1);
  guint buffers = n == 1 ? BUFFERS_ALONE : BUFFERS;

  mc_buffer_budget_set_limit (self->budget, buffers);
  for (guint i = 0; i < fetches->len; i++)
    {
      mc_fetch_set_offline (g_ptr_array_index (fetches, i), self->offline);
      /* The first ones get what does not divide. */
      mc_fetch_set_buffers (g_ptr_array_index (fetches, i), (buffers + n - 1 - i) / n);
    }
}

static void
refresh (McDownloader *self)
{
  g_autoptr (GPtrArray) fetches = mc_downloader_list_fetches (self);

  for (guint i = 0; i < fetches->len; i++)
    mc_fetch_refresh (g_ptr_array_index (fetches, i));
}

void
mc_downloader_note_network (McDownloader *self, gboolean available)
{
  gboolean was_offline = self->offline;

  self->offline = !available;
  mc_downloader_share_memory (self);
  if (was_offline && available)
    refresh (self);
}

void
mc_downloader_note_sleep (McDownloader *self)
{
  gint64 slept = mc_clock_get_slept ();
  gboolean woke = slept - self->slept > SLEPT;

  self->slept = slept;
  if (woke)
    refresh (self);
}
