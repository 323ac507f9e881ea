/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-follow.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"
#include "mc-cli-transfers.h"

#include "mc-error.h"
#include "mc-model-places.h"
#include "mc-sandbox.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

/* mcache import: files that other programs have are adopted, by the service. */

static const struct
{
  const char *word;
  const char *phrase;
} outcomes[] = {
  { "adopted", NC_ ("import", "adopted") },
  { "here", NC_ ("import", "here already") },
  { "in-use", NC_ ("import", "in use, try again") },
  { "changed", NC_ ("import", "changed while it was read") },
  { "unreadable", NC_ ("import", "cannot be read") },
  { "unknown", NC_ ("import", "of no known repo") },
};

static const char *
name_outcome (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    if (strcmp (word, outcomes[i].word) == 0)
      return g_dpgettext2 (NULL, "import", outcomes[i].phrase);
  return word;
}

static guint
get_count (GVariant *report, const char *key)
{
  guint32 count = 0;

  g_variant_lookup (report, key, "u", &count);
  return count;
}

static void
print_files (GVariant *report, gboolean dry_run)
{
  static const McCliColumn columns[] = {
    { N_ ("FILE"), FALSE, 0 }, { N_ ("SIZE"), TRUE, 1 }, { N_ ("OUTCOME"), FALSE, 0 },
    { N_ ("REPO"), FALSE, 0 }, { N_ ("AS"), FALSE, 2 },
  };
  g_autoptr (GVariant) files = mc_cli_dict_get_list (report, "files");
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (files); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (files, i);
      const char *outcome = mc_cli_dict_get_string (row, "outcome", "");
      gboolean would = dry_run && strcmp (outcome, "adopted") == 0;

      mc_cli_table_add (table, g_strdup (mc_cli_dict_get_string (row, "path", "")),
                        mc_cli_text_size (mc_cli_dict_get_size (row, "size")),
                        g_strdup (would ? _ ("would be adopted") : name_outcome (outcome)),
                        g_strdup (mc_cli_dict_get_string (row, "repo", "")),
                        g_strdup (mc_cli_dict_get_string (row, "file", "")));
    }
  if (g_variant_n_children (files) > 0)
    mc_cli_table_print (table);
  if (get_count (report, "not_listed") > 0)
    /* Translators: a number of files. */
    mc_cli_print (_ ("… and %u more\n"), get_count (report, "not_listed"));
}

static void
print_failures (GVariant *report)
{
  g_autoptr (GVariant) repos = mc_cli_dict_get_list (report, "repos");

  for (gsize i = 0; i < g_variant_n_children (repos); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (repos, i);

      /* Translators: the name of a repo, then why. */
      mc_cli_print (_ ("%s could not be compared with the Hub: %s\n"),
                    mc_cli_dict_get_string (row, "repo", ""),
                    mc_cli_dict_get_string (row, "message", ""));
    }
}

static void
print_report (GVariant *report)
{
  gboolean dry_run = mc_cli_dict_get_flag (report, "dry_run");
  g_autofree char *size = mc_cli_text_size (mc_cli_dict_get_size (report, "adopted_size"));
  guint adopted = get_count (report, "adopted");
  guint unknown = get_count (report, "unknown");

  print_files (report, dry_run);
  print_failures (report);
  if (mc_cli_dict_get_flag (report, "cut"))
    mc_cli_print (_ ("The folder has more, or is deeper, than is looked at.\n"));
  if (dry_run)
    /* Translators: a number of files, then their size. */
    mc_cli_print (
        g_dngettext (NULL, "Would adopt %u file (%s).\n", "Would adopt %u files (%s).\n", adopted),
        adopted, size);
  else
    mc_cli_print (g_dngettext (NULL, "Adopted %u file (%s). It also stays where it was.\n",
                               "Adopted %u files (%s). They also stay where they were.\n", adopted),
                  adopted, size);
  if (unknown > 0)
    mc_cli_print (g_dngettext (NULL, "%u file is of no repo that is known, and is left alone.\n",
                               "%u files are of no repo that is known, and are left alone.\n",
                               unknown),
                  unknown);
}

