/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-scrub.h"

#include "mc-downloader-private.h"
#include "mc-settings.h"

#define DAY (24 * 60 * 60)

struct _McScrub
{
  McStore *store;           /* (owned) */
  McDownloader *downloader; /* (owned) */
  guint budget_ms;
  McScrubNow now;
  void (*ended) (gpointer user_data);
  gpointer user_data;

  GCancellable *cancellable; /* (owned) (nullable): of the run */
  gint64 deadline;           /* monotonic */
  McDigest digest;           /* of the content under way */
};

static void check_next (McScrub *self);

McScrub *
mc_scrub_new (McStore *store,
              McDownloader *downloader,
              guint budget_ms,
              McScrubNow now,
              void (*ended) (gpointer user_data),
              gpointer user_data)
{
  McScrub *self = g_new0 (McScrub, 1);

  self->store = g_object_ref (store);
  self->downloader = g_object_ref (downloader);
  self->budget_ms = budget_ms;
  self->now = now;
  self->ended = ended;
  self->user_data = user_data;
  return self;
}

void
mc_scrub_free (McScrub *self)
{
  g_assert (self->cancellable == NULL);
  g_object_unref (self->downloader);
  g_object_unref (self->store);
  g_free (self);
}

gboolean
mc_scrub_is_running (McScrub *self)
{
  return self->cancellable != NULL;
}

void
mc_scrub_stop (McScrub *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

/* One that was verified in the future was so by a clock that was wrong: it is due, and is not any
 * more once it was verified by this one. */
static gboolean
is_due (const McContent *content, gint64 now, guint64 days)
{
  if (content->state != MC_CONTENT_COMPLETE || content->suspect)
    return FALSE;
  return content->verified_at > now || (guint64) (now - content->verified_at) >= days * DAY;
}

/* The one that was verified longest ago; NULL if none is due. */
static const McContent *
find_due (McScrub *self)
{
  guint64 days =
      mc_settings_get_number (mc_store_get_settings (self->store), MC_SETTING_SCRUB_DAYS);
  gint64 now = self->now (self->user_data);
  g_autoptr (GPtrArray) contents = mc_store_list_contents (self->store);
  const McContent *oldest = NULL;

  for (guint i = 0; days > 0 && i < contents->len; i++)
    {
      const McContent *content = g_ptr_array_index (contents, i);

      if (is_due (content, now, days)
          && (oldest == NULL || content->verified_at < oldest->verified_at))
        oldest = content;
    }
  return oldest;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McScrub *self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean good;

  if (!mc_store_check_finish (MC_STORE (source), result, &good, &error))
    {
      /* Something is amiss that this run cannot help. */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_warning ("A content could not be verified: %s", error->message);
      g_cancellable_cancel (self->cancellable);
    }
  else if (!good)
    mc_downloader_repair (self->downloader, &self->digest);
  check_next (self);
}

static void
check_next (McScrub *self)
{
  const McContent *content = NULL;

  if (!g_cancellable_is_cancelled (self->cancellable) && g_get_monotonic_time () < self->deadline)
    content = find_due (self);
  if (content == NULL)
    {
      g_clear_object (&self->cancellable);
      self->ended (self->user_data);
      return;
    }
  self->digest = content->digest;
  mc_store_check_quietly_async (self->store, &content->digest, self->now (self->user_data),
                                self->cancellable, on_checked, self);
}

gboolean
mc_scrub_start (McScrub *self)
{
  if (self->cancellable != NULL || find_due (self) == NULL)
    return self->cancellable != NULL;
  self->cancellable = g_cancellable_new ();
  /* The first is begun whatever the budget, so that each run gets on. */
  self->deadline = G_MAXINT64;
  check_next (self);
  self->deadline = g_get_monotonic_time () + (gint64) self->budget_ms * 1000;
  return TRUE;
}
