/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

G_BEGIN_DECLS

/* Header fields as values. Pure. A field that is NULL or makes no sense gives FALSE, NULL or none.
 */

/* The target of rel="next" in a Link field of any number of links. */
char *mc_hub_parse_next_link (const char *link);

/* "bytes 0-9/100": first and last are both inside. FALSE also where the total is not told. */
gboolean
mc_hub_parse_content_range (const char *range, guint64 *first, guint64 *last, guint64 *total);

/* A decimal number of bytes, at most 2^62. */
gboolean mc_hub_parse_length (const char *text, guint64 *length);

/* A content's hash from an ETag, quoted or not, weak or not: 64 digits are a SHA-256, 40 a git
 * blob; whatever else is no known hash. */
McDigest mc_hub_parse_etag (const char *etag);

/* Seconds to wait, rounded up by one; 0: not said. now: Unix seconds, for dates. */
guint64 mc_hub_parse_wait (const char *rate_limit, const char *retry_after, gint64 now);

G_END_DECLS
