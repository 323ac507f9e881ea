/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-text.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* Text as a terminal shows it: what is safe, how wide it is, numbers in words. Pure. */

#define NO_BREAK_SPACE 0xa0
#define NARROW_NO_BREAK_SPACE 0x202f

static const struct
{
  gunichar mark;
  const char *ascii;
} relatives[] = {
  { 0x2018, "'" }, { 0x2019, "'" }, { 0x201c, "\"" }, { 0x201d, "\"" },  { 0x2010, "-" },
  { 0x2011, "-" }, { 0x2013, "-" }, { 0x2014, "-" },  { 0x2026, "..." }, { 0x2192, "->" },
  { 0xd7, "x" },   { 0x2022, "*" }, { 0x202f, " " },
};

/* Those that make a terminal show the rest in another order, and the line separators. */
static gboolean
is_treacherous (gunichar c)
{
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f
         || c == 0x061c || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

static void
append_clean (GString *clean, gunichar c, gboolean utf8)
{
  if (c == '\n' || c == '\t')
    {
      g_string_append_c (clean, (char) c);
      return;
    }
  if (c == NO_BREAK_SPACE || c == NARROW_NO_BREAK_SPACE)
    {
      g_string_append_c (clean, ' ');
      return;
    }
  if (g_unichar_iscntrl (c) || is_treacherous (c))
    {
      g_string_append_c (clean, '?');
      return;
    }
  if (utf8 || c < 0x80)
    {
      g_string_append_unichar (clean, c);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (relatives); i++)
    if (relatives[i].mark == c)
      {
        g_string_append (clean, relatives[i].ascii);
        return;
      }
  g_string_append_c (clean, '?');
}

char *
mc_cli_text_clean (const char *text, gboolean utf8)
{
  g_autoptr (GString) clean = g_string_new (NULL);

  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char_validated (text, -1);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_c (clean, '?');
          text++;
          continue;
        }
      append_clean (clean, c, utf8);
      text = g_utf8_next_char (text);
    }
  return g_string_free (g_steal_pointer (&clean), FALSE);
}

static guint
char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
mc_cli_text_width (const char *text)
{
  guint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += char_width (g_utf8_get_char (text));
  return width;
}

/* The longest beginning of at most that many columns. */
static const char *
find_head (const char *text, guint columns)
{
  guint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      width += char_width (g_utf8_get_char (text));
      if (width > columns)
        break;
    }
  return text;
}

/* The longest end of at most that many columns. */
static const char *
find_tail (const char *text, guint columns)
{
  guint width = mc_cli_text_width (text);

  while (width > columns)
    {
      width -= char_width (g_utf8_get_char (text));
      text = g_utf8_next_char (text);
    }
  return text;
}

char *
mc_cli_text_fit (const char *text, guint columns, gboolean utf8)
{
  const char *mark = utf8 ? "…" : "..";
  guint mark_width = utf8 ? 1 : 2;
  guint left;

  if (mc_cli_text_width (text) <= columns)
    return g_strdup (text);
  if (columns <= mark_width)
    return g_strndup (text, (gsize) (find_head (text, columns) - text));
  left = (columns - mark_width + 1) / 2;
  return g_strdup_printf ("%.*s%s%s", (int) (find_head (text, left) - text), text, mark,
                          find_tail (text, columns - mark_width - left));
}

char *
mc_cli_text_pad (const char *text, guint columns, gboolean to_the_right)
{
  guint width = mc_cli_text_width (text);
  int missing = width >= columns ? 0 : (int) (columns - width);

  if (to_the_right)
    return g_strdup_printf ("%*s%s", missing, "", text);
  return g_strdup_printf ("%s%*s", text, missing, "");
}

char *
mc_cli_text_size (guint64 bytes)
{
  g_autofree char *size = g_format_size (bytes);

  return mc_cli_text_clean (size, TRUE);
}

char *
mc_cli_text_rate (guint64 bytes_per_second)
{
  g_autofree char *size = mc_cli_text_size (bytes_per_second);

  /* Translators: a speed; %s is a size, "1.2 MB". */
  return g_strdup_printf (_ ("%s/s"), size);
}

char *
mc_cli_text_duration (guint64 seconds)
{
  guint64 minutes = seconds / 60;
  guint64 hours = minutes / 60;

  if (hours >= 48)
    /* Translators: a number of days, as short as can be. */
    return g_strdup_printf (_ ("%" PRIu64 " d"), hours / 24);
  if (hours > 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u", hours, (guint) (minutes % 60),
                            (guint) (seconds % 60));
  return g_strdup_printf ("%u:%02u", (guint) minutes, (guint) (seconds % 60));
}

char *
mc_cli_text_ago (gint64 seconds)
{
  gulong days = (gulong) (MAX (seconds, 0) / (24 * 3600));
  gulong hours = (gulong) (MAX (seconds, 0) / 3600);

  if (days > 0)
    return g_strdup_printf (ngettext ("%lu day ago", "%lu days ago", days), days);
  if (hours > 0)
    return g_strdup_printf (ngettext ("%lu hour ago", "%lu hours ago", hours), hours);
  return g_strdup (_ ("just now"));
}

char *
mc_cli_text_count (guint64 count)
{
  static const char units[] = { 'k', 'M', 'B', 'T' };
  double rest = (double) count;
  guint unit = 0;

  if (count < 1000)
    return g_strdup_printf ("%u", (guint) count);
  for (rest /= 1000; rest >= 999.95 && unit + 1 < G_N_ELEMENTS (units); unit++)
    rest /= 1000;
  return g_strdup_printf ("%.1f%c", rest, units[unit]);
}

guint
mc_cli_text_percent (guint64 done, guint64 total)
{
  if (done >= total)
    return 100;
  return MIN ((guint) ((double) done / (double) total * 100), 99);
}

char *
mc_cli_text_bar (guint columns, guint64 done, guint64 total, gboolean utf8)
{
  g_autoptr (GString) bar = g_string_new (NULL);
  guint inner = utf8 || columns < 3 ? columns : columns - 2;
  guint full;

  full = done >= total ? inner : (guint) ((double) done / (double) total * inner);
  if (done < total && full == inner && inner > 0)
    full = inner - 1;
  if (inner < columns)
    g_string_append_c (bar, '[');
  for (guint i = 0; i < inner; i++)
    g_string_append (bar, i < full ? (utf8 ? "█" : "#") : (utf8 ? "░" : "-"));
  if (inner < columns)
    g_string_append_c (bar, ']');
  return g_string_free (g_steal_pointer (&bar), FALSE);
}
