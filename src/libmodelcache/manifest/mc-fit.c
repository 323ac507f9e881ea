/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fit.h"

#include "mc-kv-cache.h"

#include <string.h>

/* Does it fit this computer, and which variant to take. Pure, any thread. An estimate: engines,
 * batches and what else runs differ. Its parts are those of programs that load models for a living:
 * PocketPal takes weights x 1.1 (src/utils/memoryEstimator.ts), Unsloth Studio size x 1.15 + 1 GB
 * (studio/frontend/src/features/hub/lib/gguf-fit.ts), llama.cpp --fit leaves 1 GiB of each card
 * free (common/arg.cpp), node-llama-cpp a quarter of the RAM. Byte counts of memory are powers of
 * two only where their source has them so. */

#define GB G_GUINT64_CONSTANT (1000000000)
#define MB G_GUINT64_CONSTANT (1000000)
#define GIB (G_GUINT64_CONSTANT (1) << 30)

/* need = weights + a tenth for buffers of weights + cache + fixed: compute buffers and the program.
 */
#define OVERHEAD_SHARE 10
#define OVERHEAD_FIXED (300 * MB)
/* The cache of a model of which no header was read: 4096 tokens of an 8B model of today. */
#define KV_ALLOWANCE (500 * MB)

/* Of a parameter in Q4_K_M. */
#define USUAL_BITS 4.85

/* Files above this are a lie; below it no sum wraps around. */
#define MOST_BYTES (G_GUINT64_CONSTANT (1) << 60)

/* Left to the driver and the screen: 1 GiB or a tenth. */
static guint64
get_gpu_budget (const McMachine *machine)
{
  guint64 kept = MAX (GIB, machine->vram / 10);

  if (machine->unified)
    return machine->ram / 10 * 7;
  return machine->vram > kept ? machine->vram - kept : 0;
}

/* Left to the rest of the desktop: 4 GB or a fifth. Of a computer with less than 8 GB, half: 4 GB
 * would say that a 4 GB computer runs nothing at all. */
static guint64
get_ram_budget (const McMachine *machine)
{
  guint64 kept = MIN (MAX (4 * GB, machine->ram / 5), machine->ram / 2);

  return machine->unified ? 0 : machine->ram - kept;
}

/* A cache for longer texts than the model reads is never made. */
static guint64
choose_context (const McVariantFacts *facts, guint64 context_length)
{
  if (context_length == 0)
    context_length = MC_FIT_CONTEXT;
  return facts->context_length > 0 ? MIN (context_length, facts->context_length) : context_length;
}

static McFitState
judge (const McFit *fit)
{
  guint64 budget = fit->gpu_budget + fit->ram_budget;

  if (fit->gpu_budget > 0 ? fit->need <= fit->gpu_budget : fit->need <= fit->ram_budget)
    return MC_FIT_FITS;
  if (fit->need <= budget)
    return MC_FIT_PART;
  return fit->need <= budget + budget / 100 * 15 ? MC_FIT_TIGHT : MC_FIT_TOO_LARGE;
}

McFit
mc_fit_judge (const McVariantFacts *facts,
              guint64 weights,
              guint64 context_length,
              const McMachine *machine)
{
  McFit fit = { .weights = MIN (weights, MOST_BYTES), .kv_cache = KV_ALLOWANCE };

  fit.context_length = choose_context (facts, context_length);
  fit.kv_cache_is_known = facts->kv_cache.is_known;
  if (fit.kv_cache_is_known)
    fit.kv_cache = MIN (mc_kv_cache_get_size (&facts->kv_cache, fit.context_length), MOST_BYTES);
  fit.overhead = fit.weights / OVERHEAD_SHARE + OVERHEAD_FIXED;
  fit.need = fit.weights + fit.kv_cache + fit.overhead;
  fit.gpu_budget = get_gpu_budget (machine);
  fit.ram_budget = get_ram_budget (machine);
  if (weights > 0 && machine->ram > 0)
    fit.state = judge (&fit);
  return fit;
}

guint64
mc_fit_get_most_parameters (const McMachine *machine)
{
  guint64 budget = MIN (get_gpu_budget (machine) + get_ram_budget (machine), MOST_BYTES);
  guint64 fixed = KV_ALLOWANCE + OVERHEAD_FIXED;

  if (machine->ram == 0 || budget <= fixed)
    return 0;
  return (guint64) ((double) (budget - fixed) / (1 + 1.0 / OVERHEAD_SHARE) * 8 / USUAL_BITS);
}

