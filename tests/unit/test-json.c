/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-json.h"

#include <string.h>

static JsonObject *
parse (const char *text, JsonNode **node)
{
  g_autoptr (GError) error = NULL;

  *node = mc_json_parse (text, -1, &error);
  g_assert_no_error (error);
  g_assert_nonnull (mc_json_node_get_object (*node));
  return mc_json_node_get_object (*node);
}

static void
assert_refused (const char *data, gssize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = mc_json_parse (data, length, &error);

  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  g_assert_null (node);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
test_refused (void)
{
  assert_refused ("", 0);
  assert_refused (NULL, 0);
  assert_refused ("   ", -1);
  assert_refused ("{", -1);
  assert_refused ("[1,2", -1);
  assert_refused ("{\"a\":}", -1);
  assert_refused ("<!doctype html><html></html>", -1);
  assert_refused ("{\"a\":\"\xff\"}", -1);
  assert_refused ("{\"a\":1}\0{}", 10);
  assert_refused ("}{", -1);
}

/* The parser quotes what it does not like, and cuts it at some byte. */
static void
test_cut_message (void)
{
  g_autoptr (GString) letters = g_string_new (NULL);
  g_autofree char *even = NULL;
  g_autofree char *odd = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append (letters, "\xc3\xa9");
  even = g_strdup_printf ("{\"%s\",1}", letters->str);
  odd = g_strdup_printf ("{\"d%s\",1}", letters->str);
  assert_refused (even, -1);
  assert_refused (odd, -1);
}

static char *
nest (guint depth)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, '[');
  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, ']');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_depth (void)
{
  g_autofree char *deepest = nest (MC_JSON_MAX_DEPTH);
  g_autofree char *too_deep = nest (MC_JSON_MAX_DEPTH + 1);
  g_autofree char *absurd = nest (1000000);
  g_autofree char *open = g_strnfill (1000000, '[');
  g_autofree char *objects = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (JsonNode) node = mc_json_parse (deepest, -1, NULL);
  g_autoptr (JsonNode) in_string = mc_json_parse ("[\"[[[[\\\"[[[[\"]", -1, NULL);

  g_assert_nonnull (node);
  g_assert_nonnull (in_string);
  assert_refused (too_deep, -1);
  assert_refused (absurd, -1);
  assert_refused (open, -1);
  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "{\"a\":");
  objects = g_string_free (g_steal_pointer (&text), FALSE);
  assert_refused (objects, -1);
}

/* What json-glib would read and JSON is not must not hide brackets from the count, nor may a broken
 * escape. */
static void
test_hidden_depth (void)
{
  static const char *const openings[] = {
    "/*\"*/", "['\"',", "[\"\\ud800\",\",", "[\"\\u12\",\",", "[\"\\x\",\",",
    "//\"\n", "#\"\n",  "var a = ",
  };
  g_autofree char *open = g_strnfill (1000000, '[');

  for (guint i = 0; i < G_N_ELEMENTS (openings); i++)
    {
      g_autofree char *text = g_strconcat (openings[i], open, NULL);
      g_autofree char *shallow = g_strconcat (openings[i], "1]", NULL);

      g_test_message ("%s", openings[i]);
      assert_refused (text, -1);
      assert_refused (shallow, -1);
    }
}

static void
test_surrogates (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "{\"s\":\"\\ud83d\\ude00\"}", "\xf0\x9f\x98\x80" },
    { "{\"s\":\"\\udc00\"}", "\xef\xbf\xbd" },
    { "{\"s\":\"\\ud800\"}", "\xef\xbf\xbd" },
    { "{\"s\":\"a\\uD800b\"}", "a\xef\xbf\xbd"
                               "b" },
    { "{\"s\":\"\\ud800\\ud83d\\ude00\"}", "\xef\xbf\xbd\xf0\x9f\x98\x80" },
    { "{\"s\":\"\\ud800\\n\"}", "\xef\xbf\xbd\n" },
    { "{\"s\":\"\\\\udc00\"}", "\\udc00" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = NULL;
      JsonObject *object = parse (cases[i].text, &node);

      g_assert_cmpstr (mc_json_get_string (object, "s"), ==, cases[i].expected);
    }
}

static void
test_getters (void)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object =
      parse ("{\"s\":\"x\",\"n\":null,\"i\":5,\"o\":{\"t\":true},\"a\":[\"p\",1,null,"
             "\"q\"],\"d\":1.5}",
             &node);
  g_auto (GStrv) strings = mc_json_get_strings (object, "a");
  g_auto (GStrv) none = mc_json_get_strings (object, "s");

  g_assert_cmpstr (mc_json_get_string (object, "s"), ==, "x");
  g_assert_null (mc_json_get_string (object, "n"));
  g_assert_null (mc_json_get_string (object, "i"));
  g_assert_null (mc_json_get_string (object, "o"));
  g_assert_null (mc_json_get_string (object, "missing"));
  g_assert_null (mc_json_get_string (NULL, "s"));
  g_assert_nonnull (mc_json_get_object (object, "o"));
  g_assert_null (mc_json_get_object (object, "a"));
  g_assert_null (mc_json_get_object (object, "n"));
  g_assert_null (mc_json_get_object (NULL, "o"));
  g_assert_nonnull (mc_json_get_array (object, "a"));
  g_assert_null (mc_json_get_array (object, "o"));
  g_assert_null (mc_json_get_array (object, "missing"));
  g_assert_true (mc_json_get_boolean (mc_json_get_object (object, "o"), "t", FALSE));
  g_assert_true (mc_json_get_boolean (object, "s", TRUE));
  g_assert_false (mc_json_get_boolean (object, "i", FALSE));
  g_assert_cmpuint (g_strv_length (strings), ==, 2);
  g_assert_cmpstr (strings[1], ==, "q");
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_null (mc_json_node_get_object (NULL));
  g_assert_null (mc_json_node_get_array (node));
}

static void
test_sizes (void)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object =
      parse ("{\"zero\":0,\"big\":9223372036854775806,\"whole\":3e3,\"minus\":-1,\"half\":0.5,"
             "\"huge\":1e300,\"over\":9223372036854775808,\"far\":99999999999999999999999999,"
             "\"text\":\"5\",\"none\":null,\"minus2\":-1e3}",
             &node);
  static const char *const refused[] = { "minus", "half", "huge",   "over",   "far",
                                         "text",  "none", "minus2", "missing" };
  guint64 value;

  g_assert_true (mc_json_get_size (object, "zero", &value));
  g_assert_cmpuint (value, ==, 0);
  g_assert_true (mc_json_get_size (object, "big", &value));
  g_assert_cmpuint (value, ==, G_MAXINT64 - 1);
  g_assert_true (mc_json_get_size (object, "whole", &value));
  g_assert_cmpuint (value, ==, 3000);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      value = 7;
      g_test_message ("%s", refused[i]);
      g_assert_false (mc_json_get_size (object, refused[i], &value));
      g_assert_cmpuint (value, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/cut-message", test_cut_message);
  g_test_add_func ("/json/depth", test_depth);
  g_test_add_func ("/json/hidden-depth", test_hidden_depth);
  g_test_add_func ("/json/surrogates", test_surrogates);
  g_test_add_func ("/json/getters", test_getters);
  g_test_add_func ("/json/sizes", test_sizes);
  return g_test_run ();
}
