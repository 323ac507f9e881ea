/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz-db.h"
#include "mc-fuzz.h"

#include "mc-hasher.h"
#include "mc-small.h"

/* A database of small contents from anywhere: what comes out has the digest it was asked for. */

static void
get (McDb *db, const McDigest *digest)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = mc_small_get (db, digest, &error);
  g_autoptr (McHasher) hasher = NULL;
  McDigest found;

  mc_fuzz_assert_outcome (bytes != NULL, error);
  if (bytes == NULL)
    return;
  hasher = mc_hasher_new (digest->kind, g_bytes_get_size (bytes));
  mc_hasher_update (hasher, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  found = mc_hasher_finish (hasher);
  g_assert_true (mc_digest_equal (&found, digest));
}

static void
get_all (McDb *db)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) list = mc_small_list (db, &error);

  mc_fuzz_assert_outcome (list != NULL, error);
  for (guint i = 0; list != NULL && i < MIN (list->len, 20); i++)
    {
      /* Whatever else is in an item, the digest comes first. */
      McDigest *digest = (McDigest *) (gpointer) (list->data + i * g_array_get_element_size (list));

      if (digest->kind != MC_DIGEST_NONE)
        get (db, digest);
    }
}

static void
change (McDb *db)
{
  McDigest digest = mc_sha256 ("12345", 5);
  g_autoptr (GError) put_error = NULL;
  g_autoptr (GError) drop_error = NULL;
  g_autoptr (GError) vacuum_error = NULL;
  gboolean done;

  get (db, &digest);
  done = mc_small_put (db, &digest, "12345", 5, &put_error);
  mc_fuzz_assert_outcome (done, put_error);
  get (db, &digest);
  done = mc_small_drop (db, &digest, &drop_error);
  mc_fuzz_assert_outcome (done, drop_error);
  done = mc_small_vacuum (db, &vacuum_error);
  mc_fuzz_assert_outcome (done, vacuum_error);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *path = mc_small_make_path (mc_fuzz_db_folder ());
  g_autoptr (GError) error = NULL;
  McDb *db;

  mc_fuzz_db_place (path, data, size);
  db = mc_db_open (path, MC_DB_SMALL, MC_DB_CREATE, &error);
  mc_fuzz_assert_outcome (db != NULL, error);
  if (db == NULL)
    return 0;
  get_all (db);
  change (db);
  mc_db_close (db);
  mc_fuzz_db_assert_modest ();
  return 0;
}
