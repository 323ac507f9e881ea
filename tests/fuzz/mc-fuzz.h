/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What the targets share. A target is LLVMFuzzerTestOneInput() in a file of its own: it hands the
 * bytes to one parser and asserts what that parser's header promises of whatever comes out. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
int LLVMFuzzerInitialize (int *argc, char ***argv);

/* As a C string, in memory of exactly that size: a sanitizer sees who reads further. */
char *mc_fuzz_dup_text (const guint8 *data, gsize size);

/* The input cut at each separator, at most that many times, as GBytes. */
GPtrArray *mc_fuzz_split (const guint8 *data, gsize size, const char *separator, guint cuts);

/* Success without an error, or an MC_ERROR that can be shown and sent over the bus. */
void mc_fuzz_assert_outcome (gboolean success, const GError *error);

/* Valid UTF-8 without control characters. */
void mc_fuzz_assert_shown (const char *text);

G_END_DECLS
