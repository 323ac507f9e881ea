/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-phrases.h"

#include "mc-dict.h"
#include "mc-error-text.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

/* Numbers and the bus's words as sentences for people. Pure. */

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MONTH 30 /* days */
#define YEAR 365

char *
mc_phrase_join (const char *const *parts, gsize n)
{
  g_autofree char *text = g_strdup ("");

  for (gsize i = 0; i < n; i++)
    if (parts[i] != NULL && parts[i][0] != '\0')
      {
        g_autofree char *before = g_steal_pointer (&text);

        /* Translators: what was said before, and one more fact. Where people write from right to
         * left: U+200F, and each %s between U+2068 and U+2069, keep Latin facts in order. */
        text = before[0] == '\0' ? g_strdup (parts[i])
                                 : g_strdup_printf (_ ("%s · %s"), before, parts[i]);
      }
  return g_steal_pointer (&text);
}

char *
mc_phrase_time_left (gint64 seconds)
{
  gulong minutes = (gulong) ((MAX (seconds, 0) + MINUTE - 1) / MINUTE);
  gulong hours = minutes / 60;

  if (seconds < MINUTE)
    return g_strdup (_ ("less than a minute left"));
  if (hours >= 48)
    return g_strdup_printf (ngettext ("%lu day left", "%lu days left", hours / 24), hours / 24);
  if (hours == 0)
    return g_strdup_printf (ngettext ("%lu minute left", "%lu minutes left", minutes), minutes);
  /* Translators: hours and minutes */
  return g_strdup_printf (_ ("%lu h %lu min left"), hours, minutes % 60);
}

char *
mc_phrase_ago (gint64 seconds)
{
  gulong days = (gulong) (MAX (seconds, 0) / DAY);

  if (days == 0)
    return g_strdup (_ ("today"));
  if (days >= 2 * YEAR)
    return g_strdup_printf (ngettext ("%lu year ago", "%lu years ago", days / YEAR), days / YEAR);
  if (days >= 2 * MONTH)
    return g_strdup_printf (ngettext ("%lu month ago", "%lu months ago", days / MONTH),
                            days / MONTH);
  return g_strdup_printf (ngettext ("%lu day ago", "%lu days ago", days), days);
}

char *
mc_phrase_changed (const char *time, gint64 now)
{
  g_autoptr (GDateTime) changed = g_date_time_new_from_iso8601 (time, NULL);
  g_autofree char *ago = NULL;

  if (changed == NULL)
    return NULL;
  ago = mc_phrase_ago (now - g_date_time_to_unix (changed));
  /* Translators: %s is “today” or “3 days ago” */
  return g_strdup_printf (_ ("Changed on the Hub %s"), ago);
}

char *
mc_phrase_deletion (guint64 returned, guint64 kept)
{
  g_autofree char *returned_size = g_format_size (returned);
  g_autofree char *kept_size = g_format_size (kept);
  g_autofree char *gives =
      returned == 0
          ? g_strdup (_ ("This gives back no space."))
          /* Translators: %s is a size */
          : g_strdup_printf (_ ("This gives back %s of space on the disk."), returned_size);

  if (kept == 0)
    return g_steal_pointer (&gives);
  /* Translators: a sentence that ends with a period, and a size */
  return g_strdup_printf (_ ("%s %s stay, because other models or variants need them."), gives,
                          kept_size);
}

char *
mc_phrase_count (guint64 count)
{
  static const char units[] = { 'k', 'M', 'B', 'T' };
  double rest = (double) count;
  guint unit = 0;

  if (count < 1000)
    return g_strdup_printf ("%u", (guint) count);
  for (rest /= 1000; rest >= 999.5 && unit + 1 < G_N_ELEMENTS (units); unit++)
    rest /= 1000;
  return g_strdup_printf (rest < 99.95 ? "%.1f%c" : "%.0f%c", rest, units[unit]);
}

const char *
mc_phrase_variant_name (const char *key)
{
  const char *colon = strchr (key, ':');

  return colon != NULL && colon[1] != '\0' ? colon + 1 : key;
}

char *
mc_phrase_task (const char *task)
{
  char *text = g_strdup (task);

  g_strdelimit (text, "-_", ' ');
  if (text[0] != '\0')
    text[0] = g_ascii_toupper (text[0]);
  return text;
}

/* --- transfers --- */

/* "3.2 MB of 9.4 GB"; what is not known is not told. */
static char *
describe_bytes (const McTransferFacts *facts)
{
  g_autofree char *verified = g_format_size (facts->verified);
  g_autofree char *total = g_format_size (facts->total);

  if (facts->total == 0)
    return NULL;
  /* Translators: sizes, "3.2 MB of 9.4 GB" */
  return g_strdup_printf (_ ("%s of %s"), verified, total);
}

char *
mc_phrase_rate (guint64 rate)
{
  g_autofree char *size = g_format_size (rate);

  /* Translators: a speed; %s is a size, "1.2 MB" */
  return g_strdup_printf (_ ("%s/s"), size);
}

