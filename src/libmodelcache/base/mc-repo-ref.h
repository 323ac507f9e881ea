/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What a person typed or pasted to name a repo on the Hub. */
typedef struct
{
  char *repo;     /* "owner/name", or "name" for the few old repos without an owner */
  char *revision; /* (nullable): branch, tag or commit, decoded: "main", "refs/pr/1" */
  char *variant;  /* (nullable): "Q4_K_M" of "hf.co/owner/name:Q4_K_M" */
  char *path;     /* (nullable): the file of a blob or resolve URL, decoded */
} McRepoRef;

/* Understands: owner/name, name, owner/name@revision, owner/name:VARIANT (also both: @rev:VARIANT),
 * https://huggingface.co/owner/name with or without scheme, hf.co/..., the same on @endpoint_host
 * (nullable: host[:port] of the configured endpoint), /tree/REV[/DIR], /blob/REV/FILE,
 * /resolve/REV/FILE, /raw/..., /blame/..., hf://owner/name[@rev][/file], huggingface://...,
 * "hf download owner/name [file] [--revision r]", "huggingface-cli download ...",
 * "ollama run|pull hf.co/owner/name[:Q]", "llama-server|llama-cli -hf owner/name[:Q]",
 * "git clone https://huggingface.co/owner/name". White space around it, query and fragment are
 * dropped. Refuses other kinds (datasets/, spaces/ ...), other pages (/discussions ...) and
 * look-alike hosts with MC_ERROR_INVALID_NAME and a message that says what would be right.
 * Pure. The forms are those of huggingface_hub (utils/_hf_uris.py) and of
 * the Hub's documentation (local-apps, ollama). */
McRepoRef *mc_repo_ref_parse (const char *text, const char *endpoint_host, GError **error);
void mc_repo_ref_free (McRepoRef *self);

/* The Hub's own rule: optional owner and one slash, 1-96 of [A-Za-z0-9_.-] in the name, not
 * beginning or ending with - or ., no -- and no .., not ending in .git. */
gboolean mc_repo_id_is_valid (const char *id);

/* A branch, tag or commit as git allows it: not empty, at most 255 bytes, UTF-8, no control
 * characters, blanks, ~^:?*[\ , no "..", no leading or trailing slash. */
gboolean mc_revision_is_valid (const char *revision);

/* Whether the revision is a commit: 40 lower-case hexadecimal digits. */
gboolean mc_revision_is_commit (const char *revision);

/* A path inside a repo that can be stored and shown: UTF-8, 1-4096 bytes, no NUL or control
 * characters, relative, no empty, "." or ".." segment. */
gboolean mc_repo_path_is_valid (const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McRepoRef, mc_repo_ref_free)

G_END_DECLS
