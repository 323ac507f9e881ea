/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-usage.h"

#include "mc-small.h"

#include <string.h>

/* What is asked of many rows is looked up once. */
typedef struct
{
  const McLibrary *library;
  GHashTable *contents;         /* borrowed: McDigest => McContent */
  const McFootprint *footprint; /* borrowed */
  GHashTable *borrowed;         /* (owned): McDigest => guint64 *: of it */
  GHashTable *lent;             /* (owned): McDigest => GPtrArray of borrowed McLoan */
  GHashTable *shared;           /* (owned): set of McDigest: those of several repos */
} Books;

static void
add_loan (Books *books, McLoan *loan)
{
  guint64 *sum = g_hash_table_lookup (books->borrowed, &loan->borrower);
  GPtrArray *loans = g_hash_table_lookup (books->lent, &loan->lender);

  if (sum == NULL)
    g_hash_table_insert (books->borrowed, &loan->borrower, sum = g_new0 (guint64, 1));
  if (loans == NULL)
    g_hash_table_insert (books->lent, &loan->lender, loans = g_ptr_array_new ());
  *sum += loan->size;
  g_ptr_array_add (loans, loan);
}

static guint64
get_borrowed (Books *books, const McDigest *digest)
{
  const guint64 *sum = g_hash_table_lookup (books->borrowed, digest);

  return sum == NULL ? 0 : *sum;
}

static gboolean
is_small (const McContent *content)
{
  return content->size < MC_SMALL_LIMIT && content->state == MC_CONTENT_COMPLETE;
}

static guint64
get_disk (Books *books, const McContent *content)
{
  return mc_footprint_get_pack (books->footprint, &content->digest)
         + (is_small (content) ? content->size : 0);
}

/* What a chunk of it takes on disk when it is copied to those who borrow it. */
static guint64
scale_to_disk (Books *books, const McContent *lender, guint64 raw)
{
  guint64 disk = get_disk (books, lender);

  if (lender->committed == 0 || disk >= lender->committed)
    return raw;
  return (guint64) ((double) raw * (double) disk / (double) lender->committed);
}

/* Holdings of the group that need each content. */
static GHashTable *
count_needs (GPtrArray *holdings)
{
  GHashTable *counts = g_hash_table_new (mc_digest_hash, mc_digest_equal);

  for (guint i = 0; i < holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (holdings, i);

      for (guint j = 0; j < holding->digests->len; j++)
        {
          McDigest *digest = &g_array_index (holding->digests, McDigest, j);
          guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, digest));

          g_hash_table_insert (counts, digest, GUINT_TO_POINTER (count + 1));
        }
    }
  return counts;
}

/* Whether nothing outside the group needs it. */
static gboolean
is_alone (Books *books, GHashTable *counts, const McDigest *digest)
{
  const McContent *content = g_hash_table_lookup (books->contents, digest);

  return content != NULL
         && content->holders == GPOINTER_TO_UINT (g_hash_table_lookup (counts, digest));
}

/* What must stay on disk when the content goes, because others borrow it. */
static guint64
get_left_behind (Books *books, GHashTable *counts, const McContent *lender)
{
  GPtrArray *loans = g_hash_table_lookup (books->lent, &lender->digest);
  guint64 raw = 0;

  for (guint i = 0; loans != NULL && i < loans->len; i++)
    {
      McLoan *loan = g_ptr_array_index (loans, i);

      if (!is_alone (books, counts, &loan->borrower))
        raw += loan->size;
    }
  return scale_to_disk (books, lender, raw);
}

static void
add_content (Books *books, GHashTable *counts, const McContent *content, McUsageRow *row)
{
  guint64 disk = get_disk (books, content);
  guint64 borrowed = get_borrowed (books, &content->digest);

  row->size += content->committed;
  row->borrowed += borrowed;
  if (content->state == MC_CONTENT_COMPLETE && content->committed > borrowed + disk)
    row->compression += content->committed - borrowed - disk;
  if (!is_alone (books, counts, &content->digest))
    {
      row->shared += disk;
      return;
    }
  row->alone += disk;
  row->returns += disk - MIN (disk, get_left_behind (books, counts, content));
}

/* The row of a group of holdings. */
static McUsageRow *
make_row (Books *books, GPtrArray *holdings, const char *variant, const char *path)
{
  g_autoptr (GHashTable) counts = count_needs (holdings);
  McUsageRow *row = g_new0 (McUsageRow, 1);
  GHashTableIter iter;
  gpointer digest;

  row->variant = g_strdup (variant);
  row->path = g_strdup (path);
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    {
      const McContent *content = g_hash_table_lookup (books->contents, digest);

      if (content == NULL)
        continue;
      add_content (books, counts, content, row);
      if (variant == NULL && !is_alone (books, counts, digest))
        g_hash_table_add (books->shared, digest);
    }
  return row;
}

static void
row_free (gpointer data)
{
  McUsageRow *row = data;

  g_free (row->variant);
  g_free (row->path);
  g_free (row);
}

