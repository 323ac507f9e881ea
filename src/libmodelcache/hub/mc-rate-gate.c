/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-rate-gate.h"

#include "mc-hub-headers.h"

#include <string.h>

#define TOO_MANY_REQUESTS 429
#define UNAVAILABLE 503
#define MOST_BASES 60

typedef struct
{
  gint64 until;
  guint refusals; /* in a row, without a time */
} Gate;

struct _McRateGate
{
  GHashTable *gates; /* (owned): key => Gate */
};

McRateGate *
mc_rate_gate_new (void)
{
  McRateGate *self = g_new0 (McRateGate, 1);

  self->gates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
mc_rate_gate_free (McRateGate *self)
{
  g_hash_table_unref (self->gates);
  g_free (self);
}

char *
mc_rate_gate_make_key (const char *host, const char *path, gboolean is_endpoint)
{
  const char *bucket = "pages";

  if (!is_endpoint)
    return g_strdup (host);
  if (g_str_has_prefix (path, "/api/resolve-cache/"))
    bucket = "resolvers";
  else if (g_str_has_prefix (path, "/api/"))
    bucket = "api";
  else if (strstr (path, "/resolve/") != NULL)
    bucket = "resolvers";
  return g_strconcat (host, " ", bucket, NULL);
}

/* Seconds that the answer asks for; 0: none. */
static guint64
read_wait (guint status, const char *rate_limit, const char *retry_after, gint64 unix_now)
{
  gboolean is_refusal = status == TOO_MANY_REQUESTS || status == UNAVAILABLE;

  return mc_hub_parse_wait (rate_limit, is_refusal ? retry_after : NULL, unix_now);
}

void
mc_rate_gate_note (McRateGate *self,
                   const char *key,
                   guint status,
                   const char *rate_limit,
                   const char *retry_after,
                   guint base_ms,
                   gint64 now,
                   gint64 unix_now)
{
  guint64 wait = read_wait (status, rate_limit, retry_after, unix_now) * 1000;
  Gate *gate = g_hash_table_lookup (self->gates, key);

  if (wait == 0 && status != TOO_MANY_REQUESTS)
    {
      if (gate != NULL && status < 400)
        gate->refusals = 0;
      return;
    }
  if (gate == NULL)
    {
      gate = g_new0 (Gate, 1);
      g_hash_table_insert (self->gates, g_strdup (key), gate);
    }
  if (wait == 0)
    {
      wait = (guint64) base_ms * MIN (1u << MIN (gate->refusals, 16), MOST_BASES);
      gate->refusals++;
    }
  gate->until = MAX (gate->until, now + (gint64) wait * 1000);
}

gint64
mc_rate_gate_get_wait (McRateGate *self, const char *key, gint64 now)
{
  Gate *gate = g_hash_table_lookup (self->gates, key);

  return gate == NULL ? 0 : MAX (gate->until - now, 0);
}
