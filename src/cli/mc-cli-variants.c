/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-facts.h"
#include "mc-cli-judge.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-listing-json.h"
#include "mc-machine.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* mcache variants: how files are grouped. For a repo the service tells; for a listing on standard
 * input it is computed here, without network or service. */

#define LISTING_MAX ((gsize) 256 * 1024 * 1024)

/* --- a listing --- */

static GString *
read_listing (GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char block[65536];
  gssize got;

  while ((got = read (STDIN_FILENO, block, sizeof block)) != 0)
    {
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          int number = errno;

          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
                       _ ("Reading standard input failed: %s"), g_strerror (number));
          return NULL;
        }
      if (text->len + (gsize) got > LISTING_MAX)
        {
          mc_cli_fail_usage (error, _ ("The listing is larger than 256 MiB"));
          return NULL;
        }
      g_string_append_len (text, block, got);
    }
  return g_steal_pointer (&text);
}

/* As the service would describe it. */
static GVariant *
describe_listing (guint64 context, GError **error)
{
  g_autoptr (GString) text = read_listing (error);
  g_autoptr (McSizedListing) listing = NULL;
  g_autoptr (GError) local = NULL;
  McMachine machine = { 0 };

  if (text == NULL)
    return NULL;
  listing = mc_listing_json_read (text->str, (gssize) text->len, &local);
  if (listing == NULL)
    {
      mc_cli_fail_usage (error, "%s", local->message);
      return NULL;
    }
  /* Without it nothing is said of what fits. */
  mc_machine_read (NULL, &machine, NULL);
  return g_variant_ref_sink (mc_sized_listing_describe (listing, &machine, context));
}

static void
print (GVariant *manifest, gboolean is_long)
{
  if (is_long)
    mc_cli_print_variants_long (manifest);
  else
    mc_cli_print_variant_table (manifest);
}

gboolean
mc_cli_variants (McCli *cli, GError **error)
{
  gboolean is_long = FALSE;
  g_autofree char *context_text = NULL;
  const GOptionEntry entries[] = {
    { "long", 'l', 0, G_OPTION_ARG_NONE, &is_long, N_ ("Tell all that is known of each"), NULL },
    { "context", 'c', 0, G_OPTION_ARG_STRING, &context_text,
      N_ ("Judge what fits for that many tokens"), N_ ("N") },
    { NULL },
  };
  gboolean is_listing;
  guint64 context;
  g_autoptr (GVariant) manifest = NULL;

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_parse_context (context_text, &context, error))
    return FALSE;
  is_listing = strcmp (cli->arguments[0], "-") == 0;
  if (is_listing)
    manifest = describe_listing (context, error);
  else if (mc_cli_connect (cli, error))
    manifest = mc_cli_get_judged_manifest (cli, cli->arguments[0], context, error);
  if (manifest == NULL)
    return FALSE;
  /* What reads a listing from a pipe is a program. */
  if (cli->json || (is_listing && !is_long && !mc_cli_output_examine (STDOUT_FILENO).is_terminal))
    {
      g_autoptr (JsonNode) grouping = mc_listing_json_write (manifest);

      mc_cli_print_json (grouping, FALSE);
    }
  else
    print (manifest, is_long);
  return TRUE;
}
