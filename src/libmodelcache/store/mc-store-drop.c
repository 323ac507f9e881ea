/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-error.h"
#include "mc-pack.h"
#include "mc-reserve.h"
#include "mc-small.h"
#include "mc-task.h"

#include <string.h>

/* Who needs what, and dropping what nobody needs any more. Contents that go are not here for anyone
 * from the moment they are asked to go; if they then stay, they are as they were. */

static const char IN_USE[] = "A program has a file of it open, or a transfer works on it";

/* A content as it was before it was to go. */
typedef struct
{
  McDigest digest;
  guint64 committed;
  McContentState state;
} Going;

typedef struct
{
  McStore *store; /* borrowed: the task holds it */
  gint64 repo;
  McDropScope scope;
  GArray *holdings;   /* (owned): gint64 */
  GArray *candidates; /* (owned): McDigest */
  GArray *orphans;    /* (owned): McDigest */
  GArray *going;      /* (owned): Going */
  GArray *leaving;    /* (owned): McDigest: those that cannot be pinned meanwhile */
  GArray *loans;      /* (owned) (nullable): McLoan: as they are afterwards */
  McDropResult dropped;
  gboolean done; /* the catalog was changed, whatever came then */
} Drop;

static void
drop_free (gpointer data)
{
  Drop *drop = data;

  g_array_unref (drop->holdings);
  g_array_unref (drop->candidates);
  g_array_unref (drop->orphans);
  g_array_unref (drop->going);
  g_array_unref (drop->leaving);
  g_clear_pointer (&drop->loans, g_array_unref);
  g_free (drop);
}

static Drop *
drop_new (McStore *store, gint64 repo, McDropScope scope)
{
  Drop *drop = g_new0 (Drop, 1);

  drop->store = store;
  drop->repo = repo;
  drop->scope = scope;
  drop->holdings = g_array_new (FALSE, FALSE, sizeof (gint64));
  drop->candidates = g_array_new (FALSE, FALSE, sizeof (McDigest));
  drop->orphans = g_array_new (FALSE, FALSE, sizeof (McDigest));
  drop->going = g_array_new (FALSE, FALSE, sizeof (Going));
  drop->leaving = g_array_new (FALSE, FALSE, sizeof (McDigest));
  return drop;
}

static gboolean
is_meant (
    const McHolding *holding, gint64 repo, const char *variant, const char *path, McDropScope scope)
{
  return holding->repo == repo
         && (scope == MC_DROP_ALL
             || (strcmp (holding->variant, variant) == 0 && strcmp (holding->path, path) == 0));
}

/* How many of the meant holdings need each content. */
static GHashTable *
count_needs (
    McStore *self, gint64 repo, const char *variant, const char *path, McDropScope scope, guint *n)
{
  GHashTable *counts = g_hash_table_new (mc_digest_hash, mc_digest_equal);

  *n = 0;
  for (guint i = 0; i < self->library->holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (self->library->holdings, i);

      if (!is_meant (holding, repo, variant, path, scope))
        continue;
      (*n)++;
      for (guint j = 0; j < holding->digests->len; j++)
        {
          McDigest *digest = &g_array_index (holding->digests, McDigest, j);
          guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, digest));

          g_hash_table_insert (counts, digest, GUINT_TO_POINTER (count + 1));
        }
    }
  return counts;
}

gboolean
mc_store_plan_drop (McStore *self,
                    gint64 repo,
                    const char *variant,
                    const char *path,
                    McDropScope scope,
                    McDropResult *result,
                    GError **error)
{
  g_autoptr (GHashTable) counts =
      count_needs (self, repo, variant, path, scope, &result->n_holdings);
  GHashTableIter iter;
  gpointer digest;
  gpointer count;

  result->freed = 0;
  result->kept = 0;
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &digest, &count))
    {
      const McContent *content = mc_store_get_content (self, digest);

      if (content == NULL)
        continue;
      if (content->holders > GPOINTER_TO_UINT (count))
        result->kept += content->committed;
      else if (mc_store_is_pinned (self, digest))
        {
          g_set_error_literal (error, MC_ERROR, MC_ERROR_IN_USE, IN_USE);
          return FALSE;
        }
      else
        result->freed += content->committed;
    }
  return TRUE;
}

