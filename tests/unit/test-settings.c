/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-settings.h"

#include <string.h>

/* The table of settings: types, limits, all or nothing. */

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *changes = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return changes;
}

static void
test_defaults (void)
{
  McSettings settings;
  g_autoptr (GVariant) all = NULL;
  gboolean compression = FALSE;
  guint64 limit = 1;

  mc_settings_init (&settings);
  all = g_variant_ref_sink (mc_settings_describe (&settings));
  g_assert_true (g_variant_lookup (all, "compression", "b", &compression));
  g_assert_true (g_variant_lookup (all, "size-limit", "t", &limit));
  g_assert_true (compression);
  g_assert_cmpuint (limit, ==, 0);
  g_assert_cmpuint (g_variant_n_children (all), ==, MC_N_SETTINGS);
  g_assert_true (mc_settings_get_flag (&settings, MC_SETTING_COMPRESSION));
  g_assert_cmpuint (mc_settings_get_number (&settings, MC_SETTING_SIZE_LIMIT), ==, 0);
}

static void
test_change (void)
{
  McSettings settings;
  g_autoptr (GVariant) changes = parse ("{'size-limit': <uint64 200000000000>}");
  g_autoptr (GVariant) nothing = parse ("{}");
  g_autoptr (GError) error = NULL;

  mc_settings_init (&settings);
  g_assert_true (mc_settings_change (&settings, changes, &error));
  g_assert_true (mc_settings_change (&settings, nothing, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (mc_settings_get_number (&settings, MC_SETTING_SIZE_LIMIT), ==, 200000000000);
  g_assert_true (mc_settings_get_flag (&settings, MC_SETTING_COMPRESSION));
}

/* The first of each would be right: nothing of it is done. */
static void
test_all_or_nothing (void)
{
  static const struct
  {
    const char *changes;
    const char *told;
  } bad[] = {
    { "{'compression': <false>, 'no-such': <1>}", "There is no setting “no-such”" },
    { "{'compression': <false>, '': <true>}", "There is no setting “”" },
    { "{'compression': <false>, 'size-limit': <'200 GB'>}", "the type t, not s" },
    { "{'compression': <false>, 'size-limit': <uint32 5>}", "the type t, not u" },
    { "{'compression': <false>, 'size-limit': <<uint64 5>>}", "the type t, not v" },
    { "{'compression': <false>, 'size-limit': <uint64 18446744073709551615>}", "must be from 0" },
    { "{'compression': <1>}", "the type b, not i" },
    { "{'compression': <false>, 'metered': <'never'>}", "must be one of ask, wait, go-on" },
    { "{'compression': <false>, 'metered': <uint32 1>}", "the type s, not u" },
    { "{'compression': <false>, 'schedule-to': <uint32 24>}", "must be from 0 to 23" },
    { "{'compression': <false>, 'active-transfers': <uint32 0>}", "must be from 1 to 8" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GVariant) changes = parse (bad[i].changes);
      g_autoptr (GError) error = NULL;
      McSettings settings;

      g_test_message ("%s", bad[i].changes);
      mc_settings_init (&settings);
      g_assert_false (mc_settings_change (&settings, changes, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
      g_assert_nonnull (strstr (error->message, bad[i].told));
      g_assert_true (mc_settings_get_flag (&settings, MC_SETTING_COMPRESSION));
    }
}

/* What is found in a catalog may be anything. */
static void
test_text (void)
{
  static const struct
  {
    const char *name;
    const char *text;
  } bad[] = {
    { "size-limit", "" },     { "size-limit", "-1" },    { "size-limit", "1 " },
    { "size-limit", "0x10" }, { "size-limit", "many" },  { "size-limit", "9223372036854775808" },
    { "compression", "2" },   { "compression", "true" }, { "no-such", "1" },
    { "metered", "1" },       { "metered", "" },         { "metered", "Wait" },
  };
  McSettings settings;
  McSettings copy;

  mc_settings_init (&settings);
  g_assert_true (mc_settings_take_text (&settings, "size-limit", "12345"));
  g_assert_true (mc_settings_take_text (&settings, "compression", "0"));
  g_assert_true (mc_settings_take_text (&settings, "metered", "wait"));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mc_settings_take_text (&settings, bad[i].name, bad[i].text));
  g_assert_cmpuint (mc_settings_get_number (&settings, MC_SETTING_SIZE_LIMIT), ==, 12345);
  g_assert_false (mc_settings_get_flag (&settings, MC_SETTING_COMPRESSION));
  mc_settings_init (&copy);
  for (guint i = 0; i < MC_N_SETTINGS; i++)
    {
      g_autofree char *text = mc_settings_dup_text (&settings, (McSetting) i);

      g_assert_true (mc_settings_take_text (&copy, mc_setting_get_name ((McSetting) i), text));
    }
  g_assert_cmpmem (&copy, sizeof copy, &settings, sizeof settings);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/defaults", test_defaults);
  g_test_add_func ("/settings/change", test_change);
  g_test_add_func ("/settings/all-or-nothing", test_all_or_nothing);
  g_test_add_func ("/settings/text", test_text);
  return g_test_run ();
}
