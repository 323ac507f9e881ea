/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The Hub's answers, made from a listing that is kept: so the same to every question, and without
 * the Hub. Their form is that of the Hub (its API's documentation, and recorded answers). Pure. The
 * nodes are the caller's. */

/* The entries below a folder ("" is all of the repo): folders first, then files. NULL if there is
 * no such folder. */
JsonNode *mc_endpoint_json_tree (McManifest *manifest, const char *folder, gboolean recursive);

/* What is known of the repo. sizes: with those of its files, and their hashes. */
JsonNode *mc_endpoint_json_info (McManifest *manifest, gboolean sizes);

/* The revisions (McManifest) that are known of a repo. */
JsonNode *mc_endpoint_json_refs (GPtrArray *manifests);

/* The paths that the body of a request names: JSON, or a form with the same field several times.
 * type: (nullable): of the body. NULL if it is no list. */
GStrv mc_endpoint_read_paths (const char *type, const char *text, gsize length);

/* Those of the paths that there are, each once. */
JsonNode *mc_endpoint_json_paths (McManifest *manifest, const char *const *paths);

/* The GGUF file that a tag means: "Q4_K_M", "latest". MC_ERROR_UNKNOWN_VARIANT if none. */
JsonNode *mc_endpoint_json_manifest (McManifest *manifest, const char *tag, GError **error);

/* git's name of a file with that text; g_free() it. */
char *mc_endpoint_name_text (const char *text);

/* What git keeps in the place of a large file. NULL if it keeps the file itself. */
char *mc_endpoint_make_pointer (const McFile *file);

G_END_DECLS
