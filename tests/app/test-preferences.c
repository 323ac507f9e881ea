/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

/* What a person chooses and tries in the preferences, about the Hub. */

#define TOKEN "hf_of_a_person"

static void
open_preferences (WindowFixture *f)
{
  window_open (f, NULL);
  mc_test_person_do (f->person, "Model Cache", "win.preferences");
  mc_test_person_press (f->person, "Preferences", "Hub");
}

/* The token is accepted, and not there any more afterwards. */
static void
test_token (WindowFixture *f, gconstpointer data)
{
  mc_test_hub_set_token (f->mcache.hub, TOKEN);
  open_preferences (f);
  mc_test_person_see (f->person, NULL, "Not signed in");
  mc_test_person_type (f->person, "Token", TOKEN);
  mc_test_person_press (f->person, NULL, "Sign In");
  mc_test_person_see (f->person, NULL, "Signed in as *");
  mc_test_person_press (f->person, NULL, "Sign Out");
  mc_test_person_see (f->person, NULL, "Not signed in");
}

static void
test_doctor (WindowFixture *f, gconstpointer data)
{
  open_preferences (f);
  mc_test_person_press (f->person, NULL, "Check Now");
  mc_test_person_see (f->person, "What was found", "There is space on the disk");
  mc_test_person_see (f->person, "What was found", "In order*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/preferences/token", WindowFixture, NULL, window_set_up, test_token,
              window_tear_down);
  g_test_add ("/preferences/doctor", WindowFixture, NULL, window_set_up, test_doctor,
              window_tear_down);
  return g_test_run ();
}
