/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-intake.h"

#include "mc-encode-pace.h"
#include "mc-error.h"
#include "mc-hasher.h"
#include "mc-pack.h"
#include "mc-worker.h"

/*   put -> hash_chunk (hashing thread) -> write_chunk (writing thread) -> commit -> home
 *
 * The hash of the whole goes along with the chunks. Those that come behind a gap are read back
 * when what was missing before them is here, while others come: at the end there is little left to
 * do, however many connections brought it.
 *
 * A commit waits for the disk. While it does, the next chunks are hashed and gather; they are
 * committed together. Whoever puts bounds how many are under way. */

/* Chunks a commit, and how long the first of them may have to wait for it while others come. */
#define MOST_TOGETHER 8
#define LONGEST_WAIT (G_TIME_SPAN_SECOND / 4)

/* Bytes that are read back at once. */
#define PIECE (1024 * 1024)

struct _McIntake
{
  char *folder;
  McDigest digest;
  guint64 size;
  McWorker *hashing; /* (owned) */
  McWorker *writing; /* (owned) */
  int n_waiting;     /* atomic: chunks that were put and not looked at yet */
  int n_coming;      /* atomic: chunks that were put and are not yet in the transaction */

  /* The hashing thread's while chunks come, the writing thread's before and after. */
  McHasher *hasher; /* (owned) (nullable): of the first @hashed chunks */
  guint hashed;
  guint8 *passed; /* (owned) (nullable): flags of chunks that are written, or will be before what is
                     asked of the writing thread from now on */
  gboolean lost;  /* what was hashed is not what is stored, or can not be read */
  gpointer ending; /* (owned) (nullable): Item, that waits until nothing is late */
  McEncodePace pace;
  McChunkFinder *finder; /* borrowed (nullable) */

  /* What is read back, by whichever of the two threads has it in hand. */
  guint8 *piece;      /* (owned) (nullable) */
  gsize piece_length; /* 0: it could not be read */
  gsize late_start;   /* bytes of chunk @hashed that were */

  GMutex mutex;
  GCond settled;
  gboolean late;    /* something is being read back; changed by the hashing thread */
  gboolean closing; /* nothing is, from now on */

  /* The writing thread's. */
  McPack *pack;     /* (owned) (nullable) */
  GPtrArray *group; /* (owned): tasks whose chunks are in the transaction */
  gint64 group_start;
  gboolean doubtful; /* what was hashed may not be what is stored */
};

void
mc_intake_work_clear (McIntakeWork *work)
{
  g_clear_pointer (&work->bytes, g_bytes_unref);
  g_clear_pointer (&work->present, g_free);
}

McIntake *
mc_intake_new (const char *folder, const McDigest *digest, guint64 size)
{
  McIntake *self = g_new0 (McIntake, 1);

  self->folder = g_strdup (folder);
  self->digest = *digest;
  self->size = size;
  self->hashing = mc_worker_new ("mc-hash");
  self->writing = mc_worker_new ("mc-pack");
  self->group = g_ptr_array_new ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->settled);
  return self;
}

