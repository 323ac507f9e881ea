/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-downloader.h"

G_BEGIN_DECLS

/* A repo, its variants and files as the dictionaries that the bus interface describes, from what is
 * known and what is here. Main thread. */

/* The status of a variant with these files (McFile): "available" ... Static. */
const char *mc_judge_variant (McDownloader *downloader,
                              McStore *store,
                              gint64 repo,
                              const McVariant *variant,
                              GPtrArray *files);

/* Unix seconds since when all of these files are known to be in order; 0: not all are here. */
gint64 mc_find_verified_at (McStore *store, GPtrArray *files);

/* An a{sv}. Floating. */
GVariant *mc_describe_file (McStore *store, const McFile *file);

/* Adds what is known of the repo itself. */
void mc_describe_manifest (McManifest *manifest, GVariantBuilder *dict);

G_END_DECLS
