/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-json.h"
#include "mc-listing-json.h"

/* `mcache variants -`: JSON in, JSON out. Every path that came in is in the answer, in variants or
 * once elsewhere, and no other is. */

enum
{
  IN_VARIANT = 1,
  ELSEWHERE,
};

static void
take (GHashTable *found, JsonObject *object, const char *name, int where)
{
  JsonArray *paths = mc_json_get_array (object, name);

  g_assert_nonnull (paths);
  for (guint i = 0; i < json_array_get_length (paths); i++)
    {
      const char *path = json_array_get_string_element (paths, i);
      int before = GPOINTER_TO_INT (g_hash_table_lookup (found, path));

      g_assert_true (before == 0 || (before == IN_VARIANT && where == IN_VARIANT));
      g_hash_table_insert (found, (gpointer) path, GINT_TO_POINTER (where));
    }
}

static GHashTable *
read_answer (JsonObject *answer)
{
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObject *variants = mc_json_get_object (answer, "variants");
  g_autoptr (GList) keys = NULL;
  const char *key = mc_json_get_string (answer, "default");

  g_assert_nonnull (variants);
  keys = json_object_get_members (variants);
  for (GList *item = keys; item != NULL; item = item->next)
    {
      JsonObject *variant = mc_json_get_object (variants, item->data);

      g_assert_nonnull (mc_json_get_string (variant, "format"));
      take (found, variant, "files", IN_VARIANT);
    }
  take (found, answer, "shared", ELSEWHERE);
  take (found, answer, "other", ELSEWHERE);
  if (keys == NULL)
    g_assert_null (key);
  else
    g_assert_true (key != NULL && json_object_has_member (variants, key));
  return g_steal_pointer (&found);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = mc_listing_json_group ((const char *) data, (gssize) size, &error);
  g_autoptr (JsonNode) asked = NULL;
  g_autoptr (JsonNode) answered = NULL;
  g_autoptr (GHashTable) found = NULL;
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *files;

  mc_fuzz_assert_outcome (text != NULL, error);
  if (text == NULL)
    return 0;
  asked = mc_json_parse ((const char *) data, (gssize) size, NULL);
  answered = mc_json_parse (text, -1, NULL);
  found = read_answer (mc_json_node_get_object (answered));
  files = mc_json_get_array (mc_json_node_get_object (asked), "files");
  for (guint i = 0; i < json_array_get_length (files); i++)
    {
      JsonObject *file = mc_json_node_get_object (json_array_get_element (files, i));
      const char *path = mc_json_get_string (file, "path");

      g_assert_true (g_hash_table_contains (found, path));
      g_hash_table_add (known, (gpointer) path);
    }
  g_assert_cmpuint (g_hash_table_size (found), ==, g_hash_table_size (known));
  return 0;
}
