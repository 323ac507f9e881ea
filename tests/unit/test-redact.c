/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-redact.h"

/* What must not be shown, in whatever text it comes. */

#define TOKEN "hf_abcdefghijklmnopqrstuvwxyz012345"

static const struct
{
  const char *text;
  const char *shown;
} rows[] = {
  { "nothing to hide", "nothing to hide" },
  { "", "" },
  { "bad token " TOKEN ".", "bad token hf_…." },
  { "Authorization: Bearer abc.def-1", "Authorization: Bearer …" },
  { "proxy-authorization: basic dXNlcjpwYXNz, x", "proxy-authorization: basic …, x" },
  { "https://cdn/x?Expires=1&Signature=AbC~-_&Key-Pair-Id=K1&a=b",
    "https://cdn/x?Expires=1&Signature=…&Key-Pair-Id=…&a=b" },
  { "https://s3/x?X-Amz-Signature=00ff&X-Amz-Expires=3600",
    "https://s3/x?X-Amz-Signature=…&X-Amz-Expires=…" },
  { "through http://user:pass@proxy:3128/", "through http://…@proxy:3128/" },
  { "my-own-secret, twice my-own-secret", "…, twice …" },
  { "owner/hf_x is a repo", "owner/hf_x is a repo" },
};

static void
test_rows (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *shown = mc_redact (rows[i].text, "my-own-secret");

      g_assert_cmpstr (shown, ==, rows[i].shown);
    }
}

/* Answers are bytes, and a secret may have characters that patterns give a meaning. */
static void
test_hostile (void)
{
  g_autofree char *bytes = mc_redact ("\xff\xfe " TOKEN " \xc3", NULL);
  g_autofree char *dots = mc_redact ("a.b a+b axb", "a.b");
  g_autofree char *long_text = g_strnfill (1 << 20, 'x');
  g_autofree char *long_shown = mc_redact (long_text, NULL);

  g_assert_true (g_utf8_validate (bytes, -1, NULL));
  g_assert_null (strstr (bytes, TOKEN));
  g_assert_cmpstr (dots, ==, "… a+b axb");
  g_assert_cmpstr (long_shown, ==, long_text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redact/rows", test_rows);
  g_test_add_func ("/redact/hostile", test_hostile);
  return g_test_run ();
}
