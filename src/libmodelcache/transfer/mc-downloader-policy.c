/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

/* Whether transfers may use the network now, and how fast. What forbids it stops the fetches; they
 * go on when it has passed, or when the person says so. */

/* Between two looks at the clock, while there is a schedule: it may jump, and suspend. */
#define CLOCK_INTERVAL_MS (15 * 1000)

static McConditions
get_conditions (McDownloader *self)
{
  McConditions now = self->conditions;
  g_autoptr (GDateTime) time = g_date_time_new_now_local ();

  now.hour = (guint) g_date_time_get_hour (time);
  return now;
}

static gboolean
on_clock (gpointer user_data)
{
  McDownloader *self = user_data;

  mc_downloader_judge (self);
  return G_SOURCE_CONTINUE;
}

static void
watch_clock (McDownloader *self, const McSettings *settings)
{
  gboolean scheduled = mc_settings_get_number (settings, MC_SETTING_SCHEDULE_FROM)
                       != mc_settings_get_number (settings, MC_SETTING_SCHEDULE_TO);

  if (scheduled == (self->clock != NULL))
    return;
  if (!scheduled)
    {
      g_source_destroy (self->clock);
      g_clear_pointer (&self->clock, g_source_unref);
      return;
    }
  self->clock = g_timeout_source_new (CLOCK_INTERVAL_MS);
  g_source_set_callback (self->clock, on_clock, self, NULL);
  g_source_attach (self->clock, g_main_context_get_thread_default ());
}

void
mc_downloader_judge (McDownloader *self)
{
  const McSettings *settings = mc_store_get_settings (self->store);
  McConditions now = get_conditions (self);
  McPolicy policy;

  watch_clock (self, settings);
  mc_limiter_set_rate (self->limiter,
                       mc_settings_get_number (settings, MC_SETTING_BANDWIDTH_LIMIT));
  self->waived = mc_policy_keep (settings, &now, &self->waived);
  policy = mc_policy_decide (settings, &now, &self->waived);
  if (policy == self->policy)
    return;
  g_info ("Transfers: %s", mc_policy_to_string (policy));
  self->policy = policy;
  mc_downloader_emit_policy_changed (self);
  mc_downloader_schedule (self);
}

void
mc_downloader_set_conditions (McDownloader *self, gboolean metered, gboolean power_saver)
{
  self->conditions.metered = metered;
  self->conditions.power_saver = power_saver;
  mc_downloader_judge (self);
}

McPolicy
mc_downloader_get_policy (McDownloader *self)
{
  return self->policy;
}

void
mc_downloader_allow (McDownloader *self)
{
  McConditions now = get_conditions (self);

  self->waived = mc_policy_waive (mc_store_get_settings (self->store), &now);
  mc_downloader_judge (self);
}

/* --- limits of single transfers --- */

void
mc_downloader_set_rate_limit (McDownloader *self, McTransfer *transfer, guint64 rate)
{
  if (transfer->rate_limit == rate)
    return;
  transfer->rate_limit = rate;
  mc_limiter_set_rate (transfer->limiter, rate);
  if (!self->stopping)
    mc_downloader_keep (self, transfer);
  mc_transfer_emit_changed (transfer);
  mc_downloader_schedule (self);
}

void
mc_downloader_give_limiter (McDownloader *self, McTransfer *transfer)
{
  transfer->limiter = mc_limiter_new (self->limiter);
  mc_limiter_set_rate (transfer->limiter, transfer->rate_limit);
}

/* Of those who want it the one with the highest limit, or with none. */
McLimiter *
mc_downloader_find_limiter (McDownloader *self, const McDigest *digest)
{
  McTransfer *best = NULL;

  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (!transfer->runs || !g_hash_table_contains (transfer->wanted, digest))
        continue;
      if (best == NULL || transfer->rate_limit == 0
          || (best->rate_limit != 0 && transfer->rate_limit > best->rate_limit))
        best = transfer;
    }
  return best == NULL ? self->limiter : best->limiter;
}
