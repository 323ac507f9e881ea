/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-starters.h"

#include <glib/gi18n.h>

/* As the service judges whether a model fits, without its graphics card: what it takes beside its
 * weights for a usual length of text. */
#define FIXED G_GUINT64_CONSTANT (800000000)
#define MB G_GUINT64_CONSTANT (1000000)

typedef enum
{
  TALKS,
  TALKS_LITTLE,
  HEARS,
  COMPARES,
  N_KINDS
} Kind;

/* Each kind from the largest to the smallest. */
static const struct
{
  Kind kind;
  const char *repo;
  const char *variant;
  const char *phrase;
  guint64 size;
} starters[] = {
  { TALKS, "bartowski/Qwen2.5-32B-Instruct-GGUF", "Q4_K_M",
    N_ ("Conversation, for large computers"), 19850 * MB },
  { TALKS, "bartowski/Qwen2.5-14B-Instruct-GGUF", "Q4_K_M", N_ ("Conversation, very capable"),
    8990 * MB },
  { TALKS, "bartowski/Qwen2.5-7B-Instruct-GGUF", "Q4_K_M", N_ ("Conversation, all-round"),
    4680 * MB },
  { TALKS, "bartowski/Llama-3.2-3B-Instruct-GGUF", "Q4_K_M", N_ ("Conversation, fast"), 2020 * MB },
  { TALKS, "Qwen/Qwen2.5-1.5B-Instruct-GGUF", "q4_k_m", N_ ("Conversation, small"), 1120 * MB },
  { TALKS_LITTLE, "Qwen/Qwen2.5-0.5B-Instruct-GGUF", "q4_k_m",
    N_ ("Conversation, very small: to try things out"), 491 * MB },
  { HEARS, "onnx-community/whisper-base", "q8", N_ ("Speech to text, in many languages"), 77 * MB },
  { COMPARES, "Xenova/all-MiniLM-L6-v2", "q8", N_ ("Search by meaning, in English"), 23 * MB },
};

/* Left to the rest of the desktop: 4 GB or a fifth, or half of a small memory. */
static guint64
get_budget (guint64 memory)
{
  return memory - MIN (MAX (4000 * MB, memory / 5), memory / 2);
}

static gboolean
fits (guint64 size, guint64 memory)
{
  /* Where nothing is known, what fits most computers of today. */
  if (memory == 0)
    return size < 2500 * MB;
  return size + size / 10 + FIXED <= get_budget (memory);
}

guint
mc_starters_choose (guint64 memory, McStarter *chosen)
{
  gboolean had[N_KINDS] = { FALSE };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (starters) && n < MC_STARTERS_MOST; i++)
    {
      if (had[starters[i].kind] || !fits (starters[i].size, memory))
        continue;
      had[starters[i].kind] = TRUE;
      chosen[n++] = (McStarter){ .repo = starters[i].repo,
                                 .variant = starters[i].variant,
                                 .phrase = _ (starters[i].phrase),
                                 .size = starters[i].size };
    }
  return n;
}
