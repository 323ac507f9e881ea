/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Which hosts asked to be left alone, and until when: known to all requests of a client, so that
 * one refusal is enough for every transfer. Pure: whoever calls says what time it is, in
 * microseconds of any clock that does not go back. */
typedef struct _McRateGate McRateGate;

McRateGate *mc_rate_gate_new (void);
void mc_rate_gate_free (McRateGate *self);

/* What of a host is counted together: "HOST api", "HOST resolvers", "HOST pages" of the endpoint,
 * as the Hub's own limits are, else the host. */
char *mc_rate_gate_make_key (const char *host, const char *path, gboolean is_endpoint);

/* What an answer says of later requests. rate_limit, retry_after: (nullable): its fields; a limit
 * that is used up counts even with a success. A 429 that names no time closes for @base_ms, doubled
 * with each one that follows, up to 60 times that. unix_now: seconds, for dates. */
void mc_rate_gate_note (McRateGate *self,
                        const char *key,
                        guint status,
                        const char *rate_limit,
                        const char *retry_after,
                        guint base_ms,
                        gint64 now,
                        gint64 unix_now);

/* Microseconds until requests may go again; 0: now. */
gint64 mc_rate_gate_get_wait (McRateGate *self, const char *key, gint64 now);

G_END_DECLS
