/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-store.h"
#include "mc-view-tree.h"

G_BEGIN_DECLS

/* The store as a folder (FUSE): files with their real names, of which nothing is copied. The kernel
 * asks for pages as they are read, and keeps them.
 *
 * Main thread, but for the threads of its own that answer the kernel. These never wait for the main
 * thread, and the main thread never looks into the folder. */
typedef struct _McView McView;

/* Mounts it there. The folder is made if it is not there, and must be empty; what a service that
 * died left mounted is taken away first. gone: it was unmounted by somebody else, or broke.
 * MC_ERROR_STORE with the reason if it cannot be had, such as without FUSE. */
McView *mc_view_new (McStore *store,
                     const char *folder,
                     void (*gone) (gpointer user_data),
                     gpointer user_data,
                     GError **error);

/* Unmounts and frees it. Whoever has a file of it open gets errors (ENOTCONN) from now on. */
void mc_view_stop (McView *self);

const char *mc_view_get_folder (McView *self);

/* What is shown from now on. Takes the tree, whose numbers are those of the view. What it does not
 * show any more leaves the kernel's memory, too. */
McViewNumbers *mc_view_get_numbers (McView *self);
void mc_view_show (McView *self, McViewTree *tree);

/* The folder that shows all these files (McFile) of the repo by their paths; g_free() it. NULL: it
 * does not show all of them. */
char *mc_view_find_files (McView *self, McManifest *manifest, GPtrArray *files);

/* A read-only descriptor of a content that is here, at position 0, which the caller closes; -1 on
 * error. The content stays while it is open anywhere. */
void mc_view_open_async (McView *self,
                         const McDigest *digest,
                         guint64 size,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
int mc_view_open_finish (McView *self, GAsyncResult *result, GError **error);

G_END_DECLS
