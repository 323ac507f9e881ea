/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"
#include "mc-hub-request.h"
#include "mc-hub-route.h"

G_BEGIN_DECLS

struct _McHubClient
{
  GObject parent_instance;

  McHubSession *session; /* (owned): of the endpoint that repos are named after */
  GPtrArray *sessions;   /* (owned): McHubSession in the order in which they are asked */
  char *implicit_token;  /* (owned) (nullable): of the first, by itself */
  GHashTable *tokens;    /* (owned): endpoint => token */
  gboolean held;
};

McHubSession *mc_hub_client_get_session (McHubClient *self);

/* That of the endpoint, if it is among them; else the first one. Borrowed. */
McHubSession *mc_hub_client_find_session (McHubClient *self, const char *endpoint);

/* Notes what became of a call, and takes its route to the next endpoint if that is worth trying. */
gboolean mc_hub_client_move_on (McHubClient *self, McHubRoute *route, const GError *error);

/* An address below the endpoint; @path begins with a slash and is escaped. */
GUri *mc_hub_session_build_uri (McHubSession *self, const char *path);

/* FALSE with MC_ERROR_INVALID_NAME. */
gboolean mc_hub_check_repo (const char *repo, GError **error);
gboolean mc_hub_check_revision (const char *revision, GError **error);

G_END_DECLS
