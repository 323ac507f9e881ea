/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-json.h"

#include "mc-error.h"

#include <string.h>

/* json-glib reads more than JSON: comments, other quotes, escapes of its own. It recurses with the
 * brackets, takes the quote behind half of a surrogate pair for a part of the string, and lets the
 * other half out as invalid UTF-8. So the text is read once before: outside strings it may only
 * have what JSON has, escapes are JSON's, and both read the same strings and brackets. */
typedef struct
{
  const char *data; /* borrowed */
  gsize size;
  char *mended; /* (owned) (nullable): a copy, once something had to be replaced */
} Text;

static void
clear_text (Text *self)
{
  g_clear_pointer (&self->mended, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Text, clear_text)

/* The code unit of "\uXXXX"; -1: something else is there. */
static int
read_unit (const Text *self, gsize place)
{
  int unit = 0;

  if (self->size - place < 6 || self->data[place] != '\\' || self->data[place + 1] != 'u')
    return -1;
  for (gsize i = place + 2; i < place + 6; i++)
    {
      int digit = g_ascii_xdigit_value (self->data[i]);

      if (digit < 0)
        return -1;
      unit = unit * 16 + digit;
    }
  return unit;
}

/* Bytes of the escape at that place; 0: JSON has none such. Half a surrogate pair is replaced by
 * the sign for what is no character. */
static gsize
take_escape (Text *self, gsize place)
{
  int unit = read_unit (self, place);
  int next;

  if (unit < 0)
    {
      gboolean known =
          place + 1 < self->size && memchr ("\"\\/bfnrt", self->data[place + 1], 8) != NULL;

      return known ? 2 : 0;
    }
  if (unit < 0xd800 || unit > 0xdfff)
    return 6;
  next = self->size - place > 6 ? read_unit (self, place + 6) : -1;
  if (unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff)
    return 12;
  if (self->mended == NULL)
    self->mended = g_memdup2 (self->data, self->size);
  memcpy (self->mended + place + 2, "fffd", 4);
  return 6;
}

/* The place behind the string that begins at that place; 0: it has no end or a bad escape. */
static gsize
take_string (Text *self, gsize place)
{
  for (place++; place < self->size && self->data[place] != '"';)
    {
      gsize step = self->data[place] == '\\' ? take_escape (self, place) : 1;

      if (step == 0)
        return 0;
      place += step;
    }
  return place < self->size ? place + 1 : 0;
}

/* FALSE if the text cannot be JSON; *deepest is how deep its brackets nest. */
static gboolean
read_text (Text *self, guint *deepest)
{
  gsize place = 0;
  guint depth = 0;

  *deepest = 0;
  while (place < self->size)
    {
      char c = self->data[place];

      if (c == '"')
        {
          place = take_string (self, place);
          if (place == 0)
            return FALSE;
          continue;
        }
      if (c == '[' || c == '{')
        {
          depth++;
          *deepest = MAX (*deepest, depth);
        }
      else if (c == ']' || c == '}')
        depth -= depth > 0 ? 1 : 0;
      else if (!g_ascii_isalnum (c) && strchr (" \t\r\n,:.+-", c) == NULL)
        return FALSE;
      place++;
    }
  return TRUE;
}

JsonNode *
mc_json_parse (const char *data, gssize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local = NULL;
  g_auto (Text) text = { data, length < 0 ? strlen (data) : (gsize) length, NULL };
  guint depth;
  JsonNode *root;

  if (text.size == 0)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "The JSON is empty");
      return NULL;
    }
  if (!g_utf8_validate_len (data, text.size, NULL))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "The JSON is not valid UTF-8");
      return NULL;
    }
  if (!read_text (&text, &depth))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "Not JSON: a string or a character is none that JSON has");
      return NULL;
    }
  if (depth > MC_JSON_MAX_DEPTH)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "The JSON nests deeper than %d levels",
                   MC_JSON_MAX_DEPTH);
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text.mended != NULL ? text.mended : data,
                                   (gssize) text.size, &local))
    {
      /* json-glib quotes the text, and cuts it at a byte. */
      g_autofree char *why = g_utf8_make_valid (local->message, -1);

      g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "Not JSON: %s", why);
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

      /* What is too large has wrapped around, or become the largest: that depends on json-glib. */
      if (whole < 0 || whole == G_MAXINT64)
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
