/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Who may ask. The address has a key in its path, which other users of the computer and web pages
 * do not know; a page that has it must be of an origin that was allowed. Pure: the time is given.
 */

/* Whether it may be a key: 16 to 64 letters, digits, "-" and "_". */
gboolean mc_endpoint_key_is_valid (const char *key);

/* What is behind "/KEY" of a path, beginning with a slash; NULL if it has another key. Takes as
 * long however much of the key is right. */
const char *mc_endpoint_strip_key (const char *path, const char *key);

/* The key of those of one origin alone, made from the one that opens to all: whoever has it cannot
 * tell the other. */
char *mc_endpoint_make_origin_key (const char *key, const char *origin);

/* Whether a Host field is this computer's own, at that port: a page cannot give another name to it.
 */
gboolean mc_endpoint_host_is_own (const char *host, guint port);

/* What a person may allow: an Origin field such as "https://example.org", with a port or without,
 * or an extension's; of Firefox's "moz-extension://ID", which is none. */
gboolean mc_endpoint_origin_is_valid (const char *origin);

/* Whether the Origin field is of what was allowed. Firefox sends a UUID made up for the profile in
 * place of the ID, and so there any extension is like the one that was allowed: what tells them
 * apart is the key. */
gboolean mc_endpoint_origin_is (const char *field, const char *allowed);

/* Wrong keys: after some, none is looked at for a while. */
typedef struct
{
  guint n;
  gint64 since; /* microseconds, monotonic */
} McWrongKeys;

#define MC_WRONG_KEYS 20
#define MC_WRONG_KEYS_SECONDS 10

/* Counts one. TRUE if there were too many lately. */
gboolean mc_wrong_keys_add (McWrongKeys *self, gint64 now);

G_END_DECLS
