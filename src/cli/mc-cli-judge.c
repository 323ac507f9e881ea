/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-judge.h"

#include "mc-cli-manifest.h"

#include <string.h>

/* A manifest with what fits judged for a chosen length of text, and one variant of it: the service
 * judges, in the plan of each variant. */

/* What a plan says anew. */
static const char *const judged[] = { "fit", "suggested", "suggested-reason", NULL };

GVariant *
mc_cli_get_plan (McCli *cli, const char *repo, const char *variant, guint64 context, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GVariantDict options;
  GVariant *plan = NULL;
  GError *local = NULL;

  g_variant_dict_init (&options, NULL);
  if (context > 0)
    g_variant_dict_insert (&options, "context", "t", context);
  mc_dbus_manager_call_plan (manager, repo, variant, g_variant_dict_end (&options),
                             cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_plan_finish (manager, &plan, result, &local))
    mc_cli_fail (error, local);
  return plan;
}

/* The dictionary with one entry replaced, or all of those a plan judges. */
static GVariant *
replace (GVariant *dict, const char *const *names, GVariant *source)
{
  GVariantBuilder builder;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    if (!g_strv_contains (names, name))
      g_variant_builder_add (&builder, "{sv}", name, value);
  for (guint i = 0; names[i] != NULL; i++)
    {
      value = g_variant_lookup_value (source, names[i], NULL);
      if (value != NULL)
        g_variant_builder_add (&builder, "{sv}", names[i], value);
      g_clear_pointer (&value, g_variant_unref);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
judge_variants (McCli *cli, const char *repo, GVariant *variants, guint64 context, GError **error)
{
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (variants, i);
      g_autoptr (GVariant) plan =
          mc_cli_get_plan (cli, repo, mc_cli_dict_get_string (dict, "key", ""), context, error);

      if (plan == NULL)
        return NULL;
      g_variant_builder_add_value (&list, replace (dict, judged, plan));
    }
  return g_variant_builder_end (&list);
}

/* The manifest with other variants. */
static GVariant *
with_list (GVariant *manifest, const char *name, GVariant *list)
{
  const char *const names[] = { name, NULL };
  GVariantDict source;
  g_autoptr (GVariant) dict = NULL;

  g_variant_dict_init (&source, NULL);
  g_variant_dict_insert_value (&source, name, list);
  dict = g_variant_ref_sink (g_variant_dict_end (&source));
  return g_variant_ref_sink (replace (manifest, names, dict));
}

GVariant *
mc_cli_get_judged_manifest (McCli *cli, const char *repo, guint64 context, GError **error)
{
  g_autoptr (GVariant) manifest = mc_cli_get_manifest (cli, repo, error);
  g_autoptr (GVariant) variants = NULL;
  GVariant *list;

  if (manifest == NULL || context == 0)
    return g_steal_pointer (&manifest);
  variants = mc_cli_dict_get_list (manifest, "variants");
  list = judge_variants (cli, repo, variants, context, error);
  return list == NULL ? NULL : with_list (manifest, "variants", list);
}

/* --- one variant --- */

static GVariant *
keep_variant (GVariant *variants, const char *key)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (variants, i);

      if (strcmp (mc_cli_dict_get_string (dict, "key", ""), key) == 0)
        g_variant_builder_add_value (&list, dict);
    }
  return g_variant_builder_end (&list);
}

GVariant *
mc_cli_get_manifest_of_variant (
    McCli *cli, const char *repo, const char *variant, guint64 context, GError **error)
{
  g_autoptr (GVariant) plan = mc_cli_get_plan (cli, repo, variant, context, error);
  g_autoptr (GVariant) manifest = NULL;
  g_autoptr (GVariant) variants = NULL;
  g_autoptr (GVariant) files = NULL;
  g_autoptr (GVariant) only = NULL;
  g_autoptr (GVariant) judged_one = NULL;
  GVariantBuilder list;

  manifest = plan == NULL ? NULL : mc_cli_get_manifest (cli, repo, error);
  if (manifest == NULL)
    return NULL;
  variants = mc_cli_dict_get_list (manifest, "variants");
  only = g_variant_ref_sink (keep_variant (variants, mc_cli_dict_get_string (plan, "variant", "")));
  if (g_variant_n_children (only) == 1)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (only, 0);

      g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
      g_variant_builder_add_value (&list, replace (dict, judged, plan));
      g_clear_pointer (&only, g_variant_unref);
      only = g_variant_ref_sink (g_variant_builder_end (&list));
    }
  files = mc_cli_dict_get_list (plan, "files");
  judged_one = with_list (manifest, "variants", only);
  return with_list (judged_one, "files", files);
}
