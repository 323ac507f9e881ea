/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

/* What a person chooses and tries in the preferences. */

#define TOKEN "hf_of_a_person"
#define NOWHERE "http://127.0.0.1:1"
#define ENDPOINTS "Addresses of the Hub"

static void
open_preferences (WindowFixture *f, const char *page)
{
  window_open (f, NULL);
  mc_test_person_do (f->person, "Model Cache", "win.preferences");
  mc_test_person_press (f->person, "Preferences", page);
}

/* The token is accepted, and not there any more afterwards. */
static void
test_token (WindowFixture *f, gconstpointer data)
{
  mc_test_hub_set_token (f->mcache.hub, TOKEN);
  open_preferences (f, "Network");
  mc_test_person_see (f->person, ENDPOINTS, "Not signed in");
  mc_test_person_type (f->person, "Token", TOKEN);
  mc_test_person_press (f->person, ENDPOINTS, "Sign In");
  mc_test_person_see (f->person, ENDPOINTS, "Signed in as *");
  mc_test_person_press (f->person, ENDPOINTS, "Sign Out");
  mc_test_person_see (f->person, ENDPOINTS, "Not signed in");
  mc_test_person_type (f->person, "Token", "hf_of_somebody_else");
  mc_test_person_press (f->person, ENDPOINTS, "Sign In");
  mc_test_person_see (f->person, "Preferences", "The Token Is Not Accepted");
}

static void
test_doctor (WindowFixture *f, gconstpointer data)
{
  open_preferences (f, "Network");
  mc_test_person_press (f->person, NULL, "Check Now");
  mc_test_person_see (f->person, "What was found", "There is space on the disk");
  mc_test_person_see (f->person, "What was found", "In order*");
  mc_test_person_see (f->person, ENDPOINTS, "The Hub · In order");
}

/* What is no address is refused where it was typed; a mirror is asked, found wanting, and goes. */
static void
test_mirror (WindowFixture *f, gconstpointer data)
{
  open_preferences (f, "Network");
  mc_test_person_see (f->person, ENDPOINTS, mc_test_hub_get_url (f->mcache.hub));
  mc_test_person_type (f->person, "Address of another mirror", "no address");
  mc_test_person_press (f->person, NULL, "Add the Mirror");
  mc_test_person_see (f->person, "Preferences", "That Cannot Be Set");
  mc_test_person_type (f->person, "Address of another mirror", NOWHERE);
  mc_test_person_press (f->person, NULL, "Add the Mirror");
  mc_test_person_see (f->person, ENDPOINTS, NOWHERE);
  mc_test_person_see (f->person, ENDPOINTS, "Mirror");
  mc_test_person_press (f->person, NULL, "Check Now");
  mc_test_person_see (f->person, ENDPOINTS, "Mirror · *");
  mc_test_person_do (f->person, NOWHERE, "endpoint.remove");
  mc_test_person_miss (f->person, ENDPOINTS, NOWHERE);
}

/* All that is stored is read back, and one is told how that went. */
static void
test_check (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
  open_preferences (f, "Storage");
  mc_test_person_press (f->person, "Preferences", "Check All");
  mc_test_person_see (f->person, "Preferences", "All is in order*");
}

/* Where the models are is shown, as soon as they are somewhere else. */
static void
test_move (WindowFixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "elsewhere", NULL);

  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
  open_preferences (f, "Storage");
  mcache_assert_works (&f->mcache, "move", folder, NULL);
  mc_test_person_see (f->person, "Preferences", "Moved*");
  mc_test_person_see (f->person, "Preferences", folder);
}

/* Other programs have an address while they are to be answered, and a reason where they cannot be.
 */
static void
test_serving (WindowFixture *f, gconstpointer data)
{
  g_autofree char *port = NULL;
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  port = g_strdup_printf ("%u", g_socket_listener_add_any_inet_port (listener, NULL, NULL));
  mcache_assert_works (&f->mcache, "settings", "serve-port", "0", NULL);
  open_preferences (f, "Network");
  mc_test_person_press (f->person, "Preferences", "Answer Other Programs");
  mc_test_person_see (f->person, "Preferences", "http://127.0.0.1:*/*");
  mc_test_person_press (f->person, "Preferences", "Copy the Address");
  mc_test_person_see (f->person, "Preferences", "Address Copied");
  mcache_assert_works (&f->mcache, "settings", "serve-port", port, NULL);
  mc_test_person_see (f->person, "Preferences", "They Cannot Be Answered");
  mc_test_person_press (f->person, "Preferences", "Answer Other Programs");
  mc_test_person_miss (f->person, "Preferences", "They Cannot Be Answered");
}

/* Who opened what. */
static void
test_access (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
  mcache_assert_works (&f->mcache, "open", GGUF, "tiny-Q4_K_M.gguf", "--", "true", NULL);
  open_preferences (f, "Access");
  mc_test_person_see (f->person, "Programs that used models", "mcache");
  mc_test_person_see (f->person, "Programs that used models", "today · */mcache");
  mc_test_person_see (f->person, "Programs that used models", GGUF);
  mc_test_person_see (f->person, "Programs that used models", "today · 1 time");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/preferences/token", WindowFixture, NULL, window_set_up, test_token,
              window_tear_down);
  g_test_add ("/preferences/doctor", WindowFixture, NULL, window_set_up, test_doctor,
              window_tear_down);
  g_test_add ("/preferences/mirror", WindowFixture, NULL, window_set_up, test_mirror,
              window_tear_down);
  g_test_add ("/preferences/check", WindowFixture, NULL, window_set_up, test_check,
              window_tear_down);
  g_test_add ("/preferences/move", WindowFixture, NULL, window_set_up, test_move, window_tear_down);
  g_test_add ("/preferences/serving", WindowFixture, NULL, window_set_up, test_serving,
              window_tear_down);
  g_test_add ("/preferences/access", WindowFixture, NULL, window_set_up, test_access,
              window_tear_down);
  return g_test_run ();
}
