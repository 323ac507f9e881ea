/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-errors.h"

#include "mc-error.h"

#include <glib/gi18n.h>

/* One row for each code of MC_ERROR. Pure: what is printed where is up to mc-cli.c. */

/* The formatter would put blanks into the name. */
/* clang-format off */
G_DEFINE_QUARK (mc-cli-error-quark, mc_cli_error)
/* clang-format on */

static const struct
{
  McCliExit status;
  gboolean needs_message;
  const char *sentence;
  const char *sentence_for_repo; /* (nullable): with %s for the repo */
} rows[] = {
  [MC_ERROR_FAILED] = { MC_CLI_EXIT_FAILED, TRUE, N_ ("Something went wrong."), NULL },
  [MC_ERROR_INVALID_NAME] = { MC_CLI_EXIT_USAGE, TRUE,
                              N_ ("That name cannot be understood. Name a repo as owner/name, or "
                                  "paste the address of its "
                                  "page."),
                              NULL },
  [MC_ERROR_NOT_FOUND] = { MC_CLI_EXIT_UNKNOWN, FALSE,
                           N_ ("The Hub has no such repo or revision, or it is private. Check the "
                               "spelling, or sign in with: mcache login"),
                           N_ ("The Hub has no repo or revision “%s”, or it is private. Check the "
                               "spelling, or sign in with: mcache login") },
  [MC_ERROR_UNKNOWN_FILE] = { MC_CLI_EXIT_UNKNOWN, TRUE, N_ ("The repo has no such file."),
                              N_ ("The repo has no such file. List its files with: mcache show "
                                  "--files %s") },
  [MC_ERROR_UNKNOWN_VARIANT] = { MC_CLI_EXIT_UNKNOWN, TRUE,
                                 N_ ("The repo has no such variant, or the name fits several."),
                                 N_ ("The repo has no such variant, or the name fits several. List "
                                     "them with: mcache show %s") },
  [MC_ERROR_NOT_SCANNED] = { MC_CLI_EXIT_UNKNOWN, FALSE,
                             N_ ("The repo is not in the library. Scan it first."),
                             N_ ("The repo is not in the library. Scan it first: mcache scan %s") },
  [MC_ERROR_NOT_DOWNLOADED] = { MC_CLI_EXIT_UNKNOWN, TRUE,
                                N_ ("That is not on this computer yet. Download it first."),
                                N_ ("That is not on this computer yet. Download it first: mcache "
                                    "download %s") },
  [MC_ERROR_SIGN_IN] = { MC_CLI_EXIT_ACCESS, FALSE,
                         N_ ("The Hub wants you to sign in, with: mcache login"), NULL },
  [MC_ERROR_GATED] = { MC_CLI_EXIT_ACCESS, TRUE,
                       N_ ("The owner of this repo must grant you access first. Ask for it on the "
                           "repo's page on the "
                           "Hub, then try again."),
                       N_ ("The owner of “%s” must grant you access first. Ask for it on the "
                           "repo's page on the Hub, "
                           "then try again.") },
  [MC_ERROR_ACCESS_PENDING] = { MC_CLI_EXIT_ACCESS, TRUE,
                                N_ ("You asked for access, and the owner of the repo has not "
                                    "answered yet. Wait, then try again."),
                                NULL },
  [MC_ERROR_ACCESS_REFUSED] = { MC_CLI_EXIT_ACCESS, TRUE,
                                N_ ("Your account or its token may not have this. Ask the owner, "
                                    "or sign in with another one."),
                                NULL },
  [MC_ERROR_TOKEN_REFUSED] = { MC_CLI_EXIT_ACCESS, TRUE,
                               N_ ("The Hub does not accept your token: it expired or was "
                                   "revoked. Make a new one on the Hub's page for tokens, then: "
                                   "mcache login. Public "
                                   "repos can be had all the same."),
                               NULL },
  [MC_ERROR_GONE] = { MC_CLI_EXIT_UNKNOWN, TRUE,
                      N_ ("The Hub no longer has this: it was removed, disabled or made private. "
                          "What was downloaded stays."),
                      N_ ("The Hub no longer has “%s”: it was removed, disabled or made private. "
                          "What was downloaded stays.") },
  [MC_ERROR_OFFLINE] = { MC_CLI_EXIT_NETWORK, FALSE,
                         N_ ("Offline mode is on, and this needs the network. Turn it off with: "
                             "mcache settings offline off, or by starting the service without "
                             "HF_HUB_OFFLINE."),
                         NULL },
  [MC_ERROR_RATE_LIMITED] = { MC_CLI_EXIT_NETWORK, FALSE,
                              N_ ("The Hub got too many requests from here. Wait some minutes, "
                                  "then try again."),
                              NULL },
  [MC_ERROR_NETWORK] = { MC_CLI_EXIT_NETWORK, FALSE,
                         N_ ("The Hub cannot be reached, or it fell silent. Check the connection, "
                             "then try again."),
                         NULL },
  [MC_ERROR_BAD_RESPONSE] = { MC_CLI_EXIT_NETWORK, TRUE,
                              N_ ("The Hub's answer made no sense. Try again later; if it stays "
                                  "so, report it."),
                              NULL },
  [MC_ERROR_CORRUPT] = { MC_CLI_EXIT_CORRUPT, TRUE,
                         N_ ("Some bytes are not what they should be, and were discarded. What "
                             "was downloaded before is being repaired: see mcache status. "
                             "Anything else must be downloaded again."),
                         NULL },
  [MC_ERROR_NO_SPACE] = { MC_CLI_EXIT_NO_SPACE, TRUE,
                          N_ ("There is not enough space on the disk. Free some, with mcache "
                              "delete "
                              "for instance, then try again."),
                          NULL },
  [MC_ERROR_IN_USE] = { MC_CLI_EXIT_IN_USE, TRUE,
                        N_ ("It is in use. Wait until the program that has it open, or the "
                            "transfer, has ended."),
                        NULL },
  [MC_ERROR_BUSY] = { MC_CLI_EXIT_IN_USE, FALSE,
                      N_ ("The service has too much to do at once. Try again shortly."), NULL },
  [MC_ERROR_STORE] = { MC_CLI_EXIT_FAILED, TRUE,
                       N_ ("The store of downloaded models cannot be read or written."), NULL },
  [MC_ERROR_STORE_ABSENT] = { MC_CLI_EXIT_FAILED, TRUE,
                              N_ ("The disk with the store of downloaded models is not there. "
                                  "Connect it and try again: nothing is lost."),
                              NULL },
  [MC_ERROR_CHANGED] = { MC_CLI_EXIT_NETWORK, TRUE,
                         N_ ("The model was changed on the Hub since it was scanned. Scan it "
                             "again, "
                             "with mcache scan, then download it: nothing of what is here is "
                             "lost."),
                         NULL },
  [MC_ERROR_NOT_ALLOWED] = { MC_CLI_EXIT_ACCESS, TRUE,
                             N_ ("This program runs in a sandbox and was not allowed to do that."),
                             NULL },
  [MC_ERROR_NO_SERVICE] = { MC_CLI_EXIT_NO_SERVICE, TRUE,
                            N_ ("The Model Cache service cannot be reached. It must be installed; "
                                "if it just ended, run the command again."),
                            NULL },
};
G_STATIC_ASSERT (G_N_ELEMENTS (rows) == MC_N_ERRORS);

