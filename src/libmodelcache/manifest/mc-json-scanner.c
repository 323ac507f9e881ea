/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-json-scanner.h"

#include <string.h>

/* JSON as a row of tokens (RFC 8259). Pure, any thread, no recursion: hostile text costs one walk
 * over its bytes and the longest of its strings. */

static void
skip_space (McJsonScanner *self)
{
  while (self->at < self->length && strchr (" \t\r\n", self->text[self->at]) != NULL
         && self->text[self->at] != '\0')
    self->at++;
}

gboolean
mc_json_scanner_take (McJsonScanner *self, char c)
{
  skip_space (self);
  if (self->at >= self->length || self->text[self->at] != c)
    return FALSE;
  self->at++;
  return TRUE;
}

/* Four hexadecimal digits. */
static gboolean
scan_unit (McJsonScanner *self, gunichar *unit)
{
  *unit = 0;
  if (self->length - self->at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (self->text[self->at++]);

      if (digit < 0)
        return FALSE;
      *unit = *unit * 16 + (gunichar) digit;
    }
  return TRUE;
}

/* Behind "\u". NUL is refused: nothing here can hold it. */
static gboolean
scan_code_point (McJsonScanner *self, GString *text)
{
  gunichar unit;
  gunichar low;

  if (!scan_unit (self, &unit) || unit == 0 || (unit >= 0xdc00 && unit <= 0xdfff))
    return FALSE;
  if (unit >= 0xd800 && unit <= 0xdbff)
    {
      if (self->length - self->at < 2 || memcmp (self->text + self->at, "\\u", 2) != 0)
        return FALSE;
      self->at += 2;
      if (!scan_unit (self, &low) || low < 0xdc00 || low > 0xdfff)
        return FALSE;
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
  g_string_append_unichar (text, unit);
  return TRUE;
}

/* Behind "\". */
static gboolean
scan_escape (McJsonScanner *self, GString *text)
{
  static const char names[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *name;
  char c;

  if (self->at >= self->length)
    return FALSE;
  c = self->text[self->at++];
  if (c == 'u')
    return scan_code_point (self, text);
  name = c != '\0' ? strchr (names, c) : NULL;
  if (name == NULL)
    return FALSE;
  g_string_append_c (text, meanings[name - names]);
  return TRUE;
}

gboolean
mc_json_scanner_string (McJsonScanner *self, GString *text)
{
  g_string_truncate (text, 0);
  if (!mc_json_scanner_take (self, '"'))
    return FALSE;
  while (self->at < self->length)
    {
      gsize start = self->at;

      while (self->at < self->length && (guchar) self->text[self->at] >= 0x20
             && self->text[self->at] != '"' && self->text[self->at] != '\\')
        self->at++;
      g_string_append_len (text, self->text + start, (gssize) (self->at - start));
      if (self->at >= self->length || (guchar) self->text[self->at] < 0x20)
        return FALSE;
      if (self->text[self->at++] == '"')
        return TRUE;
      if (!scan_escape (self, text))
        return FALSE;
    }
  return FALSE;
}

gboolean
mc_json_scanner_size (McJsonScanner *self, guint64 *value)
{
  gsize start;

  skip_space (self);
  start = self->at;
  *value = 0;
  while (self->at < self->length && g_ascii_isdigit (self->text[self->at]))
    if (!g_uint64_checked_mul (value, *value, 10)
        || !g_uint64_checked_add (value, *value, (guint64) (self->text[self->at++] - '0')))
      return FALSE;
  if (self->at == start || (self->text[start] == '0' && self->at - start > 1))
    return FALSE;
  /* 1.5 and 1e3 are not whole as they stand. */
  return self->at >= self->length || strchr (".eE", self->text[self->at]) == NULL
         || self->text[self->at] == '\0';
}

static void
skip_string (McJsonScanner *self)
{
  while (self->at < self->length && self->text[self->at] != '"')
    self->at += self->text[self->at] == '\\' && self->length - self->at > 1 ? 2 : 1;
  self->at = MIN (self->at + 1, self->length);
}

static gboolean
skip_word (McJsonScanner *self)
{
  gsize start = self->at;

  while (self->at < self->length
         && (g_ascii_isalnum (self->text[self->at]) || self->text[self->at] == '-'
             || self->text[self->at] == '+' || self->text[self->at] == '.'))
    self->at++;
  return self->at > start;
}

gboolean
mc_json_scanner_skip (McJsonScanner *self)
{
  char closing[MC_JSON_SCANNER_DEPTH];
  guint depth = 0;

  skip_space (self);
  if (self->at < self->length && self->text[self->at] != '"' && self->text[self->at] != '['
      && self->text[self->at] != '{')
    return skip_word (self);
  while (self->at < self->length)
    {
      char c = self->text[self->at++];

      if (c == '"')
        skip_string (self);
      else if (c == '[' || c == '{')
        {
          if (depth == MC_JSON_SCANNER_DEPTH)
            return FALSE;
          closing[depth++] = c == '[' ? ']' : '}';
        }
      else if ((c == ']' || c == '}') && (depth == 0 || closing[--depth] != c))
        return FALSE;
      if (depth == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
mc_json_scanner_is_done (McJsonScanner *self)
{
  skip_space (self);
  return self->at >= self->length;
}

gboolean
mc_json_scanner_next (McJsonScanner *self, McJsonList *list)
{
  if (mc_json_scanner_take (self, list->closes_with))
    {
      list->is_closed = TRUE;
      return FALSE;
    }
  if (list->has_begun && !mc_json_scanner_take (self, ','))
    return FALSE;
  list->has_begun = TRUE;
  return TRUE;
}
