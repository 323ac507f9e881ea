/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"

#include "mc-cli-facts.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

/* Dictionaries of the interface as people see them. JSON needs none of this: there the dictionaries
 * are printed as they come. */

const char *
mc_cli_dict_get_string (GVariant *dict, const char *key, const char *fallback)
{
  const char *text = NULL;

  return g_variant_lookup (dict, key, "&s", &text) ? text : fallback;
}

guint64
mc_cli_dict_get_size (GVariant *dict, const char *key)
{
  guint64 size = 0;

  g_variant_lookup (dict, key, "t", &size);
  return size;
}

gboolean
mc_cli_dict_get_flag (GVariant *dict, const char *key)
{
  gboolean flag = FALSE;

  g_variant_lookup (dict, key, "b", &flag);
  return flag;
}

GVariant *
mc_cli_dict_get_list (GVariant *dict, const char *key)
{
  GVariant *list = g_variant_lookup_value (dict, key, G_VARIANT_TYPE ("aa{sv}"));

  if (list != NULL)
    return list;
  return g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARDICT, NULL, 0));
}

void
mc_cli_print_fact (const char *label, const char *value)
{
  g_autofree char *padded = mc_cli_text_pad (label, 14, FALSE);

  if (value != NULL && value[0] != '\0')
    mc_cli_print ("  %s %s\n", padded, value);
}

void
mc_cli_print_fact_size (const char *label, guint64 bytes)
{
  g_autofree char *size = mc_cli_text_size (bytes);

  mc_cli_print_fact (label, size);
}

const char *
mc_cli_status_for_people (const char *status)
{
  static const char *const known[] = {
    NC_ ("variant", "available"), NC_ ("variant", "downloading"), NC_ ("variant", "downloaded"),
    NC_ ("variant", "failed"),    NC_ ("variant", "damaged"),     NC_ ("variant", "repairing")
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (known[i], status) == 0)
      return g_dpgettext2 (NULL, "variant", known[i]);
  return status;
}

const char *
mc_cli_role_for_people (GVariant *file)
{
  static const char *const known[] = { NC_ ("role", "variant"), NC_ ("role", "shared"),
                                       NC_ ("role", "other") };
  const char *role = mc_cli_dict_get_string (file, "role", "");

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (known[i], role) == 0)
      return g_dpgettext2 (NULL, "role", known[i]);
  return role;
}

static void
print_sizes_of_model (GVariant *manifest)
{
  guint64 parameters = mc_cli_dict_get_size (manifest, "parameters");
  guint64 context = mc_cli_dict_get_size (manifest, "context_length");
  g_autofree char *parameters_text = parameters == 0 ? NULL : mc_cli_text_count (parameters);
  g_autofree char *context_text = NULL;

  if (context > 0)
    context_text = g_strdup_printf (
        ngettext ("%" PRIu64 " token", "%" PRIu64 " tokens", (gulong) context), context);
  mc_cli_print_fact (_ ("Parameters:"), parameters_text);
  mc_cli_print_fact (_ ("Context:"), context_text);
}

static void
print_commit (GVariant *manifest)
{
  const char *commit = mc_cli_dict_get_string (manifest, "commit", "");
  const char *revision = mc_cli_dict_get_string (manifest, "revision", "");
  g_autofree char *both = NULL;

  if (revision[0] == '\0' || strcmp (commit, revision) == 0)
    both = g_strdup (commit);
  else
    both = g_strdup_printf ("%s (%s)", commit, revision);
  mc_cli_print_fact (_ ("Commit:"), both);
}

static void
print_scanned_at (GVariant *manifest)
{
  gint64 seconds = 0;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL;

  if (!g_variant_lookup (manifest, "scanned_at", "x", &seconds) || seconds <= 0)
    return;
  time = g_date_time_new_from_unix_local (seconds);
  text = time == NULL ? NULL : g_date_time_format (time, "%F %R");
  mc_cli_print_fact (_ ("Scanned:"), text);
}

static const char *
gated_for_people (const char *gated)
{
  if (strcmp (gated, "auto") == 0)
    return _ ("yes: access is granted to whoever accepts its conditions on the Hub");
  if (strcmp (gated, "manual") == 0)
    return _ ("yes: its owner decides who gets access");
  return NULL;
}

void
mc_cli_print_manifest (GVariant *manifest, gboolean is_long, gboolean is_one)
{
  g_autoptr (GVariant) files = mc_cli_dict_get_list (manifest, "files");
  g_autofree char *n_files = g_strdup_printf ("%" G_GSIZE_FORMAT, g_variant_n_children (files));

  mc_cli_print ("%s\n", mc_cli_dict_get_string (manifest, "repo", ""));
  print_commit (manifest);
  mc_cli_print_fact (_ ("Task:"), mc_cli_dict_get_string (manifest, "task", NULL));
  mc_cli_print_fact (_ ("Library:"), mc_cli_dict_get_string (manifest, "library", NULL));
  mc_cli_print_fact (_ ("License:"), mc_cli_dict_get_string (manifest, "license", NULL));
  mc_cli_print_fact (_ ("Gated:"),
                     gated_for_people (mc_cli_dict_get_string (manifest, "gated", "no")));
  mc_cli_print_fact (_ ("Private:"), mc_cli_dict_get_flag (manifest, "private") ? _ ("yes") : NULL);
  print_sizes_of_model (manifest);
  print_scanned_at (manifest);
  /* Of one variant alone its files are shown. */
  if (!is_one)
    mc_cli_print_fact (_ ("Files:"), n_files);
  mc_cli_print ("\n");
  if (is_long)
    mc_cli_print_variants_long (manifest);
  else
    mc_cli_print_variant_table (manifest);
}

void
mc_cli_print_files (GVariant *files)
{
  static const McCliColumn columns[] = {
    { N_ ("FILE"), FALSE, 0 },
    { N_ ("SIZE"), TRUE, 0 },
    { N_ ("HERE"), TRUE, 1 },
    { N_ ("ROLE"), FALSE, 2 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (files); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (files, i);
      guint64 here = mc_cli_dict_get_size (row, "downloaded");

      mc_cli_table_add (table, g_strdup (mc_cli_dict_get_string (row, "path", "")),
                        mc_cli_text_size (mc_cli_dict_get_size (row, "size")),
                        here == 0 ? g_strdup ("-") : mc_cli_text_size (here),
                        g_strdup (mc_cli_role_for_people (row)));
    }
  mc_cli_table_print (table);
}

GVariant *
mc_cli_get_manifest (McCli *cli, const char *repo, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *manifest = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_get_manifest (manager, repo, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_get_manifest_finish (manager, &manifest, result, &local))
    mc_cli_fail (error, local);
  return manifest;
}
