/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include <string.h>

#include "mc-hasher.h"
#include "mc-json.h"

/* Repos of the test Hub and their commits. A commit gets its id when somebody first looks at it;
 * files added after that go into a new one, and the old one stays reachable by its id, as on the
 * Hub. Everything that changes a repo runs under the hub's mutex; commits with an id are immutable
 * and may be read without it. */

#define SHORTEST_COMMIT 7

static McTestCommit *
commit_new (GHashTable *from)
{
  McTestCommit *self = g_new0 (McTestCommit, 1);
  GHashTableIter iter;
  gpointer path, content;

  g_atomic_ref_count_init (&self->ref_count);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) mc_test_content_unref);
  if (from == NULL)
    return self;
  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &path, &content))
    g_hash_table_insert (self->files, g_strdup (path), mc_test_content_ref (content));
  return self;
}

static McTestCommit *
commit_ref (McTestCommit *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
mc_test_commit_unref (McTestCommit *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->files);
  g_free (self->id);
  g_free (self);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
mc_test_commit_list (McTestCommit *self)
{
  GPtrArray *paths = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer path;

  g_hash_table_iter_init (&iter, self->files);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    g_ptr_array_add (paths, path);
  g_ptr_array_sort (paths, compare_paths);
  return paths;
}

McTestRepo *
mc_test_repo_new (const char *name, const McTestRepoFacts *facts)
{
  McTestRepo *self = g_new0 (McTestRepo, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->name = g_strdup (name);
  self->commits = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_test_commit_unref);
  if (facts == NULL)
    return self;
  self->facts = *facts;
  self->facts.task = g_intern_string (facts->task);
  self->facts.library = g_intern_string (facts->library);
  self->facts.license = g_intern_string (facts->license);
  self->facts.gated = g_intern_string (facts->gated);
  self->facts.architecture = g_intern_string (facts->architecture);
  return self;
}

McTestRepo *
mc_test_repo_ref (McTestRepo *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
mc_test_repo_unref (McTestRepo *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->info, json_object_unref);
  g_ptr_array_unref (self->commits);
  g_free (self->name);
  g_free (self->first_name);
  g_free (self);
}

static McTestCommit *
newest (McTestRepo *self)
{
  return self->commits->len == 0 ? NULL : g_ptr_array_index (self->commits, self->commits->len - 1);
}

void
mc_test_repo_put (McTestRepo *self, const char *path, McTestContent *content)
{
  McTestCommit *commit = newest (self);

  if (commit == NULL || commit->id != NULL)
    {
      commit = commit_new (commit == NULL ? NULL : commit->files);
      g_ptr_array_add (self->commits, commit);
    }
  g_hash_table_insert (commit->files, g_strdup (path), mc_test_content_ref (content));
}

void
mc_test_repo_clear (McTestRepo *self)
{
  McTestCommit *commit = newest (self);

  if (commit != NULL && commit->id == NULL)
    g_ptr_array_remove_index (self->commits, self->commits->len - 1);
  g_ptr_array_add (self->commits, commit_new (NULL));
}

/* An id from everything that is in the commit, but without hashing generated files. */
static char *
make_id (McTestRepo *self, McTestCommit *commit)
{
  g_autoptr (GString) text = g_string_new (self->name);
  g_autoptr (GPtrArray) paths = mc_test_commit_list (commit);
  g_autoptr (McHasher) hasher = NULL;
  McDigest digest;

  if (self->commits->len > 1)
    {
      McTestCommit *parent = g_ptr_array_index (self->commits, self->commits->len - 2);

      g_string_append_printf (text, "\n%s", parent->id);
    }
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      McTestContent *content = g_hash_table_lookup (commit->files, path);
      g_autofree char *hash = NULL;

      if (content->bytes != NULL || content->absent)
        hash = mc_test_content_dup_hash (content);
      g_string_append_printf (text, "\n%s %" G_GUINT64_FORMAT " %u %s", path, content->size,
                              content->seed, hash != NULL ? hash : "");
    }
  hasher = mc_hasher_new (MC_DIGEST_GIT_SHA1, text->len);
  mc_hasher_update (hasher, text->str, text->len);
  digest = mc_hasher_finish (hasher);
  return mc_digest_to_hex (&digest);
}

static gboolean
names_commit (const char *revision, const char *id)
{
  return strlen (revision) >= SHORTEST_COMMIT && g_str_has_prefix (id, revision);
}

McTestCommit *
mc_test_repo_find (McTestRepo *self, const char *revision)
{
  McTestCommit *commit = newest (self);

  if (commit == NULL)
    {
      commit = commit_new (NULL);
      g_ptr_array_add (self->commits, commit);
    }
  if (commit->id == NULL)
    {
      const char *recorded = self->info == NULL ? NULL : mc_json_get_string (self->info, "sha");

      commit->id = recorded != NULL ? g_strdup (recorded) : make_id (self, commit);
    }
  if (revision == NULL || g_str_equal (revision, "main"))
    return commit_ref (commit);
  for (guint i = 0; i < self->commits->len; i++)
    {
      McTestCommit *other = g_ptr_array_index (self->commits, i);

      if (names_commit (revision, other->id))
        return commit_ref (other);
    }
  return NULL;
}
