/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-settings.h"

#include "mc-error.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *type; /* of the bus: "b", "u", "t", "s" or "as" */
  guint64 initial;
  guint64 least;
  guint64 most;
  const char *const *words; /* (nullable): of type "s"; initial and the others count in it */
} Setting;

static const char *const choices[] = { "ask", "wait", "go-on", NULL };

static const Setting table[] = {
  [MC_SETTING_COMPRESSION] = { "compression", "b", TRUE, FALSE, TRUE },
  [MC_SETTING_SIZE_LIMIT] = { "size-limit", "t", 0, 0, G_MAXINT64 },
  [MC_SETTING_SCRUB_DAYS] = { "scrub-days", "u", 30, 0, 36500 },
  [MC_SETTING_ACTIVE_TRANSFERS] = { "active-transfers", "u", 2, 1, 8 },
  [MC_SETTING_BANDWIDTH_LIMIT] = { "bandwidth-limit", "t", 0, 0, G_MAXINT64 },
  [MC_SETTING_SCHEDULE_FROM] = { "schedule-from", "u", 0, 0, 23 },
  [MC_SETTING_SCHEDULE_TO] = { "schedule-to", "u", 0, 0, 23 },
  [MC_SETTING_METERED] = { "metered", "s", MC_WHEN_ASK, 0, 2, choices },
  [MC_SETTING_POWER_SAVER] = { "power-saver", "s", MC_WHEN_GO_ON, 0, 2, choices },
  [MC_SETTING_INHIBIT_SUSPEND] = { "inhibit-suspend", "b", FALSE, FALSE, TRUE },
  [MC_SETTING_OFFLINE] = { "offline", "b", FALSE, FALSE, TRUE },
  [MC_SETTING_HOSTS_MATCH] = { "all-hosts-match", "b", FALSE, FALSE, TRUE },
  [MC_SETTING_SERVE] = { "serve", "b", FALSE, FALSE, TRUE },
  [MC_SETTING_SERVE_PORT] = { "serve-port", "u", 21810, 0, 65535 },
  [MC_SETTING_MOUNT] = { "mount", "b", FALSE, FALSE, TRUE },
  [MC_SETTING_COPIES_LIMIT] = { "copies-limit", "t", 0, 0, G_MAXINT64 },
  [MC_SETTING_ENDPOINTS] = { "endpoints", "as", 0, 0, 0 },
  [MC_SETTING_CA_FILE] = { "ca-file", "s", 0, 0, 0 },
  [MC_SETTING_SERVE_ORIGINS] = { "serve-origins", "as", 0, 0, 0 },
  [MC_SETTING_SERVE_KEY] = { "serve-key", "s", 0, 0, 0 },
  [MC_SETTING_MOUNT_FOLDER] = { "mount-folder", "s", 0, 0, 0 },
  [MC_SETTING_APPS] = { "apps", "as", 0, 0, 0 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (table) == MC_N_SETTINGS);

static gboolean
is_text (McSetting setting)
{
  return setting >= MC_SETTING_ENDPOINTS;
}

static char *
get_text (McSettings *self, McSetting setting)
{
  return self->texts[setting - MC_SETTING_ENDPOINTS];
}

void
mc_settings_init (McSettings *self)
{
  memset (self, 0, sizeof *self);
  for (guint i = 0; i < G_N_ELEMENTS (self->values); i++)
    self->values[i] = table[i].initial;
}

gboolean
mc_settings_get_flag (const McSettings *self, McSetting setting)
{
  g_assert (table[setting].type[0] == 'b');
  return self->values[setting] != 0;
}

guint64
mc_settings_get_number (const McSettings *self, McSetting setting)
{
  g_assert (table[setting].type[0] != 'b');
  return self->values[setting];
}

const char *
mc_setting_get_name (McSetting setting)
{
  return table[setting].name;
}

const char *
mc_settings_get_text (const McSettings *self, McSetting setting)
{
  g_assert (is_text (setting));
  return self->texts[setting - MC_SETTING_ENDPOINTS];
}

char **
mc_settings_dup_list (const McSettings *self, McSetting setting)
{
  const char *text = mc_settings_get_text (self, setting);

  return text[0] == '\0' ? g_new0 (char *, 1) : g_strsplit (text, " ", -1);
}

gboolean
mc_settings_is_default (const McSettings *self, McSetting setting)
{
  if (is_text (setting))
    return mc_settings_get_text (self, setting)[0] == '\0';
  return self->values[setting] == table[setting].initial;
}

/* MC_N_SETTINGS if there is none. */
static McSetting
find (const char *name)
{
  guint i = 0;

  while (i < MC_N_SETTINGS && strcmp (table[i].name, name) != 0)
    i++;
  return (McSetting) i;
}

/* G_MAXUINT64 if it is none of them. */
static guint64
find_word (const Setting *setting, const char *word)
{
  for (guint i = 0; setting->words[i] != NULL; i++)
    if (strcmp (setting->words[i], word) == 0)
      return i;
  return G_MAXUINT64;
}

static gboolean
check_limits (const Setting *setting, guint64 value, GError **error)
{
  if (value >= setting->least && value <= setting->most)
    return TRUE;
  if (setting->words != NULL)
    {
      g_autofree char *words = g_strjoinv (", ", (char **) setting->words);

      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "The setting “%s” must be one of %s",
                   setting->name, words);
      return FALSE;
    }
  g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
               "The setting “%s” must be from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
               ", not %" G_GUINT64_FORMAT,
               setting->name, setting->least, setting->most, value);
  return FALSE;
}

