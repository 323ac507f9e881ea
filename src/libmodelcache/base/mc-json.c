/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-json.h"

#include "mc-error.h"

#include <string.h>

/* Brackets inside strings do not count. Text that is no JSON may be measured wrongly: the parser
 * refuses it anyway, and it never recurses deeper than the brackets it sees. */
static guint
measure_depth (const char *data, gsize length)
{
  guint depth = 0;
  guint deepest = 0;
  gboolean in_string = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (in_string)
        {
          if (data[i] == '\\')
            i++;
          else if (data[i] == '"')
            in_string = FALSE;
          continue;
        }
      switch (data[i])
        {
        case '"':
          in_string = TRUE;
          break;
        case '[':
        case '{':
          deepest = MAX (deepest, depth + 1);
          depth++;
          break;
        case ']':
        case '}':
          depth = depth > 0 ? depth - 1 : 0;
          break;
        default:
          break;
        }
    }
  return deepest;
}

JsonNode *
mc_json_parse (const char *data, gssize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local = NULL;
  gsize size = length < 0 ? strlen (data) : (gsize) length;
  JsonNode *root;

  if (!g_utf8_validate_len (data, size, NULL))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "The JSON is not valid UTF-8");
      return NULL;
    }
  if (measure_depth (data, size) > MC_JSON_MAX_DEPTH)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "The JSON nests deeper than %d levels",
                   MC_JSON_MAX_DEPTH);
      return NULL;
    }
  if (!json_parser_load_from_data (parser, data, (gssize) size, &local))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "Not JSON: %s", local->message);
      return NULL;
    }
  root = json_parser_steal_root (parser);
  if (root == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "The JSON is empty");
  return root;
}

JsonObject *
mc_json_node_get_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
mc_json_node_get_array (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static JsonNode *
get_value (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = object == NULL ? NULL : json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    return NULL;
  return node;
}

const char *
mc_json_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = get_value (object, name, G_TYPE_STRING);

  return node == NULL ? NULL : json_node_get_string (node);
}

JsonObject *
mc_json_get_object (JsonObject *object, const char *name)
{
  return object == NULL ? NULL : mc_json_node_get_object (json_object_get_member (object, name));
}

JsonArray *
mc_json_get_array (JsonObject *object, const char *name)
{
  return object == NULL ? NULL : mc_json_node_get_array (json_object_get_member (object, name));
}

gboolean
mc_json_get_boolean (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = get_value (object, name, G_TYPE_BOOLEAN);

  return node == NULL ? fallback : json_node_get_boolean (node);
}

gboolean
mc_json_get_size (JsonObject *object, const char *name, guint64 *value)
{
  JsonNode *node;
  double number;

  *value = 0;
  node = get_value (object, name, G_TYPE_INT64);
  if (node != NULL)
    {
      gint64 whole = json_node_get_int (node);

      if (whole < 0)
        return FALSE;
      *value = (guint64) whole;
      return TRUE;
    }
  /* Large counts are sometimes written with an exponent. */
  node = get_value (object, name, G_TYPE_DOUBLE);
  if (node == NULL)
    return FALSE;
  number = json_node_get_double (node);
  if (!(number >= 0 && number < 9007199254740992.0) || number != (gdouble) (guint64) number)
    return FALSE;
  *value = (guint64) number;
  return TRUE;
}

char **
mc_json_get_strings (JsonObject *object, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array = mc_json_get_array (object, name);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        g_strv_builder_add (builder, json_node_get_string (node));
    }
  return g_strv_builder_end (builder);
}
