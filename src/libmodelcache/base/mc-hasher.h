/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

G_BEGIN_DECLS

/* Hashing as bytes come, by libcrypto, which uses the CPU's SHA instructions (GChecksum does not
 * and is several times slower). A hasher belongs to one thread at a time. */
typedef struct _McHasher McHasher;

/* total_size: length of the whole content in bytes; git puts it in front of the bytes. */
McHasher *mc_hasher_new (McDigestKind kind, guint64 total_size);
void mc_hasher_free (McHasher *self);
void mc_hasher_update (McHasher *self, const void *bytes, gsize length);

/* Ends the hash; after it only mc_hasher_free() may be called. */
McDigest mc_hasher_finish (McHasher *self);

/* The SHA-256 of bytes in memory. */
McDigest mc_sha256 (const void *bytes, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McHasher, mc_hasher_free)

G_END_DECLS
