/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Addresses: where a request may go and what may go with it. Pure. */

/* MC_ERROR_INVALID_NAME unless it is http(s) with a host and without user, query and fragment. */
GUri *mc_hub_url_parse_endpoint (const char *text, GError **error);

/* "https://host[:port][/path]" without a slash at the end. */
char *mc_hub_url_to_endpoint (GUri *uri);

/* "host" or "host:port" where the port is not the scheme's. */
char *mc_hub_url_get_host (GUri *uri);

/* Same scheme, host and port. */
gboolean mc_hub_url_same_origin (GUri *a, GUri *b);

/* Whether a request to @target may carry the token of @endpoint: its own origin, and over plain
 * http only to this computer. */
gboolean mc_hub_url_may_carry_token (GUri *endpoint, GUri *target);

/* Whether the host of @target is that of @endpoint, or below its name. */
gboolean mc_hub_url_is_host_of (GUri *endpoint, GUri *target);

gboolean mc_hub_url_is_loopback (GUri *uri);

/* Where a redirect leads. MC_ERROR_BAD_RESPONSE if that is no http(s) address, one with a user
 * name, or one that leaves https for http. */
GUri *mc_hub_url_follow (GUri *current, const char *location, GError **error);

/* The next page of a listing: the path and query of @link at the endpoint's own origin, because a
 * mirror passes on links to the Hub itself. */
GUri *mc_hub_url_next_page (GUri *endpoint, GUri *current, const char *link, GError **error);

/* For log lines: of the endpoint's own origin path and query; of any other only where it is, since
 * the query is a signature. */
char *mc_hub_url_describe (GUri *endpoint, GUri *uri);

G_END_DECLS