static char *
describe_active (const McTransferFacts *facts, gint64 now)
{
  g_autofree char *bytes = describe_bytes (facts);
  g_autofree char *rate = facts->rate > 0 ? mc_phrase_rate (facts->rate) : NULL;
  g_autofree char *left = facts->end > now ? mc_phrase_time_left (facts->end - now) : NULL;
  const char *doing = NULL;

  if (strcmp (facts->phase, "resolving") == 0)
    doing = _ ("Asking the Hub");
  else if (strcmp (facts->phase, "verifying") == 0)
    doing = _ ("Reading back what is here");
  else if (strcmp (facts->phase, "finishing") == 0)
    doing = _ ("Checking the whole");
  return mc_phrase_join ((const char *[]){ doing, bytes, rate, left }, 4);
}

static const char *
describe_ban (const char *allowed)
{
  if (strcmp (allowed, "schedule") == 0)
    return _ ("Waiting for the hours that were chosen");
  if (g_str_has_suffix (allowed, "metered"))
    return _ ("Waiting: the network is metered");
  if (g_str_has_suffix (allowed, "power-saver"))
    return _ ("Waiting: the computer saves power");
  return _ ("Waiting for its turn");
}

static char *
describe_next_try (const McTransferFacts *facts, gint64 now)
{
  McErrorText text = mc_error_text_get_by_name (facts->error);
  gulong seconds = (gulong) MAX (facts->next_try - now, 1);
  g_autofree char *again = NULL;

  if (facts->next_try == 0)
    return g_strdup (text.title);
  again = g_strdup_printf (
      ngettext ("trying again in %lu second", "trying again in %lu seconds", seconds), seconds);
  return mc_phrase_join ((const char *[]){ text.title, again }, 2);
}

static const char *
describe_done (const char *kind)
{
  if (strcmp (kind, "verify") == 0)
    return _ ("All is in order");
  if (strcmp (kind, "repair") == 0)
    return _ ("Repaired");
  if (strcmp (kind, "move") == 0)
    return _ ("Moved");
  if (strcmp (kind, "import") == 0 || strcmp (kind, "import-preview") == 0)
    return _ ("Adopted");
  if (strcmp (kind, "update") == 0)
    return _ ("Updated");
  if (strcmp (kind, "evict") == 0)
    return _ ("Deleted to make room");
  return _ ("Downloaded");
}

/* Of one that is neither active nor done. */
static const char *
describe_rest (const McTransferFacts *facts)
{
  if (strcmp (facts->state, "failed") == 0 || strcmp (facts->state, "waiting") == 0)
    return mc_error_text_get_by_name (facts->error).title;
  if (strcmp (facts->state, "paused") == 0)
    return facts->error[0] != '\0' ? mc_error_text_get_by_name (facts->error).title : _ ("Paused");
  if (strcmp (facts->state, "cancelled") == 0)
    return _ ("Cancelled");
  return describe_ban (facts->allowed);
}

char *
mc_phrase_transfer (const McTransferFacts *facts, gint64 now)
{
  g_autofree char *bytes = describe_bytes (facts);
  g_autofree char *total = facts->total > 0 ? g_format_size (facts->total) : NULL;
  g_autofree char *waiting = NULL;

  if (strcmp (facts->state, "active") == 0)
    return describe_active (facts, now);
  if (strcmp (facts->state, "done") == 0)
    return mc_phrase_join ((const char *[]){ describe_done (facts->kind), total }, 2);
  if (strcmp (facts->state, "waiting") == 0)
    waiting = describe_next_try (facts, now);
  return mc_phrase_join (
      (const char *[]){ waiting != NULL ? waiting : describe_rest (facts), bytes }, 2);
}

char *
mc_phrase_transfer_spoken (const McTransferFacts *facts)
{
  double share = facts->total > 0 ? (double) facts->verified / (double) facts->total : 0;
  int tenths = (int) (CLAMP (share, 0, 1) * 10);

  if (strcmp (facts->state, "done") == 0)
    return g_strdup (describe_done (facts->kind));
  if (strcmp (facts->state, "active") != 0)
    return g_strdup (describe_rest (facts));
  /* Translators: how much of a download is here */
  return g_strdup_printf (_ ("%d percent"), tenths * 10);
}

/* --- repos --- */

