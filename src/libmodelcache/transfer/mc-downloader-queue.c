/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"
#include "mc-queue.h"

/* The queue: which transfers may fetch, in which order, and what is done to all of them at once. */

/* A single transfer fetches so many files at once. Each holds buffers of its own, and the page
 * cache of its pack. */
#define FETCHES_AT_ONCE 2

/* The list has the order of the places, and among equal ones the older first. */
static int
compare_places (gconstpointer a, gconstpointer b)
{
  const McTransfer *first = *(McTransfer *const *) a;
  const McTransfer *second = *(McTransfer *const *) b;

  if (first->place != second->place)
    return first->place < second->place ? -1 : 1;
  return (first->id > second->id) - (first->id < second->id);
}

void
mc_downloader_enqueue (McDownloader *self, McTransfer *transfer)
{
  gint64 last = 0;

  for (guint i = 0; i < self->transfers->len; i++)
    last = MAX (last, ((McTransfer *) g_ptr_array_index (self->transfers, i))->place);
  transfer->place = last + MC_QUEUE_STEP;
  mc_downloader_give_limiter (self, transfer);
  g_ptr_array_add (self->transfers, transfer);
}

GPtrArray *
mc_downloader_copy_transfers (McDownloader *self)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->transfers->len; i++)
    g_ptr_array_add (copy, g_object_ref (g_ptr_array_index (self->transfers, i)));
  return copy;
}

static gboolean
is_in_queue (McTransfer *transfer)
{
  return transfer->id != 0 && mc_transfer_fetches (transfer)
         && (!mc_transfer_state_is_final (transfer->state)
             || transfer->state == MC_TRANSFER_FAILED);
}

/* --- who may fetch --- */

static guint
get_limit (McDownloader *self)
{
  if (self->policy != MC_POLICY_ALLOWED)
    return 0;
  return (guint) mc_settings_get_number (mc_store_get_settings (self->store),
                                         MC_SETTING_ACTIVE_TRANSFERS);
}

void
mc_downloader_choose (McDownloader *self)
{
  GPtrArray *transfers = self->transfers;
  g_autofree McQueueItem *items = g_new0 (McQueueItem, transfers->len + 1);

  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);

      items[i].runs = transfer->runs;
      items[i].wants = is_in_queue (transfer) && mc_transfer_state_is_running (transfer->state);
    }
  mc_queue_choose (items, transfers->len, get_limit (self));
  for (guint i = 0; i < transfers->len; i++)
    ((McTransfer *) g_ptr_array_index (transfers, i))->runs = items[i].runs;
}

static gboolean
has_fetch (McDownloader *self, McTransfer *transfer)
{
  for (guint i = 0; i < transfer->files->len; i++)
    if (g_hash_table_contains (self->fetches,
                               &((McFile *) g_ptr_array_index (transfer->files, i))->digest))
      return TRUE;
  return FALSE;
}

/* Each that runs gets one before any gets a second. */
gboolean
mc_downloader_may_fetch (McDownloader *self, McTransfer *transfer)
{
  guint taken = g_hash_table_size (self->fetches);
  guint most = MAX (get_limit (self), FETCHES_AT_ONCE);

  if (!transfer->runs || self->frozen || taken >= most)
    return FALSE;
  if (!has_fetch (self, transfer))
    return TRUE;
  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *other = g_ptr_array_index (self->transfers, i);

      if (other->runs && !has_fetch (self, other))
        taken++;
    }
  return taken < most;
}

/* --- the order --- */

static gboolean
check_movable (McDownloader *self, McTransfer *transfer, GError **error)
{
  if (self->stopping)
    {
      g_propagate_error (error, mc_downloader_make_stopping_error ());
      return FALSE;
    }
  if (is_in_queue (transfer))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_IN_USE, "A %s that is %s is not in the queue",
               mc_transfer_kind_to_string (transfer->kind),
               mc_transfer_state_to_string (transfer->state));
  return FALSE;
}

/* Borrowed, in their order. */
static GPtrArray *
list_others (McDownloader *self, McTransfer *transfer)
{
  GPtrArray *others = g_ptr_array_new ();

  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *other = g_ptr_array_index (self->transfers, i);

      if (other != transfer && is_in_queue (other))
        g_ptr_array_add (others, other);
    }
  return others;
}

