/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-manifest-build.h"

/* Where a grouping, which knows places in a listing, becomes part of a manifest. Pure. */

static void
set_roles (McManifest *manifest, GArray *places, McFileRole role)
{
  for (guint i = 0; i < places->len; i++)
    {
      McFile *file = g_ptr_array_index (manifest->files, g_array_index (places, guint, i));

      file->role = role;
    }
}

void
mc_manifest_apply_grouping (McManifest *manifest, const McGrouping *grouping)
{
  g_return_if_fail (manifest->variants->len == 0);

  set_roles (manifest, grouping->other, MC_FILE_OTHER);
  set_roles (manifest, grouping->shared, MC_FILE_SHARED);
  for (guint i = 0; i < grouping->variants->len; i++)
    {
      const McVariantGroup *group = g_ptr_array_index (grouping->variants, i);
      McVariant *variant = mc_manifest_add_variant (manifest, group->key, group->format);

      g_array_append_vals (variant->files, group->files->data, group->files->len);
      set_roles (manifest, group->files, MC_FILE_VARIANT);
    }
  g_free (manifest->default_key);
  manifest->default_key = g_strdup (grouping->default_key);
}
