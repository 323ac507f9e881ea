/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-import-layout.h"

#include "mc-repo-ref.h"

#include <string.h>

#define HF_PREFIX "models--"
#define OLLAMA_PREFIX "sha256-"

/* "models--owner--name": a name has no "--" of its own. */
static char *
read_hf_folder (const char *folder)
{
  g_autofree char *repo = NULL;
  char *dashes;

  if (!g_str_has_prefix (folder, HF_PREFIX))
    return NULL;
  repo = g_strdup (folder + strlen (HF_PREFIX));
  dashes = strstr (repo, "--");
  if (dashes != NULL)
    {
      *dashes = '/';
      memmove (dashes + 1, dashes + 2, strlen (dashes + 2) + 1);
    }
  return mc_repo_id_is_valid (repo) ? g_steal_pointer (&repo) : NULL;
}

static char *
join (const char *owner, const char *name)
{
  g_autofree char *repo = g_strconcat (owner, "/", name, NULL);

  return mc_repo_id_is_valid (repo) ? g_steal_pointer (&repo) : NULL;
}

/* models--owner--name/snapshots/COMMIT/... */
static void
read_hf (char **parts, guint n, McImportHint *hint)
{
  for (guint i = 0; i + 1 < n && hint->repo == NULL; i++)
    {
      hint->repo = read_hf_folder (parts[i]);
      if (hint->repo != NULL && i + 3 < n && strcmp (parts[i + 1], "snapshots") == 0
          && mc_revision_is_commit (parts[i + 2]))
        hint->commit = g_strdup (parts[i + 2]);
    }
}

/* manifests/HOST/owner/name/TAG; Ollama's own models are of no repo. */
static char *
read_ollama_manifest (char **parts, guint n)
{
  if (n < 5 || strcmp (parts[n - 5], "manifests") != 0)
    return NULL;
  if (strcmp (parts[n - 4], "hf.co") != 0 && strcmp (parts[n - 4], "huggingface.co") != 0)
    return NULL;
  return join (parts[n - 3], parts[n - 2]);
}

/* The name of a blob is its hash; a link in snapshots/ has another name. */
static void
read_claim (char **parts, guint n, McDigest *claimed)
{
  const char *name = parts[n - 1];

  if (n < 2 || strcmp (parts[n - 2], "blobs") != 0)
    return;
  if (g_str_has_prefix (name, OLLAMA_PREFIX))
    mc_digest_parse_hex (claimed, MC_DIGEST_SHA256, name + strlen (OLLAMA_PREFIX));
  else if (!mc_digest_parse_hex (claimed, MC_DIGEST_SHA256, name))
    mc_digest_parse_hex (claimed, MC_DIGEST_GIT_SHA1, name);
}

/* Only where a whole folder is laid out so: else names of folders that mean something else would
 * be sent to the Hub. */
static char *
read_lm_studio (const char *relative)
{
  g_auto (GStrv) parts = g_strsplit (relative, "/", 4);

  if (g_strv_length (parts) != 3 || !g_str_has_suffix (parts[2], ".gguf"))
    return NULL;
  return join (parts[0], parts[1]);
}

void
mc_import_layout_read (const char *root, const char *relative, McImportHint *hint)
{
  g_autofree char *path = g_strconcat (root, "/", relative, NULL);
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  guint n = g_strv_length (parts);

  memset (hint, 0, sizeof *hint);
  read_hf (parts, n, hint);
  if (hint->repo == NULL)
    hint->repo = read_ollama_manifest (parts, n);
  if (hint->repo == NULL)
    hint->repo = read_lm_studio (relative);
  read_claim (parts, n, &hint->claimed);
}

void
mc_import_hint_clear (McImportHint *hint)
{
  g_clear_pointer (&hint->repo, g_free);
  g_clear_pointer (&hint->commit, g_free);
}
