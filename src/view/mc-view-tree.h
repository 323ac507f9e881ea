/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"

G_BEGIN_DECLS

/* The names that the folder view shows, as a value: made on the main thread, then looked at by
 * whichever thread answers the kernel, and never changed. Pure.
 *
 *   OWNER/NAME/...                 files of revision “main”
 *   OWNER/NAME@REVISION/...        of another one
 *   models--OWNER--NAME/           the same as in a cache of huggingface_hub: refs/REVISION,
 *                                  snapshots/COMMIT/... (links), blobs/HASH
 */

typedef enum
{
  MC_VIEW_FOLDER,
  MC_VIEW_FILE, /* a content */
  MC_VIEW_LINK,
  MC_VIEW_TEXT, /* a few bytes that are known here */
} McViewKind;

typedef struct _McViewNode McViewNode;
struct _McViewNode
{
  guint64 number; /* what the kernel knows it by: the same for a content wherever it is shown */
  McViewKind kind;
  McDigest digest;    /* of a file */
  guint64 size;       /* bytes of a file */
  char *text;         /* (nullable): of a text; where a link leads */
  guint64 parent;     /* of a folder */
  GPtrArray *names;   /* (nullable): of a folder: char *, in the order in which they were added */
  GHashTable *byname; /* (nullable): of a folder: name => McViewNode, both borrowed */
};

#define MC_VIEW_ROOT 1

/* Numbers that were given to names and contents. None is ever given to another one. */
typedef GHashTable McViewNumbers;
McViewNumbers *mc_view_numbers_new (void); /* g_hash_table_unref() */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McViewNumbers, g_hash_table_unref)
guint64 mc_view_number_content (McViewNumbers *numbers, const McDigest *digest);

typedef struct _McViewTree McViewTree;
McViewTree *mc_view_tree_new (void);
McViewTree *mc_view_tree_ref (McViewTree *self);
void mc_view_tree_unref (McViewTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McViewTree, mc_view_tree_unref)

/* Adds those of its files that are here; names that could be no file's name are left out, and so
 * is what would be in the place of something else. */
void mc_view_tree_add_repo (McViewTree *self,
                            McViewNumbers *numbers,
                            McManifest *manifest,
                            gboolean (*is_here) (const McFile *file, gpointer user_data),
                            gpointer user_data);

/* Borrowed from the tree; NULL: there is none. */
const McViewNode *mc_view_tree_get (McViewTree *self, guint64 number);
const McViewNode *mc_view_tree_look_up (McViewTree *self, guint64 folder, const char *name);

/* The numbers (guint64) of contents that @before showed and @self does not. */
GArray *mc_view_tree_list_gone (McViewTree *self, McViewTree *before);

/* The names on the way of a path in a repo; g_strfreev() it. NULL: it cannot be the path of a file,
 * or leads elsewhere. */
char **mc_view_split_path (const char *path);

/* Where a repo's files are below the root; g_free() it. NULL: its name cannot be shown. */
char *mc_view_make_repo_name (const McManifest *manifest);

G_END_DECLS
