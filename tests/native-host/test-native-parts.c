/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-native-frames.h"
#include "mc-native-request.h"

#include "mc-error.h"

#include <string.h>

/* --- frames --- */

static void
add_header (McNativeFrames *frames, guint32 length)
{
  mc_native_frames_add (frames, (const guint8 *) &length, sizeof length);
}

static void
assert_message (McNativeFrames *frames, const char *expected)
{
  g_autoptr (GBytes) message = NULL;

  g_assert_cmpint (mc_native_frames_take (frames, &message), ==, MC_NATIVE_MESSAGE);
  g_assert_cmpmem (g_bytes_get_data (message, NULL), g_bytes_get_size (message), expected,
                   strlen (expected));
}

/* Whatever a pipe makes of them. */
static void
test_pieces (void)
{
  static const char *const texts[] = { "{\"id\":1}", "", "[]" };

  for (gsize piece = 1; piece < 24; piece++)
    {
      g_autoptr (GByteArray) all = g_byte_array_new ();
      McNativeFrames frames;
      GBytes *message = NULL;
      gsize taken = 0;

      mc_native_frames_init (&frames);
      for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
        {
          g_autoptr (GBytes) frame = mc_native_frame_new (texts[i]);

          g_byte_array_append (all, g_bytes_get_data (frame, NULL),
                               (guint) g_bytes_get_size (frame));
        }
      for (gsize at = 0; at < all->len; at += piece)
        {
          mc_native_frames_add (&frames, all->data + at, MIN (piece, all->len - at));
          while (mc_native_frames_take (&frames, &message) == MC_NATIVE_MESSAGE)
            {
              g_assert_cmpmem (g_bytes_get_data (message, NULL), g_bytes_get_size (message),
                               texts[taken], strlen (texts[taken]));
              taken++;
              g_clear_pointer (&message, g_bytes_unref);
            }
        }
      g_assert_cmpuint (taken, ==, G_N_ELEMENTS (texts));
      mc_native_frames_clear (&frames);
    }
}

static void
test_too_long (void)
{
  g_autofree guint8 *bytes = g_malloc0 (MC_NATIVE_MAX);
  g_autoptr (GBytes) next = mc_native_frame_new ("{}");
  McNativeFrames frames;
  GBytes *message = NULL;

  mc_native_frames_init (&frames);
  add_header (&frames, MC_NATIVE_MAX + 5);
  g_assert_cmpint (mc_native_frames_take (&frames, &message), ==, MC_NATIVE_TOO_LONG);
  mc_native_frames_add (&frames, bytes, MC_NATIVE_MAX);
  g_assert_cmpint (mc_native_frames_take (&frames, &message), ==, MC_NATIVE_NOTHING);
  g_assert_cmpuint (frames.bytes->len, ==, 0);
  mc_native_frames_add (&frames, bytes, 5);
  mc_native_frames_add (&frames, g_bytes_get_data (next, NULL), g_bytes_get_size (next));
  assert_message (&frames, "{}");
  mc_native_frames_clear (&frames);
}

static void
test_longest (void)
{
  g_autofree char *fits = g_strnfill (MC_NATIVE_MAX, ' ');
  g_autofree char *over = g_strnfill (MC_NATIVE_MAX + 1, ' ');
  g_autoptr (GBytes) frame = mc_native_frame_new (fits);

  g_assert_cmpuint (g_bytes_get_size (frame), ==, MC_NATIVE_MAX + 4);
  g_assert_null (mc_native_frame_new (over));
}

/* --- requests --- */

static McNativeRequest *
read_text (const char *text, GError **error)
{
  g_autoptr (GBytes) message = g_bytes_new (text, strlen (text));

  return mc_native_request_new (message, error);
}

static void
test_request (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McNativeRequest) it =
      read_text ("{\"id\":\"a\",\"method\":\"scan\",\"params\":{\"repo\":\"a/b\"}}", &error);
  g_autoptr (McNativeRequest) bare = read_text ("{\"id\":7,\"method\":\"list\"}", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (it->method, ==, "scan");
  g_assert_cmpstr (json_object_get_string_member (it->params, "repo"), ==, "a/b");
  g_assert_cmpstr (json_node_get_string (it->id), ==, "a");
  g_assert_cmpuint (json_object_get_size (bare->params), ==, 0);
}

static void
test_malformed (void)
{
  static const char *const texts[] = {
    "",
    "{",
    "[]",
    "5",
    "\xff",
    "{}",
    "{\"id\":1}",
    "{\"method\":\"list\"}",
    "{\"id\":{},\"method\":\"list\"}",
    "{\"id\":true,\"method\":\"list\"}",
    "{\"id\":1,\"method\":[]}",
    "{\"id\":1,\"method\":\"list\",\"params\":[]}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (McNativeRequest) it = read_text (texts[i], &error);
      g_autofree char *answer = NULL;

      g_test_message ("message %u", (guint) i);
      g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
      answer = mc_native_failure (it->id, error);
      g_assert_nonnull (strstr (answer, "\"name\":\"InvalidName\""));
      g_assert_true (g_utf8_validate (answer, -1, NULL));
    }
}

/* --- pages --- */

static void
test_pages (void)
{
  g_autoptr (JsonArray) items = json_array_new ();
  g_autofree char *much = g_strnfill (2 * MC_NATIVE_MAX, 'x');
  guint64 from = 0;
  guint seen = 0, pages = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%0*u", 60, i);

      json_array_add_string_element (items, i == 777 ? much : text);
    }
  do
    {
      g_autoptr (JsonNode) page = mc_native_page ("items", items, from);
      g_autofree char *text = json_to_string (page, FALSE);
      JsonObject *object = json_node_get_object (page);

      g_assert_cmpuint (strlen (text), <, MC_NATIVE_MAX);
      seen += json_array_get_length (json_object_get_array_member (object, "items"));
      from = (guint64) json_object_get_int_member_with_default (object, "next", 0);
      pages++;
    }
  while (from != 0 && pages < 100);
  g_assert_cmpuint (seen, ==, 19999);
  g_assert_cmpuint (pages, ==, 3);
}

static void
test_past_the_end (void)
{
  g_autoptr (JsonArray) items = json_array_new ();
  g_autoptr (JsonNode) page = mc_native_page ("items", items, G_MAXINT64);

  g_assert_false (json_object_has_member (json_node_get_object (page), "next"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/native-parts/frames/pieces", test_pieces);
  g_test_add_func ("/native-parts/frames/too-long", test_too_long);
  g_test_add_func ("/native-parts/frames/longest", test_longest);
  g_test_add_func ("/native-parts/request", test_request);
  g_test_add_func ("/native-parts/malformed", test_malformed);
  g_test_add_func ("/native-parts/pages", test_pages);
  g_test_add_func ("/native-parts/past-the-end", test_past_the_end);
  return g_test_run ();
}
