/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-gguf-header.h"
#include "mc-header-state.h"
#include "mc-manifest.h"
#include "mc-model-header.h"
#include "mc-safetensors-header.h"

G_BEGIN_DECLS

/* What is asked for first of a file, in bytes; and at most, however long its header is. Of a GGUF
 * header the tokens are most, and behind all that is wanted but the count of parameters. */
#define MC_MODEL_HEADER_FIRST (256 * 1024)
#define MC_MODEL_HEADER_MOST (12 * 1024 * 1024)

/* Takes what is worth keeping from the first @length bytes of a file.
 *
 * MC_HEADER_READ: @header has it. MC_HEADER_NEEDS_MORE: the first @needed bytes are wanted, which
 * is more than @length and at most MC_MODEL_HEADER_MOST. MC_HEADER_BAD: MC_ERROR_BAD_RESPONSE, and
 * @header says nothing but what it is of.
 *
 * @counts: whether it is worth reading on to count parameters. Pure, any thread. */
McHeaderState mc_model_header_read (const McFile *file,
                                    McHeaderFormat format,
                                    gboolean counts,
                                    const guint8 *data,
                                    gsize length,
                                    McModelHeader *header,
                                    guint64 *needed,
                                    GError **error);

/* What is kept of a whole one; neither digest nor format. */
void mc_model_header_take_gguf (McModelHeader *self, const McGgufHeader *header);
void mc_model_header_take_safetensors (McModelHeader *self, const McSafetensorsHeader *header);

/* The file of the repo whose header adds most to what the Hub says, and what it is: the default
 * variant's, if that is GGUF; else, where the Hub does not know how many parameters there are, that
 * of the first variant of safetensors. Borrowed; NULL if there is none, or the Hub masks it. */
McFile *mc_manifest_find_header_file (McManifest *manifest, McHeaderFormat *format);

G_END_DECLS
