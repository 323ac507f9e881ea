/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-view.h"

G_BEGIN_DECLS

/* Descriptors of whole contents that a client may map and seek. The store's own files are never
 * handed out: a process of the same user could open them again for writing through /proc. A small
 * content becomes sealed memory; a large one is a file of the folder view while there is one, else
 * copied once to an unnamed file, which is shared by all who have it open. Main thread; the copying
 * is done on another. */
typedef struct _McCopies McCopies;

/* One content that is open; counted. When the last reference goes, so does the file. */
typedef struct _McCopy McCopy;

McCopies *mc_copies_new (McStore *store);
void mc_copies_free (McCopies *self);

/* (nullable): the view that large contents are opened in from now on; it must outlive that. */
void mc_copies_set_view (McCopies *self, McView *view);

/* Bytes of plain copies on the disk, which the setting limits: MC_ERROR_NO_SPACE if these would be
 * too many. */
gboolean mc_copies_reserve (McCopies *self, guint64 bytes, GError **error);
void mc_copies_release (McCopies *self, guint64 bytes);

/* A descriptor of a copy of it that is open, which the caller closes and whose position is not to
 * be used; -1: there is none. */
int mc_copies_dup (McCopies *self, const McDigest *digest);

/* Stops copying; the calls under way fail. */
void mc_copies_stop (McCopies *self);

void mc_copies_open_async (McCopies *self,
                           const McDigest *digest,
                           guint64 size,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* A new read-only descriptor at position 0, which the caller closes; -1 on error. */
int mc_copies_open_finish (McCopies *self, GAsyncResult *result, McCopy **copy, GError **error);

const char *mc_copy_get_kind (McCopy *copy); /* "memfd", "copy" or "view" */
void mc_copy_unref (McCopy *copy);

G_END_DECLS
