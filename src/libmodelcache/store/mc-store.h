/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-eviction.h"
#include "mc-library.h"
#include "mc-model-header.h"
#include "mc-settings.h"
#include "mc-usage.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* All that is kept: names in the catalog, bytes in packs. Lives on one thread, whose main context
 * gets the callbacks; what the catalog says is also in memory, so that questions are answered at
 * once, and changes go to the database thread. One process writes a store: it holds a lock. */

#define MC_TYPE_STORE (mc_store_get_type ())
G_DECLARE_FINAL_TYPE (McStore, mc_store, MC, STORE, GObject)

/* Opens or makes the store in that folder and puts right what a crash left: blocking, a matter of
 * milliseconds. MC_ERROR_BUSY if another process has it. */
McStore *mc_store_open (const char *folder, GError **error);

/* Names of databases in its folder that were damaged and put aside when it was opened, this time or
 * earlier: people may remove them. Free with g_strfreev(). */
char **mc_store_list_set_aside (McStore *self);

/* Waits for what is being written and lets go of the files. Calls after it are programming errors.
 */
void mc_store_close (McStore *self);

const char *mc_store_get_folder (McStore *self);
guint64 mc_store_get_free_space (McStore *self); /* bytes a plain user may still write there */

/* --- settings --- */

/* Borrowed; signal "settings-changed". */
const McSettings *mc_store_get_settings (McStore *self);

