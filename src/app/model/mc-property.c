/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-property.h"

#define FLAGS (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

void
mc_property_take_text (gpointer object, GParamSpec *pspec, char **place, char *value)
{
  if (g_strcmp0 (*place, value) == 0)
    {
      g_free (value);
      return;
    }
  g_free (*place);
  *place = value;
  g_object_notify_by_pspec (object, pspec);
}

void
mc_property_set_size (gpointer object, GParamSpec *pspec, guint64 *place, guint64 value)
{
  if (*place == value)
    return;
  *place = value;
  g_object_notify_by_pspec (object, pspec);
}

void
mc_property_set_flag (gpointer object, GParamSpec *pspec, gboolean *place, gboolean value)
{
  if (*place == value)
    return;
  *place = value;
  g_object_notify_by_pspec (object, pspec);
}

void
mc_property_set_fraction (gpointer object, GParamSpec *pspec, double *place, double value)
{
  if (!(*place < value) && !(*place > value))
    return;
  *place = value;
  g_object_notify_by_pspec (object, pspec);
}

GParamSpec *
mc_property_new_text (const char *name)
{
  return g_param_spec_string (name, NULL, NULL, NULL, FLAGS);
}

GParamSpec *
mc_property_new_size (const char *name)
{
  return g_param_spec_uint64 (name, NULL, NULL, 0, G_MAXUINT64, 0, FLAGS);
}

GParamSpec *
mc_property_new_flag (const char *name)
{
  return g_param_spec_boolean (name, NULL, NULL, FALSE, FLAGS);
}

GParamSpec *
mc_property_new_fraction (const char *name)
{
  return g_param_spec_double (name, NULL, NULL, 0, 1, 0, FLAGS);
}

GParamSpec *
mc_property_new_object (const char *name, GType type)
{
  return g_param_spec_object (name, NULL, NULL, type, FLAGS);
}
