/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error-text.h"

#include "mc-error.h"

#include <glib/gi18n.h>

/* One row for each code of MC_ERROR. Pure. The error's own message is for logs and details. */

static const struct
{
  const char *title;
  const char *explanation;
  enum
  {
    NONE,
    RETRY,
    SIGN_IN,
    OPEN_PAGE,
    FREE_SPACE,
    GO_ONLINE,
    REFRESH,
  } remedy;
} rows[] = {
  [MC_ERROR_FAILED] = { N_ ("Something Went Wrong"),
                        N_ ("What was downloaded is kept. Try again; if it stays so, report it."),
                        RETRY },
  [MC_ERROR_INVALID_NAME] = { N_ ("Not a Name of a Model"),
                              N_ ("Name it as owner/name, or paste the address of its page.") },
  [MC_ERROR_NOT_FOUND] = { N_ ("Not Found on the Hub"),
                           N_ ("There is no such model, or it is private. Check the spelling, or "
                               "sign in."),
                           SIGN_IN },
  [MC_ERROR_UNKNOWN_FILE] = { N_ ("No Such File"), N_ ("The model has no file of that name."),
                              REFRESH },
  [MC_ERROR_UNKNOWN_VARIANT] = { N_ ("No Such Variant"),
                                 N_ ("The model has no variant of that name. Refresh it."),
                                 REFRESH },
  [MC_ERROR_NOT_SCANNED] = { N_ ("Not in the Library"), N_ ("Look the model up first."), REFRESH },
  [MC_ERROR_NOT_DOWNLOADED] = { N_ ("Not on This Computer"), N_ ("Download it first.") },
  [MC_ERROR_SIGN_IN] = { N_ ("Sign-in Needed"),
                         N_ ("The Hub gives this only to those who are signed in. What was "
                             "downloaded is kept."),
                         SIGN_IN },
  [MC_ERROR_GATED] = { N_ ("Access Must Be Granted"),
                       N_ ("Accept the conditions on the model’s page on the Hub, then try "
                           "again."),
                       OPEN_PAGE },
  [MC_ERROR_ACCESS_PENDING] = { N_ ("Access Was Asked For"),
                                N_ ("The owner has not answered yet. What was downloaded is "
                                    "kept."),
                                OPEN_PAGE },
  [MC_ERROR_ACCESS_REFUSED] = { N_ ("Access Was Refused"),
                                N_ ("Ask the owner of the model, or sign in with another "
                                    "account."),
                                OPEN_PAGE },
  [MC_ERROR_TOKEN_REFUSED] = { N_ ("The Token Is Not Accepted"),
                               N_ ("It expired or was revoked: sign in with a new one. Public "
                                   "models can be had all the same."),
                               SIGN_IN },
  [MC_ERROR_GONE] = { N_ ("No Longer on the Hub"),
                      N_ ("It was removed or made private. What was downloaded stays.") },
  [MC_ERROR_OFFLINE] = { N_ ("Offline Mode Is On"),
                         N_ ("This needs the network. Turn offline mode off to go on."),
                         GO_ONLINE },
  [MC_ERROR_RATE_LIMITED] = { N_ ("The Hub Asks for a Pause"),
                              N_ ("It got too many requests from here. Try again in some "
                                  "minutes."),
                              RETRY },
  [MC_ERROR_NETWORK] = { N_ ("The Hub Cannot Be Reached"),
                         N_ ("Check the connection. What was downloaded is kept."), RETRY },
  [MC_ERROR_BAD_RESPONSE] = { N_ ("The Hub’s Answer Made No Sense"),
                              N_ ("Try again later. What was downloaded is kept."), RETRY },
  [MC_ERROR_CORRUPT] = { N_ ("Some Bytes Were Wrong"),
                         N_ ("They were discarded; all that was right is kept. Try again."),
                         RETRY },
  [MC_ERROR_NO_SPACE] = { N_ ("Not Enough Space"),
                          N_ ("Delete models that are not needed, or free space on the disk. What "
                              "was downloaded is kept."),
                          FREE_SPACE },
  [MC_ERROR_IN_USE] = { N_ ("In Use"),
                        N_ ("A program has it open, or it is being downloaded. Try again when "
                            "that has ended."),
                        RETRY },
  [MC_ERROR_BUSY] = { N_ ("Too Much at Once"), N_ ("Try again shortly."), RETRY },
  [MC_ERROR_STORE] = { N_ ("The Store Cannot Be Used"),
                       N_ ("Its folder cannot be read or written."), RETRY },
  [MC_ERROR_STORE_ABSENT] = { N_ ("The Disk With the Models Is Not There"),
                              N_ ("Connect it and try again: nothing is lost."), RETRY },
  [MC_ERROR_CHANGED] = { N_ ("The Model Was Changed"),
                         N_ ("It is newer on the Hub than here. Refresh it, then download: nothing "
                             "of what is here is lost."),
                         REFRESH },
  [MC_ERROR_NOT_ALLOWED] = { N_ ("Not Allowed"),
                             N_ ("Model Cache runs in a sandbox that does not have this folder. "
                                 "Choose "
                                 "it in a dialog of the desktop, or drop it on the window.") },
  [MC_ERROR_NO_SERVICE] = { N_ ("The Service Cannot Be Reached"),
                            N_ ("Nothing is lost: downloads go on when it is back."), RETRY },
};
G_STATIC_ASSERT (G_N_ELEMENTS (rows) == MC_N_ERRORS);

