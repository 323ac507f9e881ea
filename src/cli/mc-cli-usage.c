/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"

#include "mc-error.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache usage: what takes how much space, of all repos, or of the parts of one. */

static char *
dup_size (GVariant *row, const char *key)
{
  return mc_cli_text_size (mc_cli_dict_get_size (row, key));
}

/* What compression and common chunks save together. */
static char *
dup_saved (GVariant *row)
{
  return mc_cli_text_size (mc_cli_dict_get_size (row, "compression")
                           + mc_cli_dict_get_size (row, "borrowed"));
}

static void
print_repos (GVariant *repos)
{
  static const McCliColumn columns[] = {
    { N_ ("REPO"), FALSE, 0 },  { N_ ("SIZE"), TRUE, 0 },  { N_ ("ALONE"), TRUE, 2 },
    { N_ ("SHARED"), TRUE, 3 }, { N_ ("SAVED"), TRUE, 4 }, { N_ ("RETURNS"), TRUE, 1 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (repos); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (repos, i);

      mc_cli_table_add (table, g_strdup (mc_cli_dict_get_string (row, "repo", "")),
                        dup_size (row, "size"), dup_size (row, "alone"), dup_size (row, "shared"),
                        dup_saved (row), dup_size (row, "returns"));
    }
  mc_cli_table_print (table);
}

static void
print_parts (GVariant *parts)
{
  static const McCliColumn columns[] = {
    { N_ ("VARIANT"), FALSE, 0 }, { N_ ("SIZE"), TRUE, 0 },       { N_ ("ALONE"), TRUE, 2 },
    { N_ ("SHARED"), TRUE, 3 },   { N_ ("COMPRESSED"), TRUE, 4 }, { N_ ("BORROWED"), TRUE, 5 },
    { N_ ("RETURNS"), TRUE, 1 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (parts); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (parts, i);
      const char *path = mc_cli_dict_get_string (row, "path", "");

      mc_cli_table_add (table, g_strdup (mc_cli_dict_get_string (row, "variant", path)),
                        dup_size (row, "size"), dup_size (row, "alone"), dup_size (row, "shared"),
                        dup_size (row, "compression"), dup_size (row, "borrowed"),
                        dup_size (row, "returns"));
    }
  mc_cli_table_print (table);
}

static void
print_totals (GVariant *usage)
{
  mc_cli_print_fact_size (_ ("Models:"), mc_cli_dict_get_size (usage, "models"));
  mc_cli_print_fact_size (_ ("Unfinished:"), mc_cli_dict_get_size (usage, "unfinished"));
  mc_cli_print_fact_size (_ ("Small files:"), mc_cli_dict_get_size (usage, "small"));
  mc_cli_print_fact_size (_ ("Catalog:"), mc_cli_dict_get_size (usage, "catalog"));
  mc_cli_print_fact_size (_ ("Other:"), mc_cli_dict_get_size (usage, "other"));
  mc_cli_print_fact_size (_ ("On disk:"), mc_cli_dict_get_size (usage, "on_disk"));
  mc_cli_print_fact_size (_ ("Free space:"), mc_cli_dict_get_size (usage, "free_space"));
}

/* After the catalog was damaged: what people should know, and can do. */
static void
print_leftovers (GVariant *usage)
{
  g_autoptr (GVariant) unnamed = mc_cli_dict_get_list (usage, "unnamed");
  g_autoptr (GVariant) aside = g_variant_lookup_value (usage, "set_aside", G_VARIANT_TYPE ("as"));
  gulong count = (gulong) g_variant_n_children (unnamed);
  guint64 total = 0;

  for (gsize i = 0; i < count; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (unnamed, i);

      total += mc_cli_dict_get_size (row, "downloaded");
    }
  for (gsize i = 0; aside != NULL && i < g_variant_n_children (aside); i++)
    {
      g_autoptr (GVariant) name = g_variant_get_child_value (aside, i);

      /* Translators: %s is the name of a file. */
      mc_cli_print (_ ("\nA database was damaged and made anew. What was left of it is in the data "
                       "folder, as %s.\n"),
                    g_variant_get_string (name, NULL));
    }
  if (count > 0)
    {
      g_autofree char *size = mc_cli_text_size (total);

      mc_cli_print (
          ngettext ("\n%lu content has no name (%s). Scan its repo, and it has one again; "
                    "or: mcache delete --unnamed\n",
                    "\n%lu contents have no name (%s). Scan their repos, and they have "
                    "one again; or: mcache delete --unnamed\n",
                    count),
          count, size);
    }
}

static void
print_all (GVariant *usage)
{
  g_autoptr (GVariant) repos = mc_cli_dict_get_list (usage, "repos");

  if (g_variant_n_children (repos) > 0)
    {
      print_repos (repos);
      mc_cli_print ("\n");
    }
  print_totals (usage);
  print_leftovers (usage);
}

/* The row of the repo that was named, as the service understands the name. NULL on error. */
static GVariant *
find_repo (McCli *cli, GVariant *usage, GError **error)
{
  g_autoptr (GVariant) manifest = mc_cli_get_manifest (cli, cli->arguments[0], error);
  g_autoptr (GVariant) repos = mc_cli_dict_get_list (usage, "repos");

  for (gsize i = 0; manifest != NULL && i < g_variant_n_children (repos); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (repos, i);

      if (strcmp (mc_cli_dict_get_string (row, "repo", ""),
                  mc_cli_dict_get_string (manifest, "repo", ""))
              == 0
          && strcmp (mc_cli_dict_get_string (row, "revision", ""),
                     mc_cli_dict_get_string (manifest, "revision", ""))
                 == 0)
        return g_steal_pointer (&row);
    }
  if (manifest != NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_NOT_SCANNED, "%s left the library meanwhile",
                 cli->arguments[0]);
  return NULL;
}

static gboolean
print_repo (McCli *cli, GVariant *usage, GError **error)
{
  g_autoptr (GVariant) row = find_repo (cli, usage, error);
  g_autoptr (GVariant) parts = NULL;

  if (row == NULL)
    return FALSE;
  if (cli->json)
    {
      mc_cli_print_json_value (row, FALSE);
      return TRUE;
    }
  parts = mc_cli_dict_get_list (row, "parts");
  if (g_variant_n_children (parts) > 0)
    {
      print_parts (parts);
      mc_cli_print ("\n");
    }
  mc_cli_print_fact_size (_ ("Size:"), mc_cli_dict_get_size (row, "size"));
  mc_cli_print_fact_size (_ ("Alone:"), mc_cli_dict_get_size (row, "alone"));
  mc_cli_print_fact_size (_ ("Shared:"), mc_cli_dict_get_size (row, "shared"));
  mc_cli_print_fact_size (_ ("Returns:"), mc_cli_dict_get_size (row, "returns"));
  return TRUE;
}

gboolean
mc_cli_usage (McCli *cli, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) usage = NULL;
  GError *local = NULL;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  mc_dbus_manager_call_usage (mc_cli_get_manager (cli), cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_usage_finish (mc_cli_get_manager (cli), &usage, result, &local))
    return mc_cli_fail (error, local);
  if (cli->n_arguments > 0)
    return print_repo (cli, usage, error);
  if (cli->json)
    mc_cli_print_json_value (usage, FALSE);
  else
    print_all (usage);
  return TRUE;
}
