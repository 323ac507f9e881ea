/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-clock.h"

/* What all fetches have in common towards the network: how many connections each may have, and that
 * the network was gone, or the computer slept. */

/* Chunks in memory, but three for each fetch: 45 MiB, and 60 with four of them. */
#define BUFFERS 9
#define BUFFERS_BEHIND 1 /* of each fetch, besides one for each connection */

/* Less than that no connection minds. */
#define SLEPT (5 * G_TIME_SPAN_SECOND)

void
mc_downloader_share_memory (McDownloader *self)
{
  g_autoptr (GPtrArray) fetches = mc_downloader_list_fetches (self);

  for (guint i = 0; i < fetches->len; i++)
    {
      guint buffers = MAX (BUFFERS / fetches->len, BUFFERS_BEHIND + 2);

      mc_fetch_set_offline (g_ptr_array_index (fetches, i), self->offline);
      mc_fetch_set_share (g_ptr_array_index (fetches, i), buffers - BUFFERS_BEHIND);
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
