/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-task.h"

/* When contents were used, and what must stay. That a content was used, and by whom, is noted in
 * memory at once and in the catalog at most once a minute, all together: a crash may cost a minute
 * of it. */

#define KEEP_INTERVAL_S 60

/* --- use --- */

typedef struct
{
  McStore *store;      /* borrowed: the task holds it */
  GArray *uses;        /* (owned) (nullable): McUse */
  GPtrArray *programs; /* (owned) (nullable): McProgramUse */
  gint64 repo;
  char *variant; /* (nullable) */
  gboolean pinned;
} Care;

static void
care_free (gpointer data)
{
  Care *care = data;

  g_clear_pointer (&care->uses, g_array_unref);
  g_clear_pointer (&care->programs, g_ptr_array_unref);
  g_free (care->variant);
  g_free (care);
}

static gboolean
keep_uses (gpointer data, GError **error)
{
  Care *care = data;

  return mc_catalog_note_uses (care->store->catalog, care->uses, error)
         && mc_catalog_note_programs (care->store->catalog, care->programs, error);
}

static void
on_uses_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_info ("When contents were used was not kept: %s", error->message);
}

/* What has to be kept of it; the set is empty then. */
static GArray *
take_uses (McStore *self)
{
  GArray *uses = g_array_new (FALSE, FALSE, sizeof (McUse));
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, self->used);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    {
      const McContent *content = mc_store_get_content (self, digest);
      McUse use = { *(McDigest *) digest, content == NULL ? 0 : content->last_used };

      if (content != NULL)
        g_array_append_val (uses, use);
    }
  g_hash_table_remove_all (self->used);
  return uses;
}

static void
clear_timer (McStore *self)
{
  if (self->keep_uses != NULL)
    g_source_destroy (self->keep_uses);
  g_clear_pointer (&self->keep_uses, g_source_unref);
}

static gboolean
on_time_to_keep (gpointer user_data)
{
  McStore *self = user_data;
  g_autoptr (GTask) task = mc_task_new (self, NULL, on_uses_kept, NULL, on_time_to_keep);
  Care *care = g_new0 (Care, 1);

  clear_timer (self);
  care->store = self;
  care->uses = take_uses (self);
  care->programs = mc_store_take_programs (self);
  g_task_set_task_data (task, care, care_free);
  mc_worker_run (self->worker, task, keep_uses);
  return G_SOURCE_REMOVE;
}

void
mc_store_keep_last_uses (McStore *self)
{
  g_autoptr (GArray) uses = take_uses (self);
  g_autoptr (GPtrArray) programs = mc_store_take_programs (self);
  g_autoptr (GError) error = NULL;

  clear_timer (self);
  if (self->catalog == NULL)
    return;
  if ((uses->len > 0 && !mc_catalog_note_uses (self->catalog, uses, &error))
      || !mc_catalog_note_programs (self->catalog, programs, &error))
    g_info ("When contents were used was not kept: %s", error->message);
}

void
mc_store_keep_uses_soon (McStore *self)
{
  if (self->keep_uses != NULL)
    return;
  self->keep_uses = g_timeout_source_new_seconds (KEEP_INTERVAL_S);
  g_source_set_callback (self->keep_uses, on_time_to_keep, self, NULL);
  g_source_attach (self->keep_uses, g_main_context_get_thread_default ());
}

void
mc_store_note_use (McStore *self, const McDigest *digest)
{
  McContent *content = g_hash_table_lookup (self->contents, digest);

  if (content == NULL || self->worker == NULL)
    return;
  content->last_used = g_get_real_time () / G_USEC_PER_SEC;
  g_hash_table_add (self->used, mc_digest_copy (digest));
  mc_store_keep_uses_soon (self);
}

/* By what it does not share, where it has such: that others use what they have in common says
 * nothing about it. */
gint64
mc_store_get_last_use (McStore *self, const McHolding *holding)
{
  gint64 alone = 0;
  gint64 shared = 0;

  for (guint i = 0; i < holding->digests->len; i++)
    {
      const McContent *content =
          mc_store_get_content (self, &g_array_index (holding->digests, McDigest, i));

      if (content != NULL && content->holders <= 1)
        alone = MAX (alone, content->last_used);
      else if (content != NULL)
        shared = MAX (shared, content->last_used);
    }
  return MAX (holding->created, alone != 0 ? alone : shared);
}

