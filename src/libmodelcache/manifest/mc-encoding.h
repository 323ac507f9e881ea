/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* How good a model still is, in words. By the width of most of its weights: a rule of thumb. */
typedef enum
{
  MC_QUALITY_UNKNOWN,
  MC_QUALITY_LAST_RESORT, /* 2 bits and below */
  MC_QUALITY_WEAKER,      /* 3 */
  MC_QUALITY_BALANCED,    /* 4 */
  MC_QUALITY_CLOSE,       /* 5 */
  MC_QUALITY_VERY_CLOSE,  /* 6, 7 */
  MC_QUALITY_LOSSLESS,    /* 8, practically */
  MC_QUALITY_UNQUANTIZED, /* 16, 32 */
  MC_QUALITY_AS_TRAINED,  /* few bits, for models that were trained in so few */
} McQuality;

/* A word that stays the same, "balanced"; NULL if unknown. Static. */
const char *mc_quality_to_string (McQuality quality);

/* "good balance of size and quality", in English; NULL if unknown. Static. */
const char *mc_quality_get_phrase (McQuality quality);

/* How the weights of a variant are kept. */
typedef struct
{
  char name[48];       /* "Q4_K_M", "q4f16", "AWQ"; "" if unknown */
  double nominal_bits; /* of a weight; 0 if unknown */
  McQuality quality;
} McEncoding;

/* Whether only ik_llama.cpp reads it: IQ<n>_K, _KS, _KT and such, and rows that lie side by side
 * (_R4). In any case. */
gboolean mc_encoding_is_of_ik (const char *name);

/* The one of that name, in any case. */
McEncoding mc_encoding_from_name (const char *name);

/* The one the last part of a label names. @model, if wanted, is what the label says beside it, ""
 * if nothing: "text_model" of "text_model/q8". */
McEncoding mc_encoding_from_label (const char *format, const char *label, char **model);

/* The one the name of a repo or branch mentions: for labels that name none. */
McEncoding mc_encoding_from_repo (const char *name);

/* Whether a type of number, "BF16", holds one weight each: four-bit weights lie eight in an I32. */
gboolean mc_dtype_is_plain (const char *dtype);

G_END_DECLS
