/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-route.h"

#include "mc-error.h"

/* The order of endpoints and their health. What failed rests, longer each time, and is asked in its
 * turn again after that, or earlier when nothing else is left. Asks nobody. */

#define FIRST_REST (15 * G_USEC_PER_SEC)
#define MOST_DOUBLINGS 5

static gboolean
take (McHubRoute *self, GPtrArray *sessions, guint place)
{
  self->tried |= 1u << place;
  g_clear_pointer (&self->session, mc_hub_session_unref);
  self->session = mc_hub_session_ref (g_ptr_array_index (sessions, place));
  return TRUE;
}

gboolean
mc_hub_route_advance (McHubRoute *self, GPtrArray *sessions, gint64 now)
{
  guint n = MIN (sessions->len, MC_HUB_MAX_ENDPOINTS);

  for (guint i = 0; i < n; i++)
    {
      McHubSession *session = g_ptr_array_index (sessions, i);

      if ((self->tried & (1u << i)) == 0 && session->rest_until <= now)
        return take (self, sessions, i);
    }
  for (guint i = 0; i < n; i++)
    if ((self->tried & (1u << i)) == 0)
      return take (self, sessions, i);
  return FALSE;
}

void
mc_hub_route_clear (McHubRoute *self)
{
  g_clear_pointer (&self->session, mc_hub_session_unref);
  self->tried = 0;
}

/* Says something of the endpoint, not of what was asked. */
static gboolean
is_trouble (const GError *error)
{
  return g_error_matches (error, MC_ERROR, MC_ERROR_NETWORK)
         || g_error_matches (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
}

/* A mirror has less than the Hub, and is not sent its token. */
static gboolean
is_refusal (const GError *error)
{
  static const McError codes[] = {
    MC_ERROR_SIGN_IN,       MC_ERROR_GATED, MC_ERROR_ACCESS_PENDING, MC_ERROR_ACCESS_REFUSED,
    MC_ERROR_TOKEN_REFUSED, MC_ERROR_GONE,  MC_ERROR_NOT_FOUND,      MC_ERROR_UNKNOWN_FILE,
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, MC_ERROR, (int) codes[i]))
      return TRUE;
  return FALSE;
}

gboolean
mc_hub_route_note (McHubRoute *self, const GError *error, gboolean is_home, gint64 now)
{
  McHubSession *session = self->session;

  if (error == NULL)
    {
      session->failures = 0;
      session->rest_until = 0;
      g_clear_pointer (&session->trouble, g_free);
      return FALSE;
    }
  if (is_trouble (error))
    {
      session->rest_until = now + (gint64) (FIRST_REST << MIN (session->failures, MOST_DOUBLINGS));
      session->failures++;
      g_free (session->trouble);
      session->trouble = g_strdup (error->message);
      return TRUE;
    }
  return g_error_matches (error, MC_ERROR, MC_ERROR_RATE_LIMITED)
         || (!is_home && is_refusal (error));
}
