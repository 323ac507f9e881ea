/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-address.h"

#include "mc-error.h"

/* What links name, and that none does harm. */

static void
assert_names (const char *address, McAddressKind expected_kind, const char *expected)
{
  g_autoptr (GError) error = NULL;
  McAddressKind kind = MC_ADDRESS_MODEL;
  g_autofree char *name = mc_address_read (address, &kind, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, expected);
  g_assert_cmpint (kind, ==, expected_kind);
}

static void
test_names (void)
{
  assert_names ("modelcache:owner/name", MC_ADDRESS_MODEL, "owner/name");
  assert_names ("modelcache://owner/name", MC_ADDRESS_MODEL, "owner/name");
  assert_names ("modelcache:///owner/name", MC_ADDRESS_MODEL, "owner/name");
  assert_names ("MODELCACHE:owner/name%3AQ4_K_M", MC_ADDRESS_MODEL, "owner/name:Q4_K_M");
  assert_names ("https://huggingface.co/owner/name", MC_ADDRESS_MODEL,
                "https://huggingface.co/owner/name");
  assert_names (" owner/name\n", MC_ADDRESS_MODEL, "owner/name");
  assert_names ("file:///tmp/a%20b.gguf", MC_ADDRESS_FOLDER, "/tmp/a b.gguf");
}

static void
test_hostile (void)
{
  g_autofree char *huge = g_strnfill (1000000, 'a');
  const char *const hostile[] = { "",
                                  "modelcache:",
                                  "modelcache:///",
                                  "modelcache:%00",
                                  "modelcache:a%0Ab",
                                  "modelcache:a%1B[2J",
                                  "modelcache:%FF",
                                  "modelcache:%E2%80%8",
                                  "a\nb",
                                  "\xff\xfe",
                                  "file://elsewhere/a",
                                  "file:relative",
                                  huge };

  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autoptr (GError) error = NULL;
      McAddressKind kind;
      g_autofree char *name = mc_address_read (hostile[i], &kind, &error);

      g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
      g_assert_null (name);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/names", test_names);
  g_test_add_func ("/address/hostile", test_hostile);
  return g_test_run ();
}
