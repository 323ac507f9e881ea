/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-json.h"

/* Any JSON: every getter on every member, whatever it is. */

static void
read_member (JsonObject *object, const char *name)
{
  g_auto (GStrv) strings = mc_json_get_strings (object, name);
  const char *text = mc_json_get_string (object, name);
  guint64 size;

  g_assert_nonnull (strings);
  for (guint i = 0; strings[i] != NULL; i++)
    g_assert_true (g_utf8_validate (strings[i], -1, NULL));
  if (text != NULL)
    g_assert_true (g_utf8_validate (text, -1, NULL));
  if (mc_json_get_size (object, name, &size))
    g_assert_cmpuint (size, <=, G_MAXINT64);
  else
    g_assert_cmpuint (size, ==, 0);
  mc_json_get_boolean (object, name, FALSE);
  mc_json_get_object (object, name);
  mc_json_get_array (object, name);
}

static void
walk (JsonNode *node, guint depth)
{
  JsonObject *object = mc_json_node_get_object (node);
  JsonArray *array = mc_json_node_get_array (node);

  if (object != NULL || array != NULL)
    g_assert_cmpuint (++depth, <=, MC_JSON_MAX_DEPTH);
  if (object != NULL)
    {
      g_autoptr (GList) names = json_object_get_members (object);

      for (GList *name = names; name != NULL; name = name->next)
        {
          read_member (object, name->data);
          walk (json_object_get_member (object, name->data), depth);
        }
    }
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    walk (json_array_get_element (array, i), depth);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = mc_json_parse ((const char *) data, (gssize) size, &error);

  mc_fuzz_assert_outcome (node != NULL, error);
  if (node != NULL)
    walk (node, 0);
  return 0;
}