/* --- what must stay --- */

static gboolean
set_pinned (gpointer data, GError **error)
{
  Care *care = data;

  return mc_catalog_set_pinned (care->store->catalog, care->repo, care->variant, care->pinned,
                                error);
}

static gboolean
is_meant (const McHolding *holding, gint64 repo, const char *variant)
{
  return holding->repo == repo && (variant == NULL || g_strcmp0 (holding->variant, variant) == 0);
}

guint
mc_store_count_holdings (McStore *self, gint64 repo, const char *variant)
{
  guint count = 0;

  for (guint i = 0; i < self->library->holdings->len; i++)
    count += is_meant (g_ptr_array_index (self->library->holdings, i), repo, variant);
  return count;
}

GPtrArray *
mc_store_list_holdings (McStore *self, gint64 repo)
{
  GPtrArray *holdings = g_ptr_array_new ();

  for (guint i = 0; i < self->library->holdings->len; i++)
    if (is_meant (g_ptr_array_index (self->library->holdings, i), repo, NULL))
      g_ptr_array_add (holdings, g_ptr_array_index (self->library->holdings, i));
  return holdings;
}

void
mc_store_set_pinned_async (McStore *self,
                           gint64 repo,
                           const char *variant,
                           gboolean pinned,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (self, NULL, callback, user_data, mc_store_set_pinned_async);
  Care *care = g_new0 (Care, 1);

  care->store = self;
  care->repo = repo;
  care->variant = g_strdup (variant);
  care->pinned = pinned;
  g_task_set_task_data (task, care, care_free);
  mc_worker_run (self->worker, task, set_pinned);
}

gboolean
mc_store_set_pinned_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Care *care = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  for (guint i = 0; i < self->library->holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (self->library->holdings, i);

      if (is_meant (holding, care->repo, care->variant))
        holding->pinned = care->pinned;
    }
  return TRUE;
}

/* --- what goes --- */

static gboolean
is_open (McStore *self, const McHolding *holding)
{
  for (guint i = 0; i < holding->digests->len; i++)
    if (mc_store_is_pinned (self, &g_array_index (holding->digests, McDigest, i)))
      return TRUE;
  return FALSE;
}

/* The number of each content in the plan, added when it is first met. */
static guint
number_content (
    McStore *self, McEviction *plan, GHashTable *numbers, const McUsage *usage, McDigest *digest)
{
  const McContent *content = mc_store_get_content (self, digest);
  gpointer number;

  if (g_hash_table_lookup_extended (numbers, digest, NULL, &number))
    return GPOINTER_TO_UINT (number);
  number = GUINT_TO_POINTER (mc_eviction_add_content (plan, mc_usage_get_gain (usage, digest),
                                                      content == NULL ? 0 : content->holders));
  g_hash_table_insert (numbers, digest, number);
  return GPOINTER_TO_UINT (number);
}

McEviction *
mc_store_make_eviction (McStore *self,
                        const McUsage *usage,
                        gboolean (*must_stay) (const McHolding *holding, gpointer user_data),
                        gpointer user_data)
{
  McEviction *plan = mc_eviction_new ();
  g_autoptr (GHashTable) numbers = g_hash_table_new (mc_digest_hash, mc_digest_equal);

  for (guint i = 0; i < self->library->holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (self->library->holdings, i);
      GArray *contents = g_array_new (FALSE, FALSE, sizeof (guint));

      for (guint j = 0; j < holding->digests->len; j++)
        {
          McDigest *digest = &g_array_index (holding->digests, McDigest, j);
          guint number = number_content (self, plan, numbers, usage, digest);

          g_array_append_val (contents, number);
        }
      mc_eviction_add_holding (
          plan, holding->id, mc_store_get_last_use (self, holding),
          holding->pinned || is_open (self, holding) || must_stay (holding, user_data), contents);
    }
  return plan;
}

const McHolding *
mc_store_find_holding (McStore *self, gint64 id)
{
  for (guint i = 0; i < self->library->holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (self->library->holdings, i);

      if (holding->id == id)
        return holding;
    }
  return NULL;
}
