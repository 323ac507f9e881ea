/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-update-plan.h"

#include "mc-repo-ref.h"

#include <string.h>

static const char *const change_names[] = {
  [MC_UPDATE_SAME] = "same",
  [MC_UPDATE_CHANGED] = "changed",
  [MC_UPDATE_GONE] = "gone",
};

const char *
mc_update_change_to_string (McUpdateChange change)
{
  return change_names[change];
}

/* By its whole key: an end of one may mean another variant there. NULL if it is not there. */
static GPtrArray *
list_files (McManifest *manifest, const char *variant, const char *path)
{
  GPtrArray *files;
  McFile *file;

  for (guint i = 0; variant[0] != '\0' && i < manifest->variants->len; i++)
    {
      McVariant *found = g_ptr_array_index (manifest->variants, i);

      if (strcmp (found->key, variant) == 0)
        return mc_manifest_variant_files (manifest, found);
    }
  file = variant[0] != '\0' ? NULL : mc_manifest_find_file (manifest, path);
  if (file == NULL)
    return NULL;
  files = g_ptr_array_new ();
  g_ptr_array_add (files, file);
  return files;
}

static gboolean
is_masked (GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    if (((McFile *) g_ptr_array_index (files, i))->digest.kind == MC_DIGEST_NONE)
      return TRUE;
  return FALSE;
}

/* Both are in the order of their paths. */
static gboolean
is_same (GPtrArray *a, GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      McFile *left = g_ptr_array_index (a, i);
      McFile *right = g_ptr_array_index (b, i);

      if (strcmp (left->path, right->path) != 0 || !mc_digest_equal (&left->digest, &right->digest))
        return FALSE;
    }
  return TRUE;
}

McUpdateChange
mc_update_compare (
    McManifest *before, McManifest *after, const char *variant, const char *path, GPtrArray **files)
{
  g_autoptr (GPtrArray) old = list_files (before, variant, path);
  g_autoptr (GPtrArray) fresh = list_files (after, variant, path);
  gboolean same;

  if (files != NULL)
    *files = NULL;
  if (fresh == NULL || is_masked (fresh))
    return MC_UPDATE_GONE;
  same = old != NULL && is_same (old, fresh);
  if (files != NULL)
    *files = g_steal_pointer (&fresh);
  return same ? MC_UPDATE_SAME : MC_UPDATE_CHANGED;
}

const char *
mc_update_get_line (McManifest *manifest)
{
  return mc_revision_is_commit (manifest->revision) ? "main" : manifest->revision;
}
