/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include "mc-json.h"

#include <stdio.h>

/* What tests told the hub and what it saw. Tests come from any thread and the hub's thread asks for
 * each request; everything here happens under the mutex, and nothing is hashed or sent under it. */

typedef struct
{
  McTestFault fault;
  guint64 argument;
  guint left;
  gboolean for_ever;
  gboolean has_place;
  guint64 place;
} Script;

typedef struct
{
  char *key;
  char *method;
  char *target;
  SoupMessageHeaders *headers; /* (owned) */
} Seen;

static void
seen_free (gpointer data)
{
  Seen *self = data;

  g_free (self->key);
  g_free (self->method);
  g_free (self->target);
  soup_message_headers_unref (self->headers);
  g_free (self);
}

static void
scripts_free (gpointer data)
{
  g_queue_free_full (data, g_free);
}

/* --- state --- */

void
mc_test_hub_init_state (McTestHub *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->ready);
  self->repos =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) mc_test_repo_unref);
  self->aliases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->recordings =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->scripts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, scripts_free);
  self->sent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->requests = g_ptr_array_new_with_free_func (seen_free);
  self->page_size = 1000;
}

void
mc_test_hub_clear_state (McTestHub *self)
{
  g_hash_table_unref (self->repos);
  g_hash_table_unref (self->aliases);
  g_hash_table_unref (self->recordings);
  g_hash_table_unref (self->scripts);
  g_hash_table_unref (self->sent);
  g_ptr_array_unref (self->requests);
  g_free (self->token);
  g_free (self->log);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->ready);
}

static McTestRepo *
find_repo (McTestHub *self, const char *name)
{
  return name == NULL ? NULL : g_hash_table_lookup (self->repos, name);
}

McTestRepo *
mc_test_hub_ref_repo (McTestHub *self, const char *name)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  McTestRepo *repo = find_repo (self, name);

  return repo == NULL ? NULL : mc_test_repo_ref (repo);
}

McTestCommit *
mc_test_hub_ref_commit (McTestHub *self, McTestRepo *repo, const char *revision)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return mc_test_repo_find (repo, revision);
}

char *
mc_test_hub_dup_alias (McTestHub *self, const char *name)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return g_strdup (g_hash_table_lookup (self->aliases, name));
}

guint64
mc_test_hub_get_rate (McTestHub *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return self->rate;
}

guint
mc_test_hub_get_page_size (McTestHub *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return self->page_size;
}

char *
mc_test_hub_dup_log (McTestHub *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return g_strdup (self->log);
}

gboolean
mc_test_hub_is_granted (McTestHub *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return self->granted;
}

McTestReview
mc_test_hub_get_review (McTestHub *self)
{
  McTestReview review;

  g_mutex_lock (&self->mutex);
  review = self->review;
  g_mutex_unlock (&self->mutex);
  return review;
}

void
mc_test_hub_count_sent (McTestHub *self, const char *file, guint64 bytes)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  guint64 *sent = g_hash_table_lookup (self->sent, file);

  if (sent == NULL)
    {
      sent = g_new0 (guint64, 1);
      g_hash_table_insert (self->sent, g_strdup (file), sent);
    }
  *sent += bytes;
}

/* A commit in a path counts as the branch, so that tests need not know it. Under the mutex. */
static char *
dup_key (McTestHub *self, McTestTarget *target)
{
  McTestRepo *repo = find_repo (self, target->repo);
  g_autoptr (McTestCommit) commit = NULL;

  if (repo == NULL && target->repo != NULL)
    repo = find_repo (self, g_hash_table_lookup (self->aliases, target->repo));
  if (repo != NULL && target->revision != NULL)
    commit = mc_test_repo_find (repo, target->revision);
  return mc_test_target_dup_key (target, commit != NULL ? "main" : NULL);
}

/* Under the mutex. */
static char *
dup_key_of_path (McTestHub *self, const char *path)
{
  g_autoptr (McTestTarget) target = NULL;

  if (!g_str_has_prefix (path, "/"))
    return g_strdup (path);
  target = mc_test_target_parse (path, FALSE);
  return dup_key (self, target);
}

/* --- requests --- */

static gboolean
asks_for (McTestAnswer *answer, guint64 place)
{
  const char *range = soup_message_headers_get_one (
      soup_server_message_get_request_headers (answer->message), "Range");
  guint64 first, last;

  return range != NULL
         && sscanf (range, "bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, &first, &last) == 2
         && first <= place && place <= last;
}

/* Under the mutex. */
static void
take_script (McTestHub *self, const char *key, McTestAnswer *answer)
{
  GQueue *queue = g_hash_table_lookup (self->scripts, key);
  Script *script = queue == NULL ? NULL : g_queue_peek_head (queue);

  if (script == NULL || (script->has_place && !asks_for (answer, script->place)))
    return;
  answer->has_place = script->has_place;
  answer->place = script->place;
  answer->fault = script->fault;
  answer->argument = script->argument;
  if (!script->for_ever && --script->left == 0)
    g_free (g_queue_pop_head (queue));
}

static SoupMessageHeaders *
copy_headers (SoupMessageHeaders *from)
{
  SoupMessageHeaders *copy = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, from);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    soup_message_headers_append (copy, name, value);
  return copy;
}

