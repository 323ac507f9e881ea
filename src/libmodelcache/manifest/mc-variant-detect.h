/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* One thing a person would choose and download, as places in the listing it was found in. */
typedef struct
{
  char *key;          /* "onnx:q4f16": unique in the grouping */
  const char *format; /* static: "onnx" */
  GArray *files;      /* guint: places in the listing, ascending */
} McVariantGroup;

/* What became of a listing: every path is in at least one variant, in shared or in other; a
 * shared or other path is in no variant. */
typedef struct
{
  GPtrArray *variants; /* McVariantGroup, sorted by format, then key */
  GArray *shared;      /* guint, ascending */
  GArray *other;       /* guint, ascending */
  char *default_key;   /* (nullable): only if there are no variants */
} McGrouping;

/* Groups the paths of one revision of a repo. Names decide; the order of the paths does not
 * matter. Paths must be distinct and may be any text: they are only read. Pure, any thread. */
McGrouping *mc_grouping_detect (const char *const *paths, guint n_paths);
void mc_grouping_free (McGrouping *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McGrouping, mc_grouping_free)

G_END_DECLS
