/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-small.h"
#include "mc-test-store.h"
#include "mc-test-wait.h"

#include <glib/gstdio.h>

/* Who takes how much space: that it adds up to what the file system says, and that deleting gives
 * back what was said. */

#define LARGE (MC_CHUNK_SIZE + 100000)
#define MEDIUM 700000
#define SMALL 5000

/* Two repos: "one" and "two" of org/a have a large file each and two medium ones together, one of
 * which org/b has, too; org/b has a small file and one that is not complete. */
typedef struct
{
  McStore *store;
  gint64 a;
  gint64 b;
  GBytes *bytes[6]; /* one, two, common, small, half, within */
  McDigest digests[6];
} Library;

static void
add_file (Library *self, McManifest *manifest, guint which, const char *path)
{
  self->digests[which] =
      mc_test_manifest_add (manifest, path, MC_DIGEST_SHA256, self->bytes[which])->digest;
}

static void
hold (Library *self, gint64 repo, const char *variant, const char *path)
{
  g_autoptr (GError) error = NULL;

  mc_test_hold (self->store, repo, variant, path, &error);
  g_assert_no_error (error);
}

static void
add_repo_a (Library *self)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/a", "main", 'a');
  McVariant *variant;
  guint common[] = { 2, 3 };

  add_file (self, manifest, 0, "1");
  mc_test_manifest_add_variant (manifest, "one");
  add_file (self, manifest, 1, "2");
  mc_test_manifest_add_variant (manifest, "two");
  add_file (self, manifest, 2, "common");
  add_file (self, manifest, 5, "within");
  for (guint i = 0; i < 2; i++)
    {
      variant = g_ptr_array_index (manifest->variants, i);
      g_array_append_vals (variant->files, common, G_N_ELEMENTS (common));
    }
  self->a = mc_test_save_repo (self->store, manifest, NULL);
  hold (self, self->a, "one", "");
  hold (self, self->a, "two", "");
}

static void
add_repo_b (Library *self)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/b", "main", 'b');

  add_file (self, manifest, 2, "copy");
  add_file (self, manifest, 4, "half");
  add_file (self, manifest, 3, "small");
  self->b = mc_test_save_repo (self->store, manifest, NULL);
  hold (self, self->b, "", "copy");
  hold (self, self->b, "", "small");
  hold (self, self->b, "", "half");
}

static void
library_init (Library *self, const char *folder)
{
  static const guint64 sizes[] = { LARGE, LARGE, MEDIUM, SMALL, LARGE, MEDIUM };

  self->store = mc_test_store_open (folder);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    self->bytes[i] = mc_test_make_bytes (sizes[i], i + 1);
  add_repo_a (self);
  add_repo_b (self);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (i != 4)
      mc_test_fill (self->store, &self->digests[i], self->bytes[i]);
  {
    g_autoptr (McContentWriter) writer = mc_test_writer_open (self->store, &self->digests[4]);

    g_assert_true (mc_test_writer_put (writer, 0, self->bytes[4], NULL));
  }
}

static void
library_clear (Library *self)
{
  mc_test_store_close (self->store);
  for (guint i = 0; i < G_N_ELEMENTS (self->bytes); i++)
    g_bytes_unref (self->bytes[i]);
}

static McUsage *
survey (McStore *store)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McUsage *usage;

  mc_store_survey_async (store, mc_test_store_result, &result);
  usage = mc_store_survey_finish (store, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return usage;
}

/* Both ways, and exactly. */
static void
assert_adds_up (McStore *store, const McUsage *usage)
{
  guint64 total =
      usage->shared + usage->unclaimed + usage->overhead + usage->catalog + usage->other;

  for (guint i = 0; i < usage->rows->len; i++)
    {
      const McUsageRow *row = g_ptr_array_index (usage->rows, i);

      if (row->variant == NULL)
        total += row->alone;
    }
  g_assert_cmpuint (mc_usage_get_total (usage), ==, mc_test_store_measure (store));
  g_assert_cmpuint (total, ==, mc_test_store_measure (store));
}

static guint64
get_pack_blocks (Library *self, guint which)
{
  g_autofree char *path =
      mc_pack_make_path (mc_store_get_folder (self->store), &self->digests[which]);
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  return (guint64) info.st_blocks * 512;
}

