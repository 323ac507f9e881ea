/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-buffer-pool.h"
#include "mc-hub-client.h"
#include "mc-limiter.h"
#include "mc-store.h"

G_BEGIN_DECLS

/* Brings one content from the Hub into the store: resolves where its bytes are, streams what is
 * missing over as many connections as help, commits each chunk, tries again where the retry policy
 * says so. Main thread.
 *
 * Signals: "received" (guint64 bytes): came from the network; "changed": it began or ended to wait,
 * or a chunk was committed. */

#define MC_TYPE_FETCH (mc_fetch_get_type ())
G_DECLARE_FINAL_TYPE (McFetch, mc_fetch, MC, FETCH, GObject)

/* The content must be known to the store. repo, commit, path: where it is on the Hub. */
McFetch *mc_fetch_new (McStore *store,
                       McHubClient *hub,
                       const char *repo,
                       const char *commit,
                       const char *path,
                       const McDigest *digest,
                       guint retry_base_ms);

/* limiter: who says how fast it reads; it may be changed at any time. Without one it reads what
 * there is. */
void mc_fetch_set_limiter (McFetch *self, McLimiter *limiter);

/* Once. Ends when the content is complete, or with an error whose message names the file. After a
 * cancellation too it ends only when nothing of it is being written any more. */
void mc_fetch_run_async (McFetch *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean mc_fetch_run_finish (McFetch *self, GAsyncResult *result, GError **error);

/* (nullable): why it waits before the next try; borrowed. */
const GError *mc_fetch_get_waiting (McFetch *self);

/* Until when, in Unix seconds; 0: it does not wait. */
gint64 mc_fetch_get_wait_end (McFetch *self);

/* Does not wait any longer. */
void mc_fetch_hurry (McFetch *self);

/* What it does, the later ones being told rather than the earlier ones where several do different
 * things. */
typedef enum
{
  MC_FETCH_FINISHING, /* all is here: it is compared and made complete */
  MC_FETCH_VERIFYING, /* what is here from earlier is read back */
  MC_FETCH_RESOLVING, /* asks where the bytes are, or for the first of them */
  MC_FETCH_TRANSFERRING,
} McFetchPhase;

McFetchPhase mc_fetch_get_phase (McFetch *self);

/* What it shares with others, before it runs. */
void mc_fetch_set_budget (McFetch *self, McBufferBudget *budget);

/* How many chunks of memory it may take, at most, and so how many connections: one for each. While
 * a chunk is hashed and written its connection waits. At any time. */
void mc_fetch_set_buffers (McFetch *self, guint buffers);

/* Somebody waits for what is at @offset: it comes next, and what follows it. At any time. */
void mc_fetch_prefer (McFetch *self, guint64 offset);

/* Whether there is no network: then its tries do not count, and it waits for as long as it takes.
 */
void mc_fetch_set_offline (McFetch *self, gboolean offline);

/* Connections may have died in silence: asks for everything anew, and does not wait any longer, but
 * for a host that wants to be left alone. */
void mc_fetch_refresh (McFetch *self);

const McDigest *mc_fetch_get_digest (McFetch *self);

G_END_DECLS
