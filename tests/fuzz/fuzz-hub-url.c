/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-hub-url.h"

#include <string.h>

/* An endpoint on the first line; on each of the others where that endpoint's answers lead. */

static void
assert_secure (GUri *from, GUri *to)
{
  const char *scheme = g_uri_get_scheme (to);

  g_assert_true (strcmp (scheme, "http") == 0 || strcmp (scheme, "https") == 0);
  if (strcmp (g_uri_get_scheme (from), "https") == 0)
    g_assert_cmpstr (scheme, ==, "https");
  g_assert_null (g_uri_get_userinfo (to));
  g_assert_cmpstr (g_uri_get_host (to), !=, NULL);
  g_assert_cmpstr (g_uri_get_host (to), !=, "");
}

static void
check_endpoint (GUri *endpoint)
{
  g_autofree char *text = mc_hub_url_to_endpoint (endpoint);
  g_autofree char *host = mc_hub_url_get_host (endpoint);
  g_autoptr (GUri) again = mc_hub_url_parse_endpoint (text, NULL);

  g_assert_nonnull (host);
  g_assert_nonnull (again);
  g_assert_true (mc_hub_url_same_origin (endpoint, again));
  g_assert_false (g_str_has_suffix (text, "/"));
}

static void
check_place (GUri *endpoint, const char *text)
{
  g_autoptr (GError) follow_error = NULL;
  g_autoptr (GError) page_error = NULL;
  g_autoptr (GUri) place = mc_hub_url_follow (endpoint, text, &follow_error);
  g_autoptr (GUri) page = mc_hub_url_next_page (endpoint, endpoint, text, &page_error);

  mc_fuzz_assert_outcome (place != NULL, follow_error);
  mc_fuzz_assert_outcome (page != NULL, page_error);
  if (place != NULL)
    {
      g_autofree char *shown = mc_hub_url_describe (endpoint, place);

      g_assert_nonnull (shown);
      assert_secure (endpoint, place);
      if (mc_hub_url_may_carry_token (endpoint, place))
        g_assert_true (mc_hub_url_same_origin (endpoint, place));
    }
  if (page != NULL)
    {
      assert_secure (endpoint, page);
      g_assert_true (mc_hub_url_same_origin (endpoint, page));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = mc_fuzz_dup_text (data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 8);
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) endpoint = NULL;

  if (lines[0] == NULL)
    return 0;
  endpoint = mc_hub_url_parse_endpoint (lines[0], &error);
  mc_fuzz_assert_outcome (endpoint != NULL, error);
  if (endpoint == NULL)
    return 0;
  check_endpoint (endpoint);
  for (guint i = 1; lines[i] != NULL; i++)
    check_place (endpoint, lines[i]);
  return 0;
}
