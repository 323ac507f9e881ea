/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-words.h"

#include "mc-fit.h"
#include "mc-variant-facts.h"

/* Every word the library has is one that people are told in other words. */

typedef const char *(*Teller) (const char *word);

static void
assert_told (Teller tell, const char *word)
{
  g_autofree char *copy = g_strdup (word);

  /* What it does not know it gives back. */
  g_assert_true (tell (copy) != copy);
  g_assert_cmpstr (tell (copy), !=, "");
}

static void
test_all_words (void)
{
  for (guint i = MC_QUALITY_UNKNOWN + 1; i <= MC_QUALITY_AS_TRAINED; i++)
    {
      assert_told (mc_words_quality, mc_quality_to_string (i));
      assert_told (mc_words_quality_sentence, mc_quality_to_string (i));
    }
  for (guint i = MC_FIT_UNKNOWN; i <= MC_FIT_TOO_LARGE; i++)
    {
      assert_told (mc_words_fit, mc_fit_state_to_string (i));
      assert_told (mc_words_fit_sentence, mc_fit_state_to_string (i));
    }
  for (guint i = MC_SUGGEST_NONE + 1; i <= MC_SUGGEST_DEFAULT; i++)
    assert_told (mc_words_reason, mc_suggest_reason_to_string (i));
  for (guint i = MC_NOTE_INCOMPLETE; i <= MC_NOTE_OVER_WASM; i <<= 1)
    assert_told (mc_words_note, mc_note_to_string (i));
}

static void
test_unknown (void)
{
  g_assert_cmpstr (mc_words_quality ("of-tomorrow"), ==, "of-tomorrow");
  g_assert_cmpstr (mc_words_fit ("of-tomorrow"), ==, "of-tomorrow");
  g_assert_cmpstr (mc_words_note (""), ==, "");
  g_assert_cmpstr (mc_words_fit_symbol ("of-tomorrow", TRUE), ==, "");
}

static void
test_symbols (void)
{
  g_assert_cmpstr (mc_words_fit_symbol ("fits", TRUE), ==, "✓");
  g_assert_cmpstr (mc_words_fit_symbol ("fits", FALSE), ==, "+");
  g_assert_cmpstr (mc_words_fit_symbol ("unknown", TRUE), ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/all-words", test_all_words);
  g_test_add_func ("/words/unknown", test_unknown);
  g_test_add_func ("/words/symbols", test_symbols);
  return g_test_run ();
}