static void
test_adds_up (McTestFolder *folder, gconstpointer data)
{
  Library library = { NULL };
  g_autoptr (McUsage) usage = NULL;
  const McUsageRow *a;
  const McUsageRow *one;
  const McUsageRow *b;

  library_init (&library, folder->path);
  usage = survey (library.store);
  assert_adds_up (library.store, usage);
  a = mc_usage_find (usage, library.a, NULL, NULL);
  one = mc_usage_find (usage, library.a, "one", "");
  b = mc_usage_find (usage, library.b, NULL, NULL);
  g_assert_cmpuint (a->size, ==, 2 * LARGE + 2 * MEDIUM);
  g_assert_cmpuint (a->alone, ==,
                    get_pack_blocks (&library, 0) + get_pack_blocks (&library, 1)
                        + get_pack_blocks (&library, 5));
  g_assert_cmpuint (a->shared, ==, get_pack_blocks (&library, 2));
  g_assert_cmpuint (one->size, ==, LARGE + 2 * MEDIUM);
  g_assert_cmpuint (one->alone, ==, get_pack_blocks (&library, 0));
  g_assert_cmpuint (one->shared, ==, get_pack_blocks (&library, 2) + get_pack_blocks (&library, 5));
  g_assert_cmpuint (b->size, ==, MEDIUM + SMALL + MC_CHUNK_SIZE);
  g_assert_cmpuint (b->alone, ==, SMALL + get_pack_blocks (&library, 4));
  g_assert_cmpuint (usage->shared, ==, get_pack_blocks (&library, 2));
  g_assert_cmpuint (usage->unfinished, ==, get_pack_blocks (&library, 4));
  g_assert_cmpuint (usage->unclaimed, ==, 0);
  library_clear (&library);
}

/* What is not the store's, and what nothing needs, is counted as well. */
static void
test_strangers (McTestFolder *folder, gconstpointer data)
{
  Library library = { NULL };
  g_autofree char *notes = g_build_filename (folder->path, "notes", NULL);
  g_autofree char *strange = g_build_filename (folder->path, "packs", "00", "x.pack", NULL);
  g_autofree char *parent = g_path_get_dirname (strange);
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autofree char *aside = NULL;
  g_autofree char *catalog = g_build_filename (folder->path, "catalog.db", NULL);
  g_autoptr (McUsage) usage = NULL;
  guint64 other;
  guint64 alone;

  library_init (&library, folder->path);
  usage = survey (library.store);
  other = usage->other;
  alone = mc_usage_find (usage, library.a, "one", "")->alone;
  g_clear_pointer (&usage, mc_usage_free);
  g_mkdir_with_parents (parent, 0700);
  aside = mc_pack_make_path (folder->path, &library.digests[0]);
  g_assert_true (g_file_set_contents (notes, text, -1, NULL));
  g_assert_true (g_file_set_contents (strange, text, -1, NULL));
  {
    g_autofree char *damaged = g_strconcat (aside, ".damaged", NULL);

    g_assert_true (g_file_set_contents (damaged, text, -1, NULL));
  }
  usage = survey (library.store);
  assert_adds_up (library.store, usage);
  g_assert_cmpuint (usage->other, >=, other + 200000);
  g_assert_cmpuint (mc_usage_find (usage, library.a, "one", "")->alone, >=, alone + 100000);
  g_clear_pointer (&usage, mc_usage_free);

  /* The catalog is lost: nothing needs what is here. */
  mc_test_store_close (library.store);
  g_assert_cmpint (g_unlink (catalog), ==, 0);
  library.store = mc_test_store_open (folder->path);
  usage = survey (library.store);
  assert_adds_up (library.store, usage);
  g_assert_cmpuint (usage->rows->len, ==, 0);
  g_assert_cmpuint (usage->unclaimed, ==, usage->models + usage->unfinished + SMALL);
  library_clear (&library);
}

/* --- deleting gives back what was said --- */

static guint64
get_bytes_of_packs (const McUsage *usage)
{
  return usage->models + usage->unfinished;
}

static void
assert_returns (Library *self, gint64 repo, const char *variant, const char *path)
{
  gboolean all = variant == NULL;
  g_autoptr (McUsage) before = survey (self->store);
  guint64 said = mc_usage_find (before, repo, variant, path)->returns;
  g_autoptr (McUsage) after = NULL;
  g_autoptr (GError) error = NULL;

  mc_test_drop (self->store, repo, all ? "" : variant, all ? "" : path,
                all ? MC_DROP_ALL : MC_DROP_ONE, NULL, &error);
  g_assert_no_error (error);
  after = survey (self->store);
  assert_adds_up (self->store, after);
  g_assert_cmpuint (get_bytes_of_packs (before) - get_bytes_of_packs (after), ==, said);
}

static void
test_returns (McTestFolder *folder, gconstpointer data)
{
  Library library = { NULL };

  library_init (&library, folder->path);
  assert_returns (&library, library.a, "one", "");
  assert_returns (&library, library.b, "", "copy");
  assert_returns (&library, library.b, "", "half");
  assert_returns (&library, library.a, NULL, NULL);
  library_clear (&library);
}

