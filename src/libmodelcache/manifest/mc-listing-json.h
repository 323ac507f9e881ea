/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Groups a listing written as JSON, {"files": [{"path": "…", "size": 123}, …]}, and answers with
 * JSON: {"variants": {key: {"format": "…", "files": […]}}, "shared": […], "other": […],
 * "default": key}; "default" is absent if there are no variants. A path that occurs twice counts
 * once; anything else in the input is left alone. Fails with MC_ERROR_BAD_RESPONSE if the text is
 * no such JSON, with MC_ERROR_INVALID_NAME if a file has no path or one that cannot be stored; the
 * message says which. Pure, any thread. */
char *mc_listing_json_group (const char *json, gssize length, GError **error);

G_END_DECLS
