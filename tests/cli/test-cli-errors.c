/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-errors.h"

#include "mc-error.h"

#include <string.h>

/* The exit statuses are an interface: this table is what the manual page promises. */
static void
test_statuses (void)
{
  static const int promised[] = {
    [MC_ERROR_FAILED] = 1,         [MC_ERROR_INVALID_NAME] = 2,    [MC_ERROR_NOT_FOUND] = 3,
    [MC_ERROR_UNKNOWN_FILE] = 3,   [MC_ERROR_UNKNOWN_VARIANT] = 3, [MC_ERROR_NOT_SCANNED] = 3,
    [MC_ERROR_NOT_DOWNLOADED] = 3, [MC_ERROR_SIGN_IN] = 4,         [MC_ERROR_GATED] = 4,
    [MC_ERROR_RATE_LIMITED] = 5,   [MC_ERROR_NETWORK] = 5,         [MC_ERROR_BAD_RESPONSE] = 5,
    [MC_ERROR_CORRUPT] = 7,        [MC_ERROR_NO_SPACE] = 6,        [MC_ERROR_IN_USE] = 9,
    [MC_ERROR_BUSY] = 9,           [MC_ERROR_STORE] = 1,           [MC_ERROR_STORE_ABSENT] = 1,
    [MC_ERROR_NOT_ALLOWED] = 4,    [MC_ERROR_NO_SERVICE] = 8,      [MC_ERROR_ACCESS_PENDING] = 4,
    [MC_ERROR_ACCESS_REFUSED] = 4, [MC_ERROR_TOKEN_REFUSED] = 4,   [MC_ERROR_GONE] = 3,
    [MC_ERROR_OFFLINE] = 5,        [MC_ERROR_CHANGED] = 5,
  };
  static const int of_mcache[] = {
    [MC_CLI_ERROR_USAGE] = 2,         [MC_CLI_ERROR_UNKNOWN_TRANSFER] = 3,
    [MC_CLI_ERROR_INTERRUPTED] = 130, [MC_CLI_ERROR_DECLINED] = 1,
    [MC_CLI_ERROR_PIPE] = 141,        [MC_CLI_ERROR_DONE] = 0,
  };
  GError error = { .domain = MC_ERROR, .message = (char *) "x" };

  G_STATIC_ASSERT (G_N_ELEMENTS (promised) == MC_N_ERRORS);
  for (error.code = 0; error.code < MC_N_ERRORS; error.code++)
    g_assert_cmpint (mc_cli_errors_get_exit (&error), ==, promised[error.code]);
  error.domain = MC_CLI_ERROR;
  for (error.code = 0; error.code < (int) G_N_ELEMENTS (of_mcache); error.code++)
    g_assert_cmpint (mc_cli_errors_get_exit (&error), ==, of_mcache[error.code]);
  error.domain = G_IO_ERROR;
  error.code = G_IO_ERROR_CANCELLED;
  g_assert_cmpint (mc_cli_errors_get_exit (&error), ==, 1);
}

/* Every code has a sentence; those for a repo name it, whatever is in the name. */
static void
test_sentences (void)
{
  GError error = { .domain = MC_ERROR, .message = (char *) "the details" };

  for (error.code = 0; error.code < MC_N_ERRORS; error.code++)
    {
      gboolean needs_message;
      g_autofree char *plain = mc_cli_errors_describe (&error, NULL, &needs_message);
      g_autofree char *named = mc_cli_errors_describe (&error, "o/%s%n", &needs_message);

      g_assert_cmpint ((int) strlen (plain), >, 10);
      g_assert_true (strcmp (plain, named) == 0 || strstr (named, "o/%s%n") != NULL);
      g_assert_null (strstr (plain, "the details"));
    }
}

static void
test_names (void)
{
  GError error = { .domain = MC_ERROR, .code = MC_ERROR_GATED, .message = (char *) "" };

  g_assert_cmpstr (mc_cli_errors_get_name (&error), ==, "Gated");
  error.domain = MC_CLI_ERROR;
  error.code = MC_CLI_ERROR_USAGE;
  g_assert_cmpstr (mc_cli_errors_get_name (&error), ==, "Usage");
  error.code = MC_CLI_ERROR_INTERRUPTED;
  g_assert_cmpstr (mc_cli_errors_get_name (&error), ==, "Interrupted");
  error.domain = G_FILE_ERROR;
  g_assert_cmpstr (mc_cli_errors_get_name (&error), ==, "Failed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-errors/exit-statuses", test_statuses);
  g_test_add_func ("/cli-errors/sentences", test_sentences);
  g_test_add_func ("/cli-errors/names", test_names);
  return g_test_run ();
}
