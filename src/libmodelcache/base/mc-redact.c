/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-redact.h"

#include <string.h>

static const struct
{
  const char *pattern;
  const char *replacement;
} rules[] = {
  { "\\bhf_[A-Za-z0-9_]{6,}", "hf_…" },
  { "(?i)\\b(bearer|basic)\\s+[^\\s\"',;]+", "\\1 …" },
  { "(?i)\\b((?:signature|policy|key-pair-id|x-amz-[a-z-]+|x-xet-[a-z-]+|access_token|token|sig)=)"
    "[^&\\s\"'#]+",
    "\\1…" },
  { "://[^/\\s@]+@", "://…@" },
};

static char *
replace (const char *text, const char *pattern, const char *replacement)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_OPTIMIZE, 0, NULL);
  char *replaced = g_regex_replace (regex, text, -1, 0, replacement, 0, NULL);

  /* Where the pattern cannot be applied to the whole of it, nothing of it is shown. */
  return replaced != NULL ? replaced : g_strdup ("…");
}

char *
mc_redact (const char *text, const char *secret)
{
  char *clean = g_utf8_make_valid (text, -1);

  if (secret != NULL && secret[0] != '\0' && strstr (clean, secret) != NULL)
    {
      g_autofree char *quoted = g_regex_escape_string (secret, -1);
      char *without = replace (clean, quoted, "…");

      g_free (clean);
      clean = without;
    }
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      char *without = replace (clean, rules[i].pattern, rules[i].replacement);

      g_free (clean);
      clean = without;
    }
  return clean;
}
