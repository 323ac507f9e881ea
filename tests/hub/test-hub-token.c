/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "hub-calls.h"
#include "mc-error.h"
#include "mc-hub-failure.h"
#include "mc-hub-token.h"
#include "mc-test-hub.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* Where the token and the endpoint come from. Each case runs in a folder of its own that stands for
 * the home, in a process whose variables it may set. */

static const char *const variables[] = {
  "HF_ENDPOINT", "HF_HOME",       "HF_HUB_DISABLE_IMPLICIT_TOKEN",
  "HF_TOKEN",    "HF_TOKEN_PATH", "HUGGING_FACE_HUB_TOKEN",
};

typedef struct
{
  char *home;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  f->home = g_dir_make_tmp ("mc-token-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("HF_HOME", f->home, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (f->home, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->home, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (f->home), ==, 0);
  g_clear_pointer (&f->home, g_free);
}

static char *
write_file (Fixture *f, const char *name, const char *text, gssize length)
{
  char *path = g_build_filename (f->home, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, length, &error);
  g_assert_no_error (error);
  return path;
}

static void
assert_token (const char *expected)
{
  g_autofree char *token = mc_hub_token_from_environment ();

  g_assert_cmpstr (token, ==, expected);
}

static void
test_order (Fixture *f, gconstpointer data)
{
  g_autofree char *other = write_file (f, "elsewhere", "hf_path\n", -1);
  g_autofree char *usual = NULL;

  assert_token (NULL);
  usual = write_file (f, "token", "hf_home\n", -1);
  assert_token ("hf_home");
  g_setenv ("HF_TOKEN_PATH", other, TRUE);
  assert_token ("hf_path");
  g_setenv ("HUGGING_FACE_HUB_TOKEN", "hf_old", TRUE);
  assert_token ("hf_old");
  g_setenv ("HF_TOKEN", " hf_new\r\n", TRUE);
  assert_token ("hf_new");
  /* Set to nothing is not set. */
  g_setenv ("HF_TOKEN", "  ", TRUE);
  assert_token ("hf_old");
  g_setenv ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "0", TRUE);
  assert_token ("hf_old");
  g_setenv ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "Yes", TRUE);
  assert_token (NULL);
}

static void
test_files (Fixture *f, gconstpointer data)
{
  g_autofree char *first = write_file (f, "token", "\n  hf_first \r\nhf_second\n", -1);
  g_autofree char *large = g_strnfill (1000000, 'x');

  g_assert_nonnull (first);
  assert_token ("hf_first");
  g_free (write_file (f, "token", "", 0));
  assert_token (NULL);
  g_free (write_file (f, "token", "\n\n", -1));
  assert_token (NULL);
  g_free (write_file (f, "token", "hf_with\0nul", 11));
  assert_token ("hf_with");

  g_test_expect_message ("Mc-Hub", G_LOG_LEVEL_WARNING, "*too long*");
  g_free (write_file (f, "token", large, 1000000));
  assert_token (NULL);
  g_test_assert_expected_messages ();
}

/* Nothing of a bad token is shown: neither in the warning nor elsewhere. */
static void
test_bad_characters (Fixture *f, gconstpointer data)
{
  static const char *const bad[] = { "hf_a b", "hf_a\nX-Header: b", "hf_\xc3\xa4", "hf_\x7f",
                                     "hf_\x01" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_expect_message ("Mc-Hub", G_LOG_LEVEL_WARNING,
                             "The token is not used: it has characters that a token cannot have");
      g_assert_null (mc_hub_token_clean (bad[i]));
      g_test_assert_expected_messages ();
    }
  g_assert_null (mc_hub_token_clean (NULL));
  g_assert_null (mc_hub_token_clean (" \t\n"));
}

/* What is no file does not hold us up. */
static void
test_no_file (Fixture *f, gconstpointer data)
{
  g_autofree char *pipe = g_build_filename (f->home, "pipe", NULL);

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_setenv ("HF_TOKEN_PATH", pipe, TRUE);
  g_test_expect_message ("Mc-Hub", G_LOG_LEVEL_WARNING, "*no regular file");
  assert_token (NULL);
  g_test_assert_expected_messages ();

  g_setenv ("HF_TOKEN_PATH", f->home, TRUE);
  g_test_expect_message ("Mc-Hub", G_LOG_LEVEL_WARNING, "*no regular file");
  assert_token (NULL);
  g_test_assert_expected_messages ();

  g_setenv ("HF_TOKEN_PATH", "/nonexistent/token", TRUE);
  assert_token (NULL);
}

