/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-usage-dict.h"

#include "mc-dict.h"

#include <string.h>

char *
mc_usage_dict_make_ref (GVariant *repo)
{
  const char *revision = mc_dict_get_string (repo, "revision");

  if (revision[0] == '\0' || strcmp (revision, "main") == 0)
    return g_strdup (mc_dict_get_string (repo, "repo"));
  return g_strdup_printf ("%s@%s", mc_dict_get_string (repo, "repo"), revision);
}

static GVariant *
find_repo (GVariant *usage, const char *repo)
{
  g_autoptr (GVariant) repos = mc_dict_get_list (usage, "repos");

  for (gsize i = 0; i < g_variant_n_children (repos); i++)
    {
      GVariant *dict = g_variant_get_child_value (repos, i);
      g_autofree char *ref = mc_usage_dict_make_ref (dict);

      if (strcmp (ref, repo) == 0)
        return dict;
      g_variant_unref (dict);
    }
  return NULL;
}

gboolean
mc_usage_dict_find_returns (GVariant *usage,
                            const char *repo,
                            const char *variant,
                            guint64 *returns)
{
  g_autoptr (GVariant) dict = find_repo (usage, repo);
  g_autoptr (GVariant) parts = dict == NULL ? NULL : mc_dict_get_list (dict, "parts");

  if (dict == NULL)
    return FALSE;
  *returns = mc_dict_get_size (dict, "returns");
  if (variant[0] == '\0')
    return TRUE;
  for (gsize i = 0; i < g_variant_n_children (parts); i++)
    {
      g_autoptr (GVariant) part = g_variant_get_child_value (parts, i);

      *returns = mc_dict_get_size (part, "returns");
      if (strcmp (mc_dict_get_string (part, "variant"), variant) == 0)
        return TRUE;
    }
  return FALSE;
}
