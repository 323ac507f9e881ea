/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-chunk.h"
#include "mc-digest.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The bytes of one content on disk: a database of chunks. Blocking; one thread at a time. */
typedef struct _McPack McPack;

/* Bytes of the largest content that is accepted, 16 TiB: chunks are counted in 32 bits, and a size
 * is what a stranger said. */
#define MC_CONTENT_MAX_SIZE (G_GUINT64_CONSTANT (1) << 44)

typedef enum
{
  MC_PACK_WRITE,  /* made, with its folder, if absent */
  MC_PACK_REPAIR, /* must exist; it keeps its format: nothing can be put into one of version 1 */
  MC_PACK_READ,   /* must exist and be complete: read without locks while it is sealed */
  MC_PACK_LOOK,   /* must exist: read as it is, beside whoever writes it */
  MC_PACK_LEND,   /* must exist, whatever its size is and whether it is complete; else as READ */
} McPackMode;

typedef struct
{
  guint64 committed; /* bytes of the chunks that are here */
  gboolean complete; /* all are, and the digest was checked */
} McPackState;

/* MC_ERROR_CORRUPT if the file is no pack or says that it is another content's,
 * MC_ERROR_NOT_DOWNLOADED if it should exist or be complete and is not. */
McPack *mc_pack_open (
    const char *folder, const McDigest *digest, guint64 size, McPackMode mode, GError **error);
void mc_pack_close (McPack *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McPack, mc_pack_close)

/* From now on this thread uses the pack. */
void mc_pack_claim (McPack *self);

guint64 mc_pack_get_size (McPack *self); /* bytes of the content */
guint mc_pack_get_n_chunks (McPack *self);
guint mc_pack_count_chunks (guint64 size);
gsize mc_pack_get_chunk_size (guint64 size, guint position); /* of a content of that size */

gboolean mc_pack_get_state (McPack *self, McPackState *state, GError **error);

/* One flag a chunk: whether it is committed. Free with g_free(). */
guint8 *mc_pack_list_chunks (McPack *self, GError **error);

/* Puts a chunk, which must have its exact size, into the transaction; it is here for good when that
 * is committed. If it cannot be put, those before it can still be committed if has_added() says so;
 * else they are gone too, as they are if the commit fails. */
gboolean mc_pack_add_chunk (McPack *self, guint position, const McChunk *chunk, GError **error);
gboolean mc_pack_has_added (McPack *self);
gboolean mc_pack_commit (McPack *self, GError **error);

/* Both. */
gboolean mc_pack_put_chunk (McPack *self, guint position, const McChunk *chunk, GError **error);

/* --- reading: mc-pack-read.c --- */

/* Bytes of a chunk from @start on into the buffer, after the blocks they lie in were compared with
 * their checks, and no others: MC_ERROR_CORRUPT if those changed on disk. The part must lie within
 * the chunk. */
gboolean mc_pack_read (
    McPack *self, guint position, gsize start, void *buffer, gsize length, GError **error);

/* All bytes of a chunk. A chunk that is in another content's pack is read there. */
GBytes *mc_pack_read_chunk (McPack *self, guint position, GError **error);

/* The same, but MC_ERROR_CORRUPT if it is in another content's pack. */
GBytes *mc_pack_read_own_chunk (McPack *self, guint position, GError **error);

/* Forgets a chunk that is damaged; the pack is incomplete then. */
gboolean mc_pack_drop_chunk (McPack *self, guint position, GError **error);

/* What a row says of its chunk. */
typedef struct
{
  guint position;
  gsize size; /* raw bytes */
  guint8 hash[MC_CHUNK_HASH_SIZE];
  gsize stored;    /* bytes in the row */
  McDigest lender; /* in whose pack the bytes are; NONE: in this one */
  guint lender_position;
} McPackRow;

/* The rows (McPackRow) of a pack, but for those that version 1 wrote. */
GArray *mc_pack_list_rows (McPack *self, GError **error);

gboolean mc_pack_set_complete (McPack *self, GError **error);

/* Opens whatever pack is at that path and says what it holds; for recovery. One that was only just
 * made does not say yet: its digest is NONE. */
gboolean mc_pack_probe (
    const char *path, McDigest *digest, guint64 *size, McPackState *state, GError **error);

/* --- the pack as a file: mc-pack-file.c --- */

/* The pack's place below the store's folder: "packs/ab/abcd….pack". */
char *mc_pack_make_path (const char *folder, const McDigest *digest);

/* The digest a pack of that file name must have; FALSE if it is no pack's name. */
gboolean mc_pack_parse_name (const char *name, McDigest *digest);

/* The packs that are in their places: McDigest => whether it is sealed. What cannot be read is told
 * in a warning and left out. aside (nullable): gets a McDigest for each that was put aside. */
GHashTable *mc_pack_list (const char *folder, GHashTable *aside);

/* Makes the folder the pack lies in, so that it is there after a power cut too. */
gboolean mc_pack_make_folder (const char *folder, const McDigest *digest, GError **error);

/* A complete pack is a file without permission to write. It becomes writable, on the disk, before
 * anything in it is changed: so one look at it tells whether it must be opened to be believed. */
gboolean mc_pack_is_sealed (const char *folder, const McDigest *digest);
void mc_pack_seal (const char *folder, const McDigest *digest);

/* Waits until what the pack says is on the disk. It may not be although it can be read: if a commit
 * was done but waiting for the disk failed then, doing it again changes nothing and waits for
 * nothing. */
gboolean mc_pack_settle (const char *folder, const McDigest *digest, GError **error);
gboolean mc_pack_unseal (const char *folder, const McDigest *digest, GError **error);

/* For a pack that grows, both a matter of speed alone. Blocks that are taken a stretch at a time
 * cost much less than one by one; and what is on its way to the disk before it must be there is
 * there sooner. The room that is left is given back by mc_pack_grow_end(), which closes the file.
 */
typedef struct
{
  int fd;           /* of the pack; -1: none */
  guint64 most;     /* bytes the file will have at most */
  guint64 reserved; /* bytes of it that have room */
  guint64 pushed;   /* bytes of it that are on their way to the disk */
} McPackGrowth;
void mc_pack_grow_begin (McPackGrowth *growth, const char *path, guint64 content_size);
void mc_pack_grow_reserve (McPackGrowth *growth, gsize length);
void mc_pack_grow_push (McPackGrowth *growth);
void mc_pack_grow_end (McPackGrowth *growth);

/* Removes the files of a pack: its journal and what was put aside included. No error if there are
 * none. */
gboolean mc_pack_unlink (const char *folder, const McDigest *digest, GError **error);

/* Renames a pack that cannot be used, so that another can be made; the next of the same name is put
 * in its place, and a complete pack makes it superfluous. */
gboolean mc_pack_put_aside (const char *folder, const McDigest *digest, GError **error);
gboolean mc_pack_remove_aside (const char *folder, const McDigest *digest, GError **error);

G_END_DECLS
