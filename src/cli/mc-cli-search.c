/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache search: what the Hub finds. */

static void
print_hits (GVariant *hits)
{
  static const McCliColumn columns[] = {
    { N_ ("REPO"), FALSE, 0 },   { N_ ("DOWNLOADS"), TRUE, 1 }, { N_ ("LIKES"), TRUE, 3 },
    { N_ ("TASK"), FALSE, 2 },   { N_ ("LIBRARY"), FALSE, 4 },  { N_ ("LICENSE"), FALSE, 5 },
    { N_ ("ACCESS"), FALSE, 6 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (hits); i++)
    {
      g_autoptr (GVariant) hit = g_variant_get_child_value (hits, i);
      gboolean gated = strcmp (mc_cli_dict_get_string (hit, "gated", "no"), "no") != 0;

      mc_cli_table_add (table, g_strdup (mc_cli_dict_get_string (hit, "repo", "")),
                        mc_cli_text_count (mc_cli_dict_get_size (hit, "downloads")),
                        mc_cli_text_count (mc_cli_dict_get_size (hit, "likes")),
                        g_strdup (mc_cli_dict_get_string (hit, "task", "")),
                        g_strdup (mc_cli_dict_get_string (hit, "library", "")),
                        g_strdup (mc_cli_dict_get_string (hit, "license", "")),
                        g_strdup (gated ? _ ("gated") : ""));
    }
  if (g_variant_n_children (hits) == 0)
    mc_cli_print (_ ("The Hub found nothing.\n"));
  else
    mc_cli_table_print (table);
}

static GVariant *
make_options (char **filters, const char *sort, int limit)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (filters != NULL)
    g_variant_dict_insert (&options, "filters", "^as", filters);
  if (sort != NULL)
    g_variant_dict_insert (&options, "sort", "s", sort);
  if (limit > 0)
    g_variant_dict_insert (&options, "limit", "u", (guint32) limit);
  return g_variant_dict_end (&options);
}

static gboolean
is_valid (char **filters, const char *sort)
{
  for (guint i = 0; filters != NULL && filters[i] != NULL; i++)
    if (!g_utf8_validate (filters[i], -1, NULL))
      return FALSE;
  return sort == NULL || g_utf8_validate (sort, -1, NULL);
}

gboolean
mc_cli_search (McCli *cli, GError **error)
{
  g_auto (GStrv) filters = NULL;
  g_autofree char *sort = NULL;
  int limit = -1;
  const GOptionEntry entries[] = {
    { "filter", 'f', 0, G_OPTION_ARG_FILENAME_ARRAY, &filters,
      N_ ("Only with this tag (gguf, onnx, a task, a language); may be repeated"), N_ ("TAG") },
    { "sort", 's', 0, G_OPTION_ARG_FILENAME, &sort,
      N_ ("By downloads, likes, lastModified, trendingScore or createdAt"), N_ ("ORDER") },
    { "limit", 'n', 0, G_OPTION_ARG_INT, &limit, N_ ("At most this many, 1 to 100"), N_ ("N") },
    { NULL },
  };
  g_autofree char *text = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) hits = NULL;
  GError *local = NULL;

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (limit != -1 && (limit < 1 || limit > 100))
    return mc_cli_fail_usage (error, _ ("--limit takes a number from 1 to 100"));
  if (!is_valid (filters, sort))
    return mc_cli_fail_usage (error, _ ("An option's value is not valid UTF-8"));
  text = g_strjoinv (" ", cli->arguments);
  if (!mc_cli_connect (cli, error))
    return FALSE;

  mc_dbus_manager_call_search (mc_cli_get_manager (cli), text, make_options (filters, sort, limit),
                               cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_search_finish (mc_cli_get_manager (cli), &hits, result, &local))
    return mc_cli_fail (error, local);
  if (cli->json)
    mc_cli_print_json_value (hits, FALSE);
  else
    print_hits (hits);
  return TRUE;
}
