/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What became of a file, or would. */
typedef enum
{
  MC_IMPORT_UNKNOWN,    /* it is in no listing that is known */
  MC_IMPORT_ADOPTED,    /* its bytes are in the store now */
  MC_IMPORT_HERE,       /* they were there before */
  MC_IMPORT_IN_USE,     /* they are being downloaded or checked */
  MC_IMPORT_CHANGED,    /* while it was read */
  MC_IMPORT_UNREADABLE, /* its bytes */
} McImportOutcome;
#define MC_IMPORT_N_OUTCOMES (MC_IMPORT_UNREADABLE + 1)

const char *mc_import_outcome_to_string (McImportOutcome outcome);

/* A file that may be adopted. */
typedef struct
{
  char *path;   /* whole, as the file system has it */
  char *name;   /* in the folder that is imported, for people: UTF-8 */
  guint64 size; /* bytes; this and the following: when it was found */
  guint64 device;
  guint64 inode;
  gint64 modified_ns;
  char *repo;       /* (nullable): see mc-import-layout.h */
  McDigest claimed; /* likewise */

  gboolean hashed;
  McDigest sha256; /* NONE: not asked for, as is */
  McDigest git;
  GByteArray *chunks;   /* (owned) (nullable): hashes of the chunks, MC_CHUNK_HASH_SIZE each */
  McManifest *manifest; /* (owned) (nullable): whose */
  McFile *match;        /* file it is; borrowed from it */
  McImportOutcome outcome;
} McImportFile;

typedef struct
{
  GPtrArray *files;  /* (owned): McImportFile, by path; each file once, whatever links to it */
  GHashTable *repos; /* (owned): a set of the repos that were hinted at: "REPO", "REPO@COMMIT" */
  guint skipped;     /* what is no file: sockets, links to nothing, folders that cannot be read */
  gboolean cut;      /* there was more than is looked at */
} McImportTree;

/* Looks for files in the folder, or at the one file, without opening any. Folders are not entered
 * through links; nor is the folder avoid. Blocking, any thread. */
McImportTree *mc_import_tree_read (const char *root,
                                   const char *avoid,
                                   GCancellable *cancellable,
                                   GError **error);
void mc_import_tree_free (McImportTree *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McImportTree, mc_import_tree_free)

G_END_DECLS
