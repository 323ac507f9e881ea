/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

/* Signing in and out with mcache, a keyring of libsecret in a file, and without any. */

#define TOKEN "hf_abcdefghijklmnopqrstuvwxyz012345"

typedef struct
{
  McacheFixture base;
  char *keyring;
} Fixture;

static void
set_up (Fixture *f, gconstpointer has_keyring)
{
  f->keyring = g_build_filename (g_get_user_data_dir (), "keyring", NULL);
  g_remove (f->keyring);
  g_unsetenv ("SECRET_BACKEND");
  if (has_keyring != NULL)
    {
      g_setenv ("SECRET_BACKEND", "file", TRUE);
      g_setenv ("SECRET_FILE_TEST_PATH", f->keyring, TRUE);
      g_setenv ("SECRET_FILE_TEST_PASSWORD", "of the keyring", TRUE);
    }
  mcache_set_up (&f->base, NULL);
  mc_test_hub_set_token (f->base.hub, TOKEN);
}

static void
tear_down (Fixture *f, gconstpointer has_keyring)
{
  mcache_tear_down (&f->base, NULL);
  g_remove (f->keyring);
  g_clear_pointer (&f->keyring, g_free);
}

static McacheRun *
login (Fixture *f, const char *input)
{
  return mcache_run_with (&f->base, NULL, input, (const char *const[]){ "login", NULL });
}

static void
assert_signed_out (Fixture *f)
{
  mcache_assert_fails (&f->base, 4, "SignIn", (const char *const[]){ "whoami", NULL });
}

/* Over a restart, until one signs out; and the file of the keyring does not show it. */
static void
test_keyring (Fixture *f, gconstpointer has_keyring)
{
  g_autoptr (McacheRun) run = NULL;
  g_autofree char *bytes = NULL;
  gsize length;

  assert_signed_out (f);
  run = login (f, "  " TOKEN "\n");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_nonnull (strstr (run->out, "kept in your keyring"));
  g_assert_null (strstr (run->out, TOKEN));
  mcache_assert_works (&f->base, "whoami", NULL);
  mcache_assert_works (&f->base, "service", "stop", NULL);
  mcache_assert_works (&f->base, "whoami", NULL);
  g_assert_true (g_file_get_contents (f->keyring, &bytes, &length, NULL));
  g_assert_null (g_strstr_len (bytes, (gssize) length, TOKEN));
  mcache_assert_works (&f->base, "logout", NULL);
  assert_signed_out (f);
  mcache_assert_works (&f->base, "service", "stop", NULL);
  assert_signed_out (f);
}

/* What needs the token does not run ahead of it when the service starts. */
static void
test_first_call (Fixture *f, gconstpointer has_keyring)
{
  g_autoptr (McacheRun) run = login (f, TOKEN);

  g_assert_cmpint (run->status, ==, 0);
  mc_test_hub_set_granted (f->base.hub, TRUE);
  mcache_assert_works (&f->base, "service", "stop", NULL);
  mcache_assert_works (&f->base, "download", GATED, NULL);
}

static void
test_bad (Fixture *f, gconstpointer has_keyring)
{
  g_autoptr (McacheRun) refused = login (f, "hf_another\n");
  g_autoptr (McacheRun) empty = login (f, "\n");
  g_autoptr (McacheRun) odd = login (f, "two words\n");

  g_assert_cmpint (refused->status, ==, 4);
  g_assert_cmpint (empty->status, ==, 2);
  g_assert_cmpint (odd->status, ==, 2);
  g_assert_null (strstr (refused->err, "hf_another"));
  g_assert_null (strstr (odd->err, "two words"));
  assert_signed_out (f);
  g_assert_false (g_file_test (f->keyring, G_FILE_TEST_EXISTS));
}

/* It is said, and works as long as the service lives, which does not end by itself. */
static void
test_no_keyring (Fixture *f, gconstpointer has_keyring)
{
  g_autoptr (McacheRun) run = login (f, TOKEN);

  g_assert_cmpint (run->status, ==, 0);
  g_assert_nonnull (strstr (run->out, "no keyring"));
  mcache_assert_works (&f->base, "whoami", NULL);
  mcache_assert_works (&f->base, "logout", NULL);
  assert_signed_out (f);
}

int
main (int argc, char **argv)
{
  static char keyring[] = "keyring";

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(name, data, function)                                                                  \
  g_test_add ("/mcache-login/" name, Fixture, data, set_up, function, tear_down)
  ADD ("keyring", keyring, test_keyring);
  ADD ("first-call", keyring, test_first_call);
  ADD ("bad", keyring, test_bad);
  ADD ("no-keyring", NULL, test_no_keyring);
#undef ADD
  return g_test_run ();
}
