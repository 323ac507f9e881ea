/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A file of that folder without a name, which nobody can give one; read and write for whoever has
 * the descriptor, which is the caller's. -1 on error. */
int mc_plain_copy_open (const char *folder, GError **error);

/* Has room made for so many bytes in the file: it is much faster than growing it, and a full disk
 * is known before anything is read. */
gboolean mc_plain_copy_make_room (int fd, guint64 size, GError **error);

/* Writes a content of the store in that folder, every block checked, to the beginning of the
 * file. Blocking, any thread. */
gboolean mc_plain_copy_fill (int fd,
                             const char *folder,
                             const McDigest *digest,
                             guint64 size,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