static void
test_client (Fixture *f, gconstpointer data)
{
  g_autoptr (McTestHub) hub = mc_test_hub_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (McHubClient) client = NULL;
  g_autofree char *name = NULL;
  g_autofree char *sent = NULL;

  mc_test_hub_set_token (hub, "hf_good");
  g_setenv ("HF_ENDPOINT", mc_test_hub_get_url (hub), TRUE);
  g_setenv ("HF_TOKEN", "hf_good\n", TRUE);
  client = mc_hub_client_new_from_environment (&error);
  g_assert_no_error (error);
  g_assert_cmpstr (mc_hub_client_get_endpoint (client), ==, mc_test_hub_get_url (hub));
  g_assert_true (mc_hub_client_has_token (client));
  name = call_whoami (client, &error);
  g_assert_no_error (error);
  sent = mc_test_hub_seen (hub, "/api/whoami-v2", 0, "Authorization");
  g_assert_cmpstr (sent, ==, "Bearer hf_good");
  finalize_client (&client);

  g_setenv ("HF_ENDPOINT", "", TRUE);
  client = mc_hub_client_new_from_environment (&error);
  g_assert_no_error (error);
  g_assert_cmpstr (mc_hub_client_get_host (client), ==, "huggingface.co");
  finalize_client (&client);

  g_setenv ("HF_ENDPOINT", "huggingface.co", TRUE);
  g_assert_null (mc_hub_client_new_from_environment (&error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
}

/* Over plain http to another computer the token is not sent, and whoami says so. */
static void
test_plain_http (Fixture *f, gconstpointer data)
{
  g_autoptr (McHubClient) client = make_client ("http://192.0.2.1", "hf_good");
  g_autoptr (GError) error = NULL;

  g_assert_null (call_whoami (client, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_SIGN_IN);
  g_assert_nonnull (strstr (error->message, "not encrypted"));
  finalize_client (&client);
}

/* --- what is shown --- */

static GLogWriterOutput
collect (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  GString *heard = user_data;

  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      g_string_append_printf (heard, "%s\n", (const char *) fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

#define SECRET "hf_abcdefghijklmnopqrstuvwxyz012345"

/* All that is logged and told, whatever the Hub answers: one that repeats the token too. */
static void
test_never_shown (Fixture *f, gconstpointer data)
{
  static GString *heard = NULL;
  g_autoptr (McTestHub) hub = mc_test_hub_new ();
  g_autofree char *recorded G_GNUC_UNUSED =
      write_file (f, "echo", "{\"error\":\"bad token " SECRET "\"}", -1);
  McHubClient *client = make_client (mc_test_hub_get_url (hub), SECRET);
  McHubFailure echo = { .ask = MC_HUB_ASK_REPO,
                        .token = MC_HUB_TOKEN_SENT,
                        .repo = "o/n",
                        .host = "h",
                        .endpoint = "e",
                        .secret = "odd.secret",
                        .status = 403,
                        .message = "no: " SECRET " odd.secret" };
  g_autoptr (GError) error = NULL;

  if (heard == NULL)
    {
      heard = g_string_new (NULL);
      g_log_set_writer_func (collect, heard, NULL);
      /* Tests of newer GLib do not hand on what they show. */
      g_log_set_default_handler (g_log_default_handler, NULL);
    }
  g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
  mc_test_hub_set_token (hub, "hf_another");
  mc_test_hub_add_generated (hub, "org/model", "x.gguf", 1000, 1);
  g_assert_null (call_whoami (client, &error));
  g_string_append (heard, error->message);
  g_clear_error (&error);
  mc_model_info_free (call_info (client, "org/model", NULL, &error));
  g_assert_no_error (error);
  error = mc_hub_failure_to_error (&echo);
  g_string_append (heard, error->message);
  g_assert_nonnull (strstr (heard->str, "/api/whoami-v2"));
  g_assert_null (strstr (heard->str, SECRET));
  g_assert_null (strstr (heard->str, "odd.secret"));
  finalize_client (&client);
}

/* Each endpoint gets its own, and without one none. */
static void
test_one_each (Fixture *f, gconstpointer data)
{
  g_autoptr (McTestHub) hub = mc_test_hub_new ();
  g_autoptr (McTestHub) mirror = mc_test_hub_new ();
  const char *endpoints[] = { mc_test_hub_get_url (mirror), mc_test_hub_get_url (hub), NULL };
  McHubOptions options = { .endpoints = endpoints };
  McHubClient *client = make_client (mc_test_hub_get_url (hub), "hf_ofTheHub");
  g_autofree char *at_mirror = NULL;
  g_autofree char *at_hub = NULL;
  g_autoptr (GError) error = NULL;

  mc_test_hub_set_token (hub, "hf_later");
  mc_test_hub_set_token (mirror, "hf_ofTheMirror");
  mc_test_hub_add_generated (hub, "org/model", "x.gguf", 1000, 1);
  mc_hub_client_set_token (client, endpoints[0], "hf_ofTheMirror");
  g_assert_true (mc_hub_client_configure (client, &options, &error));
  mc_hub_client_set_token (client, endpoints[1], "hf_later");
  mc_model_info_free (call_info (client, "org/model", NULL, &error));
  g_assert_no_error (error);
  at_mirror = mc_test_hub_seen (mirror, "", 0, "Authorization");
  at_hub = mc_test_hub_seen (hub, "", 0, "Authorization");
  g_assert_cmpstr (at_mirror, ==, "Bearer hf_ofTheMirror");
  g_assert_cmpstr (at_hub, ==, "Bearer hf_later");
  /* Without it, that which the client was made with is back. */
  mc_hub_client_set_token (client, endpoints[1], NULL);
  g_assert_true (mc_hub_client_has_token (client));
  finalize_client (&client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/hub-token/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("order", test_order);
  ADD ("files", test_files);
  ADD ("bad-characters", test_bad_characters);
  ADD ("no-file", test_no_file);
  ADD ("client", test_client);
  ADD ("plain-http", test_plain_http);
  ADD ("never-shown", test_never_shown);
  ADD ("one-each", test_one_each);
#undef ADD
  return g_test_run ();
}
