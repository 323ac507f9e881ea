/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inventory-private.h"

#include "mc-task.h"

#include <string.h>

/* Follows what the service tells. When it goes the items stay, without a proxy, and get a new one
 * when it is back. A whole library is read in a thread and taken in slices, so that the window goes
 * on meanwhile, and shown at once. */

#define SLICE_US 6000

typedef struct
{
  guint64 number;
  McRepoSummary *summary; /* (owned) (nullable): it left the library */
} Arrival;

static void
arrival_free (Arrival *arrival)
{
  g_clear_pointer (&arrival->summary, mc_repo_summary_free);
  g_free (arrival);
}

static Arrival *
arrival_new (guint64 number, McRepoSummary *summary)
{
  Arrival *arrival = g_new0 (Arrival, 1);

  arrival->number = number;
  arrival->summary = summary;
  return arrival;
}

static Arrival *
read_arrival (GVariant *dict)
{
  McRepoSummary *summary = mc_repo_summary_new (dict, g_get_real_time () / G_USEC_PER_SEC);

  return arrival_new (summary->number, summary);
}

/* --- repos --- */

static void
proxy_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McRepoItem) item = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (McDbusRepo) proxy = mc_link_get_repo_finish (MC_LINK (source), result, &error);

  if (proxy != NULL)
    mc_repo_item_set_proxy (item, proxy);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_debug ("%s: %s", mc_repo_item_get_ref (item), error->message);
}

/* Somebody wants to see its variants. */
static void
on_opened (McInventory *self, McRepoItem *item)
{
  if (mc_repo_item_get_proxy (item) == NULL)
    mc_link_get_repo_async (self->link, mc_repo_item_get_number (item), self->cancellable, proxy_cb,
                            g_object_ref (item));
}

static void
show_fresh (McInventory *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->repos));

  if (self->fresh->len > 0)
    g_list_store_splice (self->repos, n, 0, self->fresh->pdata, self->fresh->len);
  g_ptr_array_set_size (self->fresh, 0);
}

static McRepoItem *
add_repo (McInventory *self, McRepoSummary *summary)
{
  guint64 number = summary->number;
  McRepoItem *item = mc_repo_item_new (summary);

  g_signal_connect_object (item, "opened", G_CALLBACK (on_opened), self, G_CONNECT_SWAPPED);
  g_hash_table_insert (self->repo_index, g_memdup2 (&number, sizeof number), item);
  g_ptr_array_add (self->fresh, item);
  return item;
}

static void
drop_repo (McInventory *self, guint64 number)
{
  McRepoItem *item = g_hash_table_lookup (self->repo_index, &number);
  guint position;

  if (item == NULL)
    return;
  show_fresh (self);
  g_hash_table_remove (self->busy_repos, item);
  g_hash_table_remove (self->repo_index, &number);
  if (g_list_store_find (self->repos, item, &position))
    g_list_store_remove (self->repos, position);
}

static void
place (McInventory *self, Arrival *arrival)
{
  McRepoItem *item = g_hash_table_lookup (self->repo_index, &arrival->number);

  if (self->stale != NULL)
    g_hash_table_remove (self->stale, &arrival->number);
  if (arrival->summary == NULL)
    drop_repo (self, arrival->number);
  else if (item == NULL)
    add_repo (self, g_steal_pointer (&arrival->summary));
  else
    mc_repo_item_take_summary (item, g_steal_pointer (&arrival->summary));
  if (item != NULL && mc_repo_item_is_open (item))
    on_opened (self, item);
}

static void
drop_stale (McInventory *self)
{
  GHashTableIter iter;
  guint64 *number;

  g_hash_table_iter_init (&iter, self->stale);
  while (g_hash_table_iter_next (&iter, (gpointer *) &number, NULL))
    drop_repo (self, *number);
  g_clear_pointer (&self->stale, g_hash_table_unref);
}

static void
finish_placing (McInventory *self)
{
  gboolean whole = self->stale != NULL;

  show_fresh (self);
  if (whole)
    drop_stale (self);
  mc_inventory_relate_soon (self);
  mc_inventory_reckon_soon (self);
  if (whole)
    mc_inventory_set_ready (self);
}

