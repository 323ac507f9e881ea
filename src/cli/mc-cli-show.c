/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-facts.h"
#include "mc-cli-judge.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-repo-ref.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache show: what is known of a scanned repo, or of one variant of it. */

typedef struct
{
  gboolean with_files;
  gboolean is_long;
  guint64 context;
  gboolean is_one; /* of its variants */
} Wish;

/* Whether what names the repo also names a variant: owner/name:Q4_K_M. */
static gboolean
names_variant (McCli *cli, const char *text)
{
  const char *endpoint = mc_dbus_manager_get_endpoint (mc_cli_get_manager (cli));
  const char *host = endpoint == NULL ? NULL : strstr (endpoint, "://");
  g_autoptr (McRepoRef) ref =
      mc_repo_ref_parse (text, host == NULL ? NULL : host + strlen ("://"), NULL);

  return ref != NULL && ref->variant != NULL;
}

static void
print (GVariant *manifest, const Wish *wish)
{
  g_autoptr (GVariant) files = mc_cli_dict_get_list (manifest, "files");

  mc_cli_print_manifest (manifest, wish->is_one || wish->is_long, wish->is_one);
  if (wish->with_files && !wish->is_one)
    {
      mc_cli_print ("\n");
      mc_cli_print_files (files);
    }
}

gboolean
mc_cli_show (McCli *cli, GError **error)
{
  Wish wish = { 0 };
  g_autofree char *context = NULL;
  const GOptionEntry entries[] = {
    { "files", 0, 0, G_OPTION_ARG_NONE, &wish.with_files, N_ ("List the files too"), NULL },
    { "long", 'l', 0, G_OPTION_ARG_NONE, &wish.is_long, N_ ("Tell all that is known of each"),
      NULL },
    { "context", 'c', 0, G_OPTION_ARG_STRING, &context, N_ ("Judge what fits for that many tokens"),
      N_ ("N") },
    { NULL },
  };
  const char *repo;
  g_autoptr (GVariant) manifest = NULL;

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_parse_context (context, &wish.context, error)
      || !mc_cli_connect (cli, error))
    return FALSE;
  repo = cli->arguments[0];
  wish.is_one = cli->n_arguments > 1 || names_variant (cli, repo);
  if (wish.is_one)
    manifest = mc_cli_get_manifest_of_variant (
        cli, repo, cli->n_arguments > 1 ? cli->arguments[1] : "", wish.context, error);
  else
    manifest = mc_cli_get_judged_manifest (cli, repo, wish.context, error);
  if (manifest == NULL)
    return FALSE;
  if (cli->json)
    mc_cli_print_json_value (manifest, FALSE);
  else
    print (manifest, &wish);
  return TRUE;
}
