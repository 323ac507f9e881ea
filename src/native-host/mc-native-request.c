/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-native-request.h"

#include "mc-error.h"
#include "mc-json.h"

#include <string.h>

#define PAGE_BYTES (512 * 1024)
#define ID_LENGTH 256

static JsonNode *
read_id (JsonObject *object)
{
  JsonNode *id = object == NULL ? NULL : json_object_get_member (object, "id");
  GType type =
      id == NULL || !JSON_NODE_HOLDS_VALUE (id) ? G_TYPE_NONE : json_node_get_value_type (id);

  if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE
      || (type == G_TYPE_STRING && strlen (json_node_get_string (id)) <= ID_LENGTH))
    return json_node_copy (id);
  return json_node_new (JSON_NODE_NULL);
}

static JsonObject *
read_params (McNativeRequest *self, JsonObject *object, GError **error)
{
  JsonObject *params;

  if (!json_object_has_member (object, "params"))
    json_object_set_object_member (object, "params", json_object_new ());
  params = mc_json_get_object (object, "params");
  if (params == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME, "“params” is not an object");
  return params;
}

McNativeRequest *
mc_native_request_new (GBytes *message, GError **error)
{
  McNativeRequest *self = g_new0 (McNativeRequest, 1);
  gsize length;
  const char *data = g_bytes_get_data (message, &length);
  JsonObject *object;

  self->message = mc_json_parse (data, (gssize) length, NULL);
  object = self->message == NULL ? NULL : mc_json_node_get_object (self->message);
  self->id = read_id (object);
  self->method = g_strdup (object == NULL ? NULL : mc_json_get_string (object, "method"));
  if (object == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME, "The message is no JSON object");
  else if (json_node_is_null (self->id))
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                         "“id” is missing, or neither a number nor a short string");
  else if (self->method == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME, "“method” is missing");
  else
    self->params = read_params (self, object, error);
  return self;
}

void
mc_native_request_free (McNativeRequest *self)
{
  json_node_unref (self->id);
  g_clear_pointer (&self->message, json_node_unref);
  g_free (self->method);
  g_free (self);
}

/* --- answers --- */

static char *
write_member (JsonNode *id, const char *name, JsonNode *value)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_member (object, "id",
                          id == NULL ? json_node_new (JSON_NODE_NULL) : json_node_copy (id));
  json_object_set_member (object, name, value);
  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

char *
mc_native_answer (JsonNode *id, JsonNode *result)
{
  return write_member (id, "result", result);
}

char *
mc_native_failure (JsonNode *id, const GError *error)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  const char *name = error->domain == MC_ERROR ? mc_error_get_name (error) : "Failed";

  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "message", error->message);
  json_node_take_object (node, object);
  return write_member (id, "error", node);
}

char *
mc_native_event (const char *name, GVariant *dict)
{
  g_autoptr (JsonNode) node = json_gvariant_serialize (dict);

  json_object_set_string_member (json_node_get_object (node), "event", name);
  return json_to_string (node, FALSE);
}

JsonNode *
mc_native_page (const char *name, JsonArray *items, guint64 from)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *page = json_array_new ();
  gsize size = 0;
  guint64 i;

  for (i = from; i < json_array_get_length (items); i++)
    {
      JsonNode *item = json_array_get_element (items, (guint) i);
      g_autofree char *text = json_to_string (item, FALSE);
      gsize length = strlen (text) + 1;

      if (length > PAGE_BYTES)
        continue;
      if (size + length > PAGE_BYTES)
        break;
      size += length;
      json_array_add_element (page, json_node_copy (item));
    }
  json_object_set_array_member (object, name, page);
  if (i < json_array_get_length (items))
    json_object_set_int_member (object, "next", (gint64) i);
  json_node_take_object (node, object);
  return node;
}
