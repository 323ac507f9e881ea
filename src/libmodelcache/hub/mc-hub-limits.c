/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-client-private.h"

#include "mc-clock.h"
#include "mc-error.h"
#include "mc-hub-url.h"

/* Rate limits, between the requests of a client and its gate. Main thread. */

static char *
make_key (McHubSession *session, GUri *uri)
{
  g_autofree char *host = mc_hub_url_get_host (uri);

  return mc_rate_gate_make_key (host, g_uri_get_path (uri),
                                mc_hub_url_same_origin (session->endpoint, uri));
}

static guint64
get_wait (McHubSession *session, GUri *uri)
{
  g_autofree char *key = make_key (session, uri);

  return (guint64) (mc_rate_gate_get_wait (session->gate, key, mc_clock_now ()) + 999) / 1000;
}

/* Of several endpoints, the one that lets us ask first. */
static guint64
get_wait_to_resolve (McHubClient *self)
{
  guint64 least = G_MAXUINT64;

  for (guint i = 0; i < self->sessions->len; i++)
    {
      McHubSession *session = g_ptr_array_index (self->sessions, i);
      g_autoptr (GUri) uri = mc_hub_session_build_uri (session, "/owner/name/resolve/main/file");

      least = MIN (least, get_wait (session, uri));
    }
  return least;
}

guint64
mc_hub_client_get_wait (McHubClient *self, const McResolved *resolved)
{
  McHubSession *session;
  g_autoptr (GUri) uri = NULL;

  if (resolved == NULL)
    return get_wait_to_resolve (self);
  session = mc_hub_client_find_session (self, resolved->endpoint);
  uri = mc_hub_url_follow (session->endpoint, resolved->url, NULL);
  return uri == NULL ? 0 : get_wait (session, uri);
}

void
mc_hub_note_limits (McHubSession *session, McHubAnswer *answer)
{
  g_autofree char *key = make_key (session, answer->uri);

  mc_rate_gate_note (session->gate, key, answer->status,
                     answer->is_foreign ? NULL : mc_hub_answer_get (answer, "RateLimit"),
                     mc_hub_answer_get (answer, "Retry-After"), session->backoff, mc_clock_now (),
                     g_get_real_time () / G_USEC_PER_SEC);
}

GError *
mc_hub_check_limits (McHubSession *session, GUri *uri)
{
  guint64 wait = get_wait (session, uri);
  g_autofree char *host = NULL;

  if (wait == 0)
    return NULL;
  host = mc_hub_url_get_host (uri);
  return g_error_new (MC_ERROR, MC_ERROR_RATE_LIMITED,
                      "%s had too many requests from here: wait %" G_GUINT64_FORMAT " seconds",
                      host, (wait + 999) / 1000);
}
