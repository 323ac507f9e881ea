/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-machine.h"
#include "mc-manifest.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Listings as JSON, from strangers and for anyone. Pure, any thread. */

typedef struct
{
  McManifest *manifest; /* grouped */
  GHashTable *unsized;  /* borrowed McFile: those whose size nobody told; it is 0 in the manifest */
} McSizedListing;

/* Reads {"files": [{"path": "…", "size": 123}, …]} and groups it. A path that occurs twice counts
 * once. Beside "files" may stand what helps to tell facts, by the names of the bus interface: repo,
 * revision, task, library, parameters, context_length, and in a file its sha256 or git_sha1;
 * anything else is left alone. Fails with MC_ERROR_BAD_RESPONSE if the text is no such JSON, with
 * MC_ERROR_INVALID_NAME if a file has no path or one that cannot be stored; the message says which.
 */
McSizedListing *mc_listing_json_read (const char *json, gssize length, GError **error);
void mc_sized_listing_free (McSizedListing *self);

/* What is known of it, as the bus interface tells of a manifest: an a{sv}, floating. What needs
 * sizes that are not known is left out. @context_length: tokens, 0 for the usual. */
GVariant *mc_sized_listing_describe (const McSizedListing *self,
                                     const McMachine *machine,
                                     guint64 context_length);

/* The grouping of a manifest of the bus interface (or of the function above), each file named once:
 * {"variants": {KEY: {"format": "…", "files": […], …}}, "shared": […], "other": […],
 * "default": KEY}. All that the manifest tells of a variant is in it; "default" is absent if there
 * are no variants. */
JsonNode *mc_listing_json_write (GVariant *manifest);

/* All three, on a computer of which nothing is known. */
char *mc_listing_json_group (const char *json, gssize length, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McSizedListing, mc_sized_listing_free)

G_END_DECLS