static void
add_rows (McUsage *self, Books *books, gint64 repo, GPtrArray *holdings)
{
  McUsageRow *whole = make_row (books, holdings, NULL, NULL);

  whole->repo = repo;
  g_ptr_array_add (self->rows, whole);
  for (guint i = 0; i < holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (holdings, i);
      g_autoptr (GPtrArray) one = g_ptr_array_new ();
      McUsageRow *row;

      g_ptr_array_add (one, holding);
      row = make_row (books, one, holding->variant, holding->path);
      row->repo = repo;
      row->holding = holding->id;
      g_ptr_array_add (self->rows, row);
    }
}

static void
add_repos (McUsage *self, Books *books)
{
  g_autoptr (GHashTable) by_repo =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < books->library->repos->len; i++)
    g_hash_table_insert (by_repo, &((McLibraryRepo *) books->library->repos->pdata[i])->id,
                         g_ptr_array_new ());
  for (guint i = 0; i < books->library->holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (books->library->holdings, i);
      GPtrArray *holdings = g_hash_table_lookup (by_repo, &holding->repo);

      if (holdings != NULL)
        g_ptr_array_add (holdings, holding);
    }
  for (guint i = 0; i < books->library->repos->len; i++)
    {
      McLibraryRepo *repo = g_ptr_array_index (books->library->repos, i);

      add_rows (self, books, repo->id, g_hash_table_lookup (by_repo, &repo->id));
    }
}

/* By what they are and by who needs them. */
static void
add_packs (McUsage *self, Books *books)
{
  GHashTableIter iter;
  gpointer digest;
  gpointer bytes;

  g_hash_table_iter_init (&iter, books->footprint->packs);
  while (g_hash_table_iter_next (&iter, &digest, &bytes))
    {
      const McContent *content = g_hash_table_lookup (books->contents, digest);
      gboolean complete = content != NULL && content->state == MC_CONTENT_COMPLETE;

      *(complete ? &self->models : &self->unfinished) += *(guint64 *) bytes;
      if (content == NULL || content->holders == 0)
        self->unclaimed += *(guint64 *) bytes;
    }
}

static void
add_small (McUsage *self, Books *books)
{
  guint64 sum = 0;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, books->contents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const McContent *content = value;

      if (!is_small (content))
        continue;
      sum += content->size;
      if (content->holders == 0)
        self->unclaimed += content->size;
    }
  self->small = books->footprint->small;
  self->overhead = self->small - MIN (self->small, sum);
}

/* As if all who borrow from it stayed. */
static void
add_gains (McUsage *self, Books *books)
{
  g_autoptr (GHashTable) nothing = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, books->contents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const McContent *content = value;
      guint64 disk = get_disk (books, content);
      guint64 gain = disk - MIN (disk, get_left_behind (books, nothing, content));

      if (gain > 0)
        g_hash_table_insert (self->gains, mc_digest_copy (&content->digest),
                             g_memdup2 (&gain, sizeof gain));
    }
}

static void
add_shared (McUsage *self, Books *books)
{
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, books->shared);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    self->shared += get_disk (books, g_hash_table_lookup (books->contents, digest));
}

McUsage *
mc_usage_new (const McLibrary *library,
              GHashTable *contents,
              const McFootprint *footprint,
              GArray *loans)
{
  McUsage *self = g_new0 (McUsage, 1);
  Books books = { library, contents, footprint, NULL, NULL, NULL };

  books.borrowed = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, NULL, g_free);
  books.lent = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, NULL,
                                      (GDestroyNotify) g_ptr_array_unref);
  books.shared = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  for (guint i = 0; loans != NULL && i < loans->len; i++)
    add_loan (&books, &g_array_index (loans, McLoan, i));
  self->gains = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, g_free);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->catalog = footprint->catalog;
  self->other = footprint->other;
  add_packs (self, &books);
  add_small (self, &books);
  add_repos (self, &books);
  add_shared (self, &books);
  add_gains (self, &books);
  g_hash_table_unref (books.borrowed);
  g_hash_table_unref (books.lent);
  g_hash_table_unref (books.shared);
  return self;
}

void
mc_usage_free (McUsage *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->gains);
  g_free (self);
}

guint64
mc_usage_get_gain (const McUsage *self, const McDigest *digest)
{
  const guint64 *gain = g_hash_table_lookup (self->gains, digest);

  return gain == NULL ? 0 : *gain;
}

guint64
mc_usage_get_total (const McUsage *self)
{
  return self->models + self->unfinished + self->small + self->catalog + self->other;
}

const McUsageRow *
mc_usage_find (const McUsage *self, gint64 repo, const char *variant, const char *path)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      const McUsageRow *row = g_ptr_array_index (self->rows, i);

      if (row->repo == repo && g_strcmp0 (row->variant, variant) == 0
          && g_strcmp0 (row->path, path) == 0)
        return row;
    }
  return NULL;
}
