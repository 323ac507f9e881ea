/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The files of a store, copied to another folder and removed. Blocking; any thread. */

/* One move of bytes is counted in steps of this many. */
#define MC_COPY_STEP (1024 * 1024)

/* Says whether a new store may come to @target from the one in @source, with that much to be
 * copied: MC_ERROR_INVALID_NAME if it is no absolute path, or one lies in the other;
 * MC_ERROR_IN_USE if the folder has something else in it; MC_ERROR_NO_SPACE. Makes the folder, and
 * marks it as the target of this move; one that is marked so already may have anything in it. */
gboolean
mc_store_copy_prepare (const char *source, const char *target, guint64 size, GError **error);

/* The target is the store now. */
void mc_store_copy_unmark (const char *target);

/* Copies a file whole, reads it back from the disk and compares; only then it has its name. Nothing
 * is done if it is there already with the same size and permissions. *steps (nullable) is
 * increased atomically. MC_ERROR_CORRUPT if what was written is not what is read. */
gboolean mc_store_copy_file (
    const char *from, const char *to, int *steps, GCancellable *cancellable, GError **error);
gboolean mc_store_copy_pack (const char *source,
                             const char *target,
                             const McDigest *digest,
                             int *steps,
                             GCancellable *cancellable,
                             GError **error);

/* Whether the pack was copied, and not changed since. */
gboolean mc_store_copy_is_current (const char *source, const char *target, const McDigest *digest);

/* Removes what is a store's in that folder, but for the packs in @keep (nullable): McDigest. The
 * folder goes as well if nothing else is in it. TRUE if no pack had to stay. */
gboolean mc_store_copy_remove (const char *folder, GHashTable *keep);

/* Removes what a move from @source left in @target: nothing if it is not marked as its target. */
gboolean mc_store_copy_undo (const char *source, const char *target);

G_END_DECLS
