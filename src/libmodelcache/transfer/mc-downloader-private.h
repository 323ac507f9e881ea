/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-downloader.h"
#include "mc-fetch.h"
#include "mc-limiter.h"
#include "mc-transfer-private.h"

G_BEGIN_DECLS

/* A move of the store under way. */
typedef struct _McMove McMove;

/* An import under way. */
typedef struct _McImport McImport;

struct _McDownloader
{
  GObject parent_instance;

  McStore *store;   /* (owned) */
  McHubClient *hub; /* (owned) */
  guint retry_base_ms;

  GPtrArray *transfers;    /* (owned): McTransfer, oldest first */
  GHashTable *fetches;     /* (owned): McDigest in McFetch => Running */
  GSource *tick;           /* (owned) (nullable): while anything runs */
  GSource *schedule;       /* (owned) (nullable): until the next round */
  McLimiter *limiter;      /* (owned): of all fetches together */
  McBufferBudget *budget;  /* (owned): likewise */
  McConditions conditions; /* but for the hour */
  McWaived waived;
  McPolicy policy;
  GSource *clock;      /* (owned) (nullable): while there is a schedule */
  gboolean fetching;   /* as it was told last */
  guint verifications; /* and imports, under way, as are the others */
  guint discards;
  guint changes;         /* of what is held and kept; looks at damage too */
  GCancellable *looking; /* (owned): of those looks */
  GSource *look;         /* (owned) (nullable): while a transfer waits for space */
  char *home;            /* (nullable): see mc-location.h; NULL: the store cannot be moved */
  McMove *move;          /* (nullable): it owns itself */
  McImport *import;      /* (nullable): it owns itself */
  gboolean offline;      /* there is no network */
  gint64 slept;          /* by then, as mc_clock_get_slept() says it */
  gboolean frozen; /* no fetch begins, and those under way stop: the store is about to switch */
  gboolean stopping;
  GTask *stop; /* (owned) (nullable) */
};

/* Soon, from the main loop: starts what should run, stops what should not. */
void mc_downloader_schedule (McDownloader *self);

/* New array of the fetches that run (borrowed McFetch). */
GPtrArray *mc_downloader_list_fetches (McDownloader *self);

/* mc-downloader-network.c. When a fetch began or ended. */
void mc_downloader_share_memory (McDownloader *self);
/* Now and then, while anything runs. */
void mc_downloader_note_sleep (McDownloader *self);

/* Keeps the transfer's state; a new one gets its id, is announced, and its waiters are answered. */
void mc_downloader_keep (McDownloader *self, McTransfer *transfer);

/* Sets the state and keeps it where a restart would tell the difference. Takes the error. */
void mc_downloader_set_state (McDownloader *self,
                              McTransfer *transfer,
                              McTransferState state,
                              GError *error);

/* Tells the store once more that its files are wanted. */
void mc_downloader_hold_again (McDownloader *self, McTransfer *transfer);

/* Lets its unfinished bytes go, if nothing of it is being written; later otherwise. */
void mc_downloader_discard (McDownloader *self, McTransfer *transfer);

/* MC_ERROR_BUSY. */
GError *mc_downloader_make_stopping_error (void);

/* mc-downloader-space.c. Whether all that runs fits together with these files (McFile). */
gboolean mc_downloader_check_space (McDownloader *self, GPtrArray *files, GError **error);

/* Bytes on disk that all transfers that run still need, each content once. */
guint64 mc_downloader_count_needs (McDownloader *self);

/* mc-downloader-limit.c. Lets go of what the size limit leaves no room for beside all that runs.
 * MC_ERROR_NO_SPACE if that is not enough: nothing goes then. */
