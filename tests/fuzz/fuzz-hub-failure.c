/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-hub-failure.h"

#include <string.h>

/* An answer that is no success: a line each for the status (with the kind of request and the use of
 * the token as further digits), X-Error-Code, X-Error-Message, RateLimit and Retry-After, then the
 * body. */

#define N_LINES 5

static char *
dup_line (GPtrArray *lines, guint i)
{
  gsize length = 0;
  const char *line = i < lines->len ? g_bytes_get_data (g_ptr_array_index (lines, i), &length) : "";

  return length == 0 ? NULL : g_strndup (line, length);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GPtrArray) lines = mc_fuzz_split (data, size, "\n", N_LINES);
  g_autofree char *first = dup_line (lines, 0);
  g_autofree char *code = dup_line (lines, 1);
  g_autofree char *message = dup_line (lines, 2);
  g_autofree char *rate_limit = dup_line (lines, 3);
  g_autofree char *retry_after = dup_line (lines, 4);
  g_autoptr (GError) error = NULL;
  guint64 number = first == NULL ? 0 : g_ascii_strtoull (first, NULL, 10);
  McHubFailure failure = {
    .status = (guint) (number % 1000),
    .ask = (McHubAsk) (number / 1000 % (MC_HUB_ASK_WHOAMI + 1)),
    .token = (McHubTokenUse) (number / 10000 % (MC_HUB_TOKEN_REFUSED + 1)),
    .repo = number / 100000 % 2 == 0 ? "owner/name" : NULL,
    .path = number / 100000 % 2 == 0 ? "a/b.gguf" : NULL,
    .host = "hub.example",
    .endpoint = "https://hub.example",
    .code = code,
    .message = message,
    .rate_limit = rate_limit,
    .retry_after = retry_after,
    .now = 1700000000,
  };

  if (lines->len > N_LINES)
    failure.body = g_bytes_get_data (g_ptr_array_index (lines, N_LINES), &failure.length);
  error = mc_hub_failure_to_error (&failure);
  mc_fuzz_assert_outcome (FALSE, error);
  mc_fuzz_assert_shown (error->message);
  g_assert_cmpuint (strlen (error->message), <, 600);
  mc_hub_failure_is_bad_token (&failure);
  return 0;
}
