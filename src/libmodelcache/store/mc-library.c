/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-library.h"

#include <string.h>

static void
repo_free (McLibraryRepo *repo)
{
  mc_manifest_unref (repo->manifest);
  g_free (repo);
}

static void
holding_free (McHolding *holding)
{
  g_free (holding->variant);
  g_free (holding->path);
  g_array_unref (holding->digests);
  g_free (holding);
}

static void
alias_free (McAlias *alias)
{
  g_free (alias->endpoint);
  g_free (alias->alias);
  g_free (alias->repo);
  g_free (alias);
}

McLibraryRepo *
mc_library_repo_new (gint64 id)
{
  McLibraryRepo *repo = g_new0 (McLibraryRepo, 1);

  repo->id = id;
  repo->manifest = mc_manifest_new ();
  return repo;
}

McHolding *
mc_holding_new (gint64 id, gint64 repo, const char *variant, const char *path)
{
  McHolding *holding = g_new0 (McHolding, 1);

  holding->id = id;
  holding->repo = repo;
  holding->variant = g_strdup (variant);
  holding->path = g_strdup (path);
  holding->digests = g_array_new (FALSE, FALSE, sizeof (McDigest));
  return holding;
}

McTransferRecord *
mc_transfer_record_new (void)
{
  return g_new0 (McTransferRecord, 1);
}

McTransferRecord *
mc_transfer_record_copy (const McTransferRecord *record)
{
  McTransferRecord *copy = g_memdup2 (record, sizeof *record);

  copy->kind = g_strdup (record->kind);
  copy->variant = g_strdup (record->variant);
  copy->path = g_strdup (record->path);
  copy->state = g_strdup (record->state);
  copy->error = g_strdup (record->error);
  copy->message = g_strdup (record->message);
  copy->repo_name = g_strdup (record->repo_name);
  return copy;
}

void
mc_transfer_record_free (McTransferRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->kind);
  g_free (record->variant);
  g_free (record->path);
  g_free (record->state);
  g_free (record->error);
  g_free (record->message);
  g_free (record->repo_name);
  g_free (record);
}

McLibrary *
mc_library_new (void)
{
  McLibrary *self = g_new0 (McLibrary, 1);

  self->repos = g_ptr_array_new_with_free_func ((GDestroyNotify) repo_free);
  self->holdings = g_ptr_array_new_with_free_func ((GDestroyNotify) holding_free);
  self->aliases = g_ptr_array_new_with_free_func ((GDestroyNotify) alias_free);
  return self;
}

void
mc_library_add_alias (McLibrary *self, const char *endpoint, const char *alias, const char *repo)
{
  McAlias *entry = g_new0 (McAlias, 1);

  entry->endpoint = g_strdup (endpoint);
  entry->alias = g_strdup (alias);
  entry->repo = g_strdup (repo);
  g_ptr_array_add (self->aliases, entry);
}

/* --- finding --- */

/* Names are compared as the Hub does, without regard to case; a name has few revisions and
 * endpoints. */
static GHashTable *
index_names (GPtrArray *repos)
{
  GHashTable *names =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < repos->len; i++)
    {
      McLibraryRepo *repo = g_ptr_array_index (repos, i);
      g_autofree char *key = g_ascii_strdown (repo->manifest->repo, -1);
      GPtrArray *same = g_hash_table_lookup (names, key);

      if (same == NULL)
        {
          same = g_ptr_array_new ();
          g_hash_table_insert (names, g_steal_pointer (&key), same);
        }
      g_ptr_array_add (same, repo);
    }
  return names;
}

static McLibraryRepo *
find_by_name (McLibrary *self, const char *endpoint, const char *name, const char *revision)
{
  g_autofree char *key = g_ascii_strdown (name, -1);
  McLibraryRepo *by_commit = NULL;
  GPtrArray *same;

  if (self->names == NULL)
    self->names = index_names (self->repos);
  same = g_hash_table_lookup (self->names, key);
  for (guint i = 0; same != NULL && i < same->len; i++)
    {
      McLibraryRepo *repo = g_ptr_array_index (same, i);

      if (strcmp (repo->manifest->endpoint, endpoint) != 0)
        continue;
      if (strcmp (repo->manifest->revision, revision) == 0)
        return repo;
      if (strcmp (repo->manifest->commit, revision) == 0)
        by_commit = repo;
    }
  return by_commit;
}

