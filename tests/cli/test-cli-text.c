/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-text.h"

#include <locale.h>
#include <string.h>

#define assert_taken(call, expected)                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *taken = (call);                                                               \
                                                                                                   \
    g_assert_cmpstr (taken, ==, expected);                                                         \
  }                                                                                                \
  G_STMT_END

static void
test_clean (void)
{
  assert_taken (mc_cli_text_clean ("plain\ttext\n", TRUE), "plain\ttext\n");
  assert_taken (mc_cli_text_clean ("\033[31mred\007", TRUE), "?[31mred?");
  assert_taken (mc_cli_text_clean ("a\xe2\x80\xae"
                                   "b",
                                   TRUE),
                "a?b");
  assert_taken (mc_cli_text_clean ("a\xc2\x9b"
                                   "31m",
                                   TRUE),
                "a?31m");
  assert_taken (mc_cli_text_clean ("1\xc2\xa0MB", TRUE), "1 MB");
  assert_taken (mc_cli_text_clean ("bad\xff\xc3", TRUE), "bad??");
  assert_taken (mc_cli_text_clean ("Größe “日本”", TRUE), "Größe “日本”");
  assert_taken (mc_cli_text_clean ("Größe “日本” … –", FALSE), "Gr??e \"??\" ... -");
  assert_taken (mc_cli_text_clean ("", FALSE), "");
}

static void
test_fit (void)
{
  g_assert_cmpuint (mc_cli_text_width ("日本 ok"), ==, 7);
  g_assert_cmpuint (mc_cli_text_width ("e\xcc\x81"), ==, 1);
  assert_taken (mc_cli_text_fit ("owner/name", 10, TRUE), "owner/name");
  assert_taken (mc_cli_text_fit ("owner/name", 7, TRUE), "own…ame");
  assert_taken (mc_cli_text_fit ("owner/name", 7, FALSE), "own..me");
  assert_taken (mc_cli_text_fit ("owner/name", 1, TRUE), "o");
  assert_taken (mc_cli_text_fit ("owner/name", 0, TRUE), "");
  /* A wide character is never cut in two. */
  assert_taken (mc_cli_text_fit ("日本日本", 5, TRUE), "日…本");
  for (guint columns = 0; columns < 12; columns++)
    {
      g_autofree char *fitting = mc_cli_text_fit ("日本x日本y", columns, TRUE);

      g_assert_cmpuint (mc_cli_text_width (fitting), <=, columns);
      g_assert_true (g_utf8_validate (fitting, -1, NULL));
    }
}

static void
test_pad (void)
{
  assert_taken (mc_cli_text_pad ("ab", 4, FALSE), "ab  ");
  assert_taken (mc_cli_text_pad ("ab", 4, TRUE), "  ab");
  assert_taken (mc_cli_text_pad ("日", 4, TRUE), "  日");
  assert_taken (mc_cli_text_pad ("abcde", 4, TRUE), "abcde");
}

static void
test_numbers (void)
{
  assert_taken (mc_cli_text_size (0), "0 bytes");
  assert_taken (mc_cli_text_size (1), "1 byte");
  assert_taken (mc_cli_text_size (1500000), "1.5 MB");
  assert_taken (mc_cli_text_rate (12300000), "12.3 MB/s");
  assert_taken (mc_cli_text_duration (7), "0:07");
  assert_taken (mc_cli_text_duration (750), "12:30");
  assert_taken (mc_cli_text_duration (3723), "1:02:03");
  assert_taken (mc_cli_text_duration (48 * 3600 - 1), "47:59:59");
  assert_taken (mc_cli_text_duration (49 * 3600), "2 d");
  assert_taken (mc_cli_text_count (999), "999");
  assert_taken (mc_cli_text_count (1000), "1.0k");
  assert_taken (mc_cli_text_count (999949), "999.9k");
  assert_taken (mc_cli_text_count (999950), "1.0M");
  assert_taken (mc_cli_text_count (7300000000), "7.3B");
  assert_taken (mc_cli_text_count (G_MAXUINT64), "18446744.1T");
}

/* All of it only when nothing is missing, and something of it only when something is there. */
static void
test_percent (void)
{
  g_assert_cmpuint (mc_cli_text_percent (0, 10), ==, 0);
  g_assert_cmpuint (mc_cli_text_percent (5, 10), ==, 50);
  g_assert_cmpuint (mc_cli_text_percent (G_MAXUINT64 - 1, G_MAXUINT64), ==, 99);
  g_assert_cmpuint (mc_cli_text_percent (10, 10), ==, 100);
  g_assert_cmpuint (mc_cli_text_percent (0, 0), ==, 100);
}

static void
test_bar (void)
{
  assert_taken (mc_cli_text_bar (10, 0, 10, TRUE), "░░░░░░░░░░");
  assert_taken (mc_cli_text_bar (10, 5, 10, TRUE), "█████░░░░░");
  assert_taken (mc_cli_text_bar (10, G_MAXUINT64 - 1, G_MAXUINT64, TRUE), "█████████░");
  assert_taken (mc_cli_text_bar (10, 10, 10, TRUE), "██████████");
  assert_taken (mc_cli_text_bar (10, 4, 8, FALSE), "[####----]");
  assert_taken (mc_cli_text_bar (2, 1, 2, FALSE), "#-");
  assert_taken (mc_cli_text_bar (0, 1, 2, TRUE), "");
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-text/shows-nothing-dangerous", test_clean);
  g_test_add_func ("/cli-text/fits-by-columns", test_fit);
  g_test_add_func ("/cli-text/pads-by-columns", test_pad);
  g_test_add_func ("/cli-text/numbers", test_numbers);
  g_test_add_func ("/cli-text/percent-is-100-only-at-the-end", test_percent);
  g_test_add_func ("/cli-text/bar-is-full-only-at-the-end", test_bar);
  return g_test_run ();
}
