/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"
#include "mc-policy.h"
#include "mc-store.h"
#include "mc-transfer.h"

G_BEGIN_DECLS

/* Drives the transfers: what runs when, and what they share. A content that several transfers want
 * is fetched once. Transfers are kept in the store; those that ran when the process ended go on
 * when the downloader is made. Main thread.
 *
 * Signals: "transfer-added" (McTransfer), "transfer-removed" (McTransfer), "content-changed": which
 * files are here may have changed; "policy-changed": of mc_downloader_get_policy();
 * "fetching-changed": of mc_downloader_is_using_network(). */

#define MC_TYPE_DOWNLOADER (mc_downloader_get_type ())
G_DECLARE_FINAL_TYPE (McDownloader, mc_downloader, MC, DOWNLOADER, GObject)

/* retry_base_ms: MC_RETRY_BASE_MS, or less in tests. */
McDownloader *mc_downloader_new (McStore *store, McHubClient *hub, guint retry_base_ms);

/* Takes up the transfers that were kept. Call it once, after connecting to the signals. */
void mc_downloader_start (McDownloader *self);

/* The folder that remembers where the store is (mc-location.h); without it the store cannot be
 * moved. Takes up a move that was under way. After mc_downloader_start(). */
void mc_downloader_set_home (McDownloader *self, const char *home);

/* Whether there is a network at all. While there is none, what waits for it keeps waiting; as soon
 * as it is back, it goes on. */
void mc_downloader_note_network (McDownloader *self, gboolean available);

/* Stops all work in good order, without changing what is kept; the callback comes when nothing is
 * being written any more. What is asked for after it is MC_ERROR_BUSY. */
