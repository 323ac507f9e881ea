/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-variant-private.h"

G_BEGIN_DECLS

/* What the GGUF rules share: one set of files that is a quantization of a model, or goes with one.
 */
typedef enum
{
  MC_GGUF_MODEL,
  MC_GGUF_PROJECTOR, /* turns pictures or sound into what the model reads */
  MC_GGUF_DRAFT,     /* a small model that guesses ahead: the model runs without it */
  MC_GGUF_IMATRIX,   /* for quantizing, not for running */
  MC_GGUF_VOCAB,
  MC_GGUF_PART, /* serves every model: sound in, speech out */
} McGgufKind;
#define MC_N_GGUF_KINDS (MC_GGUF_PART + 1)

/* Strings are kept by the listing. */
typedef struct
{
  McGgufKind kind;
  guint folder;
  const char *stem;
  const char *lower;    /* the stem in small letters */
  const char *token;    /* "Q4_K_M", "" if there is none */
  const char *model;    /* what precedes the token */
  const char *model_id; /* the same in small letters, one dash between its words */
  const char *modifier; /* what follows the token */
  const char *label;
  GArray *files; /* (owned) guint: entries */
  McDraft *draft;
} McGgufSet;

/* Small letters and digits, with one dash for each run of others. */
char *mc_gguf_model_id (const char *text);

/* Whether a stem or folder name, in small letters, says so. */
gboolean mc_gguf_names_projector (const char *lower);

/* Whether the folder has a name that names a quantization. */
gboolean mc_gguf_folder_has_token (const McFolder *folder, gpointer unused);

/* Gives each model its label. */
void mc_gguf_label (McListing *listing, GPtrArray *models, gboolean *several);

/* Adds a projector to each model that has one; what nobody takes is other. */
void mc_gguf_place_projectors (McListing *listing,
                               GPtrArray *models,
                               GPtrArray *projectors,
                               gboolean several);

G_END_DECLS
