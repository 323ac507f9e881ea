/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "endpoint-fixture.h"

/* Several who read one file, at once, that is here or is only coming. */

typedef struct
{
  const char *base;
  guint64 offset;
  guint64 length;
  EndpointAnswer *answer;
} Reader;

static gpointer
read_range (gpointer data)
{
  Reader *reader = data;
  g_autofree char *range = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
                                            reader->offset, reader->offset + reader->length - 1);
  const char *const fields[] = { "Range", range, NULL };

  reader->answer = endpoint_get (reader->base, ENDPOINT_FILE, fields);
  return NULL;
}

/* Asks for a part of the file, or all of it, and goes away when the first of it came. */
static void
abandon (const char *base, const char *range)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autofree char *url = g_strconcat (base, ENDPOINT_FILE, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GInputStream) stream = NULL;
  guint8 some[1000];

  if (range != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Range", range);
  stream = soup_session_send (session, message, cancellable, NULL);
  g_assert_cmpuint (soup_message_get_status (message), ==, range == NULL ? 200 : 206);
  g_assert_cmpint (g_input_stream_read (stream, some, sizeof some, NULL, NULL), >, 0);
  g_cancellable_cancel (cancellable);
  soup_session_abort (session);
}

static gpointer
abandon_whole (gpointer base)
{
  abandon (base, NULL);
  return NULL;
}

static gpointer
abandon_part (gpointer base)
{
  abandon (base, "bytes=12000000-20000000");
  return NULL;
}

/* Eight at once, of a repo nobody scanned yet, with two beside them that leave: one that began with
 * all of it, as aria2, axel and node-llama-cpp do, and one in the middle of its part. */
static void
test_miss (void)
{
  enum
  {
    N = 8
  };
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  Reader readers[N];
  GThread *threads[N + 2];

  threads[N] = g_thread_new ("whole", abandon_whole, base);
  for (guint i = 0; i < N; i++)
    {
      readers[i] = (Reader){ base, i * (ENDPOINT_SIZE / N), ENDPOINT_SIZE / N, NULL };
      threads[i] = g_thread_new ("reader", read_range, &readers[i]);
    }
  threads[N + 1] = g_thread_new ("part", abandon_part, base);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpuint (readers[i].answer->status, ==, 206);
      endpoint_assert_generated (readers[i].answer, readers[i].offset, readers[i].length);
      endpoint_answer_free (readers[i].answer);
    }
  endpoint_assert_fetched_once (fixture);
  g_assert_cmpuint (mc_test_hub_count (fixture->hub, "/api/models/" BIG_REPO "/revision/main"), ==,
                    1);
}

/* The first bytes are there long before the last. */
static void
test_as_it_comes (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  Reader reader = { base, 0, 1000, NULL };

  mc_test_hub_set_rate (fixture->hub, 6000000);
  read_range (&reader);
  g_assert_cmpuint (reader.answer->status, ==, 206);
  endpoint_assert_generated (reader.answer, 0, 1000);
  g_assert_cmpuint (endpoint_count_sent (fixture), <, ENDPOINT_SIZE);
  endpoint_answer_free (reader.answer);
  reader = (Reader){ base, 0, ENDPOINT_SIZE, NULL };
  read_range (&reader);
  endpoint_assert_generated (reader.answer, 0, ENDPOINT_SIZE);
  endpoint_answer_free (reader.answer);
  endpoint_assert_fetched_once (fixture);
}

/* What somebody waits for comes before what lies in front of it. */
static void
test_forward (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *base = endpoint_serve (fixture);
  Reader reader = { base, 11 * ENDPOINT_SIZE, 1000, NULL };

  service_fixture_add_big (fixture, 12 * ENDPOINT_SIZE);
  mc_test_hub_set_rate (fixture->hub, 12000000);
  abandon (base, NULL);
  read_range (&reader);
  g_assert_cmpuint (reader.answer->status, ==, 206);
  endpoint_assert_generated (reader.answer, 11 * ENDPOINT_SIZE, 1000);
  endpoint_answer_free (reader.answer);
  g_assert_cmpuint (endpoint_count_sent (fixture), <, 6 * ENDPOINT_SIZE);
}

static void
test_abandoned (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  Reader reader = { base, 0, ENDPOINT_SIZE, NULL };

  mc_test_hub_set_rate (fixture->hub, 6000000);
  abandon (base, NULL);
  read_range (&reader);
  endpoint_assert_generated (reader.answer, 0, ENDPOINT_SIZE);
  endpoint_answer_free (reader.answer);
  endpoint_assert_fetched_once (fixture);
}

/* Whoever asks for the whole of what turns out wrong never gets its end, nor does one who asks for
 * the end alone. */
static void
test_wrong_bytes (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  Reader end = { base, ENDPOINT_SIZE - 1000, 1000, NULL };
  g_autoptr (EndpointAnswer) answer = NULL;

  mc_test_hub_set_rate (fixture->hub, 5000000);
  mc_test_hub_script_at (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_FLIP_BYTE, 100, 0,
                         100);
  read_range (&end);
  g_assert_cmpuint (end.answer->status, ==, 504);
  endpoint_answer_free (end.answer);
  answer = endpoint_get (base, ENDPOINT_FILE, NULL);
  if (answer->status == 200)
    g_assert_true (answer->cut);
  else
    g_assert_cmpuint (answer->status, ==, 504);
  g_assert_cmpuint (g_bytes_get_size (answer->body), <, ENDPOINT_SIZE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/endpoint/miss", test_miss);
  g_test_add_func ("/service/endpoint/as-it-comes", test_as_it_comes);
  g_test_add_func ("/service/endpoint/forward", test_forward);
  g_test_add_func ("/service/endpoint/abandoned", test_abandoned);
  g_test_add_func ("/service/endpoint/wrong-bytes", test_wrong_bytes);
  return g_test_run ();
}
