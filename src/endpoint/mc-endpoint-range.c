/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-endpoint-range.h"

#include <string.h>

/* Digits and nothing else. */
static gboolean
read_number (const char *text, gsize length, guint64 *number)
{
  g_autofree char *digits = g_strndup (text, length);

  return g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64, number, NULL);
}

/* FALSE if it is no single range. last may be behind the end. A suffix has no first: -N. */
static gboolean
read_range (const char *text, guint64 size, guint64 *first, guint64 *last)
{
  const char *dash;
  gsize length;

  if (g_ascii_strncasecmp (text, "bytes=", strlen ("bytes=")) != 0)
    return FALSE;
  text += strlen ("bytes=");
  text += strspn (text, " \t");
  length = strlen (text);
  while (length > 0 && strchr (" \t", text[length - 1]) != NULL)
    length--;
  dash = memchr (text, '-', length);
  if (dash == NULL)
    return FALSE;
  if (dash == text)
    {
      if (!read_number (dash + 1, length - 1, last))
        return FALSE;
      *first = *last == 0 ? size : size - MIN (*last, size);
      *last = G_MAXUINT64;
      return TRUE;
    }
  if (!read_number (text, (gsize) (dash - text), first))
    return FALSE;
  *last = G_MAXUINT64;
  length -= (gsize) (dash + 1 - text);
  return length == 0 || (read_number (dash + 1, length, last) && *last >= *first);
}

/* A list of entity tags, weak or strong, or "*". */
static gboolean
names (const char *list, const char *etag)
{
  g_auto (GStrv) tags = g_strsplit (list, ",", -1);

  for (guint i = 0; tags[i] != NULL; i++)
    {
      const char *tag = g_strstrip (tags[i]);

      if (g_str_has_prefix (tag, "W/"))
        tag += 2;
      if (strcmp (tag, etag) == 0 || strcmp (tag, "*") == 0)
        return TRUE;
    }
  return FALSE;
}

McSlice
mc_slice_choose (const McRangeFields *fields, guint64 size, const char *etag)
{
  McSlice whole = { 200, 0, size };
  guint64 first;
  guint64 last;

  if (fields->if_none_match != NULL && names (fields->if_none_match, etag))
    return (McSlice){ 304, 0, 0 };
  if (size == 0 || fields->range == NULL)
    return whole;
  /* A weak tag or a date never stands for the same bytes. */
  if (fields->if_range != NULL && strcmp (fields->if_range, etag) != 0)
    return whole;
  if (!read_range (fields->range, size, &first, &last))
    return whole;
  if (first >= size)
    return (McSlice){ 416, 0, 0 };
  last = MIN (last, size - 1);
  return (McSlice){ 206, first, last - first + 1 };
}
