/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What a chunk is compared with whenever it is read: a check for each block of its raw bytes, so
 * that a part can be checked alone, and a hash over the checks, by which equal chunks are found.
 * Both protect against accidents of disk and memory, not against someone who writes the store:
 * what the Hub named is the SHA-256 of the whole. Pure; any thread. */

/* Bytes of every block but a chunk's last. */
#define MC_BLOCK_SIZE (64 * 1024)

/* Bytes of a check: XXH3 of 64 bits, least significant byte first. */
#define MC_CHECK_SIZE 8

/* Bytes of a chunk's hash: XXH3 of 128 bits in its canonical form, of the checks one after another.
 */
#define MC_CHUNK_HASH_SIZE 16

/* How many blocks that many bytes have. */
gsize mc_chunk_count_blocks (gsize length);

/* Writes one check a block to @checks: mc_chunk_count_blocks() * MC_CHECK_SIZE bytes. */
void mc_chunk_make_checks (const void *bytes, gsize length, guint8 *checks);

/* length: bytes of the checks. */
void mc_chunk_make_hash (const guint8 *checks, gsize length, guint8 hash[MC_CHUNK_HASH_SIZE]);

/* Whether the bytes have these checks; they may begin at any block, @checks being that block's. */
gboolean mc_chunk_has_checks (const void *bytes, gsize length, const guint8 *checks);

G_END_DECLS
