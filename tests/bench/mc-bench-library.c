/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-library.h"

#include "mc-bench-source.h"
#include "mc-bench.h"
#include "mc-db.h"
#include "mc-pack.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* All is written without syncs. A pack differs from the next in its digest alone: one is made and
 * copied, and the empty parts of its pages stay holes. */

#define BLOCK 4096 /* bytes: what may be a hole */

static const char SQL_UNSAFE[] = "PRAGMA synchronous = OFF";
static const char SQL_DESCRIBE[] = "INSERT INTO content (id, digest, size, chunk_size, complete) "
                                   "VALUES (1, :digest, :size, :chunk_size, 1)";
static const char SQL_CHUNKS[] =
    "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last) "
    "INSERT INTO chunks (position, size, hash, checks, codec, bytes) "
    "SELECT n, :size, randomblob (16), randomblob ((:size + 65535) / 65536 * 8), 0, zeroblob (1) "
    "FROM numbers";
static const char SQL_REPO[] =
    "INSERT INTO repos (id, endpoint, repo, revision, commit_id, task, library, license, gated, "
    "private, parameters, context_length, downloads, likes, scanned_at, default_key) "
    "VALUES (:repo, 'https://hub.test', 'owner-' || (:repo % 97) || '/model-' || :repo, 'main', "
    "lower (hex (randomblob (20))), 'text-generation', 'gguf', 'apache-2.0', 0, 0, 7000000000, "
    "32768, 1000, 10, 1700000000, 'gguf:' || :key)";
static const char SQL_FILE[] = "INSERT INTO files (repo, position, path, size, digest, role) "
                               "VALUES (:repo, :position, :key || '.gguf', :size, :digest, 0)";
static const char SQL_VARIANT[] = "INSERT INTO variants (repo, position, key, format) "
                                  "VALUES (:repo, :position, 'gguf:' || :key, 'gguf')";
static const char SQL_MEMBER[] = "INSERT INTO variant_files (repo, variant, file) "
                                 "VALUES (:repo, :position, :position)";
static const char SQL_CONTENT[] = "INSERT INTO contents (digest, size, state, last_used) "
                                  "VALUES (:digest, :size, 1, 1700000000)";
static const char SQL_HOLDING[] = "INSERT INTO holdings (id, repo, variant, path, created) "
                                  "VALUES (:holding, :repo, 'gguf:' || :key, '', 1700000000)";
static const char SQL_NEEDED[] = "INSERT INTO holding_contents (holding, digest) "
                                 "VALUES (:holding, :digest)";
static const char SQL_KNOWN_CHUNKS[] =
    "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last) "
    "INSERT INTO chunks (hash, digest, position) SELECT randomblob (16), :digest, n FROM numbers";

typedef struct
{
  const char *folder; /* borrowed */
  McDb *catalog;      /* borrowed */
  guint n_chunks;
  guint8 *pack; /* borrowed: the one that was made */
  gsize pack_length;
  gsize digest_at; /* in it */
} Making;

typedef struct
{
  McDigest digest;
  guint number;  /* from 0 */
  guint n_files; /* of a repo */
  guint64 size;
  char key[16]; /* of its variant */
} Item;

/* --- the catalog --- */

static void
run (McDb *db, const char *sql, const Item *item, const char *parameters, guint last)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, &error);

  mc_bench_check (sql, error);
  for (; *parameters != '\0'; parameters++)
    switch (*parameters)
      {
      case 'r':
        mc_stmt_bind_size (stmt, ":repo", item->number / item->n_files + 1);
        break;
      case 'p':
        mc_stmt_bind_size (stmt, ":position", item->number % item->n_files);
        break;
      case 'h':
        mc_stmt_bind_size (stmt, ":holding", item->number + 1);
        break;
      case 'k':
        mc_stmt_bind_text (stmt, ":key", item->key);
        break;
      case 's':
        mc_stmt_bind_size (stmt, ":size", item->size);
        break;
      case 'd':
        mc_stmt_bind_digest (stmt, ":digest", &item->digest);
        break;
      case 'l':
      default:
        mc_stmt_bind_size (stmt, ":last", last);
        break;
      }
  mc_stmt_run (stmt, &error);
  mc_bench_check (sql, error);
}

