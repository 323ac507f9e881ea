/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-error.h"
#include "mc-fault.h"
#include "mc-location.h"
#include "mc-pack.h"
#include "mc-reserve.h"
#include "mc-store-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

/* The moment in which the store comes to be in another folder, once all packs are there: on the
 * thread that owns the databases, so that nothing changes meanwhile. Until the new place is
 * remembered nothing of the old one is given up. */

typedef struct
{
  McStore *store; /* borrowed: the task holds it */
  char *home;
  char *target;
  McDb *catalog; /* (owned) (nullable): those in the target */
  McDb *small;   /* (owned) (nullable) */
  int lock;
} Switch;

static void
switch_free (gpointer data)
{
  Switch *change = data;

  g_free (change->home);
  g_free (change->target);
  g_free (change);
}

/* What was deleted meanwhile goes there too; what came meanwhile must be copied first, and so must
 * a pack that took over what another had lent to it, or lost what was damaged. */
static gboolean
match_packs (Switch *change, GError **error)
{
  g_autoptr (GHashTable) here = mc_pack_list (change->store->folder, NULL);
  g_autoptr (GHashTable) there = mc_pack_list (change->target, NULL);
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, here);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    if (!mc_store_copy_is_current (change->store->folder, change->target, digest))
      {
        g_set_error_literal (error, MC_ERROR, MC_ERROR_BUSY, "A file came or changed meanwhile");
        return FALSE;
      }
  g_hash_table_iter_init (&iter, there);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    if (!g_hash_table_contains (here, digest) && !mc_pack_unlink (change->target, digest, error))
      return FALSE;
  return TRUE;
}

/* So that all of it is in the one file. */
static gboolean
empty_log (McDb *catalog, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (catalog, "PRAGMA wal_checkpoint (TRUNCATE)", error);
  gboolean row;

  if (stmt == NULL || !mc_stmt_step (stmt, &row, error))
    return FALSE;
  if (row && mc_stmt_get_int (stmt, 0) == 0)
    return TRUE;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_BUSY, "Somebody reads the catalog");
  return FALSE;
}

static gboolean
copy_named (Switch *change, const char *name, GError **error)
{
  g_autofree char *from = g_build_filename (change->store->folder, name, NULL);
  g_autofree char *to = g_build_filename (change->target, name, NULL);

  return mc_store_copy_file (from, to, NULL, NULL, error);
}

static gboolean
copy_databases (Switch *change, GError **error)
{
  g_auto (GStrv) aside = mc_store_list_set_aside (change->store);

  for (char **name = aside; *name != NULL; name++)
    if (!copy_named (change, *name, error))
      return FALSE;
  return empty_log (change->store->catalog, error) && copy_named (change, "catalog.db", error)
         && copy_named (change, "small.db", error);
}

static gboolean
open_target (Switch *change, GError **error)
{
  g_autofree char *lock = g_build_filename (change->target, "lock", NULL);
  g_autofree char *catalog = g_build_filename (change->target, "catalog.db", NULL);
  g_autofree char *small = g_build_filename (change->target, "small.db", NULL);

  change->lock = g_open (lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (change->lock < 0 || flock (change->lock, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_STORE, "Locking %s: %s", lock, g_strerror (errno));
      return FALSE;
    }
  change->catalog = mc_db_open (catalog, MC_DB_CATALOG, MC_DB_CREATE, error);
  if (change->catalog != NULL)
    change->small = mc_db_open (small, MC_DB_SMALL, MC_DB_CREATE, error);
  return change->small != NULL;
}

static void
give_up (Switch *change)
{
  g_clear_pointer (&change->catalog, mc_db_close);
  g_clear_pointer (&change->small, mc_db_close);
  if (change->lock >= 0)
    close (change->lock);
}

/* Others may be about to open something by the old name: it stays known until the end. */
static void
change_over (Switch *change)
{
  McStore *store = change->store;

  mc_db_close (store->catalog);
  mc_db_close (store->small);
  store->catalog = g_steal_pointer (&change->catalog);
  store->small = g_steal_pointer (&change->small);
  g_ptr_array_add (store->former, store->folder);
  g_atomic_pointer_set (&store->folder, g_steal_pointer (&change->target));
  close (store->lock);
  store->lock = change->lock;
}

static gboolean
switch_folder (gpointer data, GError **error)
{
  Switch *change = data;

  if (match_packs (change, error) && copy_databases (change, error) && open_target (change, error)
      && mc_fault_point ("move.switch", MC_ERROR, MC_ERROR_STORE, error)
      && mc_location_set (change->home, change->target, error))
    {
      mc_store_copy_unmark (change->target);
      change_over (change);
      mc_reserve_make (change->store->folder);
      return mc_fault_point ("move.switched", MC_ERROR, MC_ERROR_STORE, error);
    }
  give_up (change);
  return FALSE;
}

void
mc_store_switch_async (McStore *self,
                       const char *home,
                       const char *target,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Switch *change = g_new0 (Switch, 1);

  g_task_set_source_tag (task, mc_store_switch_async);
  change->store = self;
  change->home = g_strdup (home);
  change->target = g_strdup (target);
  change->lock = -1;
  g_task_set_task_data (task, change, switch_free);
  mc_worker_run (self->worker, task, switch_folder);
}

gboolean
mc_store_switch_finish (McStore *self, GAsyncResult *result, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  g_signal_emit_by_name (self, "moved");
  return TRUE;
}

GHashTable *
mc_store_list_pinned (McStore *self)
{
  GHashTable *pinned = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer digest;

  g_mutex_lock (&self->pin_lock);
  g_hash_table_iter_init (&iter, self->pins);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    g_hash_table_add (pinned, mc_digest_copy (digest));
  g_mutex_unlock (&self->pin_lock);
  return pinned;
}

GPtrArray *
mc_store_list_contents (McStore *self)
{
  GPtrArray *contents = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer content;

  g_hash_table_iter_init (&iter, self->contents);
  while (g_hash_table_iter_next (&iter, NULL, &content))
    g_ptr_array_add (contents, content);
  return contents;
}
