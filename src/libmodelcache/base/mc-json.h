/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Reading JSON that a stranger wrote. json-glib parses by recursion and its getters abort on an
 * unexpected type; these check first. All getters treat null, a missing member and a wrong type
 * alike, because the Hub uses all three for "none". */

/* How deep arrays and objects may nest: the Hub's deepest known answer has 9 levels. */
#define MC_JSON_MAX_DEPTH 64

/* Parses @length bytes. Fails with MC_ERROR_BAD_RESPONSE on anything that is not one JSON value in
 * valid UTF-8, or that nests deeper than MC_JSON_MAX_DEPTH. Half of a surrogate pair ("\udc00")
 * becomes U+FFFD, so that all strings are valid UTF-8. */
JsonNode *mc_json_parse (const char *data, gssize length, GError **error);

/* NULL unless the node is an object or an array. Borrowed from the node. */
JsonObject *mc_json_node_get_object (JsonNode *node);
JsonArray *mc_json_node_get_array (JsonNode *node);

/* Borrowed from the object; NULL if absent or of another type. */
const char *mc_json_get_string (JsonObject *object, const char *name);
JsonObject *mc_json_get_object (JsonObject *object, const char *name);
JsonArray *mc_json_get_array (JsonObject *object, const char *name);

gboolean mc_json_get_boolean (JsonObject *object, const char *name, gboolean fallback);

/* FALSE if absent, no number, negative, not whole or over 2^63-2; *value is then 0. */
gboolean mc_json_get_size (JsonObject *object, const char *name, guint64 *value);

/* The items of an array of strings; others are left out. Never NULL; free with g_strfreev(). */
char **mc_json_get_strings (JsonObject *object, const char *name);

G_END_DECLS