const char *
mc_fit_state_to_string (McFitState state)
{
  static const char *const names[] = {
    [MC_FIT_UNKNOWN] = "unknown", [MC_FIT_FITS] = "fits",           [MC_FIT_PART] = "part",
    [MC_FIT_TIGHT] = "tight",     [MC_FIT_TOO_LARGE] = "too-large",
  };

  return names[(gsize) state < G_N_ELEMENTS (names) ? state : MC_FIT_UNKNOWN];
}

const char *
mc_fit_state_get_phrase (McFitState state)
{
  static const char *const phrases[] = {
    [MC_FIT_UNKNOWN] = "not known",
    [MC_FIT_FITS] = "fits",
    [MC_FIT_PART] = "fits with less speed: partly on the graphics card",
    [MC_FIT_TIGHT] = "tight: close other programs first",
    [MC_FIT_TOO_LARGE] = "too large",
  };

  return phrases[(gsize) state < G_N_ELEMENTS (phrases) ? state : MC_FIT_UNKNOWN];
}

/* --- the suggestion --- */

const char *
mc_suggest_reason_to_string (McSuggestReason reason)
{
  static const char *const words[] = {
    [MC_SUGGEST_LARGEST_FITS] = "largest-that-fits",
    [MC_SUGGEST_LOSSLESS] = "practically-lossless",
    [MC_SUGGEST_ONLY] = "only-one",
    [MC_SUGGEST_DEFAULT_PART] = "usual-choice-in-part",
    [MC_SUGGEST_LARGEST_PART] = "largest-in-part",
    [MC_SUGGEST_SMALLEST] = "smallest",
    [MC_SUGGEST_DEFAULT] = "usual-choice",
  };

  return (gsize) reason < G_N_ELEMENTS (words) ? words[reason] : NULL;
}

const char *
mc_suggest_reason_get_phrase (McSuggestReason reason)
{
  static const char *const phrases[] = {
    [MC_SUGGEST_LARGEST_FITS] = "the largest that fits comfortably",
    [MC_SUGGEST_LOSSLESS] = "practically as good as the original, and much smaller",
    [MC_SUGGEST_ONLY] = "the only one of its kind, and it fits",
    [MC_SUGGEST_DEFAULT_PART] =
        "none fits the graphics card as a whole; the usual choice runs partly on it",
    [MC_SUGGEST_LARGEST_PART] =
        "none fits the graphics card as a whole; the largest that runs partly on it",
    [MC_SUGGEST_SMALLEST] = "none fits comfortably; this is the smallest",
    [MC_SUGGEST_DEFAULT] = "the usual choice; whether it fits is not known",
  };

  return (gsize) reason < G_N_ELEMENTS (phrases) ? phrases[reason] : NULL;
}

/* What is looked at for one suggestion: a repo may list 100,000 files, and as many variants. */
#define MOST_LOOKED_AT 10000000
#define LEAST_CANDIDATES 16
#define MOST_CANDIDATES 512

/* One that could be suggested. */
typedef struct
{
  McVariant *variant; /* borrowed */
  McFit fit;
  double bits;
  McQuality quality;
} Candidate;

static const Candidate *
candidate_at (GArray *candidates, guint i)
{
  return &g_array_index (candidates, Candidate, i);
}

/* The variants that are the default's model in the default's format, and whole; in the order of
 * detection. */
static GArray *
collect_candidates (McManifest *manifest,
                    McVariant *usual,
                    const McModelHeader *header,
                    const McMachine *machine,
                    guint64 context_length)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  g_autofree char *model = mc_variant_dup_model (usual);
  guint most =
      CLAMP (MOST_LOOKED_AT / (manifest->files->len + 1), LEAST_CANDIDATES, MOST_CANDIDATES);

  for (guint i = 0; i < manifest->variants->len && candidates->len < most; i++)
    {
      McVariant *variant = g_ptr_array_index (manifest->variants, i);
      g_autofree char *other = NULL;
      g_autoptr (McVariantFacts) facts = NULL;
      Candidate candidate = { .variant = variant };

      if (strcmp (variant->format, usual->format) != 0)
        continue;
      other = mc_variant_dup_model (variant);
      if (g_ascii_strcasecmp (model, other) != 0)
        continue;
      facts = mc_variant_facts_new (manifest, variant, header);
      if (facts->n_missing > 0)
        continue;
      candidate.bits = facts->nominal_bits;
      candidate.quality = facts->quality;
      candidate.fit = mc_fit_judge (facts, facts->weight_bytes, context_length, machine);
      g_array_append_val (candidates, candidate);
    }
  return candidates;
}