/* changes: an a{sv}, see mc_settings_change(). */
void mc_store_configure_async (McStore *self,
                               GVariant *changes,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean mc_store_configure_finish (McStore *self, GAsyncResult *result, GError **error);

/* --- repos --- */

GPtrArray *mc_store_get_repos (McStore *self); /* McLibraryRepo; borrowed until the next change */
McLibraryRepo *mc_store_get_repo (McStore *self, gint64 id); /* (nullable), borrowed likewise */

/* By name, in any case, or alias; revision (nullable): "main". A commit names the repo that was
 * scanned at it, whatever its revision. */
McLibraryRepo *
mc_store_find_repo (McStore *self, const char *endpoint, const char *repo, const char *revision);

/* alias: (nullable): what it was called when it was asked for. The result is the id. */
void mc_store_save_repo_async (McStore *self,
                               McManifest *manifest,
                               const char *alias,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gint64 mc_store_save_repo_finish (McStore *self, GAsyncResult *result, GError **error);

/* The repo answers to that revision ("main") of its name from now on; the one that did so answers
 * to its commit, and is gone if nothing of it is held. What was pinned of one stays so in the
 * other. */
void mc_store_rename_repo_async (McStore *self,
                                 gint64 repo,
                                 const char *revision,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean mc_store_rename_repo_finish (McStore *self, GAsyncResult *result, GError **error);

/* --- contents --- */

/* (nullable), borrowed until the next change */
const McContent *mc_store_get_content (McStore *self, const McDigest *digest);

/* Whether all bytes of the file are here and were verified. */
gboolean mc_store_has_file (McStore *self, const McFile *file);

/* Bytes that are here of these files (McFile), each content once. */
guint64 mc_store_count_committed (McStore *self, GPtrArray *files);

/* A pinned content is not deleted. Counted; each pin must be taken back. Any thread. */
void mc_store_pin (McStore *self, const McDigest *digest);
void mc_store_unpin (McStore *self, const McDigest *digest);
/* Unless it is being dropped. What was pinned may yet not be here. Any thread. */
gboolean mc_store_try_pin (McStore *self, const McDigest *digest);

/* Somebody reads it. */
void mc_store_note_use (McStore *self, const McDigest *digest);

/* All bytes were read, or have just come: these are really here. It counts as damaged from now on
 * if it is not complete, else as verified now. */
void mc_store_set_content_async (McStore *self,
                                 const McDigest *digest,
                                 guint64 committed,
                                 gboolean complete,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean mc_store_set_content_finish (McStore *self, GAsyncResult *result, GError **error);

/* --- damage --- */

/* Whether it was here in full once, and some of it is not right any more. It is not here for anyone
 * until that was fetched again. */
gboolean mc_store_is_damaged (McStore *self, const McDigest *digest);

/* A reader met damage in it. From now on nobody gets it; whoever is connected to the signal
 * "damage-met" (const McDigest *) has it checked. */
void mc_store_suspect (McStore *self, const McDigest *digest);

/* Whether a check reads it: nothing of it may be written meanwhile. */
gboolean mc_store_is_being_checked (McStore *self, const McDigest *digest);

/* Reads a complete content on another thread, compares all hashes, and keeps what was found. Its
 * damaged chunks are dropped, the others stay. now: Unix seconds; *progress (nullable) is stored
 * atomically in chunks and must stay until the end. good: whether all of it is in order.
 * MC_ERROR_NOT_DOWNLOADED if it was not here in the first place. */
void mc_store_check_async (McStore *self,
                           const McDigest *digest,
                           gint64 now,
                           int *progress,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* The same without hurry: other work on disk and processor goes first. */
void mc_store_check_quietly_async (McStore *self,
                                   const McDigest *digest,
                                   gint64 now,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
mc_store_check_finish (McStore *self, GAsyncResult *result, gboolean *good, GError **error);

/* --- headers of weight files --- */

/* (nullable), borrowed until the next change */
const McModelHeader *mc_store_get_header (McStore *self, const McDigest *digest);

/* header: sane, with a digest. */
void mc_store_keep_header_async (McStore *self,
                                 const McModelHeader *header,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean mc_store_keep_header_finish (McStore *self, GAsyncResult *result, GError **error);

/* --- holdings --- */

/* variant and path: one of them is "". files: McFile with a digest each; they are copied. */
void mc_store_hold_async (McStore *self,
                          gint64 repo,
                          const char *variant,
                          const char *path,
                          GPtrArray *files,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean mc_store_hold_finish (McStore *self, GAsyncResult *result, GError **error);

typedef enum
{
  MC_DROP_ONE, /* the holding of that variant or path */
  MC_DROP_ALL, /* all holdings of the repo, and the repo */
} McDropScope;

typedef struct
{
  guint n_holdings; /* how many there were to drop */
  guint64 freed;    /* bytes of contents that go */
  guint64 kept;     /* bytes of contents that others need */
} McDropResult;

/* What dropping would do. MC_ERROR_IN_USE if a content that would go is pinned. */
gboolean mc_store_plan_drop (McStore *self,
                             gint64 repo,
                             const char *variant,
                             const char *path,
                             McDropScope scope,
                             McDropResult *result,
                             GError **error);

/* Does it; the same errors; signal "space-freed" when it is done. Contents nobody needs are not
 * here any more from now on, and unlinked before it ends. If some cannot be unlinked it is done all
 * the same, and says so in an error: they are removed at the next start. */
void mc_store_drop_async (McStore *self,
                          gint64 repo,
                          const char *variant,
                          const char *path,
                          McDropScope scope,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean
mc_store_drop_finish (McStore *self, GAsyncResult *result, McDropResult *dropped, GError **error);

/* Contents that nobody asked for, as far as is known, after the catalog was lost: borrowed
 * McContent. */
GPtrArray *mc_store_list_unnamed (McStore *self);

/* Drops all of them that are not in use; mc_store_drop_finish() ends it. */
void mc_store_drop_unnamed_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data);
/* How many holdings there are of the repo; variant: (nullable): NULL for all of them. */
guint mc_store_count_holdings (McStore *self, gint64 repo, const char *variant);
/* They (McHolding), borrowed until the next change. */
GPtrArray *mc_store_list_holdings (McStore *self, gint64 repo);
/* Whether the size limit may take them. */
void mc_store_set_pinned_async (McStore *self,
                                gint64 repo,
                                const char *variant,
                                gboolean pinned,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean mc_store_set_pinned_finish (McStore *self, GAsyncResult *result, GError **error);
/* (nullable), borrowed until the next change */
const McHolding *mc_store_find_holding (McStore *self, gint64 id);
/* When it was last read or asked for, Unix seconds. */
gint64 mc_store_get_last_use (McStore *self, const McHolding *holding);
/* What the library looks like to mc_eviction_plan(); the ids are those of the holdings. Freed with
 * mc_eviction_free(). */
McEviction *mc_store_make_eviction (McStore *self,
                                    const McUsage *usage,
                                    gboolean (*must_stay) (const McHolding *holding,
                                                           gpointer user_data),
                                    gpointer user_data);

/* What takes how much space, see mc-usage.h. It looks at every file of the store, and on a thread
 * of its own. The result is freed with mc_usage_free(). */
void mc_store_survey_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data);
McUsage *mc_store_survey_finish (McStore *self, GAsyncResult *result, GError **error);

/* Bytes here, of complete and of unfinished contents. */
void mc_store_get_totals (McStore *self, guint64 *complete, guint64 *partial);

/* Whether the holding exists: it was asked for and not deleted. */
gboolean mc_store_is_held (McStore *self, gint64 repo, const char *variant, const char *path);

/* --- moving: see mc-store-copy.h --- */

/* Once all packs are in the target, which mc_store_copy_prepare() made: copies the databases, and
 * from then on the store is there; home/location says so. On failure nothing changed; MC_ERROR_BUSY
 * if a pack came meanwhile. Nothing may write contents meanwhile; reading goes on. The signal
 * "moved" tells of it. */
void mc_store_switch_async (McStore *self,
                            const char *home,
                            const char *target,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean mc_store_switch_finish (McStore *self, GAsyncResult *result, GError **error);

GHashTable *mc_store_list_pinned (McStore *self);  /* a set of McDigest, its own copies */
GPtrArray *mc_store_list_contents (McStore *self); /* McContent, borrowed until the next change */

/* --- transfers --- */

/* What was kept of them when the store was opened: McTransferRecord, given away once. */
GPtrArray *mc_store_take_transfers (McStore *self);

/* The result is the record's id, which is new if it was 0. */
void mc_store_put_transfer_async (McStore *self,
                                  const McTransferRecord *record,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gint64 mc_store_put_transfer_finish (McStore *self, GAsyncResult *result, GError **error);
void mc_store_forget_transfer (McStore *self, gint64 id);

/* What became of transfers, the newest first: a new array of McTransferRecord, whose id is that of
 * the transfer. At most MC_STORE_HISTORY are kept. */
#define MC_STORE_HISTORY 1000
void mc_store_list_history_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *mc_store_list_history_finish (McStore *self, GAsyncResult *result, GError **error);
void mc_store_clear_history_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean mc_store_clear_history_finish (McStore *self, GAsyncResult *result, GError **error);

/* --- programs --- */

/* Counts one more use. Kept with others within a minute, which a crash may cost; at most
 * MC_STORE_PROGRAMS of them. */
#define MC_STORE_PROGRAMS 1000
void mc_store_note_program (McStore *self, const char *program, const char *repo);
/* The newest first: a new array of McProgramUse. */
void mc_store_list_programs_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *mc_store_list_programs_finish (McStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
