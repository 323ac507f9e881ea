/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-view-contents.h"
#include "mc-view-tree.h"

G_BEGIN_DECLS

/* What the kernel is told. One for each mount; the kernel is answered by threads of its own. */
typedef struct _McViewFuse McViewFuse;

/* Where contents are that are offered, below the root: nobody sees this folder. */
#define MC_VIEW_OFFERS ".contents"

/* Mounts it on the folder, which is empty. gone: called on one of its threads when it was unmounted
 * by somebody else. */
McViewFuse *mc_view_fuse_new (McStore *store,
                              const char *folder,
                              void (*gone) (gpointer user_data),
                              gpointer user_data,
                              GError **error);
void mc_view_fuse_free (McViewFuse *self); /* unmounts it, and waits for its threads */

/* Takes the tree. */
void mc_view_fuse_show (McViewFuse *self, McViewTree *tree);

/* As long as it is offered, the content can be opened there by the hexadecimal digits of its
 * digest, whatever the tree shows. Counted. */
void mc_view_fuse_offer (McViewFuse *self, guint64 number, const McDigest *digest, guint64 size);
void mc_view_fuse_withdraw (McViewFuse *self, guint64 number);

G_END_DECLS
