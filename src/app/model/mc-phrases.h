/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Sentences made of facts. Pure: the time comes in. All results are owned by the caller. */

/* What is known of a transfer. Strings are borrowed and never NULL. */
typedef struct
{
  const char *kind;
  const char *state;
  const char *phase;
  const char *error;
  const char *allowed; /* the service's TransfersAllowed */
  guint64 total;
  guint64 verified;
  guint64 rate;    /* bytes a second */
  gint64 end;      /* Unix seconds; 0: unknown */
  gint64 next_try; /* Unix seconds; 0: none */
} McTransferFacts;

/* "3.2 MB of 9.4 GB · 18 MB/s · 6 min left" */
char *mc_phrase_transfer (const McTransferFacts *facts, gint64 now);

/* What is known of a repo of the library. */
typedef struct
{
  gboolean doomed; /* it leaves the library soon */
  gboolean active; /* something of it is being transferred: its row says what */
  guint n_damaged; /* variants */
  guint n_failed;
  guint n_here;
  gboolean has_update;
  guint64 fetch;   /* bytes that the update would bring; 0: unknown */
  double fraction; /* of an unfinished variant, 0 to 1 */
} McRepoFacts;

/* "Text generation · apache-2.0 · 7.6B parameters · 32768 tokens"; "" and 0 where it is not known.
 */
char *mc_phrase_repo_details (const char *task,
                              const char *license,
                              guint64 parameters,
                              guint64 context_length);

/* "9.4 GB models · 1.2 GB unfinished · 4.0 MB other · 120.0 GB free"; all in bytes. */
char *mc_phrase_storage (guint64 models, guint64 unfinished, guint64 other, guint64 free_space);

/* What a part of the library gives back, what of it stays, and when it was used last (Unix seconds;
 * 0: never): "Returns 4.1 GB · 300 MB stay for others · used 3 days ago" */
char *mc_phrase_reclaim (guint64 returns, guint64 kept, gint64 last_used, gint64 now);

/* The name of an icon for the Hub's word; static. */
const char *mc_phrase_task_icon (const char *task);

/* "Ready", "Incomplete · 62 %", "Update · 1.2 GB" */
char *mc_phrase_repo_state (const McRepoFacts *facts);

/* What a screen reader says of it when that changes: its state, and how many tenths of it are here.
 * "30 percent" */
char *mc_phrase_transfer_spoken (const McTransferFacts *facts);

/* "6 min left" */
char *mc_phrase_time_left (gint64 seconds);

/* "today", "3 days ago" */
char *mc_phrase_ago (gint64 seconds);

/* A speed: "1.2 MB/s" */
char *mc_phrase_rate (guint64 rate);

/* 1234567 as "1.2M": downloads, likes, parameters. */
char *mc_phrase_count (guint64 count);

/* The arithmetic behind a fit (a{sv}), over several lines. */
char *mc_phrase_fit_arithmetic (GVariant *fit);

/* What deleting gives back, in bytes, and what stays because something else needs it. */
char *mc_phrase_deletion (guint64 returned, guint64 kept);

/* When the Hub says that a model was changed there ("2026-03-01T12:00:00.000Z"); NULL if that is
 * no time. */
char *mc_phrase_changed (const char *time, gint64 now);

/* The part of a variant's key that is not its format: "q4f16" of "onnx:q4f16". Borrowed. */
const char *mc_phrase_variant_name (const char *key);

/* "Text generation" for the Hub's word "text-generation". */
char *mc_phrase_task (const char *task);

/* Those that are not empty, with “ · ” between them. */
char *mc_phrase_join (const char *const *parts, gsize n);

G_END_DECLS