static void
set_place (McDownloader *self, McTransfer *transfer, gint64 place)
{
  if (transfer->place == place)
    return;
  transfer->place = place;
  mc_downloader_keep (self, transfer);
  mc_transfer_emit_changed (transfer);
}

/* What is interrupted leaves some with their new places and some with their old ones: an order, if
 * none that anybody chose. */
static void
number_all (McDownloader *self, GPtrArray *others, McTransfer *transfer, guint position)
{
  g_ptr_array_insert (others, (int) MIN (position, others->len), transfer);
  for (guint i = 0; i < others->len; i++)
    set_place (self, g_ptr_array_index (others, i), (gint64) (i + 1) * MC_QUEUE_STEP);
}

static void
put_at (McDownloader *self, McTransfer *transfer, guint position)
{
  g_autoptr (GPtrArray) others = list_others (self, transfer);
  g_autofree gint64 *places = g_new (gint64, others->len + 1);
  gint64 place;

  for (guint i = 0; i < others->len; i++)
    places[i] = ((McTransfer *) g_ptr_array_index (others, i))->place;
  if (mc_queue_find_place (places, others->len, position, &place))
    set_place (self, transfer, place);
  else
    number_all (self, others, transfer, position);
  g_ptr_array_sort (self->transfers, compare_places);
  mc_downloader_schedule (self);
}

gboolean
mc_downloader_move_to (McDownloader *self, McTransfer *transfer, guint position, GError **error)
{
  if (!check_movable (self, transfer, error))
    return FALSE;
  put_at (self, transfer, position);
  return TRUE;
}

/* One that is paused or failed wants to run again. */
static gboolean
let_run (McDownloader *self, McTransfer *transfer, GError **error)
{
  if (transfer->state == MC_TRANSFER_PAUSED)
    return mc_downloader_resume (self, transfer, error);
  return mc_downloader_retry (self, transfer, error);
}

gboolean
mc_downloader_start_now (McDownloader *self, McTransfer *transfer, GError **error)
{
  if (!check_movable (self, transfer, error) || !let_run (self, transfer, error))
    return FALSE;
  transfer->runs = TRUE;
  put_at (self, transfer, 0);
  return TRUE;
}

gboolean
mc_downloader_start_next (McDownloader *self, McTransfer *transfer, GError **error)
{
  g_autoptr (GPtrArray) others = NULL;
  guint position = 0;

  if (!check_movable (self, transfer, error) || !let_run (self, transfer, error))
    return FALSE;
  others = list_others (self, transfer);
  while (position < others->len && ((McTransfer *) g_ptr_array_index (others, position))->runs)
    position++;
  put_at (self, transfer, position);
  return TRUE;
}

/* --- all at once --- */

static gboolean
is_under_way (McTransfer *transfer)
{
  return transfer->id != 0 && mc_transfer_state_is_running (transfer->state);
}

guint
mc_downloader_pause_all (McDownloader *self)
{
  g_autoptr (GPtrArray) transfers = mc_downloader_copy_transfers (self);
  guint n = 0;

  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);

      if (is_under_way (transfer) || mc_transfer_waits_for_space (transfer))
        n += mc_downloader_pause (self, transfer, NULL) ? 1 : 0;
    }
  return n;
}

guint
mc_downloader_resume_all (McDownloader *self)
{
  g_autoptr (GPtrArray) transfers = mc_downloader_copy_transfers (self);
  guint n = 0;

  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);

      if (transfer->state == MC_TRANSFER_PAUSED)
        n += mc_downloader_resume (self, transfer, NULL) ? 1 : 0;
    }
  return n;
}

guint
mc_downloader_cancel_all (McDownloader *self, gboolean discard)
{
  g_autoptr (GPtrArray) transfers = mc_downloader_copy_transfers (self);
  guint n = 0;

  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);

      if (is_under_way (transfer) || transfer->state == MC_TRANSFER_PAUSED)
        n += mc_downloader_cancel (self, transfer, discard, NULL) ? 1 : 0;
    }
  return n;
}

guint
mc_downloader_retry_all (McDownloader *self)
{
  g_autoptr (GPtrArray) transfers = mc_downloader_copy_transfers (self);
  guint n = 0;

  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);

      if (transfer->state == MC_TRANSFER_FAILED || transfer->state == MC_TRANSFER_WAITING)
        n += mc_downloader_retry (self, transfer, NULL) ? 1 : 0;
    }
  return n;
}