/* us: for so long at most. */
static gboolean
place_some (McInventory *self, gint64 us)
{
  gint64 end = g_get_monotonic_time () + us;
  Arrival *arrival;

  while (g_get_monotonic_time () < end && (arrival = g_queue_pop_head (self->arrivals)) != NULL)
    {
      place (self, arrival);
      arrival_free (arrival);
    }
  return g_queue_is_empty (self->arrivals);
}

static gboolean
place_cb (gpointer user_data)
{
  McInventory *self = user_data;

  if (!place_some (self, SLICE_US))
    return G_SOURCE_CONTINUE;
  self->placing = 0;
  finish_placing (self);
  return G_SOURCE_REMOVE;
}

/* What is told while a list is being read is newer than the list. */
static void
place_soon (McInventory *self)
{
  if (self->placing == 0 && self->listing == NULL)
    self->placing = g_idle_add (place_cb, self);
}

static void
on_repo (McInventory *self, GVariant *dict)
{
  g_queue_push_tail (self->arrivals, read_arrival (dict));
  place_soon (self);
}

static void
on_repo_removed (McInventory *self, guint64 number)
{
  g_queue_push_tail (self->arrivals, arrival_new (number, NULL));
  place_soon (self);
}

static void
read_list (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GVariant *repos = data;
  GPtrArray *arrivals = g_ptr_array_new_with_free_func ((GDestroyNotify) arrival_free);

  for (gsize i = 0; i < g_variant_n_children (repos); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (repos, i);

      g_ptr_array_add (arrivals, read_arrival (dict));
    }
  g_task_return_pointer (task, arrivals, (GDestroyNotify) g_ptr_array_unref);
}

/* Whatever is not in the list has left it. */
static void
mark_stale (McInventory *self)
{
  GHashTableIter iter;
  guint64 *number;

  g_clear_pointer (&self->stale, g_hash_table_unref);
  self->stale = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, self->repo_index);
  while (g_hash_table_iter_next (&iter, (gpointer *) &number, NULL))
    g_hash_table_add (self->stale, g_memdup2 (number, sizeof *number));
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McInventory *self = MC_INVENTORY (source);
  g_autoptr (GPtrArray) arrivals = g_task_propagate_pointer (G_TASK (result), NULL);

  if (arrivals == NULL || self->listing != G_TASK (result))
    return; /* it was closed, or there is a newer list */
  self->listing = NULL;
  while (arrivals->len > 0)
    g_queue_push_head (self->arrivals, g_ptr_array_steal_index (arrivals, arrivals->len - 1));
  place_soon (self);
}

/* Whatever was told before is in the list as well. */
static void
on_listed (McInventory *self, GVariant *repos)
{
  g_autoptr (GTask) task = mc_task_new (self, self->cancellable, read_cb, NULL, on_listed);

  mc_inventory_stop_placing (self);
  mark_stale (self);
  self->listing = task;
  g_task_set_task_data (task, g_variant_ref (repos), (GDestroyNotify) g_variant_unref);
  g_task_run_in_thread (task, read_list);
}

/* What is still to come would come too late for who asked for this one. */
McRepoItem *
mc_inventory_place_repo (McInventory *self, McDbusRepo *proxy)
{
  guint64 number = mc_client_object_number (g_dbus_proxy_get_object_path (G_DBUS_PROXY (proxy)));
  McRepoItem *item;

  place_some (self, G_MAXINT32);
  item = g_hash_table_lookup (self->repo_index, &number);
  if (item == NULL)
    item = add_repo (self, mc_repo_summary_new_named (number, mc_dbus_repo_get_id (proxy),
                                                      mc_dbus_repo_get_revision (proxy)));
  show_fresh (self);
  mc_repo_item_set_proxy (item, proxy);
  return item;
}

/* --- transfers --- */

/* Whether it was tried again only to see whether access was granted meanwhile, and was not. */
static gboolean
await_access (McInventory *self, McTransferItem *item)
{
  const char *error = mc_transfer_item_get_error_name (item);

  if (strcmp (mc_transfer_item_get_state (item), "failed") != 0
      || strcmp (mc_transfer_item_get_kind (item), "download") != 0
      || (strcmp (error, "Gated") != 0 && strcmp (error, "AccessPending") != 0))
    return FALSE;
  return !mc_inventory_await_access (self, mc_transfer_item_get_repo (item),
                                     mc_transfer_item_get_variant (item));
}

