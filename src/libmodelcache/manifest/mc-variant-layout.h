/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"

G_BEGIN_DECLS

/* McLayout of a variant that consists of these files (McFile); @architecture is what the header
 * says, or NULL. */
guint mc_variant_layout_detect (McManifest *manifest,
                                const McVariant *variant,
                                GPtrArray *files,
                                const char *architecture);

G_END_DECLS
