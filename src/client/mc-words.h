/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The stable words of the interface in the person's language. A word that is not known is shown as
 * it is: the service may be newer. Borrowed. */

/* "balanced" in short, and as a sentence. */
const char *mc_words_quality (const char *word);
const char *mc_words_quality_sentence (const char *word);

/* "fits", with less speed, ...; the symbol is "" for words that have none. */
const char *mc_words_fit (const char *word);
const char *mc_words_fit_sentence (const char *word);
const char *mc_words_fit_symbol (const char *word, gboolean utf8);

/* Why a variant is suggested. */
const char *mc_words_reason (const char *word);

/* What to know before choosing. */
const char *mc_words_note (const char *word);

G_END_DECLS