void mc_downloader_make_room_async (McDownloader *self,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean mc_downloader_make_room_finish (McDownloader *self, GAsyncResult *result, GError **error);
void mc_downloader_connect_limit (McDownloader *self);

/* mc-downloader-offline.c. Pauses what needs the network, or lets it go on. */
void mc_downloader_heed_offline (McDownloader *self);

/* MC_ERROR_OFFLINE if the files (McFile) are not all here and cannot be fetched. */
gboolean mc_downloader_check_online (McDownloader *self, GPtrArray *files, GError **error);

/* Looks for space now and then, if a transfer waits for that. */
void mc_downloader_watch_space (McDownloader *self);
void mc_downloader_connect_space (McDownloader *self);

/* It fails, or is paused where only space is missing. */
void mc_downloader_stop_for (McDownloader *self, McTransfer *transfer, const GError *error);

/* mc-repair.c. A reader met damage in the content: has it checked, and repaired. */
void mc_downloader_look_at_damage (McDownloader *self, const McDigest *digest);

/* mc-downloader-queue.c. Puts a new transfer on the list, behind all others. Takes it. */
void mc_downloader_enqueue (McDownloader *self, McTransfer *transfer);

/* Decides which transfers may fetch. */
void mc_downloader_choose (McDownloader *self);

/* Whether there is room for one more fetch, for that transfer. */
gboolean mc_downloader_may_fetch (McDownloader *self, McTransfer *transfer);

/* What may be iterated over while signals are emitted: a new array of McTransfer. */
GPtrArray *mc_downloader_copy_transfers (McDownloader *self);

/* mc-downloader-policy.c. Decides anew whether transfers may run. */
void mc_downloader_judge (McDownloader *self);
void mc_downloader_emit_policy_changed (McDownloader *self);
void mc_downloader_give_limiter (McDownloader *self, McTransfer *transfer);
McLimiter *mc_downloader_find_limiter (McDownloader *self, const McDigest *digest); /* borrowed */

/* Fetches what is damaged of the content, if anything is and somebody wants to have it. */
void mc_downloader_repair (McDownloader *self, const McDigest *digest);

/* Puts a new transfer on the list and keeps it. Takes the transfer. */
void mc_downloader_add (McDownloader *self, McTransfer *transfer);

/* mc-move.c: runs a move that is queued; goes on with it once nothing writes; removes what there is
 * of one that was cancelled. */
void mc_downloader_run_move (McDownloader *self, McTransfer *transfer);
void mc_downloader_move_on (McDownloader *self);
void mc_downloader_forget_move (McDownloader *self, McTransfer *transfer);

/* mc-import.c: runs an import that is queued. Whether one writes that content. */
void mc_downloader_run_import (McDownloader *self, McTransfer *transfer);
gboolean mc_downloader_is_importing (McDownloader *self, const McDigest *digest);

/* mc-update.c: all of it is here. The files (borrowed McFile) of all that is held of the repo. */
void mc_downloader_end_update (McDownloader *self, McTransfer *transfer);
GPtrArray *mc_downloader_list_held_files (McDownloader *self, McLibraryRepo *repo, GError **error);
void mc_downloader_hold_update_again (McDownloader *self, McTransfer *transfer);

/* mc-downloader-begin.c: how any transfer begins. Puts a new one on the list, for the task to wait
 * for; takes and gives the transfer. */
McTransfer *mc_downloader_list (McDownloader *self, GTask *task, McTransfer *transfer);
/* Takes up one (nullable) that is there and has something to do: TRUE if there is one. */
gboolean mc_downloader_join (McDownloader *self, GTask *task, McTransfer *transfer);
/* Those who wait for it are told why it does not begin. */
void mc_downloader_give_up (McDownloader *self, McTransfer *transfer, const GError *error);

/* Runs a verification that is queued. */
void mc_downloader_run_verify (McDownloader *self, McTransfer *transfer);

void mc_downloader_emit_content_changed (McDownloader *self);

/* A transfer got its id. */
void mc_downloader_announce (McDownloader *self, McTransfer *transfer);

/* Takes it off the list and out of the store. */
void mc_downloader_forget (McDownloader *self, McTransfer *transfer);

/* Its fetches do not wait any longer. */
void mc_downloader_hurry (McDownloader *self, McTransfer *transfer);

/* The stop is complete when nothing is under way. */
void mc_downloader_check_stop (McDownloader *self);

G_END_DECLS
