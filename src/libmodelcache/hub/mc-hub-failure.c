/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-failure.h"

#include "mc-error.h"
#include "mc-hub-headers.h"
#include "mc-json.h"
#include "mc-redact.h"

#include <string.h>

/* What the Hub means by its refusals. Pure. The code in the header goes before the text, the text
 * before the bare status. */

#define MAX_SAID 300 /* bytes of the Hub's own words that are passed on */

/* --- the Hub's own words --- */

static char *
tidy (const char *text, gsize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) MIN (length, 4 * MAX_SAID));
  g_autoptr (GString) tidied = g_string_new (NULL);

  for (const char *p = valid; *p != '\0' && tidied->len < MAX_SAID; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_iscntrl (c) && !g_unichar_isspace (c))
        g_string_append_unichar (tidied, c);
      else if (tidied->len > 0 && tidied->str[tidied->len - 1] != ' ')
        g_string_append_c (tidied, ' ');
    }
  g_strchomp (tidied->str);
  return tidied->str[0] == '\0' ? NULL : g_strdup (tidied->str);
}

/* {"error": ".."}, {"error": [".."]}, {"errors": [{"message": ".."}]}, "error_description" */
static char *
read_json (const McHubFailure *failure)
{
  g_autoptr (JsonNode) node = mc_json_parse (failure->body, (gssize) failure->length, NULL);
  JsonObject *object = mc_json_node_get_object (node);
  const char *text = mc_json_get_string (object, "error");
  g_auto (GStrv) several = NULL;
  JsonArray *errors;

  if (object == NULL)
    return NULL;
  several = mc_json_get_strings (object, "error");
  if (text == NULL)
    text = several[0];
  errors = mc_json_get_array (object, "errors");
  if (text == NULL && errors != NULL && json_array_get_length (errors) > 0)
    text = mc_json_get_string (mc_json_node_get_object (json_array_get_element (errors, 0)),
                               "message");
  if (text == NULL)
    text = mc_json_get_string (object, "error_description");
  return text == NULL ? NULL : tidy (text, strlen (text));
}

static char *
find_said (const McHubFailure *failure)
{
  const char *body = failure->body;
  gsize length = failure->length;

  if (failure->message != NULL && failure->message[0] != '\0')
    return tidy (failure->message, strlen (failure->message));
  if (body == NULL)
    return NULL;
  while (length > 0 && g_ascii_isspace (*body))
    {
      body++;
      length--;
    }
  /* Pages are for browsers. */
  if (length == 0 || *body == '<')
    return NULL;
  if (*body == '{' || *body == '[')
    return read_json (failure);
  return tidy (body, length);
}

/* Some answers repeat what they were asked. */
static char *
dup_said (const McHubFailure *failure)
{
  g_autofree char *said = find_said (failure);

  return said == NULL ? NULL : mc_redact (said, failure->secret);
}

static gboolean
says (const char *said, const char *words)
{
  g_autofree char *left = said == NULL ? NULL : g_ascii_strdown (said, -1);

  return left != NULL && strstr (left, words) != NULL;
}

/* --- errors --- */

/* The sentence, and behind it what the Hub said if it said anything. */
static GError *
explain (McError code, const char *said, const char *sentence)
{
  if (said == NULL)
    return g_error_new_literal (MC_ERROR, code, sentence);
  return g_error_new (MC_ERROR, code, "%s (the Hub says: %s)", sentence, said);
}

static GError *
not_found (const McHubFailure *failure)
{
  /* Files are asked for by a commit that the Hub named before. */
  if (failure->ask == MC_HUB_ASK_FILE && failure->repo != NULL)
    return g_error_new (MC_ERROR, MC_ERROR_GONE,
                        "The Hub no longer has %s, or has made it private%s", failure->repo,
                        failure->token == MC_HUB_TOKEN_NONE ? ": sign in if it is yours" : "");
  if (failure->repo == NULL)
    return g_error_new_literal (MC_ERROR, MC_ERROR_NOT_FOUND,
                                "The Hub does not have what was asked for, or it is private");
  if (failure->token == MC_HUB_TOKEN_NONE)
    return g_error_new (MC_ERROR, MC_ERROR_NOT_FOUND,
                        "The Hub has no repo %s, or it is private: check the name, or sign in",
                        failure->repo);
  return g_error_new (MC_ERROR, MC_ERROR_NOT_FOUND,
                      "The Hub has no repo %s that this account may see: check the name",
                      failure->repo);
}

/* The one code for a closed gate has three meanings, which only the words tell. */
static GError *
gated (const McHubFailure *failure, const char *said)
{
  const char *then = failure->token == MC_HUB_TOKEN_NONE ? ", then sign in with a token" : "";
  const char *repo = failure->repo;

  if (repo == NULL)
    return g_error_new_literal (MC_ERROR, MC_ERROR_GATED,
                                "The owner must grant access first: open the model's page");
  if (says (said, "awaiting a review"))
    return g_error_new (MC_ERROR, MC_ERROR_ACCESS_PENDING,
                        "The owner of %s was asked for access and has not answered yet: see %s/%s",
                        repo, failure->endpoint, repo);
  if (says (said, "has been rejected"))
    return g_error_new (MC_ERROR, MC_ERROR_ACCESS_REFUSED,
                        "The owner of %s has refused access to this account: see %s/%s", repo,
                        failure->endpoint, repo);
  return g_error_new (MC_ERROR, MC_ERROR_GATED, "%s is gated: ask for access at %s/%s%s", repo,
                      failure->endpoint, repo, then);
}