void
mc_test_hub_record (McTestHub *self, McTestAnswer *answer, McTestTarget *target, const char *key)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  Seen *seen = g_new0 (Seen, 1);

  seen->key = target != NULL ? dup_key (self, target) : g_strdup (key);
  seen->method = g_strdup (soup_server_message_get_method (answer->message));
  seen->target = g_strconcat (answer->raw, answer->query != NULL ? "?" : NULL, answer->query, NULL);
  seen->headers = copy_headers (soup_server_message_get_request_headers (answer->message));
  g_ptr_array_add (self->requests, seen);
  if (answer->storage && soup_message_headers_get_one (seen->headers, "Authorization") != NULL)
    self->stray_tokens++;
  take_script (self, seen->key, answer);
}

/* --- what tests tell it --- */

/* Keeps the commits of a repo of that name. Under the mutex. */
static McTestRepo *
replace_repo (McTestHub *self, const char *name, const McTestRepoFacts *facts)
{
  McTestRepo *old = find_repo (self, name);
  McTestRepo *repo = mc_test_repo_new (name, facts);

  if (old != NULL)
    {
      g_ptr_array_extend_and_steal (repo->commits, g_ptr_array_ref (old->commits));
      mc_test_repo_clear (repo);
    }
  g_hash_table_replace (self->repos, g_strdup (name), repo);
  return repo;
}

void
mc_test_hub_add_repo (McTestHub *self, const char *repo, const McTestRepoFacts *facts)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  replace_repo (self, repo, facts);
}

void
mc_test_hub_put_info (McTestHub *self, const char *repo, JsonObject *info)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  const McTestRepoFacts facts = { .gated = mc_json_get_string (info, "gated") };

  replace_repo (self, repo, &facts)->info = json_object_ref (info);
}

void
mc_test_hub_put (McTestHub *self, const char *repo, const char *path, McTestContent *content)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  McTestRepo *found = find_repo (self, repo);

  if (found == NULL)
    found = replace_repo (self, repo, NULL);
  mc_test_repo_put (found, path, content);
}

void
mc_test_hub_add_file (McTestHub *self,
                      const char *repo,
                      const char *path,
                      const void *bytes,
                      gsize size,
                      gboolean lfs)
{
  g_autoptr (GBytes) copy = g_bytes_new (bytes, size);
  g_autoptr (McTestContent) content = mc_test_content_new_bytes (copy, lfs);

  mc_test_hub_put (self, repo, path, content);
}

void
mc_test_hub_add_generated (
    McTestHub *self, const char *repo, const char *path, guint64 size, guint32 seed)
{
  g_autoptr (McTestContent) content = mc_test_content_new_generated (size, seed);

  mc_test_hub_put (self, repo, path, content);
}

void
mc_test_hub_hash_generated (guint64 size, guint32 seed)
{
  g_autoptr (McTestContent) content = mc_test_content_new_generated (size, seed);
  g_autofree char *hash G_GNUC_UNUSED = mc_test_content_dup_hash (content);
}

void
mc_test_hub_add_alias (McTestHub *self, const char *old_name, const char *repo)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  g_hash_table_replace (self->aliases, g_strdup (old_name), g_strdup (repo));
}

void
mc_test_hub_rename_repo (McTestHub *self, const char *old_name, const char *repo)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autofree char *key = NULL;
  McTestRepo *moved;

  g_assert_true (
      g_hash_table_steal_extended (self->repos, old_name, (gpointer *) &key, (gpointer *) &moved));
  g_assert_null (moved->first_name);
  moved->first_name = moved->name;
  moved->name = g_strdup (repo);
  g_hash_table_replace (self->repos, g_strdup (repo), moved);
  g_hash_table_replace (self->aliases, g_strdup (old_name), g_strdup (repo));
}

void
mc_test_hub_add_recorded (McTestHub *self, const char *path, const char *file)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize length;

  g_file_get_contents (file, &bytes, &length, &error);
  g_assert_no_error (error);
  g_hash_table_replace (self->recordings, g_strdup (path), g_bytes_new_take (bytes, length));
}

char *
mc_test_hub_dup_commit (McTestHub *self, const char *repo)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  McTestRepo *found = find_repo (self, repo);
  g_autoptr (McTestCommit) commit = found == NULL ? NULL : mc_test_repo_find (found, NULL);

  return commit == NULL ? NULL : g_strdup (commit->id);
}

