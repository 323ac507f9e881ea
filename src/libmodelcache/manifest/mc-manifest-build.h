/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"
#include "mc-variant-detect.h"

G_BEGIN_DECLS

/* Writes a grouping of the manifest's own files, in their order, into the manifest: roles, variants
 * and the default. Only while building, once. */
void mc_manifest_apply_grouping (McManifest *manifest, const McGrouping *grouping);

G_END_DECLS
