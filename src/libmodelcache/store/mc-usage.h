/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-footprint.h"
#include "mc-library.h"

G_BEGIN_DECLS

/* Who takes how much space. Pure: made of what the library names, which contents are here, what
 * their files take, and who borrows chunks from whom. All in bytes, and on disk unless said.
 *
 * models + unfinished + small + catalog + other is all that the store takes, and so is
 * alone of all repos + shared + unclaimed + overhead + catalog + other. */

/* A repo, or one of its parts: a variant or a file that was asked for. */
typedef struct
{
  gint64 repo;
  char *variant;       /* (nullable): NULL for the repo */
  char *path;          /* (nullable): likewise */
  guint64 size;        /* of its contents, raw: bytes that are here */
  guint64 alone;       /* of contents that nothing else needs */
  guint64 shared;      /* of contents that others need, too */
  guint64 compression; /* what its contents would take more if they were not compressed */
  guint64 borrowed;    /* raw bytes of chunks that lie in other contents' packs */
  guint64 returns;     /* what deleting it gives back to the file system */
  gint64 holding;      /* of a part: its id */
} McUsageRow;

typedef struct
{
  guint64 models;     /* packs of complete contents */
  guint64 unfinished; /* of others */
  guint64 small;
  guint64 catalog;
  guint64 other;

  guint64 shared;    /* of contents that several repos need, once */
  guint64 unclaimed; /* of contents that nothing needs */
  guint64 overhead;  /* what the small-content database takes beyond its contents */

  GPtrArray *rows;   /* (owned): McUsageRow; each repo is followed by its parts */
  GHashTable *gains; /* (owned): McDigest => guint64 *, see mc_usage_get_gain() */
} McUsage;

/* contents: McContent by McDigest; loans: (nullable): McLoan. */
McUsage *mc_usage_new (const McLibrary *library,
                       GHashTable *contents,
                       const McFootprint *footprint,
                       GArray *loans);
void mc_usage_free (McUsage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McUsage, mc_usage_free)

guint64 mc_usage_get_total (const McUsage *self);

/* What a content gives back at least when nothing needs it any more. */
guint64 mc_usage_get_gain (const McUsage *self, const McDigest *digest);

/* The row of a repo (variant and path NULL) or of one of its parts. (nullable), borrowed. */
const McUsageRow *
mc_usage_find (const McUsage *self, gint64 repo, const char *variant, const char *path);

G_END_DECLS
