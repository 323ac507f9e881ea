/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-downloader.h"

G_BEGIN_DECLS

/* What becomes of a content that is being fetched, for a thread that waits for bytes of it. It is
 * made, stopped and freed on the main thread. */
typedef struct _McRangeNews McRangeNews;

/* patience_ms: for so long it may be that nothing happens. */
McRangeNews *mc_range_news_new (McStore *store,
                                McDownloader *downloader,
                                McTransfer *transfer,
                                const McDigest *digest,
                                guint64 size,
                                guint64 offset,
                                guint patience_ms);
void mc_range_news_stop (McRangeNews *self); /* nobody waits any more */
void mc_range_news_free (McRangeNews *self);

/* Any thread. Whether all of it is here and verified; with an error it will not be. */
gboolean mc_range_news_is_whole (McRangeNews *self, GError **error);

/* Any thread: waits, but not for long, until more of it is here. FALSE if nothing came of it for
 * longer than its patience. */
gboolean mc_range_news_wait (McRangeNews *self, guint ms, GError **error);

G_END_DECLS