const char *
mc_phrase_task_icon (const char *task)
{
  static const struct
  {
    const char *part;
    const char *icon;
  } icons[] = {
    { "speech", "audio-input-microphone-symbolic" },
    { "audio", "audio-x-generic-symbolic" },
    { "video", "video-x-generic-symbolic" },
    { "image", "image-x-generic-symbolic" },
    { "text", "mc-text-symbolic" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (icons); i++)
    if (strstr (task, icons[i].part) != NULL)
      return icons[i].icon;
  return "mc-model-symbolic";
}

char *
mc_phrase_repo_details (const char *task,
                        const char *license,
                        guint64 parameters,
                        guint64 context_length)
{
  gulong tokens = (gulong) context_length;
  g_autofree char *task_text = mc_phrase_task (task);
  g_autofree char *count = mc_phrase_count (parameters);
  g_autofree char *many =
      /* Translators: %s is a number such as “7.6B” */
      parameters > 0 ? g_strdup_printf (_ ("%s parameters"), count) : NULL;
  g_autofree char *context =
      tokens > 0 ? g_strdup_printf (
          ngettext ("%lu token of context", "%lu tokens of context", tokens), tokens)
                 : NULL;

  return mc_phrase_join ((const char *[]){ task_text, license, many, context }, 4);
}

static char *
describe_incomplete (double fraction)
{
  guint percent = CLAMP ((guint) (fraction * 100), 1, 99);

  /* Translators: a part of a download, “Incomplete · 62 %” */
  return g_strdup_printf (_ ("Incomplete · %u %%"), percent);
}

static char *
describe_update (guint64 fetch)
{
  g_autofree char *size = g_format_size (fetch);

  return mc_phrase_join ((const char *[]){ _ ("Update"), fetch > 0 ? size : NULL }, 2);
}

char *
mc_phrase_repo_state (const McRepoFacts *facts)
{
  if (facts->doomed)
    return g_strdup (_ ("Removed in a Moment"));
  if (facts->active)
    return g_strdup ("");
  if (facts->n_damaged > 0)
    return g_strdup (_ ("Damaged"));
  if (facts->n_failed > 0)
    return g_strdup (_ ("Failed"));
  if (facts->has_update)
    return describe_update (facts->fetch);
  if (facts->n_here > 0)
    return g_strdup (_ ("Ready"));
  return facts->fraction > 0 ? describe_incomplete (facts->fraction)
                             : g_strdup (_ ("Not Downloaded"));
}

/* --- space --- */

static char *
describe_amount (const char *format, guint64 bytes)
{
  g_autofree char *size = g_format_size (bytes);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (format, size);
#pragma GCC diagnostic pop
}

char *
mc_phrase_storage (guint64 models, guint64 unfinished, guint64 other, guint64 free_space)
{
  /* Translators: %s is a size */
  g_autofree char *whole = describe_amount (_ ("%s models"), models);
  /* Translators: %s is a size: downloads that are not through */
  g_autofree char *part = describe_amount (_ ("%s unfinished"), unfinished);
  /* Translators: %s is a size */
  g_autofree char *rest = describe_amount (_ ("%s other"), other);
  /* Translators: %s is a size: of the disk */
  g_autofree char *left = describe_amount (_ ("%s free"), free_space);

  return mc_phrase_join ((const char *[]){ whole, unfinished > 0 ? part : NULL, rest, left }, 4);
}

char *
mc_phrase_reclaim (guint64 returns, guint64 kept, gint64 last_used, gint64 now)
{
  /* Translators: %s is a size that deleting gives back */
  g_autofree char *back = describe_amount (_ ("Returns %s"), returns);
  /* Translators: %s is a size: models that stay need it, too */
  g_autofree char *stays = describe_amount (_ ("%s stay for others"), kept);
  g_autofree char *ago = mc_phrase_ago (now - last_used);
  /* Translators: %s is “today” or “3 days ago” */
  g_autofree char *used = g_strdup_printf (_ ("used %s"), ago);

  return mc_phrase_join (
      (const char *[]){ back, kept > 0 ? stays : NULL, last_used > 0 ? used : NULL }, 3);
}

/* --- fit --- */

static void
append_size (GString *text, const char *format, guint64 bytes)
{
  g_autofree char *size = g_format_size (bytes);

  if (bytes == 0)
    return;
  if (text->len > 0)
    g_string_append_c (text, '\n');
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_string_append_printf (text, format, size);
#pragma GCC diagnostic pop
}

char *
mc_phrase_fit_arithmetic (GVariant *fit)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 context = mc_dict_get_size (fit, "context");

  append_size (text, _ ("Weights: %s"), mc_dict_get_size (fit, "weights"));
  append_size (text, _ ("Context: %s"), mc_dict_get_size (fit, "kv-cache"));
  append_size (text, _ ("Overhead: %s"), mc_dict_get_size (fit, "overhead"));
  append_size (text, _ ("Needed: %s"), mc_dict_get_size (fit, "needed"));
  append_size (text, _ ("Memory of this computer: %s"), mc_dict_get_size (fit, "memory"));
  append_size (text, _ ("of which a model may take: %s"), mc_dict_get_size (fit, "memory-budget"));
  append_size (text, _ ("Graphics memory: %s"), mc_dict_get_size (fit, "vram"));
  if (context > 0)
    g_string_append_printf (text,
                            ngettext ("\nJudged for %" PRIu64 " token of context",
                                      "\nJudged for %" PRIu64 " tokens of context",
                                      (gulong) context),
                            context);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
