/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-header-state.h"

G_BEGIN_DECLS

/* What one file holds in one type of number. */
typedef struct
{
  char dtype[16]; /* "BF16": printable ASCII */
  guint64 parameters;
  guint64 bytes;
} McDtypeTotal;

/* What the header of a safetensors file says. Of a model in shards: what this shard holds. */
typedef struct
{
  guint64 n_tensors;
  guint64 parameters;   /* 4-bit weights packed into larger numbers count as those */
  guint64 bytes;        /* of all tensors */
  GArray *dtypes;       /* McDtypeTotal, the one with most bytes first */
  GHashTable *metadata; /* char * to char *: the shorter entries, and not too many */
} McSafetensorsHeader;

/* Reads the header from the first @length bytes of a file of @file_size bytes.
 *
 * MC_HEADER_NEEDS_MORE: the first @needed bytes of the file are wanted.
 * MC_HEADER_BAD: MC_ERROR_BAD_RESPONSE: no such file, a header over 25 MB, or tensors that do not
 * fill the rest of the file without gap or overlap.
 *
 * Pure, any thread. */
McHeaderState mc_safetensors_header_parse (const guint8 *data,
                                           gsize length,
                                           guint64 file_size,
                                           McSafetensorsHeader **header,
                                           guint64 *needed,
                                           GError **error);
void mc_safetensors_header_free (McSafetensorsHeader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McSafetensorsHeader, mc_safetensors_header_free)

G_END_DECLS