/* The value has the setting's type. */
static guint64
read_number (const Setting *setting, GVariant *value)
{
  switch (setting->type[0])
    {
    case 'b':
      return g_variant_get_boolean (value) ? 1 : 0;
    case 'u':
      return g_variant_get_uint32 (value);
    case 's':
      return find_word (setting, g_variant_get_string (value, NULL));
    default:
      return g_variant_get_uint64 (value);
    }
}

/* A list's items have no blanks in them, and are not empty. NULL if it is none. */
static char *
join_items (GVariant *value)
{
  g_autofree const char **items = g_variant_get_strv (value, NULL);

  for (guint i = 0; items[i] != NULL; i++)
    if (items[i][0] == '\0' || strpbrk (items[i], " \t\r\n") != NULL)
      return NULL;
  return g_strjoinv (" ", (char **) items);
}

static gboolean
take_text (McSettings *self, McSetting which, const char *text)
{
  if (strlen (text) > MC_SETTING_MAX_TEXT || !g_utf8_validate (text, -1, NULL)
      || strpbrk (text, "\r\n") != NULL)
    return FALSE;
  strncpy (get_text (self, which), text, MC_SETTING_MAX_TEXT);
  return TRUE;
}

static gboolean
change_text (McSettings *self, McSetting which, GVariant *value, GError **error)
{
  gboolean is_list = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY);
  g_autofree char *text = is_list ? join_items (value) : g_variant_dup_string (value, NULL);

  if (text != NULL && take_text (self, which, text))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
               "The setting “%s” cannot have that value: it has blanks, or is too long",
               table[which].name);
  return FALSE;
}

static gboolean
change_one (McSettings *self, const char *name, GVariant *value, GError **error)
{
  McSetting which = find (name);
  guint64 number;

  if (which == MC_N_SETTINGS)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "There is no setting “%s”", name);
      return FALSE;
    }
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (table[which].type)))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                   "The setting “%s” must have the type %s, not %s", name, table[which].type,
                   g_variant_get_type_string (value));
      return FALSE;
    }
  if (is_text (which))
    return change_text (self, which, value, error);
  number = read_number (&table[which], value);
  if (!check_limits (&table[which], number, error))
    return FALSE;
  self->values[which] = number;
  return TRUE;
}

gboolean
mc_settings_change (McSettings *self, GVariant *changes, GError **error)
{
  McSettings changed = *self;

  for (gsize i = 0; i < g_variant_n_children (changes); i++)
    {
      g_autoptr (GVariant) value = NULL;
      const char *name;

      g_variant_get_child (changes, i, "{&sv}", &name, &value);
      if (!change_one (&changed, name, value, error))
        return FALSE;
    }
  *self = changed;
  return TRUE;
}

static GVariant *
make_value (const McSettings *self, McSetting which)
{
  g_auto (GStrv) items = NULL;

  switch (table[which].type[0])
    {
    case 'a':
      items = mc_settings_dup_list (self, which);
      return g_variant_new_strv ((const char *const *) items, -1);
    case 's':
      return g_variant_new_string (is_text (which) ? mc_settings_get_text (self, which)
                                                   : table[which].words[self->values[which]]);
    case 'b':
      return g_variant_new_boolean (self->values[which] != 0);
    case 'u':
      return g_variant_new_uint32 ((guint32) self->values[which]);
    default:
      return g_variant_new_uint64 (self->values[which]);
    }
}

GVariant *
mc_settings_describe (const McSettings *self)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < MC_N_SETTINGS; i++)
    g_variant_builder_add (&dict, "{sv}", table[i].name, make_value (self, (McSetting) i));
  return g_variant_builder_end (&dict);
}

gboolean
mc_settings_take_text (McSettings *self, const char *name, const char *text)
{
  McSetting which = find (name);
  guint64 number;

  if (which == MC_N_SETTINGS)
    return FALSE;
  if (is_text (which))
    return take_text (self, which, text);
  if (table[which].words != NULL)
    {
      number = find_word (&table[which], text);
      if (number != G_MAXUINT64)
        self->values[which] = number;
      return number != G_MAXUINT64;
    }
  return g_ascii_string_to_unsigned (text, 10, table[which].least, table[which].most,
                                     &self->values[which], NULL);
}

char *
mc_settings_dup_text (const McSettings *self, McSetting setting)
{
  if (is_text (setting))
    return g_strdup (mc_settings_get_text (self, setting));
  if (table[setting].words != NULL)
    return g_strdup (table[setting].words[self->values[setting]]);
  return g_strdup_printf ("%" G_GUINT64_FORMAT, self->values[setting]);
}