McCliExit
mc_cli_errors_get_exit (const GError *error)
{
  if (error->domain == MC_CLI_ERROR)
    switch ((McCliError) error->code)
      {
      case MC_CLI_ERROR_USAGE:
        return MC_CLI_EXIT_USAGE;
      case MC_CLI_ERROR_UNKNOWN_TRANSFER:
        return MC_CLI_EXIT_UNKNOWN;
      case MC_CLI_ERROR_INTERRUPTED:
        return MC_CLI_EXIT_INTERRUPTED;
      case MC_CLI_ERROR_PIPE:
        return MC_CLI_EXIT_PIPE;
      case MC_CLI_ERROR_DONE:
        return MC_CLI_EXIT_OK;
      case MC_CLI_ERROR_DECLINED:
      default:
        return MC_CLI_EXIT_FAILED;
      }
  if (error->domain == MC_ERROR && error->code >= 0 && error->code < MC_N_ERRORS)
    return rows[error->code].status;
  return MC_CLI_EXIT_FAILED;
}

const char *
mc_cli_errors_get_name (const GError *error)
{
  if (error->domain == MC_CLI_ERROR)
    switch ((McCliError) error->code)
      {
      case MC_CLI_ERROR_USAGE:
        return "Usage";
      case MC_CLI_ERROR_UNKNOWN_TRANSFER:
        return "UnknownTransfer";
      case MC_CLI_ERROR_INTERRUPTED:
        return "Interrupted";
      case MC_CLI_ERROR_DECLINED:
        return "Declined";
      case MC_CLI_ERROR_PIPE:
      case MC_CLI_ERROR_DONE:
      default:
        break;
      }
  return mc_error_get_name (error);
}

static char *
describe_code (McError code, const char *repo)
{
  if (repo == NULL || rows[code].sentence_for_repo == NULL)
    return g_strdup (_ (rows[code].sentence));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (_ (rows[code].sentence_for_repo), repo);
#pragma GCC diagnostic pop
}

char *
mc_cli_errors_describe (const GError *error, const char *repo, gboolean *needs_message)
{
  *needs_message = FALSE;
  if (error->domain == MC_CLI_ERROR)
    return g_strdup (error->message);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_strdup (_ ("It was cancelled."));
  if (error->domain != MC_ERROR || error->code < 0 || error->code >= MC_N_ERRORS)
    {
      *needs_message = TRUE;
      return describe_code (MC_ERROR_FAILED, repo);
    }
  *needs_message = rows[error->code].needs_message;
  return describe_code (error->code, repo);
}

char *
mc_cli_errors_describe_name (const char *name, const char *repo)
{
  McError code;

  return mc_error_from_name (name, &code) ? describe_code (code, repo) : NULL;
}