McLibraryRepo *
mc_library_find_repo (McLibrary *self, const char *endpoint, const char *name, const char *revision)
{
  McLibraryRepo *found = find_by_name (self, endpoint, name, revision);

  for (guint i = 0; found == NULL && i < self->aliases->len; i++)
    {
      McAlias *alias = g_ptr_array_index (self->aliases, i);

      if (strcmp (alias->endpoint, endpoint) == 0 && g_ascii_strcasecmp (alias->alias, name) == 0)
        found = find_by_name (self, endpoint, alias->repo, revision);
    }
  return found;
}

static gboolean
find_id (McLibrary *self, gint64 id, guint *at)
{
  guint low = 0;
  guint high = self->repos->len;

  while (low < high)
    {
      *at = low + (high - low) / 2;
      if (((McLibraryRepo *) g_ptr_array_index (self->repos, *at))->id == id)
        return TRUE;
      if (((McLibraryRepo *) g_ptr_array_index (self->repos, *at))->id < id)
        low = *at + 1;
      else
        high = *at;
    }
  return FALSE;
}

McLibraryRepo *
mc_library_get_repo (McLibrary *self, gint64 id)
{
  guint at;

  return find_id (self, id, &at) ? g_ptr_array_index (self->repos, at) : NULL;
}

/* --- changing --- */

void
mc_library_remove_repo (McLibrary *self, gint64 id)
{
  guint at;

  g_clear_pointer (&self->names, g_hash_table_unref);
  if (find_id (self, id, &at))
    g_ptr_array_remove_index (self->repos, at);
}

static gboolean
has_name (const McLibraryRepo *repo, const McManifest *name)
{
  return strcmp (repo->manifest->endpoint, name->endpoint) == 0
         && strcmp (repo->manifest->repo, name->repo) == 0;
}

static void
remove_holdings (McLibrary *self, gint64 repo)
{
  for (guint i = self->holdings->len; i > 0; i--)
    if (((McHolding *) g_ptr_array_index (self->holdings, i - 1))->repo == repo)
      g_ptr_array_remove_index (self->holdings, i - 1);
}

static void
remove_name (McLibrary *self, const McManifest *name)
{
  for (guint i = self->repos->len; i > 0; i--)
    {
      McLibraryRepo *repo = g_ptr_array_index (self->repos, i - 1);

      if (!has_name (repo, name))
        continue;
      remove_holdings (self, repo->id);
      g_ptr_array_remove_index (self->repos, i - 1);
    }
}

/* One that was renamed is in @update under its new name. */
static void
remove_ids (McLibrary *self, const McLibrary *update)
{
  for (guint i = 0; i < update->repos->len; i++)
    {
      gint64 id = ((McLibraryRepo *) g_ptr_array_index (update->repos, i))->id;

      remove_holdings (self, id);
      mc_library_remove_repo (self, id);
    }
}

static int
compare_repos (gconstpointer a, gconstpointer b)
{
  const McLibraryRepo *left = *(McLibraryRepo *const *) a;
  const McLibraryRepo *right = *(McLibraryRepo *const *) b;

  return left->id < right->id ? -1 : left->id > right->id;
}

void
mc_library_update (McLibrary *self, McLibrary *update)
{
  g_clear_pointer (&self->names, g_hash_table_unref);
  if (update->repos->len > 0)
    remove_name (self, ((McLibraryRepo *) g_ptr_array_index (update->repos, 0))->manifest);
  remove_ids (self, update);
  g_ptr_array_extend_and_steal (self->repos, g_steal_pointer (&update->repos));
  g_ptr_array_extend_and_steal (self->holdings, g_steal_pointer (&update->holdings));
  g_ptr_array_sort (self->repos, compare_repos);
  g_ptr_array_unref (self->aliases);
  self->aliases = g_steal_pointer (&update->aliases);
}

void
mc_library_free (McLibrary *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_clear_pointer (&self->repos, g_ptr_array_unref);
  g_clear_pointer (&self->holdings, g_ptr_array_unref);
  g_clear_pointer (&self->aliases, g_ptr_array_unref);
  g_free (self);
}
