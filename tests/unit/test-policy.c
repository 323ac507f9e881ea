/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-policy.h"

#include <string.h>

/* Whether transfers may run: settings, conditions ("m" metered, "p" power saver), what was waived
 * of them ("s" the schedule), and what follows. */
typedef struct
{
  const char *name;
  const char *settings;
  guint hour;
  const char *conditions;
  const char *waived;
  const char *policy;
} Case;

#define NIGHT "{'schedule-from': <uint32 22>, 'schedule-to': <uint32 6>}"
#define DAY "{'schedule-from': <uint32 8>, 'schedule-to': <uint32 18>}"

static const Case cases[] = {
  { "default", "{}", 12, "", "", "allowed" },
  { "default-metered", "{}", 12, "m", "", "ask-metered" },
  { "default-power-saver", "{}", 12, "p", "", "allowed" },
  { "metered-waits", "{'metered': <'wait'>}", 12, "m", "", "metered" },
  { "metered-goes-on", "{'metered': <'go-on'>}", 12, "m", "", "allowed" },
  { "metered-waived", "{'metered': <'wait'>}", 12, "m", "m", "allowed" },
  { "asked-and-waived", "{}", 12, "m", "m", "allowed" },
  { "other-waived", "{}", 12, "m", "sp", "ask-metered" },
  { "power-saver-waits", "{'power-saver': <'wait'>}", 12, "p", "", "power-saver" },
  { "power-saver-asks", "{'power-saver': <'ask'>}", 12, "p", "", "ask-power-saver" },
  { "power-saver-waived", "{'power-saver': <'ask'>}", 12, "p", "p", "allowed" },
  { "both", "{'power-saver': <'wait'>}", 12, "mp", "", "ask-metered" },
  { "both-one-waived", "{'power-saver': <'wait'>}", 12, "mp", "m", "power-saver" },
  { "night-before", NIGHT, 21, "", "", "schedule" },
  { "night-first-hour", NIGHT, 22, "", "", "allowed" },
  { "night-midnight", NIGHT, 0, "", "", "allowed" },
  { "night-last-hour", NIGHT, 5, "", "", "allowed" },
  { "night-over", NIGHT, 6, "", "", "schedule" },
  { "day-before", DAY, 7, "", "", "schedule" },
  { "day-first-hour", DAY, 8, "", "", "allowed" },
  { "day-over", DAY, 18, "", "", "schedule" },
  { "day-waived", DAY, 18, "", "s", "allowed" },
  { "day-waived-but-metered", DAY, 18, "m", "s", "ask-metered" },
};

static gboolean
has (const char *letters, char letter)
{
  return strchr (letters, letter) != NULL;
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  McConditions now = { test->hour, has (test->conditions, 'm'), has (test->conditions, 'p') };
  McWaived waived = { has (test->waived, 's'), has (test->waived, 'm'), has (test->waived, 'p') };
  g_autoptr (GVariant) changes =
      g_variant_parse (G_VARIANT_TYPE_VARDICT, test->settings, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;
  McSettings settings;
  McWaived all;

  mc_settings_init (&settings);
  g_assert_true (mc_settings_change (&settings, changes, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (mc_policy_to_string (mc_policy_decide (&settings, &now, &waived)), ==,
                   test->policy);
  /* Whatever stands against it can be waived. */
  all = mc_policy_waive (&settings, &now);
  g_assert_cmpint (mc_policy_decide (&settings, &now, &all), ==, MC_POLICY_ALLOWED);
}

/* What was waived counts until it has passed, and not for the next time. */
static void
test_keep (void)
{
  McConditions here = { 12, TRUE, FALSE };
  McConditions home = { 12, FALSE, FALSE };
  McSettings settings;
  McWaived waived;

  mc_settings_init (&settings);
  waived = mc_policy_waive (&settings, &here);
  waived = mc_policy_keep (&settings, &here, &waived);
  g_assert_true (waived.metered);
  g_assert_false (waived.power_saver);
  waived = mc_policy_keep (&settings, &home, &waived);
  waived = mc_policy_keep (&settings, &here, &waived);
  g_assert_false (waived.metered);
  g_assert_cmpint (mc_policy_decide (&settings, &here, &waived), ==, MC_POLICY_ASK_METERED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/policy/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/policy/keep", test_keep);
  return g_test_run ();
}