void
mc_downloader_stop_async (McDownloader *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean mc_downloader_stop_finish (McDownloader *self, GAsyncResult *result, GError **error);

GPtrArray *mc_downloader_get_transfers (McDownloader *self); /* McTransfer; borrowed */

/* Whether any transfer wants work done now. */
gboolean mc_downloader_is_busy (McDownloader *self);

/* Whether a transfer that runs fetches the content. */
gboolean mc_downloader_is_fetching (McDownloader *self, const McDigest *digest);

/* Somebody waits for what of the content is at @offset: that comes next. FALSE if nothing fetches
 * it now. */
gboolean mc_downloader_prefer (McDownloader *self, const McDigest *digest, guint64 offset);

/* Whether any is paused until there is space on the disk; it goes on by itself then. */
gboolean mc_downloader_waits_for_space (McDownloader *self);

/* Bytes that are missing on the disk to have these files (McFile), too, once all that runs is here,
 * with a reserve; 0 if they fit. */
guint64 mc_downloader_count_lacking (McDownloader *self, GPtrArray *files);

/* What was let go, or would be. */
typedef struct
{
  gint64 repo;
  McManifest *manifest; /* (owned) */
  char *variant;        /* key, or "" */
  char *path;           /* or "" */
  gint64 last_used;     /* Unix seconds */
  guint64 returns;      /* bytes given back to the file system */
} McEvicted;

/* Deletes what was used least recently, until so many bytes are given back, or nothing is left that
 * may go: what is pinned, open or worked on stays. bytes 0: what the store has beyond its size
 * limit. The result is a new array of McEvicted, in the order in which they go. */
void mc_downloader_reclaim_async (McDownloader *self,
                                  guint64 bytes,
                                  gboolean dry_run,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GPtrArray *mc_downloader_reclaim_finish (McDownloader *self, GAsyncResult *result, GError **error);

/* A transfer of that kind, repo, variant and path that is not through yet; (nullable), borrowed. */
McTransfer *mc_downloader_find (
    McDownloader *self, McTransferKind kind, gint64 repo, const char *variant, const char *path);

/* Whether a running or paused transfer works on the repo (variant NULL: on any part of it). */
gboolean mc_downloader_works_on (McDownloader *self, gint64 repo, const char *variant);

/* What a transfer would be about: the files (borrowed McFile) of the variant, or the one of that
 * path; variant: a key, path: "", or the other way round. MC_ERROR_GATED if the Hub masks a file.
 */
GPtrArray *mc_downloader_list_files (McManifest *manifest,
                                     const char *variant,
                                     const char *path,
                                     GError **error);

/* Begins, joins or takes up again a download. The result is owned by the caller. Fails with
 * MC_ERROR_NO_SPACE if it cannot fit. */
void mc_downloader_download_async (McDownloader *self,
                                   gint64 repo,
                                   const char *variant,
                                   const char *path,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* variant "": all that is here of the repo. */
void mc_downloader_verify_async (McDownloader *self,
                                 gint64 repo,
                                 const char *variant,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Everything that is here. */
void mc_downloader_verify_all_async (McDownloader *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* Moves the store to that folder, which must be empty or not there yet. */
void mc_downloader_move_async (McDownloader *self,
                               const char *folder,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* Goes over to a newer commit of a repo, which was saved by its commit: fetches what of it is held
 * of earlier commits, the variant (a key, or "": all that is held) and what has the same bytes
 * there, then makes it what line (a revision: "main") means, and lets what it replaces go. Until
 * then the earlier one stays as it is. MC_ERROR_NOT_DOWNLOADED if there is nothing to update. */
void mc_downloader_update_async (McDownloader *self,
                                 gint64 repo,
                                 const char *variant,
                                 const char *line,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Adopts files that are on this computer, as what repos have, see mc-import.c: of that repo, or 0:
 * of whatever repo was scanned or is hinted at by their names. path: whole, of a folder or a file.
 * preview: only says what it would do. */
void mc_downloader_import_async (McDownloader *self,
                                 gint64 repo,
                                 const char *path,
                                 gboolean preview,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
McTransfer *mc_downloader_begin_finish (McDownloader *self, GAsyncResult *result, GError **error);

/* After a scan of the repo: what is here in full and was forgotten with a lost catalog counts as
 * asked for again. */
void mc_downloader_adopt (McDownloader *self, gint64 repo);

/* What cannot be done in the transfer's state is MC_ERROR_IN_USE with the state in the message;
 * what is the case already is a success. A retry of what is not to be found any more gives the
 * error it failed with. */
gboolean mc_downloader_pause (McDownloader *self, McTransfer *transfer, GError **error);
gboolean mc_downloader_resume (McDownloader *self, McTransfer *transfer, GError **error);
gboolean mc_downloader_retry (McDownloader *self, McTransfer *transfer, GError **error);
/* discard: unfinished bytes that nothing else wants go as well, as soon as nothing writes them. */
gboolean
mc_downloader_cancel (McDownloader *self, McTransfer *transfer, gboolean discard, GError **error);

/* The order of the queue, that of all transfers that fetch and have not ended; it is kept. Position
 * 0 is the first. "now": it begins at once; where too many would run, the last one of those waits
 * instead. "next": it begins before all that do not run yet. A paused or failed one is queued by
 * both. MC_ERROR_IN_USE for one that is not in the queue. */
gboolean
mc_downloader_move_to (McDownloader *self, McTransfer *transfer, guint position, GError **error);
gboolean mc_downloader_start_now (McDownloader *self, McTransfer *transfer, GError **error);
gboolean mc_downloader_start_next (McDownloader *self, McTransfer *transfer, GError **error);

/* Bytes a second that it may take, all its connections together; 0: no limit of its own. Kept. */
void mc_downloader_set_rate_limit (McDownloader *self, McTransfer *transfer, guint64 rate);

/* What is the case with network and power; both FALSE at first. */
void mc_downloader_set_conditions (McDownloader *self, gboolean metered, gboolean power_saver);

/* Whether transfers may run, or why not. */
McPolicy mc_downloader_get_policy (McDownloader *self);

/* The person says that they go on nevertheless, until what stands against it has passed. */
void mc_downloader_allow (McDownloader *self);

/* Whether anything is being fetched. */
gboolean mc_downloader_is_using_network (McDownloader *self);

/* The same for all that suit it: those under way, paused, either, or failed and waiting. They
 * return how many. */
guint mc_downloader_pause_all (McDownloader *self);
guint mc_downloader_resume_all (McDownloader *self);
guint mc_downloader_cancel_all (McDownloader *self, gboolean discard);
guint mc_downloader_retry_all (McDownloader *self);

/* Forgets the transfers about it that came to an end (variant NULL: about any part of the repo): it
 * is being deleted. */
void mc_downloader_forget_ended (McDownloader *self, gint64 repo, const char *variant);

G_END_DECLS
