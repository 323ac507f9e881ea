/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The quantization named by a GGUF or ggml file: "UD-Q4_K_XL" in "Qwen3-UD-Q4_K_XL". Small
 * letters are expected. Pure. */
typedef enum
{
  MC_TOKEN_NONE,
  MC_TOKEN_WEAK,  /* may mean something else: int8, 4bit, Q4 */
  MC_TOKEN_FLOAT, /* F16, BF16, F32 */
  MC_TOKEN_STRONG,
} McTokenKind;

typedef struct
{
  McTokenKind kind;
  gsize start;
  gsize length;
} McToken;

/* The last strong token that is no float, else the last float; with @glued, if there is none, one
 * glued to the name before it. */
gboolean mc_token_find_strong (const char *text, gsize length, gboolean glued, McToken *token);
gboolean mc_token_find_weak (const char *text, gsize length, McToken *token);

/* As keys show it: in capitals but for "bpw", FP16 as F16. */
char *mc_token_format (const char *text, const McToken *token);

G_END_DECLS