/* Small contents are together in one file, which gives back whole pages of 16 KiB. */
static void
test_returns_small (McTestFolder *folder, gconstpointer data)
{
  enum
  {
    PAGE = 16384,
    BIG = 10 * PAGE
  };
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) bytes = mc_test_make_bytes (BIG, 1);
  g_autoptr (McUsage) before = NULL;
  g_autoptr (McUsage) after = NULL;
  McDigest digest;
  gint64 repo = mc_test_hold_one (store, MC_DIGEST_SHA256, bytes, &digest);

  mc_test_fill (store, &digest, bytes);
  before = survey (store);
  g_assert_cmpuint (mc_usage_find (before, repo, NULL, NULL)->returns, ==, BIG);
  g_assert_true (mc_test_drop (store, repo, "", "", MC_DROP_ALL, NULL, NULL));
  after = survey (store);
  assert_adds_up (store, after);
  g_assert_cmpuint (before->small - after->small, >=, BIG - PAGE);
  g_assert_cmpuint (before->small - after->small, <=, BIG + 2 * PAGE);
  mc_test_store_close (store);
}

/* --- loans and compression, as values --- */

static McContent *
make_content (guint8 name, guint64 size)
{
  McContent *content = g_new0 (McContent, 1);

  content->digest.kind = MC_DIGEST_SHA256;
  content->digest.bytes[0] = name;
  content->size = size;
  content->committed = size;
  content->state = MC_CONTENT_COMPLETE;
  content->holders = 1;
  return content;
}

typedef struct
{
  McLibrary *library;
  GHashTable *contents;
  McFootprint *footprint;
  GArray *loans;
} Values;

/* Each content is what one repo of the same number has. */
static void
values_add (Values *self, guint8 name, guint64 size, guint64 disk)
{
  McContent *content = make_content (name, size);
  McHolding *holding = mc_holding_new (name, name, "v", "");
  guint64 *blocks = g_new (guint64, 1);

  *blocks = disk;
  g_array_append_val (holding->digests, content->digest);
  g_ptr_array_add (self->library->repos, mc_library_repo_new (name));
  g_ptr_array_add (self->library->holdings, holding);
  g_hash_table_insert (self->contents, &content->digest, content);
  g_hash_table_insert (self->footprint->packs, mc_digest_copy (&content->digest), blocks);
}

static void
values_init (Values *self)
{
  self->library = mc_library_new ();
  self->contents = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, NULL, g_free);
  self->footprint = mc_footprint_measure ("/nonexistent");
  self->loans = g_array_new (FALSE, FALSE, sizeof (McLoan));
}

static McDigest
get_digest (Values *self, guint which)
{
  McHolding *holding = g_ptr_array_index (self->library->holdings, which);

  return g_array_index (holding->digests, McDigest, 0);
}

static void
values_clear (Values *self)
{
  mc_library_free (self->library);
  g_hash_table_unref (self->contents);
  mc_footprint_free (self->footprint);
  g_array_unref (self->loans);
}

static void
test_loans (void)
{
  Values values;
  McLoan loan = { .size = 40 * MC_CHUNK_SIZE };
  g_autoptr (McUsage) usage = NULL;
  const McUsageRow *lender;
  const McUsageRow *borrower;

  values_init (&values);
  /* The lender's bytes were compressed to the half. */
  values_add (&values, 1, 100 * MC_CHUNK_SIZE, 50 * MC_CHUNK_SIZE);
  values_add (&values, 2, 60 * MC_CHUNK_SIZE, 20 * MC_CHUNK_SIZE);
  loan.lender = get_digest (&values, 0);
  loan.borrower = get_digest (&values, 1);
  g_array_append_val (values.loans, loan);
  usage = mc_usage_new (values.library, values.contents, values.footprint, values.loans);
  lender = mc_usage_find (usage, 1, NULL, NULL);
  borrower = mc_usage_find (usage, 2, "v", "");
  g_assert_cmpuint (lender->alone, ==, 50 * MC_CHUNK_SIZE);
  g_assert_cmpuint (lender->compression, ==, 50 * MC_CHUNK_SIZE);
  g_assert_cmpuint (lender->borrowed, ==, 0);
  /* Of the 50, 20 go to the borrower first. */
  g_assert_cmpuint (lender->returns, ==, 30 * MC_CHUNK_SIZE);
  g_assert_cmpuint (borrower->alone, ==, 20 * MC_CHUNK_SIZE);
  g_assert_cmpuint (borrower->borrowed, ==, 40 * MC_CHUNK_SIZE);
  g_assert_cmpuint (borrower->compression, ==, 0);
  g_assert_cmpuint (borrower->returns, ==, 20 * MC_CHUNK_SIZE);
  values_clear (&values);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/store/usage/adds-up", test_adds_up, NULL);
  mc_test_folder_add ("/store/usage/strangers", test_strangers, NULL);
  mc_test_folder_add ("/store/usage/returns", test_returns, NULL);
  mc_test_folder_add ("/store/usage/returns-small", test_returns_small, NULL);
  g_test_add_func ("/store/usage/loans", test_loans);
  return g_test_run ();
}
