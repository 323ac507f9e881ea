/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-words.h"

#include <glib/gi18n.h>
#include <string.h>

/* Words of the interface file, data/com.tabagent.ModelCache1.xml, for people. Pure tables. */

typedef struct
{
  const char *word;
  const char *phrase;   /* marked with N_() */
  const char *sentence; /* (nullable): marked with N_() */
} Word;

static const Word qualities[] = {
  { "last-resort", N_ ("last resort"), N_ ("only if nothing else fits") },
  { "weaker", N_ ("weaker"), N_ ("noticeably weaker than the original") },
  { "balanced", N_ ("balanced"), N_ ("good balance of size and quality") },
  { "close", N_ ("close"), N_ ("close to the original") },
  { "very-close", N_ ("very close"), N_ ("very close to the original") },
  { "near-lossless", N_ ("near-lossless"), N_ ("practically as good as the original") },
  { "unquantized", N_ ("unquantized"), N_ ("the original precision, or all that is left of it") },
  { "as-trained", N_ ("as trained"), N_ ("in the few bits it was trained in") },
};

static const Word fits[] = {
  { "fits", N_ ("fits"), N_ ("fits this computer") },
  { "part", N_ ("in part"), N_ ("fits with less speed: partly on the graphics card") },
  { "tight", N_ ("tight"), N_ ("tight: close other programs first") },
  { "too-large", N_ ("too large"), N_ ("too large for this computer") },
  { "unknown", "-", N_ ("not known") },
};

static const struct
{
  const char *word;
  const char *symbol;
  const char *ascii;
} symbols[] = {
  { "fits", "✓", "+" },
  { "part", "◐", "~" },
  { "tight", "△", "!" },
  { "too-large", "✗", "x" },
};

static const Word reasons[] = {
  { "largest-that-fits", N_ ("the largest that fits comfortably"), NULL },
  { "practically-lossless", N_ ("practically as good as the original, and much smaller"), NULL },
  { "only-one", N_ ("the only one of its kind, and it fits"), NULL },
  { "usual-choice-in-part",
    N_ ("none fits the graphics card as a whole; the usual choice runs partly on it"), NULL },
  { "largest-in-part",
    N_ ("none fits the graphics card as a whole; the largest that runs partly on it"), NULL },
  { "smallest", N_ ("none fits comfortably; this is the smallest"), NULL },
  { "usual-choice", N_ ("the usual choice; whether it fits is not known"), NULL },
};

static const Word notes[] = {
  { "incomplete", N_ ("The repo lacks parts of it: it will not load."), NULL },
  { "borrowed", N_ ("Some of its parts are of another precision."), NULL },
  { "adapter", N_ ("It is an adapter: it needs the model it was made for."), NULL },
  { "runs-code", N_ ("Loading it runs code that is in the file."), NULL },
  { "join-parts",
    N_ ("It is cut into pieces: putting them together takes its room on the disk twice."), NULL },
  { "shader-f16", N_ ("In a browser it needs WebGPU with shader-f16."), NULL },
  { "over-wasm", N_ ("It is too large for WebAssembly in a browser."), NULL },
};

static const Word *
find (const Word *words, gsize n, const char *word)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (words[i].word, word) == 0)
      return &words[i];
  return NULL;
}

static const char *
get_phrase (const Word *words, gsize n, const char *word)
{
  const Word *known = find (words, n, word);

  return known != NULL ? _ (known->phrase) : word;
}

static const char *
get_sentence (const Word *words, gsize n, const char *word)
{
  const Word *known = find (words, n, word);

  return known != NULL ? _ (known->sentence) : word;
}

const char *
mc_words_quality (const char *word)
{
  return get_phrase (qualities, G_N_ELEMENTS (qualities), word);
}

const char *
mc_words_quality_sentence (const char *word)
{
  return get_sentence (qualities, G_N_ELEMENTS (qualities), word);
}

const char *
mc_words_fit (const char *word)
{
  return get_phrase (fits, G_N_ELEMENTS (fits), word);
}

const char *
mc_words_fit_sentence (const char *word)
{
  return get_sentence (fits, G_N_ELEMENTS (fits), word);
}

const char *
mc_words_fit_symbol (const char *word, gboolean utf8)
{
  for (gsize i = 0; i < G_N_ELEMENTS (symbols); i++)
    if (strcmp (symbols[i].word, word) == 0)
      return utf8 ? symbols[i].symbol : symbols[i].ascii;
  return "";
}

const char *
mc_words_reason (const char *word)
{
  return get_phrase (reasons, G_N_ELEMENTS (reasons), word);
}

const char *
mc_words_note (const char *word)
{
  return get_phrase (notes, G_N_ELEMENTS (notes), word);
}
