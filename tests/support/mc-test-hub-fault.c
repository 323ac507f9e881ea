/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

/* The faults that are a whole answer of their own. Those that spoil an ordinary answer are applied
 * where it is made: mc-test-hub-body.c. Runs on the hub's thread. */

#define TOO_MANY_REQUESTS 429 /* libsoup has no name for it */

static const char page[] = "<!DOCTYPE html><html><head><title>Sign in</title></head>"
                           "<body><h1>Welcome to the hotel network</h1></body></html>";
static const char expired[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied"
                              "</Code><Message>Request has expired</Message></Error>";

/* RateLimit would tell how long to wait, so it is left out with Retry-After. */
static void
answer_rate_limited (McTestAnswer *self)
{
  if (self->argument > 0)
    {
      g_autofree char *seconds = g_strdup_printf ("%" G_GUINT64_FORMAT, self->argument);
      g_autofree char *left = g_strdup_printf ("\"api\";r=0;t=%s", seconds);

      mc_test_answer_header (self, "Retry-After", seconds);
      mc_test_answer_header (self, "RateLimit", left);
    }
  mc_test_answer_text (self, TOO_MANY_REQUESTS, "text/plain; charset=utf-8",
                       "We had to rate limit you, you hit the quota of 1000 api requests per 5 "
                       "minutes period.");
}

static void
answer_loop (McTestAnswer *self)
{
  g_autofree char *location =
      g_strconcat (self->raw, self->query != NULL ? "?" : NULL, self->query, NULL);

  mc_test_answer_header (self, "Location", location);
  mc_test_answer_text (self, SOUP_STATUS_TEMPORARY_REDIRECT, "text/plain; charset=utf-8",
                       "Temporary Redirect");
}

static void
answer_gated (McTestAnswer *self)
{
  g_autoptr (McTestTarget) target = mc_test_target_parse (self->raw, TRUE);

  mc_test_answer_gated (self, target->repo != NULL ? target->repo : "x/y");
}

gboolean
mc_test_answer_fault (McTestAnswer *self)
{
  switch (self->fault)
    {
    case MC_TEST_STATUS:
      mc_test_answer_text (self, self->argument, "text/plain; charset=utf-8",
                           "This answer was scripted");
      return TRUE;
    case MC_TEST_HTML:
      mc_test_answer_text (self, SOUP_STATUS_OK, "text/html; charset=utf-8", page);
      return TRUE;
    case MC_TEST_EXPIRED:
      mc_test_answer_text (self, SOUP_STATUS_FORBIDDEN, "application/xml", expired);
      return TRUE;
    case MC_TEST_NOT_JSON:
      mc_test_answer_text (self, SOUP_STATUS_OK, "application/json; charset=utf-8",
                           "{\"id\":\"broken/answer\",\"sha\":");
      return TRUE;
    case MC_TEST_GATED:
      answer_gated (self);
      return TRUE;
    case MC_TEST_RATE_LIMITED:
      answer_rate_limited (self);
      return TRUE;
    case MC_TEST_REDIRECT_LOOP:
      answer_loop (self);
      return TRUE;
    case MC_TEST_SILENT:
      soup_server_message_pause (self->message);
      return TRUE;
    case MC_TEST_HANG_UP:
      soup_server_message_pause (self->message);
      mc_test_answer_hang_up (self);
      return TRUE;
    case MC_TEST_REDIRECT_AWAY:
      mc_test_answer_header (self, "Location", "http://nowhere.invalid/file");
      mc_test_answer_text (self, SOUP_STATUS_FOUND, "text/plain; charset=utf-8", "Found");
      return TRUE;
    case MC_TEST_LATE:
      soup_server_message_pause (self->message);
      g_ptr_array_add (self->hub->late, g_object_ref (self->message));
      return TRUE;
    case MC_TEST_ANSWER:
    case MC_TEST_CUT_AFTER:
    case MC_TEST_STALL_AFTER:
    case MC_TEST_FLIP_BYTE:
    case MC_TEST_WRONG_LENGTH:
    case MC_TEST_IGNORE_RANGE:
    case MC_TEST_WRONG_RANGE:
    case MC_TEST_RESET_AFTER:
    case MC_TEST_SHORT:
    case MC_TEST_LONG:
    case MC_TEST_CHUNKED:
    case MC_TEST_NO_LENGTH:
    case MC_TEST_GZIP:
    case MC_TEST_OTHER_ETAG:
      return FALSE;
    }
  g_assert_not_reached ();
}
