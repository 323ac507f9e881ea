/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-file-item.h"

G_BEGIN_DECLS

/* Files of a repo as plain files in a folder, for programs and people that want them so. They take
 * their room once more. Main thread only; the writing is done in another.
 *
 * Properties: sentence, fraction, running, done (all of it is there). */
#define MC_TYPE_COPY (mc_copy_get_type ())
G_DECLARE_FINAL_TYPE (McCopy, mc_copy, MC, COPY, GObject)

/* files: McFileItem, all of them complete; they become FOLDER/PATH, and what is there under that
 * name is replaced. */
McCopy *mc_copy_new (GDBusConnection *bus, GPtrArray *files, const char *folder);
const char *mc_copy_get_folder (McCopy *self);

/* Once. A file has its name when all of it is there and was verified on its way; those that were
 * finished stay when it fails or is cancelled. Errors are those of MC_ERROR. */
void mc_copy_run_async (McCopy *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
gboolean mc_copy_run_finish (McCopy *self, GAsyncResult *result, GError **error);

G_END_DECLS
