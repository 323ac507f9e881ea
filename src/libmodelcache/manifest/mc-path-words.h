/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The words of a file or folder name. All text given here is in small letters already. */
typedef struct
{
  guint start;
  guint length;
} McWord;

typedef enum
{
  MC_BREAK_ANY,  /* anything but ASCII letters and digits */
  MC_BREAK_PART, /* a dash, an underscore or a dot */
} McWordBreak;

/* The word behind the given one; the first if that is all zeros. FALSE if there is none. */
gboolean mc_words_next (const char *text, gsize length, McWordBreak break_at, McWord *word);

/* McWord in order, none of them empty. */
GArray *mc_words_split (const char *text, gsize length, McWordBreak break_at);

/* The character between two neighbours, 0 if it is not exactly one. */
char mc_words_get_break (const char *text, GArray *words, guint left);

gboolean mc_word_equal (const char *text, const McWord *word, const char *other);

/* Whether the text is in a NULL-terminated table. */
gboolean mc_text_in (const char *text, gsize length, const char *const *table);
gboolean mc_word_in (const char *text, const McWord *word, const char *const *table);

/* Whether one of the words, or one of the beginnings, of the name is in the table. */
gboolean mc_name_has_word (const char *name, const char *const *table);
gboolean mc_name_has_prefix (const char *name, const char *const *table);
gboolean mc_name_has_part (const char *name, const char *const *table);

/* How many ASCII digits stand at the beginning, or at the end. */
gsize mc_count_digits (const char *text, gsize length);
gsize mc_count_digits_at_end (const char *text, gsize length);

/* Whether it begins with digits and nothing follows. */
gboolean mc_is_number (const char *text, gsize length);

/* A word that says how precisely the weights of an ONNX, OpenVINO, ORT or Core ML file are kept. */
typedef struct
{
  gsize start; /* of the word in the text */
  gsize length;
  char name[48]; /* "q8", "qint8_avx512_vnni", "O3": as keys have it; "" if there was none */
} McPrecision;

/* The last precision word of the text; FALSE if there is none. */
gboolean mc_precision_find (const char *text, gsize length, McPrecision *precision);

/* Whether the text is nothing but a precision word. */
gboolean mc_precision_is (const char *text, gsize length, McPrecision *precision);

/* Bits of a weight by the name of its precision. */
guint mc_precision_get_bits (const char *name);

G_END_DECLS
