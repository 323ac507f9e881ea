/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Reads JSON in one go, without building anything: for large texts of a known shape, which as a
 * tree would take twenty times their size. The text must be valid UTF-8. Each function goes over
 * white space first and returns FALSE, having moved anywhere, if what follows is something else. */
typedef struct
{
  const char *text;
  gsize length;
  gsize at;
} McJsonScanner;

/* How deep a value that nobody reads may nest. */
#define MC_JSON_SCANNER_DEPTH 16

/* Goes over one character; this one does not move if it is another. */
gboolean mc_json_scanner_take (McJsonScanner *self, char c);

/* Puts the text of a string into @text. */
gboolean mc_json_scanner_string (McJsonScanner *self, GString *text);

/* A whole number that is not negative. */
gboolean mc_json_scanner_size (McJsonScanner *self, guint64 *value);

/* Goes over any value. What is inside it is not checked but for brackets and quotes. */
gboolean mc_json_scanner_skip (McJsonScanner *self);

/* Whether nothing but white space follows. */
gboolean mc_json_scanner_is_done (McJsonScanner *self);

/* The next item of an array or member of an object, after its opening bracket: "," was taken unless
 * it is the first. FALSE at the closing bracket, which is taken, and where there is neither; tell
 * by is_closed. */
typedef struct
{
  char closes_with;
  gboolean has_begun;
  gboolean is_closed;
} McJsonList;

gboolean mc_json_scanner_next (McJsonScanner *self, McJsonList *list);

G_END_DECLS
