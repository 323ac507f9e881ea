/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-machine.h"
#include "mc-manifest.h"
#include "mc-variant-facts.h"

G_BEGIN_DECLS

/* Whether a computer can run a model. */
typedef enum
{
  MC_FIT_UNKNOWN, /* no size, or no memory, is known */
  MC_FIT_FITS,
  MC_FIT_PART, /* only partly on the graphics card: runs, with less speed */
  MC_FIT_TIGHT,
  MC_FIT_TOO_LARGE,
} McFitState;

/* The length of text that is assumed if none is chosen. */
#define MC_FIT_CONTEXT 4096

/* How the judgement came about, in bytes: need = weights + kv_cache + overhead. */
typedef struct
{
  McFitState state;
  guint64 context_length; /* tokens it was judged for: no more than the model reads */
  guint64 weights;
  guint64 kv_cache;
  gboolean kv_cache_is_known; /* by the header; else an allowance */
  guint64 overhead;
  guint64 need;
  guint64 gpu_budget; /* 0: no graphics card with memory to spare */
  guint64 ram_budget; /* 0 where memory is unified: then all of it is in gpu_budget */
} McFit;

/* @weights: bytes to load. @context_length: tokens; 0 for MC_FIT_CONTEXT. Pure, any thread. */
McFit mc_fit_judge (const McVariantFacts *facts,
                    guint64 weights,
                    guint64 context_length,
                    const McMachine *machine);

/* How many parameters a model may have that this computer runs, if need be partly on the graphics
 * card, in the usual variant of about 4.85 bits a parameter; 0: its memory is not known. Pure. */
guint64 mc_fit_get_most_parameters (const McMachine *machine);

/* "fits", "part", "tight", "too-large", "unknown", as JSON has it; and for people, in English.
 * Static. */
const char *mc_fit_state_to_string (McFitState state);
const char *mc_fit_state_get_phrase (McFitState state);

/* Why a variant is suggested. */
typedef enum
{
  MC_SUGGEST_NONE,         /* nothing to suggest */
  MC_SUGGEST_LARGEST_FITS, /* the largest that fits comfortably */
  MC_SUGGEST_LOSSLESS,     /* a larger one fits, too, and is hardly better */
  MC_SUGGEST_ONLY,         /* there is no other, and it fits */
  MC_SUGGEST_DEFAULT_PART, /* none fits the graphics card alone; the usual one runs partly on it */
  MC_SUGGEST_LARGEST_PART, /* the same, but the usual one is too large */
  MC_SUGGEST_SMALLEST,     /* none fits comfortably */
  MC_SUGGEST_DEFAULT,      /* no sizes or no memory are known: the usual one */
} McSuggestReason;

/* A word that stays the same, "largest-that-fits", and the sentence in English; NULL for
 * MC_SUGGEST_NONE. Static. */
const char *mc_suggest_reason_to_string (McSuggestReason reason);
const char *mc_suggest_reason_get_phrase (McSuggestReason reason);

typedef struct
{
  McVariant *variant; /* borrowed from the manifest; (nullable) */
  McSuggestReason reason;
  McFit fit; /* of that variant */
} McSuggestion;

/* The variant to suggest on this computer: of the model and format of the default, the largest that
 * fits, unless quantization to one that is practically lossless makes it much smaller. header:
 * (nullable): as for the facts of each. Pure, any thread. */
McSuggestion mc_fit_suggest (McManifest *manifest,
                             const McModelHeader *header,
                             const McMachine *machine,
                             guint64 context_length);

G_END_DECLS
