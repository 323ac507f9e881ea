/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache list: the library, from the service's repo objects and its account of space. */

static GVariant *
get_usage (McCli *cli, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *usage = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_usage (manager, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_usage_finish (manager, &usage, result, &local))
    mc_cli_fail (error, local);
  return usage;
}

/* Bytes of a repo that are here, each content once; its variants share some. */
static guint64
find_size (GVariant *usage, const char *repo)
{
  g_autoptr (GVariant) rows = mc_cli_dict_get_list (usage, "repos");

  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);

      if (strcmp (mc_cli_dict_get_string (row, "repo", ""), repo) == 0)
        return mc_cli_dict_get_size (row, "size");
    }
  return 0;
}

/* Those with all or some of their bytes here; a variant that is not whole says how far it is. */
static char *
describe_variants (GVariant *variants)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (variants, i);
      const char *status = mc_cli_dict_get_string (row, "status", "");

      if (strcmp (status, "available") == 0)
        continue;
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
                              mc_cli_dict_get_string (row, "key", ""));
      if (strcmp (status, "downloaded") != 0)
        g_string_append_printf (text, " (%s %u%%)", mc_cli_status_for_people (status),
                                mc_cli_text_percent (mc_cli_dict_get_size (row, "downloaded"),
                                                     mc_cli_dict_get_size (row, "size")));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_string (GVariantBuilder *dict, const char *key, const char *text)
{
  if (text != NULL && text[0] != '\0')
    g_variant_builder_add (dict, "{sv}", key, g_variant_new_string (text));
}

static void
add_count (GVariantBuilder *dict, const char *key, guint64 count)
{
  if (count > 0)
    g_variant_builder_add (dict, "{sv}", key, g_variant_new_uint64 (count));
}

/* The names of the manifest, without files: those are for show. */
static GVariant *
repo_to_dict (McDbusRepo *repo, guint64 size)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add_string (&dict, "repo", mc_dbus_repo_get_id (repo));
  add_string (&dict, "endpoint", mc_dbus_repo_get_endpoint (repo));
  add_string (&dict, "revision", mc_dbus_repo_get_revision (repo));
  add_string (&dict, "commit", mc_dbus_repo_get_commit (repo));
  add_string (&dict, "task", mc_dbus_repo_get_task (repo));
  add_string (&dict, "library", mc_dbus_repo_get_library (repo));
  add_string (&dict, "license", mc_dbus_repo_get_license (repo));
  add_string (&dict, "gated", mc_dbus_repo_get_gated (repo));
  add_count (&dict, "parameters", mc_dbus_repo_get_parameters (repo));
  add_count (&dict, "context_length", mc_dbus_repo_get_context_length (repo));
  g_variant_builder_add (&dict, "{sv}", "scanned_at",
                         g_variant_new_int64 (mc_dbus_repo_get_scanned_at (repo)));
  g_variant_builder_add (&dict, "{sv}", "downloaded", g_variant_new_uint64 (size));
  add_string (&dict, "default", mc_dbus_repo_get_default_variant (repo));
  g_variant_builder_add (&dict, "{sv}", "variants", mc_dbus_repo_get_variants (repo));
  return g_variant_builder_end (&dict);
}

static const McCliColumn columns[] = {
  { N_ ("REPO"), FALSE, 0 },
  { N_ ("HERE"), TRUE, 0 },
  { N_ ("VARIANTS"), FALSE, 1 },
};

/* Rows for people and for programs; those without a byte here only if all are wanted. */
static GVariant *
collect (McCli *cli, GVariant *usage, gboolean all, McCliTable *table)
{
  GListModel *repos = mc_client_get_repos (cli->client);
  GVariantBuilder dicts;

  g_variant_builder_init (&dicts, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < g_list_model_get_n_items (repos); i++)
    {
      g_autoptr (McDbusRepo) repo = g_list_model_get_item (repos, i);
      const char *id = mc_dbus_repo_get_id (repo);
      GVariant *variants = mc_dbus_repo_get_variants (repo);
      guint64 size = id == NULL ? 0 : find_size (usage, id);

      if (id == NULL || variants == NULL || (size == 0 && !all))
        continue;
      g_variant_builder_add_value (&dicts, repo_to_dict (repo, size));
      mc_cli_table_add (table, g_strdup (id), size == 0 ? g_strdup ("-") : mc_cli_text_size (size),
                        describe_variants (variants));
    }
  return g_variant_builder_end (&dicts);
}

gboolean
mc_cli_list (McCli *cli, GError **error)
{
  gboolean all = FALSE;
  const GOptionEntry entries[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_ ("Also repos that were only scanned"), NULL },
    { NULL },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GVariant) usage = NULL;
  g_autoptr (GVariant) dicts = NULL;

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_connect (cli, error))
    return FALSE;
  usage = get_usage (cli, error);
  if (usage == NULL)
    return FALSE;
  dicts = g_variant_ref_sink (collect (cli, usage, all, table));
  if (cli->json)
    mc_cli_print_json_value (dicts, FALSE);
  else if (g_variant_n_children (dicts) > 0)
    mc_cli_table_print (table);
  else
    mc_cli_print ("%s\n", all ? _ ("No repo was scanned yet. Begin with: mcache search TEXT")
                              : _ ("Nothing was downloaded yet. Begin with: mcache search TEXT"));
  return TRUE;
}