static const struct
{
  const char *button;
  const char *action;
} remedies[] = {
  [NONE] = { NULL, NULL },
  [RETRY] = { N_ ("Try Again"), "problem.retry" },
  [SIGN_IN] = { N_ ("Sign In…"), "win.preferences" },
  [OPEN_PAGE] = { N_ ("Open Page"), "win.open-page" },
  [FREE_SPACE] = { N_ ("Free Space…"), "win.reclaim" },
  [GO_ONLINE] = { N_ ("Go Online"), "win.go-online" },
  [REFRESH] = { N_ ("Refresh"), "win.look-up" },
};

static McErrorText
get_row (McError code)
{
  const char *button = remedies[rows[code].remedy].button;

  return (McErrorText){ _ (rows[code].title), _ (rows[code].explanation),
                        button == NULL ? NULL : _ (button), remedies[rows[code].remedy].action };
}

McErrorText
mc_error_text_get (const GError *error)
{
  if (error->domain == MC_ERROR && error->code >= 0 && error->code < MC_N_ERRORS)
    return get_row (error->code);
  return get_row (MC_ERROR_FAILED);
}

McErrorText
mc_error_text_get_by_name (const char *name)
{
  McError code = MC_ERROR_FAILED;

  if (!mc_error_from_name (name, &code))
    code = MC_ERROR_FAILED;
  return get_row (code);
}

/* Nothing that is set is more than a folder that a Flatpak may not have. */
static McErrorText
get_for_sandbox (void)
{
  g_autofree char *explanation =
      /* Translators: %s is a command */
      g_strdup_printf (_ ("Models can be kept in folders that the Flatpak may use: %s"),
                       "flatpak override --user --filesystem=FOLDER " MC_APP_ID);

  return (McErrorText){ .title = _ ("Not Allowed"), .explanation = g_intern_string (explanation) };
}

McErrorText
mc_error_text_get_for_setting (const GError *error)
{
  if (g_error_matches (error, MC_ERROR, MC_ERROR_NOT_ALLOWED))
    return get_for_sandbox ();
  if (g_error_matches (error, MC_ERROR, MC_ERROR_INVALID_NAME))
    return (McErrorText){ .title = _ ("That Cannot Be Set"),
                          .explanation = _ ("All is as it was before.") };
  return mc_error_text_get (error);
}