/* Until neither thread gives the other more to do than a last chunk. */
static void
stop_late (McIntake *self)
{
  g_mutex_lock (&self->mutex);
  self->closing = TRUE;
  while (self->late)
    g_cond_wait (&self->settled, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

void
mc_intake_free (McIntake *self)
{
  stop_late (self);
  /* The hashing thread may have a last chunk in hand; it gives the other nothing more to do. */
  mc_worker_join (self->hashing);
  mc_worker_join (self->writing);
  g_assert (self->group->len == 0);
  g_ptr_array_unref (self->group);
  if (self->pack != NULL)
    mc_pack_claim (self->pack);
  g_clear_pointer (&self->pack, mc_pack_close);
  g_clear_pointer (&self->hasher, mc_hasher_free);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->settled);
  g_free (self->passed);
  g_free (self->piece);
  g_free (self->folder);
  g_free (self);
}

void
mc_intake_set_finder (McIntake *self, McChunkFinder *finder)
{
  self->finder = finder;
}

/* What goes from thread to thread. */
typedef struct
{
  McIntake *intake; /* borrowed: the task's owner holds it */
  GTask *task;      /* (owned) */
  McChunk *chunk;   /* (owned) (nullable) */
} Item;

static Item *
item_new (McIntake *self, GTask *task)
{
  Item *item = g_new0 (Item, 1);

  item->intake = self;
  item->task = task;
  return item;
}

/* Runs on the writing thread: the end of an item. */
static void
item_run (Item *item, gboolean (*run) (McIntake *self, McIntakeWork *work, GError **error))
{
  GError *error = NULL;

  run (item->intake, g_task_get_task_data (item->task), &error);
  mc_worker_send_home (item->task, error);
  g_free (item);
}

/* --- open --- */

static void
start_hash (McIntake *self)
{
  g_clear_pointer (&self->hasher, mc_hasher_free);
  self->hasher = mc_hasher_new (self->digest.kind, self->size);
  self->hashed = 0;
}

/* Reads back what is committed: the chunks that lead without a gap go into the hash of the whole.
 */
static gboolean
read_back (McIntake *self, McIntakeWork *work, GError **error)
{
  guint n_chunks = mc_pack_count_chunks (self->size);

  start_hash (self);
  for (guint i = 0; i < n_chunks; i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GBytes) bytes = NULL;

      if (!work->present[i])
        continue;
      bytes = mc_pack_read_chunk (self->pack, i, &local);
      if (bytes == NULL && !g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (bytes == NULL)
        {
          g_warning ("A chunk is fetched again: %s", local->message);
          if (!mc_pack_drop_chunk (self->pack, i, error))
            return FALSE;
          work->present[i] = 0;
          self->doubtful = TRUE;
          continue;
        }
      work->committed += g_bytes_get_size (bytes);
      if (self->hashed == i)
        {
          mc_hasher_update (self->hasher, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
          self->hashed++;
        }
    }
  return TRUE;
}

static gboolean
try_open (McIntake *self, McIntakeWork *work, GError **error)
{
  g_clear_pointer (&work->present, g_free);
  work->committed = 0;
  self->pack = mc_pack_open (self->folder, &self->digest, self->size, MC_PACK_WRITE, error);
  if (self->pack == NULL)
    return FALSE;
  work->present = mc_pack_list_chunks (self->pack, error);
  if (work->present == NULL || !read_back (self, work, error))
    return FALSE;
  g_free (self->passed);
  self->passed = g_memdup2 (work->present, mc_pack_count_chunks (self->size));
  return TRUE;
}

static gboolean
open_pack (McIntake *self, McIntakeWork *work, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (try_open (self, work, &local))
    return TRUE;
  g_clear_pointer (&self->pack, mc_pack_close);
  if (!g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* It is another content's, or too damaged to be mended chunk by chunk. */
  g_warning ("A pack is made anew: %s", local->message);
  return mc_pack_put_aside (self->folder, &self->digest, error) && try_open (self, work, error);
}

static void
open_step (gpointer data)
{
  item_run (data, open_pack);
}

void
mc_intake_open (McIntake *self, GTask *task)
{
  mc_worker_push (self->writing, open_step, item_new (self, task));
}

/* --- put --- */

/* Sends the group home; takes the error. */
static void
end_group (McIntake *self, GError *error)
{
  for (guint i = 0; i < self->group->len; i++)
    mc_worker_send_home (g_ptr_array_index (self->group, i),
                         error == NULL ? NULL : g_error_copy (error));
  g_ptr_array_set_size (self->group, 0);
  self->doubtful |= error != NULL;
  g_clear_error (&error);
}

static gboolean
is_group_ready (McIntake *self)
{
  return self->group->len >= MOST_TOGETHER || g_atomic_int_get (&self->n_coming) == 0
         || g_get_monotonic_time () - self->group_start >= LONGEST_WAIT;
}

static void
commit_group (McIntake *self)
{
  GError *error = NULL;

  mc_pack_commit (self->pack, &error);
  end_group (self, error);
}

/* Those that were in the transaction before are committed, if it still stands. Takes the error. */
static void
give_up (McIntake *self, GTask *task, GError *error)
{
  self->doubtful = TRUE;
  mc_worker_send_home (task, g_error_copy (error));
  if (!mc_pack_has_added (self->pack))
    {
      end_group (self, error);
      return;
    }
  g_error_free (error);
  commit_group (self);
}

static void
write_chunk (gpointer data)
{
  g_autofree Item *item = data;
  McIntake *self = item->intake;
  McIntakeWork *work = g_task_get_task_data (item->task);
  GError *error = NULL;

  if (self->group->len == 0)
    self->group_start = g_get_monotonic_time ();
  mc_pack_add_chunk (self->pack, work->position, item->chunk, &error);
  work->committed = item->chunk->size;
  mc_chunk_free (item->chunk);
  g_atomic_int_add (&self->n_coming, -1);
  if (error != NULL)
    {
      give_up (self, item->task, error);
      return;
    }
  g_ptr_array_add (self->group, item->task);
  if (is_group_ready (self))
    commit_group (self);
}

/* --- what came behind a gap --- */

static void hash_late (gpointer data);

static void finish_step (gpointer data);

/* Runs on the writing thread. */
static void
read_late (gpointer data)
{
  McIntake *self = data;
  gsize left = mc_pack_get_chunk_size (self->size, self->hashed) - self->late_start;
  g_autoptr (GError) error = NULL;

  if (self->piece == NULL)
    self->piece = g_malloc (PIECE);
  self->piece_length = MIN (left, PIECE);
  if (self->doubtful
      || !mc_pack_read (self->pack, self->hashed, self->late_start, self->piece, self->piece_length,
                        &error))
    {
      /* All is read at the end, and that will say what is wrong with it. */
      self->doubtful = TRUE;
      self->piece_length = 0;
    }
  mc_worker_push (self->hashing, hash_late, self);
}

/* Runs on the hashing thread: has the next piece read, if there is one. */
static void
go_on_late (McIntake *self)
{
  guint n_chunks = mc_pack_count_chunks (self->size);

  g_mutex_lock (&self->mutex);
  self->late =
      !self->closing && !self->lost && self->hashed < n_chunks && self->passed[self->hashed];
  g_cond_broadcast (&self->settled);
  g_mutex_unlock (&self->mutex);
  if (self->late)
    mc_worker_push (self->writing, read_late, self);
  else if (self->ending != NULL)
    mc_worker_push (self->writing, finish_step, g_steal_pointer (&self->ending));
}

static void
hash_late (gpointer data)
{
  McIntake *self = data;

  self->lost |= self->piece_length == 0;
  mc_hasher_update (self->hasher, self->piece, self->piece_length);
  self->late_start += self->piece_length;
  if (self->late_start == mc_pack_get_chunk_size (self->size, self->hashed))
    {
      self->late_start = 0;
      self->hashed++;
    }
  go_on_late (self);
}

/* --- put, on the hashing thread --- */

/* Only where nobody has to wait for it: what is left raw now can be encoded in a quiet hour. */
static void
encode_in_time (McIntake *self, const McIntakeWork *work, McChunk *chunk, guint n_waiting)
{
  gint64 start = g_get_monotonic_time ();

  if (!work->compress || !mc_encode_pace_allows (&self->pace, n_waiting))
    return;
  mc_chunk_encode (chunk);
  mc_encode_pace_note_cost (&self->pace, g_get_monotonic_time () - start);
}

static void
hash_chunk (gpointer data)
{
  Item *item = data;
  McIntake *self = item->intake;
  McIntakeWork *work = g_task_get_task_data (item->task);
  g_autoptr (GBytes) bytes = g_steal_pointer (&work->bytes);
  gboolean is_next = !self->late && self->hashed == work->position;
  guint n_waiting = (guint) g_atomic_int_add (&self->n_waiting, -1) - 1;

  item->chunk = mc_chunk_new_hashed (bytes, is_next ? self->hasher : NULL);
  self->hashed += is_next;
  mc_encode_pace_note_arrival (&self->pace, work->arrived);
  if (self->finder == NULL || !mc_chunk_finder_share (self->finder, item->chunk, &work->lender))
    encode_in_time (self, work, item->chunk, n_waiting);
  self->passed[work->position] = 1;
  mc_worker_push (self->writing, write_chunk, item);
  if (!self->late)
    go_on_late (self);
}

void
mc_intake_put (McIntake *self, GTask *task)
{
  McIntakeWork *work = g_task_get_task_data (task);

  work->arrived = g_get_monotonic_time ();
  g_atomic_int_inc (&self->n_waiting);
  g_atomic_int_inc (&self->n_coming);
  mc_worker_push (self->hashing, hash_chunk, item_new (self, task));
}

/* --- finish --- */

gboolean
mc_intake_check (McHasher *hasher, const McDigest *expected, GError **error)
{
  McDigest found = mc_hasher_finish (hasher);
  g_autofree char *expected_hex = mc_digest_to_hex (expected);
  g_autofree char *found_hex = mc_digest_to_hex (&found);

  if (mc_digest_equal (&found, expected))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_CORRUPT,
               "The bytes that came have %s %s, not %s: they were discarded",
               mc_digest_kind_get_name (found.kind), found_hex, expected_hex);
  return FALSE;
}

/* Chunks that came behind a gap were not hashed then. */
static gboolean
hash_rest (McIntake *self, GError **error)
{
  guint n_chunks = mc_pack_get_n_chunks (self->pack);

  /* Damage may have misled SQLite about which pages are free, so that what was put since could lie
   * over chunks that were in order; and after a failure other bytes may have come for a chunk that
   * was hashed: all is read back from the disk. */
  if (self->doubtful)
    start_hash (self);
  for (; self->hashed < n_chunks; self->hashed++)
    {
      g_autoptr (GBytes) bytes = mc_pack_read_chunk (self->pack, self->hashed, error);

      if (bytes == NULL)
        return FALSE;
      mc_hasher_update (self->hasher, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  return TRUE;
}

static gboolean
finish_pack (McIntake *self, McIntakeWork *work, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  gboolean ok;

  if (!hash_rest (self, error))
    return FALSE;
  if (mc_intake_check (self->hasher, &self->digest, &wrong))
    {
      ok = mc_pack_set_complete (self->pack, error);
      g_clear_pointer (&self->pack, mc_pack_close);
      return ok;
    }
  g_clear_pointer (&self->pack, mc_pack_close);
  if (!mc_pack_unlink (self->folder, &self->digest, error))
    return FALSE;
  work->discarded = TRUE;
  g_propagate_error (error, g_steal_pointer (&wrong));
  return FALSE;
}

static void
finish_step (gpointer data)
{
  item_run (data, finish_pack);
}

/* By way of the hashing thread, which may have a last chunk in hand, and when nothing is late. */
static void
pass_on (gpointer data)
{
  McIntake *self = ((Item *) data)->intake;

  self->ending = data;
  if (!self->late)
    go_on_late (self);
}

void
mc_intake_finish (McIntake *self, GTask *task)
{
  mc_worker_push (self->hashing, pass_on, item_new (self, task));
}