/* GGUF files of 32 bits are made from models of 16: they hold nothing more. */
static void
drop_padded (GArray *candidates, const McVariant *usual)
{
  gboolean has_16_bits = FALSE;

  for (guint i = 0; i < candidates->len; i++)
    has_16_bits = has_16_bits || candidate_at (candidates, i)->bits == 16;
  if (!has_16_bits || strcmp (usual->format, "gguf") != 0)
    return;
  for (guint i = candidates->len; i > 0; i--)
    if (candidate_at (candidates, i - 1)->bits == 32)
      g_array_remove_index (candidates, i - 1);
}

/* NULL if none is in that state. */
static const Candidate *
find_largest (GArray *candidates, McFitState state)
{
  const Candidate *largest = NULL;

  for (guint i = 0; i < candidates->len; i++)
    {
      const Candidate *candidate = candidate_at (candidates, i);

      if (candidate->fit.state == state
          && (largest == NULL || candidate->fit.weights > largest->fit.weights))
        largest = candidate;
    }
  return largest;
}

static const Candidate *
find_smallest (GArray *candidates)
{
  const Candidate *smallest = NULL;

  for (guint i = 0; i < candidates->len; i++)
    {
      const Candidate *candidate = candidate_at (candidates, i);

      if (candidate->fit.state != MC_FIT_UNKNOWN
          && (smallest == NULL || candidate->fit.weights < smallest->fit.weights))
        smallest = candidate;
    }
  return smallest;
}

/* What the largest gives can mostly not be told from it, and it is faster: who wants the original
 * asks for it. NULL if there is none, or the largest is no larger than that. */
static const Candidate *
find_lossless (GArray *candidates, const Candidate *largest)
{
  const Candidate *found = NULL;

  for (guint i = 0; i < candidates->len; i++)
    {
      const Candidate *candidate = candidate_at (candidates, i);

      if (candidate->quality == MC_QUALITY_LOSSLESS && candidate->fit.state == largest->fit.state
          && candidate->fit.weights < largest->fit.weights / 4 * 3
          && (found == NULL || candidate->fit.weights > found->fit.weights))
        found = candidate;
    }
  return found;
}

/* The default, if it is as good as as large: q8, int8 and uint8 are often the same bytes, give or
 * take two in a hundred. */
static const Candidate *
prefer_usual (GArray *candidates, const McVariant *usual, const Candidate *largest)
{
  for (guint i = 0; i < candidates->len; i++)
    {
      const Candidate *candidate = candidate_at (candidates, i);

      if (candidate->variant == usual && candidate->fit.state == largest->fit.state
          && candidate->fit.weights >= largest->fit.weights / 50 * 49)
        return candidate;
    }
  return largest;
}

static const Candidate *
find_variant (GArray *candidates, const McVariant *variant)
{
  for (guint i = 0; i < candidates->len; i++)
    if (candidate_at (candidates, i)->variant == variant)
      return candidate_at (candidates, i);
  return NULL;
}

static McSuggestion
suggest (const Candidate *candidate, McSuggestReason reason)
{
  return (McSuggestion){ candidate->variant, reason, candidate->fit };
}

McSuggestion
mc_fit_suggest (McManifest *manifest,
                const McModelHeader *header,
                const McMachine *machine,
                guint64 context_length)
{
  McVariant *usual = mc_manifest_find_variant (manifest, NULL, NULL);
  g_autoptr (GArray) candidates = NULL;
  const Candidate *usual_one;
  const Candidate *best;

  if (usual == NULL)
    return (McSuggestion){ 0 };
  candidates = collect_candidates (manifest, usual, header, machine, context_length);
  drop_padded (candidates, usual);
  if (candidates->len == 0)
    return (McSuggestion){ 0 };
  best = find_largest (candidates, MC_FIT_FITS);
  if (best != NULL && find_lossless (candidates, best) != NULL)
    return suggest (find_lossless (candidates, best), MC_SUGGEST_LOSSLESS);
  if (best != NULL)
    return suggest (prefer_usual (candidates, usual, best),
                    candidates->len > 1 ? MC_SUGGEST_LARGEST_FITS : MC_SUGGEST_ONLY);
  usual_one = find_variant (candidates, usual);
  best = find_largest (candidates, MC_FIT_PART);
  if (best != NULL && usual_one != NULL && usual_one->fit.state == MC_FIT_PART)
    return suggest (usual_one, MC_SUGGEST_DEFAULT_PART);
  if (best != NULL)
    return suggest (best, MC_SUGGEST_LARGEST_PART);
  best = find_smallest (candidates);
  if (best != NULL)
    return suggest (best, MC_SUGGEST_SMALLEST);
  return suggest (usual_one != NULL ? usual_one : candidate_at (candidates, 0), MC_SUGGEST_DEFAULT);
}