static void
on_opened_or_ended (McInventory *self, GParamSpec *pspec, McTransferItem *item)
{
  const char *state = mc_transfer_item_get_state (item);

  mc_inventory_relate_soon (self);
  if (mc_transfer_item_get_open (item))
    return;
  mc_inventory_reckon_soon (self);
  if (await_access (self, item))
    return; /* that it still waits is no news */
  if (strcmp (state, "done") == 0 || strcmp (state, "failed") == 0)
    mc_inventory_emit_ended (self, item);
}

/* What failed has ended; what is paused for lack of space has not. */
static void
on_problem (McInventory *self, GParamSpec *pspec, McTransferItem *item)
{
  if (mc_transfer_item_get_open (item) && mc_transfer_item_get_error_name (item)[0] != '\0'
      && strcmp (mc_transfer_item_get_state (item), "paused") == 0)
    mc_inventory_emit_blocked (self, item);
}

static void
on_transfer (McInventory *self, guint64 number, McDbusTransfer *proxy, gboolean came)
{
  McTransferItem *item = g_hash_table_lookup (self->transfer_index, &number);
  const char *allowed = mc_dbus_manager_get_transfers_allowed (mc_inventory_get_manager (self));
  g_autoptr (McTransferItem) fresh = NULL;

  mc_inventory_relate_soon (self);
  if (item != NULL)
    {
      mc_transfer_item_set_proxy (item, proxy);
      return;
    }
  fresh = mc_transfer_item_new (number);
  mc_transfer_item_set_allowed (fresh, allowed == NULL ? "allowed" : allowed);
  mc_transfer_item_set_proxy (fresh, proxy);
  g_signal_connect_object (fresh, "notify::open", G_CALLBACK (on_opened_or_ended), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (fresh, "notify::has-problem", G_CALLBACK (on_problem), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (fresh, "notify::rate", G_CALLBACK (mc_inventory_relate_soon), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (fresh, "notify::state", G_CALLBACK (mc_inventory_relate_soon), self,
                           G_CONNECT_SWAPPED);
  g_hash_table_insert (self->transfer_index, g_memdup2 (&number, sizeof number), fresh);
  g_list_store_append (self->transfers, fresh);
  if (came && !mc_transfer_item_get_open (fresh))
    on_opened_or_ended (self, NULL, fresh);
}

static void
on_transfer_removed (McInventory *self, guint64 number)
{
  McTransferItem *item = g_hash_table_lookup (self->transfer_index, &number);
  guint position;

  if (item == NULL)
    return;
  g_signal_handlers_disconnect_by_data (item, self);
  g_hash_table_remove (self->transfer_index, &number);
  if (g_list_store_find (self->transfers, item, &position))
    g_list_store_remove (self->transfers, position);
  mc_inventory_relate_soon (self);
}

/* Those that the service has again, or not any more, are known when it is back. */
static void
on_transfers_listed (McInventory *self)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i > 0; i--)
    {
      g_autoptr (McTransferItem) item =
          g_list_model_get_item (G_LIST_MODEL (self->transfers), i - 1);

      if (mc_transfer_item_get_proxy (item) == NULL)
        on_transfer_removed (self, mc_transfer_item_get_number (item));
    }
}

/* --- --- */

void
mc_inventory_let_go (McInventory *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (G_LIST_MODEL (self->transfers), i);

      mc_transfer_item_set_proxy (item, NULL);
    }
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->repos)); i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (G_LIST_MODEL (self->repos), i);

      mc_repo_item_set_proxy (item, NULL);
    }
}

void
mc_inventory_stop_placing (McInventory *self)
{
  g_clear_handle_id (&self->placing, g_source_remove);
  self->listing = NULL;
  g_queue_clear_full (self->arrivals, (GDestroyNotify) arrival_free);
  g_clear_pointer (&self->stale, g_hash_table_unref);
}

void
mc_inventory_follow_link (McInventory *self)
{
  static const struct
  {
    const char *signal;
    GCallback handler;
  } signals[] = {
    { "listed", G_CALLBACK (on_listed) },
    { "repo", G_CALLBACK (on_repo) },
    { "repo-removed", G_CALLBACK (on_repo_removed) },
    { "transfers-listed", G_CALLBACK (on_transfers_listed) },
    { "transfer", G_CALLBACK (on_transfer) },
    { "transfer-removed", G_CALLBACK (on_transfer_removed) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (self->link, signals[i].signal, signals[i].handler, self,
                             G_CONNECT_SWAPPED);
}
