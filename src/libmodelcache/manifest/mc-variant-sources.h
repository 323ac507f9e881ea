/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"
#include "mc-model-header.h"

G_BEGIN_DECLS

/* What the facts about a variant are made from. */
typedef struct
{
  McManifest *manifest;        /* borrowed */
  const McVariant *variant;    /* borrowed */
  GPtrArray *files;            /* (owned) borrowed McFile: all it needs */
  GPtrArray *weights;          /* (owned) borrowed McFile: those that are loaded */
  const McModelHeader *header; /* borrowed (nullable): of its model */
  gboolean is_own;             /* the header is that of one of its weights */
} McVariantSources;

/* header: (nullable), borrowed: left out if it is that of another model. */
McVariantSources mc_variant_sources_collect (McManifest *manifest,
                                             const McVariant *variant,
                                             const McModelHeader *header);
void mc_variant_sources_clear (McVariantSources *self);

/* The first of the largest that is no projector; NULL if there is none. */
McFile *mc_variant_sources_find_main (const McVariantSources *self);

gboolean mc_variant_has_format (const McVariant *variant, const char *format);
gboolean mc_file_is_projector (const McFile *file);

/* Not what is read once and not kept in memory, like a tokenizer. */
gboolean mc_file_is_weight (const McFile *file);

/* Behind the last dot of the name, "" if there is none. */
const char *mc_path_get_extension (const char *path);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McVariantSources, mc_variant_sources_clear)

G_END_DECLS