static void
print_end (McCli *cli, McDbusTransfer *transfer)
{
  GVariant *report = mc_dbus_transfer_get_report (transfer);

  if (report == NULL)
    return;
  if (cli->json)
    mc_cli_print_json_value (report, FALSE);
  else
    print_report (report);
}

static void
explain_interrupt (McDbusTransfer *transfer, GError **error)
{
  g_clear_error (error);
  g_set_error (error, MC_CLI_ERROR, MC_CLI_ERROR_INTERRUPTED,
               _ ("The import goes on in the service. End it with: mcache cancel "
                  "%" PRIu64),
               mc_cli_transfer_get_number (transfer));
}

static gboolean
import (McCli *cli, const char *folder, const char *repo, gboolean dry_run, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *path = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_import (manager, folder, repo, mc_cli_flag_option ("dry_run", dry_run),
                               cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_import_finish (manager, &path, result, &local))
    return mc_cli_fail (error, local);
  if (mc_cli_follow (cli, path, &transfer, &local))
    {
      print_end (cli, transfer);
      return TRUE;
    }
  if (transfer != NULL && mc_cli_was_interrupted (cli, local))
    explain_interrupt (transfer, &local);
  g_propagate_error (error, local);
  return FALSE;
}

/* The usual places that are there. */
static void
print_places (McCli *cli)
{
  g_auto (GStrv) environment = g_get_environ ();
  g_autoptr (GPtrArray) places =
      mc_model_places_list (g_get_home_dir (), (const char *const *) environment);
  GVariantBuilder rows;
  g_autoptr (GVariant) list = NULL;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{ss}"));
  for (guint i = 0; i < places->len; i++)
    {
      McModelPlace *place = g_ptr_array_index (places, i);
      g_autofree char *shown = g_filename_display_name (place->path);

      if (!g_file_test (place->path, G_FILE_TEST_IS_DIR))
        continue;
      g_variant_builder_open (&rows, G_VARIANT_TYPE ("a{ss}"));
      g_variant_builder_add (&rows, "{ss}", "program", place->program);
      g_variant_builder_add (&rows, "{ss}", "path", shown);
      g_variant_builder_close (&rows);
      if (!cli->json)
        mc_cli_print ("mcache import '%s'  # %s\n", shown, place->program);
    }
  list = g_variant_ref_sink (g_variant_builder_end (&rows));
  if (cli->json)
    mc_cli_print_json_value (list, FALSE);
  else if (g_variant_n_children (list) == 0 && mc_sandbox_is_flatpak ())
    /* Translators: %s is a command */
    mc_cli_print (_ ("A Flatpak sees no folders of other programs: drop one on the window, or let "
                     "it in, outside, by %s\n"),
                  "flatpak override --user --filesystem=FOLDER:ro " MC_APP_ID);
  else if (g_variant_n_children (list) == 0)
    mc_cli_print (_ ("No program that is known has models here: name a folder.\n"));
}

gboolean
mc_cli_import (McCli *cli, GError **error)
{
  gboolean dry_run = FALSE;
  const GOptionEntry entries[] = {
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, N_ ("Only tell what would happen"), NULL },
    { NULL },
  };
  g_autofree char *folder = NULL;

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (cli->n_arguments == 0)
    {
      print_places (cli);
      return TRUE;
    }
  if (cli->arguments[0][0] == '\0')
    return mc_cli_fail_usage (error, _ ("Name a folder or a file"));
  if (!mc_cli_connect (cli, error))
    return FALSE;
  folder = g_canonicalize_filename (cli->arguments[0], NULL);
  return import (cli, folder, cli->n_arguments > 1 ? cli->arguments[1] : "", dry_run, error);
}
