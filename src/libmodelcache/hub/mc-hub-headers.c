/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-headers.h"

#include "mc-hub-parse.h"

#include <string.h>

/* Header fields: pure. */

#define MAX_WAIT (24 * 60 * 60)

/* Digits at *text, which moves behind them. */
static gboolean
take_number (const char **text, guint64 *number)
{
  const char *p = *text;
  guint64 value = 0;

  if (!g_ascii_isdigit (*p))
    return FALSE;
  for (; g_ascii_isdigit (*p); p++)
    {
      if (value > MC_HUB_MAX_SIZE / 10)
        return FALSE;
      value = value * 10 + (guint64) g_ascii_digit_value (*p);
    }
  *text = p;
  *number = value;
  return value <= MC_HUB_MAX_SIZE;
}

static const char *
skip_blanks (const char *text)
{
  return text + strspn (text, " \t");
}

gboolean
mc_hub_parse_length (const char *text, guint64 *length)
{
  const char *rest = text == NULL ? "" : skip_blanks (text);

  return take_number (&rest, length) && *skip_blanks (rest) == '\0';
}

gboolean
mc_hub_parse_content_range (const char *range, guint64 *first, guint64 *last, guint64 *total)
{
  const char *rest;

  if (range == NULL)
    return FALSE;
  rest = skip_blanks (range);
  if (g_ascii_strncasecmp (rest, "bytes", 5) != 0)
    return FALSE;
  rest = skip_blanks (rest + 5);
  if (!take_number (&rest, first) || *rest++ != '-' || !take_number (&rest, last) || *rest++ != '/'
      || !take_number (&rest, total) || *skip_blanks (rest) != '\0')
    return FALSE;
  return *first <= *last && *last < *total;
}

McDigest
mc_hub_parse_etag (const char *etag)
{
  McDigest digest = { MC_DIGEST_NONE };
  g_autofree char *text = NULL;
  char *inner;
  gsize length;

  if (etag == NULL)
    return digest;
  text = g_strstrip (g_strdup (etag));
  inner = g_str_has_prefix (text, "W/") ? text + 2 : text;
  length = strlen (inner);
  if (length >= 2 && inner[0] == '"' && inner[length - 1] == '"')
    {
      inner[length - 1] = '\0';
      inner++;
    }
  if (!mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, inner))
    mc_digest_parse_hex (&digest, MC_DIGEST_GIT_SHA1, inner);
  return digest;
}

/* --- Link --- */

/* The end of a parameter list: the comma before the next link, not one inside quotes. */
static const char *
find_link_end (const char *text)
{
  gboolean quoted = FALSE;

  for (; *text != '\0'; text++)
    {
      if (quoted && text[0] == '\\' && text[1] != '\0')
        text++;
      else if (*text == '"')
        quoted = !quoted;
      else if (*text == ',' && !quoted)
        break;
    }
  return text;
}

static gboolean
is_next (const char *parameters, gsize length)
{
  g_autofree char *copy = g_strndup (parameters, length);
  g_auto (GStrv) items = g_strsplit (copy, ";", -1);

  for (guint i = 0; items[i] != NULL; i++)
    {
      char *item = g_strstrip (items[i]);
      char *value = strchr (item, '=');
      g_auto (GStrv) words = NULL;

      if (value == NULL)
        continue;
      *value++ = '\0';
      if (g_ascii_strcasecmp (g_strchomp (item), "rel") != 0)
        continue;
      words = g_strsplit_set (value, "\" \t", -1);
      for (guint j = 0; words[j] != NULL; j++)
        if (g_ascii_strcasecmp (words[j], "next") == 0)
          return TRUE;
    }
  return FALSE;
}

char *
mc_hub_parse_next_link (const char *link)
{
  while (link != NULL && *link != '\0')
    {
      const char *begin = strchr (link, '<');
      const char *end = begin == NULL ? NULL : strchr (begin, '>');
      const char *stop;

      if (end == NULL)
        return NULL;
      stop = find_link_end (end + 1);
      if (is_next (end + 1, (gsize) (stop - end - 1)))
        return end - begin > 1 ? g_strndup (begin + 1, (gsize) (end - begin - 1)) : NULL;
      link = *stop == '\0' ? NULL : stop + 1;
    }
  return NULL;
}

/* --- waiting --- */

/* "Wed, 21 Oct 2015 07:28:00 GMT"; -1: another form. */
static gint64
parse_date (const char *text)
{
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const char *comma = strchr (text, ',');
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *month = NULL;
  const char *rest = comma == NULL ? "" : skip_blanks (comma + 1);
  const char *place;
  guint64 day, year, hour, minute, second;

  if (!take_number (&rest, &day) || *rest++ != ' ' || strlen (rest) < 4)
    return -1;
  month = g_strndup (rest, 3);
  place = strstr (months, month);
  rest += 3;
  if (place == NULL || (place - months) % 3 != 0 || *rest++ != ' ' || !take_number (&rest, &year)
      || *rest++ != ' ' || !take_number (&rest, &hour) || *rest++ != ':'
      || !take_number (&rest, &minute) || *rest++ != ':' || !take_number (&rest, &second))
    return -1;
  if (year > 9999 || day > 31 || hour > 23 || minute > 59 || second > 60)
    return -1;
  date = g_date_time_new_utc ((int) year, (int) (place - months) / 3 + 1, (int) day, (int) hour,
                              (int) minute, (double) second);
  return date == NULL ? -1 : g_date_time_to_unix (date);
}

/* One parameter of '"api";r=0;t=30'. */
static gboolean
get_parameter (const char *text, const char *name, guint64 *value)
{
  g_auto (GStrv) items = g_strsplit_set (text, ";,", -1);

  for (guint i = 0; items[i] != NULL; i++)
    {
      const char *item = skip_blanks (items[i]);
      gsize length = strlen (name);

      if (strncmp (item, name, length) == 0 && item[length] == '=')
        return mc_hub_parse_length (item + length + 1, value);
    }
  return FALSE;
}

guint64
mc_hub_parse_wait (const char *rate_limit, const char *retry_after, gint64 now)
{
  guint64 left;
  guint64 wait = 0;

  if (rate_limit != NULL && get_parameter (rate_limit, "r", &left) && left == 0
      && get_parameter (rate_limit, "t", &wait))
    return MIN (wait, MAX_WAIT) + 1;
  if (retry_after == NULL)
    return 0;
  if (mc_hub_parse_length (retry_after, &wait))
    return MIN (wait, MAX_WAIT) + 1;
  if (parse_date (retry_after) > now)
    return MIN ((guint64) (parse_date (retry_after) - now), MAX_WAIT) + 1;
  return 0;
}
