/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-session.h"

G_BEGIN_DECLS

/* Which of several endpoints is asked, and which after it. Main thread. */

#define MC_HUB_MAX_ENDPOINTS 8

/* Where one call was tried already. Zero to begin with. */
typedef struct
{
  McHubSession *session; /* (owned) (nullable): where it is tried now */
  guint tried;           /* bits: places in the order */
} McHubRoute;

/* To the first one that is well and was not tried; those that failed lately come last. FALSE if all
 * were tried: the session stays. */
gboolean mc_hub_route_advance (McHubRoute *self, GPtrArray *sessions, gint64 now);
void mc_hub_route_clear (McHubRoute *self);

/* What became of it there (error NULL: it went well). TRUE if the error is worth asking another
 * one; is_home: the endpoint that repos are named after, whose word counts. */
gboolean mc_hub_route_note (McHubRoute *self, const GError *error, gboolean is_home, gint64 now);

G_END_DECLS
