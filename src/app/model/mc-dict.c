/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-dict.h"

/* Pure. The service may be older or newer than the window: nothing is taken for granted. */

const char *
mc_dict_get_string (GVariant *dict, const char *key)
{
  const char *text = "";

  g_variant_lookup (dict, key, "&s", &text);
  return text;
}

guint64
mc_dict_get_size (GVariant *dict, const char *key)
{
  guint64 size = 0;

  g_variant_lookup (dict, key, "t", &size);
  return size;
}

guint
mc_dict_get_count (GVariant *dict, const char *key)
{
  guint32 count = 0;

  g_variant_lookup (dict, key, "u", &count);
  return count;
}

double
mc_dict_get_fraction (GVariant *dict, const char *key)
{
  double fraction = 0;

  g_variant_lookup (dict, key, "d", &fraction);
  return fraction >= 0 && fraction <= 1 ? fraction : 0;
}

gint64
mc_dict_get_time (GVariant *dict, const char *key)
{
  gint64 seconds = 0;

  g_variant_lookup (dict, key, "x", &seconds);
  return seconds;
}

gboolean
mc_dict_get_flag (GVariant *dict, const char *key)
{
  gboolean flag = FALSE;

  g_variant_lookup (dict, key, "b", &flag);
  return flag;
}

static GVariant *
get_container (GVariant *dict, const char *key, const GVariantType *type)
{
  GVariant *value = g_variant_lookup_value (dict, key, type);

  if (value != NULL)
    return value;
  return g_variant_ref_sink (g_variant_new_array (g_variant_type_element (type), NULL, 0));
}

GVariant *
mc_dict_get_dict (GVariant *dict, const char *key)
{
  return get_container (dict, key, G_VARIANT_TYPE_VARDICT);
}

GVariant *
mc_dict_get_list (GVariant *dict, const char *key)
{
  return get_container (dict, key, G_VARIANT_TYPE ("aa{sv}"));
}
