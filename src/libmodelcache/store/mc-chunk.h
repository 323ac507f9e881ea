/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-chunk-hash.h"
#include "mc-codec.h"
#include "mc-hasher.h"

G_BEGIN_DECLS

/* Bytes of every chunk but the last. */
#define MC_CHUNK_SIZE (5 * 1024 * 1024)

#define MC_CHUNK_MAX_CHECKS (MC_CHUNK_SIZE / MC_BLOCK_SIZE * MC_CHECK_SIZE)

/* A chunk as it goes into a pack. */
typedef struct
{
  gsize size; /* bytes of it as they are, without encoding */
  guint8 hash[MC_CHUNK_HASH_SIZE];
  guint8 checks[MC_CHUNK_MAX_CHECKS];
  gsize checks_length;
  McCodec codec;
  GBytes *bytes; /* (owned): encoded */
} McChunk;

/* Computes the checks; the bytes stay as they are. Pure; any thread. */
McChunk *mc_chunk_new (GBytes *bytes);

/* The hasher is fed the bytes on the way, while the CPU has each block at hand. */
McChunk *mc_chunk_new_hashed (GBytes *bytes, McHasher *hasher);

/* Encodes the bytes if that saves enough: some milliseconds. Pure; any thread. */
void mc_chunk_encode (McChunk *self);

/* Instead of the bytes, where they are: in that content's pack. */
void mc_chunk_refer (McChunk *self, const McDigest *lender, guint position);

/* What mc_chunk_refer() made, out of a row; FALSE if it is nothing of the kind. */
gboolean
mc_chunk_parse_reference (const void *bytes, gsize length, McDigest *lender, guint *position);

/* Bytes of the longest reference. */
#define MC_CHUNK_MAX_REFERENCE (MC_SHA256_SIZE + 4)

void mc_chunk_free (McChunk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McChunk, mc_chunk_free)

G_END_DECLS