static gboolean
remove_even_if_full (McStore *store, const McDigest *digest, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (mc_store_remove_content (store, digest, &local))
    return TRUE;
  if (mc_reserve_release (store->folder, local))
    return mc_store_remove_content (store, digest, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* All that can be removed is, even if something cannot: that is tried again at the next start. */
static gboolean
remove_orphans (Drop *drop, GError **error)
{
  McStore *store = drop->store;
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < drop->orphans->len; i++)
    {
      McDigest *digest = &g_array_index (drop->orphans, McDigest, i);
      g_autoptr (GError) local = NULL;

      if (!remove_even_if_full (store, digest, &local) && first == NULL)
        first = g_steal_pointer (&local);
    }
  if (first == NULL)
    return mc_small_vacuum (store->small, error);
  g_propagate_prefixed_error (error, g_steal_pointer (&first),
                              "It is deleted, but space was not given back yet: ");
  return FALSE;
}

static gboolean
forget_holdings (Drop *drop, GError **error)
{
  g_array_set_size (drop->orphans, 0);
  return mc_catalog_drop_holdings (drop->store->catalog, drop->holdings, drop->repo,
                                   drop->scope == MC_DROP_ALL, drop->candidates, drop->orphans,
                                   error);
}

/* The catalog is told first: were the files to go first, a crash would leave names without bytes.
 */
static gboolean
drop_holdings (gpointer data, GError **error)
{
  Drop *drop = data;
  g_autoptr (GError) local = NULL;
  gboolean removed;

  drop->done = forget_holdings (drop, &local);
  if (!drop->done && mc_reserve_release (drop->store->folder, local))
    {
      g_clear_error (&local);
      drop->done = forget_holdings (drop, &local);
    }
  if (!drop->done)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  removed = remove_orphans (drop, error);
  mc_reserve_make (drop->store->folder);
  if (removed)
    drop->loans = mc_catalog_list_loans (drop->store->catalog, error);
  return drop->loans != NULL;
}

/* Those that no other holding needs are not here any more, as far as anyone can see, and nobody may
 * begin to need them. */
static gboolean
mark_going (Drop *drop, GHashTable *counts, GError **error)
{
  GHashTableIter iter;
  gpointer digest;
  gpointer count;

  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &digest, &count))
    {
      McContent *content = g_hash_table_lookup (drop->store->contents, digest);
      Going going;

      if (content == NULL || content->state == MC_CONTENT_DELETING
          || content->holders > GPOINTER_TO_UINT (count))
        continue;
      going = (Going){ content->digest, content->committed, content->state };
      g_array_append_val (drop->going, going);
      g_array_append_val (drop->leaving, going.digest);
    }
  if (!mc_store_close_pins (drop->store, drop->leaving))
    {
      g_array_set_size (drop->going, 0);
      g_array_set_size (drop->leaving, 0);
      g_set_error_literal (error, MC_ERROR, MC_ERROR_IN_USE, IN_USE);
      return FALSE;
    }
  for (guint i = 0; i < drop->going->len; i++)
    {
      Going *going = &g_array_index (drop->going, Going, i);
      McContent *content = g_hash_table_lookup (drop->store->contents, &going->digest);

      content->state = MC_CONTENT_DELETING;
      content->committed = 0;
    }
  return TRUE;
}

void
mc_store_drop_async (McStore *self,
                     gint64 repo,
                     const char *variant,
                     const char *path,
                     McDropScope scope,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (self, NULL, callback, user_data, mc_store_drop_async);
  Drop *drop = drop_new (self, repo, scope);
  g_autoptr (GHashTable) counts = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  g_task_set_task_data (task, drop, drop_free);
  if (!mc_store_plan_drop (self, repo, variant, path, scope, &drop->dropped, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  for (guint i = 0; i < self->library->holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (self->library->holdings, i);

      if (!is_meant (holding, repo, variant, path, scope))
        continue;
      g_array_append_val (drop->holdings, holding->id);
      g_array_append_vals (drop->candidates, holding->digests->data, holding->digests->len);
    }
  counts = count_needs (self, repo, variant, path, scope, &n);
  if (mark_going (drop, counts, &error))
    mc_worker_run (self->worker, task, drop_holdings);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

GPtrArray *
mc_store_list_unnamed (McStore *self)
{
  GPtrArray *unnamed = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->contents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      McContent *content = value;

      if (content->holders == 0 && content->state != MC_CONTENT_DELETING)
        g_ptr_array_add (unnamed, content);
    }
  return unnamed;
}

void
mc_store_drop_unnamed_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_store_drop_unnamed_async);
  g_autoptr (GPtrArray) unnamed = mc_store_list_unnamed (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) counts = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  Drop *drop = drop_new (self, 0, MC_DROP_ONE);

  g_task_set_task_data (task, drop, drop_free);
  for (guint i = 0; i < unnamed->len; i++)
    {
      McContent *content = g_ptr_array_index (unnamed, i);

      if (mc_store_is_pinned (self, &content->digest))
        continue;
      g_hash_table_insert (counts, &content->digest, GUINT_TO_POINTER (0));
      g_array_append_val (drop->candidates, content->digest);
      drop->dropped.freed += content->committed;
    }
  if (mark_going (drop, counts, &error))
    mc_worker_run (self->worker, task, drop_holdings);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
has_id (GArray *ids, gint64 id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, gint64, i) == id)
      return TRUE;
  return FALSE;
}

/* What the catalog forgot is forgotten here too. */
static void
forget (Drop *drop)
{
  McStore *self = drop->store;

  for (guint i = self->library->holdings->len; i > 0; i--)
    if (has_id (drop->holdings, ((McHolding *) self->library->holdings->pdata[i - 1])->id))
      g_ptr_array_remove_index (self->library->holdings, i - 1);
  if (drop->scope == MC_DROP_ALL)
    mc_library_remove_repo (self->library, drop->repo);
  for (guint i = 0; i < drop->orphans->len; i++)
    g_hash_table_remove (self->contents, &g_array_index (drop->orphans, McDigest, i));
  if (drop->loans != NULL)
    mc_store_update_loans (self, drop->orphans, drop->loans);
  mc_store_count_holders (self);
}

/* What was to go and is still there was needed by someone after all, or could not be dropped. */
static void
restore (Drop *drop)
{
  for (guint i = 0; i < drop->going->len; i++)
    {
      Going *going = &g_array_index (drop->going, Going, i);
      McContent *content = g_hash_table_lookup (drop->store->contents, &going->digest);

      if (content == NULL)
        continue;
      content->state = going->state;
      content->committed = MAX (content->committed, going->committed);
    }
}

gboolean
mc_store_drop_finish (McStore *self, GAsyncResult *result, McDropResult *dropped, GError **error)
{
  Drop *drop = g_task_get_task_data (G_TASK (result));

  if (drop->done)
    forget (drop);
  restore (drop);
  mc_store_reopen_pins (self, drop->leaving);
  g_signal_emit_by_name (self, "space-freed");
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (dropped != NULL)
    *dropped = drop->dropped;
  return TRUE;
}
