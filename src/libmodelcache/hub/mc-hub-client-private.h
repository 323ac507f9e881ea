/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"
#include "mc-hub-request.h"

G_BEGIN_DECLS

McHubSession *mc_hub_client_get_session (McHubClient *self);

/* An address below the endpoint; @path begins with a slash and is escaped. */
GUri *mc_hub_client_build_uri (McHubClient *self, const char *path);

/* FALSE with MC_ERROR_INVALID_NAME. */
gboolean mc_hub_check_repo (const char *repo, GError **error);
gboolean mc_hub_check_revision (const char *revision, GError **error);

G_END_DECLS
