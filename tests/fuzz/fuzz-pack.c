/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz-db.h"
#include "mc-fuzz.h"

#include "mc-pack.h"

#include <glib/gstdio.h>
#include <string.h>

/* A pack from anywhere under the name of a content of 5 bytes whose SHA-256 is 32 times 0x5a:
 * looked at, read, repaired, written. */

#define CONTENT_SIZE 5

static void
check_state (const McPackState *state, guint64 size)
{
  g_assert_cmpuint (state->committed, <=, size);
  if (state->complete)
    g_assert_cmpuint (state->committed, ==, size);
}

static void
read_chunk (McPack *pack, guint position)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = mc_pack_read_chunk (pack, position, &error);

  mc_fuzz_assert_outcome (bytes != NULL, error);
  if (bytes != NULL)
    g_assert_cmpuint (g_bytes_get_size (bytes), ==,
                      mc_pack_get_chunk_size (mc_pack_get_size (pack), position));
}

static void
read_pack (McPack *pack)
{
  g_autoptr (GError) state_error = NULL;
  g_autoptr (GError) list_error = NULL;
  g_autofree guint8 *present = NULL;
  McPackState state;
  gboolean known = mc_pack_get_state (pack, &state, &state_error);

  mc_fuzz_assert_outcome (known, state_error);
  if (known)
    check_state (&state, mc_pack_get_size (pack));
  present = mc_pack_list_chunks (pack, &list_error);
  mc_fuzz_assert_outcome (present != NULL, list_error);
  for (guint i = 0; i < MIN (mc_pack_get_n_chunks (pack), 3); i++)
    read_chunk (pack, i);
}

static void
write_pack (McPack *pack, McPackMode mode)
{
  g_autoptr (GError) put_error = NULL;
  g_autoptr (GError) drop_error = NULL;
  g_autoptr (GError) complete_error = NULL;
  gboolean done;

  if (mc_pack_get_size (pack) == CONTENT_SIZE && mode == MC_PACK_WRITE)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static ("12345", CONTENT_SIZE);
      g_autoptr (McChunk) chunk = mc_chunk_new (bytes);

      done = mc_pack_put_chunk (pack, 0, chunk, &put_error);
      mc_fuzz_assert_outcome (done, put_error);
    }
  read_pack (pack);
  done = mc_pack_drop_chunk (pack, 0, &drop_error);
  mc_fuzz_assert_outcome (done, drop_error);
  done = mc_pack_set_complete (pack, &complete_error);
  mc_fuzz_assert_outcome (done, complete_error);
}

static void
open_pack (const McDigest *digest, guint64 size, McPackMode mode)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McPack) pack = mc_pack_open (mc_fuzz_db_folder (), digest, size, mode, &error);

  mc_fuzz_assert_outcome (pack != NULL, error);
  if (pack == NULL)
    return;
  g_assert_cmpuint (mc_pack_get_size (pack), ==, size);
  read_pack (pack);
  if (mode != MC_PACK_READ)
    write_pack (pack, mode);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  McDigest digest = { .kind = MC_DIGEST_SHA256 };
  g_autofree char *path = NULL;
  g_autofree char *parent = NULL;
  g_autoptr (GError) error = NULL;
  McDigest said;
  guint64 said_size;
  McPackState state;
  gboolean probed;

  memset (digest.bytes, 0x5a, sizeof digest.bytes);
  path = mc_pack_make_path (mc_fuzz_db_folder (), &digest);
  parent = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  mc_fuzz_db_place (path, data, size);

  open_pack (&digest, CONTENT_SIZE, MC_PACK_READ);
  probed = mc_pack_probe (path, &said, &said_size, &state, &error);
  mc_fuzz_assert_outcome (probed, error);
  if (probed && said.kind != MC_DIGEST_NONE)
    check_state (&state, said_size);
  if (!probed || !mc_digest_equal (&said, &digest))
    said_size = CONTENT_SIZE;
  open_pack (&digest, said_size, MC_PACK_READ);
  /* As one that is complete: its bytes are read past SQLite. */
  mc_pack_seal (mc_fuzz_db_folder (), &digest);
  open_pack (&digest, said_size, MC_PACK_READ);
  open_pack (&digest, said_size, MC_PACK_REPAIR);
  open_pack (&digest, said_size, MC_PACK_WRITE);
  mc_fuzz_db_assert_modest ();
  return 0;
}