static GError *
token_refused (const McHubFailure *failure)
{
  return g_error_new (MC_ERROR, MC_ERROR_TOKEN_REFUSED,
                      "%s did not accept the token: sign in with a new one", failure->host);
}

/* 401 and 403 */
static GError *
denied (const McHubFailure *failure, const char *said)
{
  if (failure->token == MC_HUB_TOKEN_REFUSED)
    return token_refused (failure);
  if (g_strcmp0 (failure->code, "GatedRepo") == 0)
    return gated (failure, said);
  if (g_strcmp0 (failure->code, "RepoNotFound") == 0)
    return not_found (failure);
  if (says (said, "is disabled"))
    return explain (MC_ERROR_GONE, said, "The Hub has disabled this repo");
  if (failure->status == 401 && failure->token == MC_HUB_TOKEN_SENT)
    return token_refused (failure);
  if (failure->ask == MC_HUB_ASK_WHOAMI)
    return g_error_new_literal (MC_ERROR, MC_ERROR_SIGN_IN,
                                "Nobody is signed in: set a token first");
  /* So that nobody learns which private repos there are, the Hub answers alike for both. */
  if (failure->status == 401)
    return not_found (failure);
  if (failure->token == MC_HUB_TOKEN_SENT)
    return explain (MC_ERROR_ACCESS_REFUSED, said, "The token gives no right to this");
  return explain (MC_ERROR_SIGN_IN, said, "The Hub refuses this without a token: sign in");
}

/* 404 and 410 */
static GError *
absent (const McHubFailure *failure, const char *said)
{
  if (g_strcmp0 (failure->code, "RevisionNotFound") == 0 || says (said, "invalid rev id"))
    return g_error_new (MC_ERROR, MC_ERROR_NOT_FOUND, "%s has no revision “%s”",
                        failure->repo != NULL ? failure->repo : "The repo",
                        failure->revision != NULL ? failure->revision : "main");
  if (g_strcmp0 (failure->code, "EntryNotFound") == 0
      || (failure->code == NULL && says (said, "entry not found")))
    {
      if (failure->path == NULL)
        return g_error_new_literal (MC_ERROR, MC_ERROR_UNKNOWN_FILE, "The repo has no such file");
      return g_error_new (MC_ERROR, MC_ERROR_UNKNOWN_FILE, "%s has no file “%s”",
                          failure->repo != NULL ? failure->repo : "The repo", failure->path);
    }
  if (failure->status == 410)
    return explain (MC_ERROR_GONE, said, "The Hub has removed this");
  return not_found (failure);
}

static GError *
rate_limited (const McHubFailure *failure)
{
  guint64 wait = mc_hub_parse_wait (failure->rate_limit, failure->retry_after, failure->now);

  if (wait == 0)
    return g_error_new (MC_ERROR, MC_ERROR_RATE_LIMITED,
                        "%s had too many requests from here: wait a few minutes", failure->host);
  return g_error_new (MC_ERROR, MC_ERROR_RATE_LIMITED,
                      "%s had too many requests from here: wait %" G_GUINT64_FORMAT " seconds",
                      failure->host, wait);
}

static GError *
other (const McHubFailure *failure, const char *said)
{
  g_autofree char *sentence = NULL;
  McError code = MC_ERROR_BAD_RESPONSE;

  if (failure->status >= 500 || failure->status == 408 || failure->status == 425)
    {
      /* Texts of a broken server say nothing to people. */
      return g_error_new (MC_ERROR, MC_ERROR_NETWORK, "%s has trouble (status %u): try again later",
                          failure->host, failure->status);
    }
  if (failure->status == 407)
    return g_error_new_literal (MC_ERROR, MC_ERROR_NETWORK,
                                "The proxy of this network asks for a password");
  if (failure->status == 400 && failure->ask != MC_HUB_ASK_FILE)
    {
      code = MC_ERROR_INVALID_NAME;
      sentence =
          g_strdup ("The Hub does not understand the request: check the name and the options");
    }
  else if (failure->status == 416)
    sentence = g_strdup ("The file is shorter at the Hub than its listing says");
  else if (failure->status < 300)
    sentence =
        g_strdup_printf ("%s gave an answer of no use (status %u)", failure->host, failure->status);
  else if (failure->status < 400)
    sentence = g_strdup_printf ("%s sent us on without saying where (status %u)", failure->host,
                                failure->status);
  else
    sentence =
        g_strdup_printf ("%s refused the request (status %u)", failure->host, failure->status);
  return explain (code, said, sentence);
}

GError *
mc_hub_failure_to_error (const McHubFailure *failure)
{
  g_autofree char *said = dup_said (failure);

  switch (failure->status)
    {
    case 401:
    case 403:
      return denied (failure, said);
    case 404:
    case 410:
      return absent (failure, said);
    case 429:
      return rate_limited (failure);
    case 451:
      return explain (MC_ERROR_GONE, said, "The Hub may not give this out");
    default:
      return other (failure, said);
    }
}

gboolean
mc_hub_failure_is_bad_token (const McHubFailure *failure)
{
  /* With a good token a missing repo is 404, and a gated one has a code. */
  return failure->status == 401 && failure->token == MC_HUB_TOKEN_SENT
         && (failure->code == NULL || failure->code[0] == '\0');
}
