/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-encoding.h"
#include "mc-manifest.h"
#include "mc-model-header.h"

G_BEGIN_DECLS

/* Where a number comes from, from the weakest to the strongest. */
typedef enum
{
  MC_SOURCE_NONE,
  MC_SOURCE_NAME,   /* "7B" in a name: rounded */
  MC_SOURCE_API,    /* what the Hub says of the repo */
  MC_SOURCE_HEADER, /* what the file says of itself */
} McFactSource;

/* What a person should know before choosing, as bits. */
typedef enum
{
  MC_NOTE_INCOMPLETE = 1 << 0, /* the repo lacks parts of it */
  MC_NOTE_BORROWED = 1 << 1,   /* some of its parts are of another precision */
  MC_NOTE_ADAPTER = 1 << 2,    /* of no use without the model it was made for */
  MC_NOTE_RUNS_CODE = 1 << 3,  /* a pickle: to load it is to run what its maker wrote */
  MC_NOTE_JOIN_PARTS = 1 << 4, /* cut by bytes: needs its room twice while it is put together */
  MC_NOTE_SHADER_F16 = 1 << 5, /* in a browser: WebGPU with shader-f16 only */
  MC_NOTE_OVER_WASM = 1 << 6,  /* in a browser: more than WebAssembly can address */
} McNote;

/* A word that stays the same, "incomplete", and the sentence in English; NULL if it is not one bit
 * of McNote. Static. */
const char *mc_note_to_string (McNote note);
const char *mc_note_get_phrase (McNote note);

/* What helps a person choose a variant. Texts are NULL and numbers 0 where it is not known. */
typedef struct
{
  char *encoding;       /* "Q4_K_M", "q4f16", "fp16" */
  double nominal_bits;  /* of a weight, by the encoding */
  double measured_bits; /* of a weight, by the size of the files */
  McQuality quality;
  guint engines; /* McEngine */
  guint notes;   /* McNote */

  guint64 total_bytes;  /* to download, shared files too, each content once */
  guint64 weight_bytes; /* to load: all parts, a projector too */
  guint64 n_missing;
  GPtrArray *missing;  /* char *: paths of parts the repo should have, the first of them */
  GPtrArray *borrowed; /* char *: paths of parts of another precision */

  guint64 parameters;
  McFactSource parameters_source;
  guint64 active_parameters; /* of a mixture of experts */
  guint64 context_length;    /* tokens, at most */
  McFactSource context_source;
  char *architecture;
  McKvCache kv_cache;
} McVariantFacts;

/* The facts about a variant of the manifest. @header: (nullable): of one of its files, or of
 * another file of the repo: then only what is also true of this variant is taken. Pure, any thread.
 */
McVariantFacts *
mc_variant_facts_new (McManifest *manifest, const McVariant *variant, const McModelHeader *header);
void mc_variant_facts_free (McVariantFacts *self);

/* The file whose header is worth reading for the facts: the first part of the model itself, if it
 * is GGUF or safetensors. Borrowed; NULL if there is none. */
McFile *mc_variant_find_header_file (McManifest *manifest, const McVariant *variant);

/* The model of the repo that a variant is one encoding of: what its label says before the encoding,
 * "" if the repo has only one. Free with g_free(). */
char *mc_variant_dup_model (const McVariant *variant);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McVariantFacts, mc_variant_facts_free)

G_END_DECLS