char *
mc_test_hub_dup_hash (McTestHub *self, const char *repo, const char *path)
{
  g_autoptr (McTestRepo) found = mc_test_hub_ref_repo (self, repo);
  g_autoptr (McTestCommit) commit =
      found == NULL ? NULL : mc_test_hub_ref_commit (self, found, NULL);
  McTestContent *content = commit == NULL ? NULL : g_hash_table_lookup (commit->files, path);

  return content == NULL ? NULL : mc_test_content_dup_hash (content);
}

void
mc_test_hub_set_token (McTestHub *self, const char *token)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  g_free (self->token);
  self->token = g_strdup (token);
}

void
mc_test_hub_set_granted (McTestHub *self, gboolean granted)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  self->granted = granted;
}

void
mc_test_hub_set_review (McTestHub *self, McTestReview review)
{
  g_mutex_lock (&self->mutex);
  self->review = review;
  g_mutex_unlock (&self->mutex);
}

static void
add_script (McTestHub *self, const char *path, const Script *what)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autofree char *key = dup_key_of_path (self, path);
  GQueue *queue = g_hash_table_lookup (self->scripts, key);
  Script *script = g_memdup2 (what, sizeof *what);

  if (queue == NULL)
    {
      queue = g_queue_new ();
      g_hash_table_insert (self->scripts, g_steal_pointer (&key), queue);
    }
  script->for_ever = script->left == 0;
  g_queue_push_tail (queue, script);
}

void
mc_test_hub_script (
    McTestHub *self, const char *path, McTestFault fault, guint64 argument, guint repeat)
{
  const Script script = { .fault = fault, .argument = argument, .left = repeat };

  add_script (self, path, &script);
}

void
mc_test_hub_script_at (McTestHub *self,
                       const char *path,
                       McTestFault fault,
                       guint64 argument,
                       guint repeat,
                       guint64 position)
{
  const Script script = {
    .fault = fault, .argument = argument, .left = repeat, .has_place = TRUE, .place = position
  };

  add_script (self, path, &script);
}

void
mc_test_hub_forget_scripts (McTestHub *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  g_hash_table_remove_all (self->scripts);
}

void
mc_test_hub_set_rate (McTestHub *self, guint64 bytes_per_second)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  self->rate = bytes_per_second;
}

void
mc_test_hub_set_page_size (McTestHub *self, guint entries)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  self->page_size = MAX (entries, 1);
}

void
mc_test_hub_set_log (McTestHub *self, const char *file)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  g_free (self->log);
  self->log = g_strdup (file);
}

/* --- what was seen --- */

guint
mc_test_hub_count (McTestHub *self, const char *path)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autofree char *key = dup_key_of_path (self, path);
  guint n = 0;

  for (guint i = 0; i < self->requests->len; i++)
    {
      Seen *seen = g_ptr_array_index (self->requests, i);

      n += *key == '\0' || g_str_equal (key, seen->key);
    }
  return n;
}

char *
mc_test_hub_seen (McTestHub *self, const char *path, guint n, const char *header)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  g_autofree char *key = dup_key_of_path (self, path);

  for (guint i = 0; i < self->requests->len; i++)
    {
      Seen *seen = g_ptr_array_index (self->requests, i);

      if ((*key != '\0' && !g_str_equal (key, seen->key)) || n-- > 0)
        continue;
      if (g_str_equal (header, ":method"))
        return g_strdup (seen->method);
      if (g_str_equal (header, ":target"))
        return g_strdup (seen->target);
      return g_strdup (soup_message_headers_get_list (seen->headers, header));
    }
  return NULL;
}

typedef struct
{
  McTestHub *hub;
  gboolean reached;
} Barrier;

static gboolean
reach_cb (gpointer data)
{
  Barrier *barrier = data;

  g_mutex_lock (&barrier->hub->mutex);
  barrier->reached = TRUE;
  g_cond_broadcast (&barrier->hub->ready);
  g_mutex_unlock (&barrier->hub->mutex);
  return G_SOURCE_REMOVE;
}

/* Bytes are counted after they were written, so a client may have them a moment earlier. Once the
 * thread has been through its loop they are counted. */
static void
settle (McTestHub *self)
{
  Barrier barrier = { .hub = self };
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, reach_cb, &barrier, NULL);
  g_source_attach (source, self->context);
  g_mutex_lock (&self->mutex);
  while (!barrier.reached)
    g_cond_wait (&self->ready, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

static guint64
get_sent (McTestHub *self, const char *file)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  guint64 *sent = g_hash_table_lookup (self->sent, file);

  return sent == NULL ? 0 : *sent;
}

guint64
mc_test_hub_bytes_sent (McTestHub *self, const char *repo, const char *path)
{
  g_autofree char *file = g_strconcat (repo, "/", path, NULL);

  settle (self);
  return get_sent (self, file);
}

void
mc_test_hub_assert_token_kept (McTestHub *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  g_assert_cmpuint (self->stray_tokens, ==, 0);
}
