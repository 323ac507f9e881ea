/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-transfer-private.h"

#include "mc-error.h"

#include <string.h>

G_DEFINE_FINAL_TYPE (McTransfer, mc_transfer, G_TYPE_OBJECT)

enum
{
  CHANGED,
  FINISHED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static const char *const kind_names[] = {
  [MC_TRANSFER_DOWNLOAD] = "download",
  [MC_TRANSFER_VERIFY] = "verify",
  [MC_TRANSFER_MOVE] = "move",
  [MC_TRANSFER_REPAIR] = "repair",
  [MC_TRANSFER_EVICT] = "evict",
  [MC_TRANSFER_IMPORT] = "import",
  [MC_TRANSFER_PREVIEW] = "import-preview",
  [MC_TRANSFER_UPDATE] = "update",
};

static const char *const state_names[] = {
  [MC_TRANSFER_QUEUED] = "queued",       [MC_TRANSFER_ACTIVE] = "active",
  [MC_TRANSFER_WAITING] = "waiting",     [MC_TRANSFER_PAUSED] = "paused",
  [MC_TRANSFER_DONE] = "done",           [MC_TRANSFER_FAILED] = "failed",
  [MC_TRANSFER_CANCELLED] = "cancelled",
};

#define BIT(state) (1u << MC_TRANSFER_##state)
#define RUNNING (BIT (QUEUED) | BIT (ACTIVE) | BIT (WAITING))

/* From each state, the states it may go to. */
static const guint steps[] = {
  [MC_TRANSFER_QUEUED] = RUNNING | BIT (PAUSED) | BIT (DONE) | BIT (FAILED) | BIT (CANCELLED),
  [MC_TRANSFER_ACTIVE] = RUNNING | BIT (PAUSED) | BIT (DONE) | BIT (FAILED) | BIT (CANCELLED),
  [MC_TRANSFER_WAITING] = RUNNING | BIT (PAUSED) | BIT (DONE) | BIT (FAILED) | BIT (CANCELLED),
  [MC_TRANSFER_PAUSED] = BIT (QUEUED) | BIT (CANCELLED),
  [MC_TRANSFER_FAILED] = BIT (QUEUED) | BIT (CANCELLED),
  [MC_TRANSFER_DONE] = 0,
  [MC_TRANSFER_CANCELLED] = 0,
};

static void
mc_transfer_finalize (GObject *object)
{
  McTransfer *self = MC_TRANSFER (object);

  g_clear_pointer (&self->wanted, g_hash_table_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->listed, g_ptr_array_unref);
  g_clear_pointer (&self->waiters, g_ptr_array_unref);
  g_clear_pointer (&self->requests, g_hash_table_unref);
  g_clear_pointer (&self->limiter, mc_limiter_unref);
  g_clear_pointer (&self->manifest, mc_manifest_unref);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_clear_pointer (&self->report, g_variant_unref);
  g_free (self->variant);
  g_free (self->path);
  G_OBJECT_CLASS (mc_transfer_parent_class)->finalize (object);
}

static void
mc_transfer_class_init (McTransferClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mc_transfer_finalize;
  signals[CHANGED] = g_signal_new ("changed", MC_TYPE_TRANSFER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[FINISHED] = g_signal_new ("finished", MC_TYPE_TRANSFER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
}

static void
mc_transfer_init (McTransfer *self)
{
  self->files = g_ptr_array_new ();
  self->wanted = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  self->waiters = g_ptr_array_new_with_free_func (g_object_unref);
  self->requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

McTransfer *
mc_transfer_new (McTransferKind kind,
                 gint64 repo,
                 McManifest *manifest,
                 const char *variant,
                 const char *path,
                 GPtrArray *files)
{
  McTransfer *self = g_object_new (MC_TYPE_TRANSFER, NULL);

  self->kind = kind;
  self->repo = repo;
  self->manifest = manifest == NULL ? NULL : mc_manifest_ref (manifest);
  self->variant = g_strdup (variant);
  self->path = g_strdup (path);
  self->created = g_get_real_time () / G_USEC_PER_SEC;
  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);

      if (g_hash_table_contains (self->wanted, &file->digest))
        continue;
      g_hash_table_insert (self->wanted, &file->digest, file);
      g_ptr_array_add (self->files, file);
      self->total += file->size;
    }
  return self;
}

const char *
mc_transfer_kind_to_string (McTransferKind kind)
{
  return kind_names[kind];
}

const char *
mc_transfer_state_to_string (McTransferState state)
{
  return state_names[state];
}

gboolean
mc_transfer_kind_from_string (const char *text, McTransferKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    if (g_strcmp0 (text, kind_names[i]) == 0)
      {
        *kind = (McTransferKind) i;
        return TRUE;
      }
  return FALSE;
}

gboolean
mc_transfer_fetches (McTransfer *self)
{
  return self->kind == MC_TRANSFER_DOWNLOAD || self->kind == MC_TRANSFER_REPAIR
         || self->kind == MC_TRANSFER_UPDATE;
}

gboolean
mc_transfer_imports (McTransfer *self)
{
  return self->kind == MC_TRANSFER_IMPORT || self->kind == MC_TRANSFER_PREVIEW;
}

gboolean
mc_transfer_state_from_string (const char *text, McTransferState *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (text, state_names[i]) == 0)
      {
        *state = (McTransferState) i;
        return TRUE;
      }
  return FALSE;
}

gboolean
mc_transfer_state_is_final (McTransferState state)
{
  return state == MC_TRANSFER_DONE || state == MC_TRANSFER_FAILED || state == MC_TRANSFER_CANCELLED;
}

gboolean
mc_transfer_state_is_running (McTransferState state)
{
  return (RUNNING & (1u << state)) != 0;
}

static gboolean
is_same_error (const GError *a, const GError *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_error_matches (a, b->domain, b->code) && strcmp (a->message, b->message) == 0;
}

void
mc_transfer_set_state (McTransfer *self, McTransferState state, GError *error)
{
  gboolean same = self->state == state && is_same_error (self->error, error);
  gboolean was_final = mc_transfer_state_is_final (self->state);

  g_assert (self->state == state || (steps[self->state] & (1u << state)) != 0);
  g_clear_error (&self->error);
  self->error = error;
  if (same)
    return;
  self->state = state;
  self->untold = self->untold || (mc_transfer_state_is_final (state) && !was_final);
  if (!mc_transfer_state_is_running (state))
    self->n_samples = 0;
  if (self->id == 0)
    return;
  g_signal_emit (self, signals[CHANGED], 0);
  if (mc_transfer_state_is_final (state) && !was_final)
    g_signal_emit (self, signals[FINISHED], 0);
}

void
mc_transfer_emit_changed (McTransfer *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

void
mc_transfer_tick (McTransfer *self, guint64 verified, const char *phase)
{
  gboolean same_phase = g_strcmp0 (self->phase, phase) == 0;
  guint64 before = self->verified;
  guint64 rate = mc_transfer_get_rate (self);
  guint64 received = self->n_samples > 0
                         ? self->samples[(self->n_samples - 1) % MC_TRANSFER_SAMPLES]
                         : self->received;

  self->verified = verified;
  self->samples[self->n_samples % MC_TRANSFER_SAMPLES] = self->received;
  self->n_samples++;
  self->phase = phase;
  if (!same_phase || before != verified || received != self->received
      || rate != mc_transfer_get_rate (self))
    g_signal_emit (self, signals[CHANGED], 0);
}

gint64
mc_transfer_get_id (McTransfer *self)
{
  return self->id;
}

McTransferKind
mc_transfer_get_kind (McTransfer *self)
{
  return self->kind;
}

McTransferState
mc_transfer_get_state (McTransfer *self)
{
  return self->state;
}

McManifest *
mc_transfer_get_manifest (McTransfer *self)
{
  return self->manifest;
}

gint64
mc_transfer_get_repo (McTransfer *self)
{
  return self->repo;
}

const char *
mc_transfer_get_variant (McTransfer *self)
{
  return self->variant;
}

const char *
mc_transfer_get_path (McTransfer *self)
{
  return self->path;
}

const GError *
mc_transfer_get_error (McTransfer *self)
{
  return self->error;
}

guint64
mc_transfer_get_total (McTransfer *self)
{
  return self->total;
}

guint64
mc_transfer_get_verified (McTransfer *self)
{
  return self->verified;
}

guint64
mc_transfer_get_received (McTransfer *self)
{
  return self->received;
}

guint64
mc_transfer_get_rate (McTransfer *self)
{
  guint kept = MIN (self->n_samples, MC_TRANSFER_SAMPLES);
  guint64 newest;
  guint64 oldest;

  if (kept < 2 || self->state != MC_TRANSFER_ACTIVE)
    return 0;
  newest = self->samples[(self->n_samples - 1) % MC_TRANSFER_SAMPLES];
  oldest = self->samples[(self->n_samples - kept) % MC_TRANSFER_SAMPLES];
  return (newest - oldest) * 1000 / ((kept - 1) * MC_TRANSFER_TICK_MS);
}

gint64
mc_transfer_get_expected_end (McTransfer *self)
{
  guint64 rate = mc_transfer_get_rate (self);

  if (rate == 0 || self->verified >= self->total)
    return 0;
  return g_get_real_time () / G_USEC_PER_SEC
         + (gint64) MIN ((self->total - self->verified) / rate, G_MAXINT32);
}

const char *
mc_transfer_get_phase (McTransfer *self)
{
  if (self->state == MC_TRANSFER_WAITING)
    return "waiting";
  return self->state == MC_TRANSFER_ACTIVE && self->phase != NULL ? self->phase : "";
}

gint64
mc_transfer_get_waits_until (McTransfer *self)
{
  return self->state == MC_TRANSFER_WAITING ? self->waits_until : 0;
}

void
mc_transfer_set_waits_until (McTransfer *self, gint64 moment)
{
  if (self->waits_until == moment)
    return;
  self->waits_until = moment;
  if (self->id != 0 && self->state == MC_TRANSFER_WAITING)
    g_signal_emit (self, signals[CHANGED], 0);
}

gint64
mc_transfer_get_created (McTransfer *self)
{
  return self->created;
}

gint64
mc_transfer_get_place (McTransfer *self)
{
  return self->place;
}

guint64
mc_transfer_get_rate_limit (McTransfer *self)
{
  return self->rate_limit;
}

void
mc_transfer_add_request (McTransfer *self, const char *name)
{
  g_hash_table_add (self->requests, g_strdup (name));
}

gboolean
mc_transfer_withdraw (McTransfer *self, const char *name)
{
  if (g_hash_table_size (self->requests) < 2)
    return FALSE;
  return g_hash_table_remove (self->requests, name);
}

/* Once for each end. */
static void
add_end (McTransfer *self, McTransferRecord *record)
{
  if (!self->untold)
    return;
  self->untold = FALSE;
  record->ended = g_get_real_time () / G_USEC_PER_SEC;
  record->total = self->total;
  record->received = self->received;
}

GVariant *
mc_transfer_get_report (McTransfer *self)
{
  return self->report;
}

void
mc_transfer_take_report (McTransfer *self, GVariant *report)
{
  g_clear_pointer (&self->report, g_variant_unref);
  self->report = g_variant_ref_sink (report);
}

McTransferRecord *
mc_transfer_make_record (McTransfer *self)
{
  McTransferRecord *record = mc_transfer_record_new ();
  McTransferState state =
      mc_transfer_state_is_running (self->state) ? MC_TRANSFER_QUEUED : self->state;
  gboolean failed = !mc_transfer_state_is_running (self->state) && self->error != NULL;

  record->id = self->id;
  record->kind = g_strdup (kind_names[self->kind]);
  record->repo = self->repo;
  record->variant = g_strdup (self->variant);
  record->path = g_strdup (self->path);
  record->state = g_strdup (state_names[state]);
  record->error = g_strdup (failed ? mc_error_get_name (self->error) : "");
  /* Its files are gone, and their size with them. */
  if (self->kind == MC_TRANSFER_EVICT)
    record->message = g_strdup_printf ("%" G_GUINT64_FORMAT, self->total);
  else
    record->message = g_strdup (failed ? self->error->message : "");
  record->created = self->created;
  record->place = self->place;
  record->rate_limit = self->rate_limit;
  add_end (self, record);
  return record;
}
