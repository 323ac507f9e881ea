/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-access-rules.h"

#include <string.h>

static const char *const words[] = {
  [MC_ACCESS_ASK] = "ask",
  [MC_ACCESS_NONE] = "none",
  [MC_ACCESS_READ] = "read",
  [MC_ACCESS_ALL] = "all",
};

/* Of the Manager. With "fetch" the ones that open need more. */
static const char *const reading[] = {
  "CheckUpdates", "GetComputer",
  "GetManifest",  "GetManifestWithOptions",
  "HasFile",      "ListHistory",
  "ListRepos",    "ListTransfers",
  "OpenFile",     "OpenVariant",
  "Checkout",     "Plan",
  "ReadRange",    "ReadRangeWithOptions",
  "Search",       "SearchPage",
  "Usage",        NULL,
};

static const char *const personal[] = {
  "ListAccess", "ListPrograms", "OfferToAsk", "SetAccess", NULL,
};

/* Options come last. */
static GVariant *
look_up_option (GVariant *parameters, const char *name)
{
  gsize n = g_variant_n_children (parameters);
  g_autoptr (GVariant) last = n == 0 ? NULL : g_variant_get_child_value (parameters, n - 1);

  if (last == NULL || !g_variant_is_of_type (last, G_VARIANT_TYPE_VARDICT))
    return NULL;
  return g_variant_lookup_value (last, name, NULL);
}

McNeed
mc_access_need (const char *interface, const char *method, GVariant *parameters)
{
  g_autoptr (GVariant) fetch = look_up_option (parameters, "fetch");
  g_autoptr (GVariant) apps = look_up_option (parameters, "apps");

  if (strcmp (interface, "Lease") == 0)
    return MC_NEED_READ;
  if (strcmp (interface, "Manager") != 0)
    return MC_NEED_ALL;
  if (g_strv_contains (personal, method) || (apps != NULL && strcmp (method, "Configure") == 0))
    return MC_NEED_PERSON;
  return g_strv_contains (reading, method) && fetch == NULL ? MC_NEED_READ : MC_NEED_ALL;
}

gboolean
mc_access_parse (const char *word, McAccessLevel *level)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i], word) == 0)
      {
        *level = (McAccessLevel) i;
        return TRUE;
      }
  return FALSE;
}

const char *
mc_access_to_string (McAccessLevel level)
{
  return words[level];
}

static gboolean
is_about (const char *item, const char *app)
{
  gsize length = strlen (app);

  return strncmp (item, app, length) == 0 && item[length] == '=';
}

McAccessLevel
mc_access_find (char **apps, const char *app)
{
  McAccessLevel level = MC_ACCESS_ASK;

  for (char **item = apps; *item != NULL; item++)
    if (is_about (*item, app) && mc_access_parse (*item + strlen (app) + 1, &level))
      return level;
  return MC_ACCESS_ASK;
}

char **
mc_access_change (char **apps, const char *app, McAccessLevel level)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *item = g_strconcat (app, "=", words[level], NULL);

  for (char **other = apps; *other != NULL; other++)
    if (!is_about (*other, app))
      g_strv_builder_add (builder, *other);
  if (level != MC_ACCESS_ASK)
    g_strv_builder_add (builder, item);
  return g_strv_builder_end (builder);
}
