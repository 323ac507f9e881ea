/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-hub-headers.h"
#include "mc-hub-parse.h"

#include <string.h>

/* Link, Content-Range, Content-Length, ETag, RateLimit, Retry-After: the input as each of them. */

#define NOW 1700000000
#define LONGEST_WAIT (24 * 60 * 60 + 1)

static void
check_link (const char *text)
{
  g_autofree char *next = mc_hub_parse_next_link (text);

  if (next == NULL)
    return;
  g_assert_cmpstr (next, !=, "");
  g_assert_null (strchr (next, '>'));
  g_assert_nonnull (strstr (text, next));
}

static void
check_range (const char *text)
{
  guint64 first, last, total;

  if (!mc_hub_parse_content_range (text, &first, &last, &total))
    return;
  g_assert_cmpuint (first, <=, last);
  g_assert_cmpuint (last, <, total);
  g_assert_cmpuint (total, <=, MC_HUB_MAX_SIZE);
}

static void
check_length (const char *text)
{
  guint64 length, again;
  g_autofree char *digits = NULL;

  if (!mc_hub_parse_length (text, &length))
    return;
  g_assert_cmpuint (length, <=, MC_HUB_MAX_SIZE);
  digits = g_strdup_printf ("%" G_GUINT64_FORMAT, length);
  g_assert_true (mc_hub_parse_length (digits, &again));
  g_assert_cmpuint (again, ==, length);
}

static void
check_etag (const char *text)
{
  McDigest digest = mc_hub_parse_etag (text);
  g_autofree char *hex = mc_digest_to_hex (&digest);
  g_autofree char *lower = g_ascii_strdown (text, -1);

  g_assert_cmpuint (strlen (hex), ==, 2 * mc_digest_kind_get_size (digest.kind));
  g_assert_nonnull (strstr (lower, hex));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = mc_fuzz_dup_text (data, size);

  check_link (text);
  check_range (text);
  check_length (text);
  check_etag (text);
  g_assert_cmpuint (mc_hub_parse_wait (text, NULL, NOW), <=, LONGEST_WAIT);
  g_assert_cmpuint (mc_hub_parse_wait (NULL, text, NOW), <=, LONGEST_WAIT);
  g_assert_cmpuint (mc_hub_parse_wait (text, text, NOW), <=, LONGEST_WAIT);
  return 0;
}