static void
list_item (Making *self, const Item *item)
{
  McDb *db = self->catalog;

  if (item->number % item->n_files == 0)
    run (db, SQL_REPO, item, "rk", 0);
  run (db, SQL_CONTENT, item, "ds", 0);
  run (db, SQL_FILE, item, "rpksd", 0);
  run (db, SQL_VARIANT, item, "rpk", 0);
  run (db, SQL_MEMBER, item, "rp", 0);
  run (db, SQL_HOLDING, item, "hrk", 0);
  run (db, SQL_NEEDED, item, "hd", 0);
  run (db, SQL_KNOWN_CHUNKS, item, "dl", self->n_chunks - 1);
}

/* --- packs --- */

static McDb *
open_unsafely (const char *path, McDbKind kind)
{
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, kind, MC_DB_CREATE, &error);

  mc_bench_check (path, error);
  mc_db_run (db, SQL_UNSAFE, 0, &error);
  mc_bench_check (path, error);
  return db;
}

/* The first pack, read into memory. */
static void
make_pack (Making *self, const Item *item)
{
  g_autofree char *path = g_build_filename (self->folder, "pack", NULL);
  g_autoptr (GError) error = NULL;
  McDb *db = open_unsafely (path, MC_DB_PACK);
  Item chunk = { .size = MC_CHUNK_SIZE };
  char *text;
  guint8 *found;

  {
    g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_DESCRIBE, &error);

    mc_bench_check (path, error);
    mc_stmt_bind_digest (stmt, ":digest", &item->digest);
    mc_stmt_bind_size (stmt, ":size", item->size);
    mc_stmt_bind_size (stmt, ":chunk_size", MC_CHUNK_SIZE);
    mc_stmt_run (stmt, &error);
    mc_bench_check (path, error);
  }
  run (db, SQL_CHUNKS, &chunk, "sl", self->n_chunks - 1);
  mc_db_close (db);
  g_file_get_contents (path, &text, &self->pack_length, &error);
  mc_bench_check (path, error);
  g_unlink (path);
  self->pack = (guint8 *) text;
  found = memmem (text, self->pack_length, item->digest.bytes, MC_SHA256_SIZE);
  g_assert_nonnull (found);
  self->digest_at = (gsize) (found - self->pack);
}

static gboolean
is_empty (const guint8 *bytes, gsize length)
{
  return bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0;
}

static void
write_pack (Making *self, const Item *item)
{
  g_autofree char *path = mc_pack_make_path (self->folder, &item->digest);
  g_autofree char *parent = g_path_get_dirname (path);
  int fd;

  mc_bench_check_errno (parent, g_mkdir_with_parents (parent, 0700) == 0);
  fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
  mc_bench_check_errno (path, fd >= 0 && ftruncate (fd, (off_t) self->pack_length) == 0);
  memcpy (self->pack + self->digest_at, item->digest.bytes, MC_SHA256_SIZE);
  for (gsize at = 0; at < self->pack_length; at += BLOCK)
    if (!is_empty (self->pack + at, BLOCK))
      mc_bench_check_errno (path, pwrite (fd, self->pack + at, BLOCK, (off_t) at) == BLOCK);
  close (fd);
}

/* --- --- */

static Item
make_item (guint number, guint n_files, guint n_chunks, guint64 *state)
{
  Item item = { .number = number, .n_files = n_files, .size = (guint64) n_chunks * MC_CHUNK_SIZE };
  guint64 words[MC_SHA256_SIZE / sizeof (guint64)];

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = mc_bench_source_draw (state);
  item.digest = mc_digest_from_bytes (MC_DIGEST_SHA256, (const guint8 *) words);
  g_snprintf (item.key, sizeof item.key, "q%02u", number % n_files);
  return item;
}

void
mc_bench_library_make (const char *folder, guint n_contents, guint n_files, guint n_chunks)
{
  g_autofree char *path = g_build_filename (folder, "catalog.db", NULL);
  g_autoptr (GError) error = NULL;
  Making self = { .folder = folder, .n_chunks = n_chunks };
  guint64 state = 1;

  mc_bench_check_errno (folder, g_mkdir (folder, 0700) == 0);
  self.catalog = open_unsafely (path, MC_DB_CATALOG);
  {
    g_auto (McTxn) txn = { NULL };

    mc_txn_begin (&txn, self.catalog, &error);
    mc_bench_check (path, error);
    for (guint i = 0; i < n_contents; i++)
      {
        Item item = make_item (i, n_files, n_chunks, &state);

        if (i == 0)
          make_pack (&self, &item);
        write_pack (&self, &item);
        list_item (&self, &item);
      }
    mc_txn_commit (&txn, &error);
    mc_bench_check (path, error);
  }
  mc_db_close (self.catalog);
  g_free (self.pack);
}
