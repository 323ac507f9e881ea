/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-output.h"

#include "mc-cli-text.h"

#include <locale.h>
#include <string.h>

static const McCliColumn columns[] = {
  { "REPO", FALSE, 0 },
  { "SIZE", TRUE, 1 },
  { "TASK", FALSE, 2 },
};

static McCliTable *
make_table (void)
{
  McCliTable *table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  mc_cli_table_add (table, g_strdup ("owner/a-long-name"), g_strdup ("1 MB"), g_strdup ("chat"));
  mc_cli_table_add (table, g_strdup ("o/日本"), g_strdup ("12 MB"), g_strdup (""));
  return table;
}

static void
assert_rendered (McCliTable *table, guint width, const char *expected)
{
  g_autofree char *text = mc_cli_table_render (table, width, TRUE);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_table (void)
{
  g_autoptr (McCliTable) table = make_table ();

  assert_rendered (table, G_MAXUINT,
                   "REPO                SIZE  TASK\n"
                   "owner/a-long-name   1 MB  chat\n"
                   "o/日本             12 MB\n");
  /* The column of the highest rank goes first, then the next; the first one is shortened. */
  assert_rendered (table, 29,
                   "REPO                SIZE\n"
                   "owner/a-long-name   1 MB\n"
                   "o/日本             12 MB\n");
  assert_rendered (table, 20,
                   "REPO\n"
                   "owner/a-long-name\n"
                   "o/日本\n");
  assert_rendered (table, 10,
                   "REPO\n"
                   "owner…name\n"
                   "o/日本\n");
}

/* A column nobody fills is left out; a name from right to left does not take its neighbours along.
 */
static void
test_empty_column_and_order (void)
{
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  mc_cli_table_add (table, g_strdup ("o/שלום"), g_strdup ("1 MB"), g_strdup (""));
  mc_cli_table_add (table, g_strdup ("o/latin"), g_strdup ("2 MB"), g_strdup (""));
  assert_rendered (table, G_MAXUINT,
                   "REPO     SIZE\n"
                   "o/שלום\xe2\x80\x8e   1 MB\n"
                   "o/latin  2 MB\n");
}

/* A stranger's name can neither end the line nor steer the terminal. */
static void
test_hostile_cells (void)
{
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, 1);

  mc_cli_table_add (table, g_strdup ("a\nb\033[2J\tc"));
  assert_rendered (table, G_MAXUINT, "REPO\na b?[2J c\n");
}

static void
test_json_is_exact (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GVariant) dict = g_variant_ref_sink (g_variant_new_parsed (
          "{'size': <uint64 9007199254740993>, 'name': <'Grö\\n\\u001b'>, 'flag': <true>,"
          " 'list': <[{'key': <'a'>}]>, 'paths': <['x', 'y']>}"));

      mc_cli_print_json_value (dict, TRUE);
      g_assert_true (mc_cli_output_flush (NULL));
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*{\"size\":9007199254740993,\"name\":\"Grö\\n\\u001b\",\"flag\":true,"
                             "\"list\":[{\"key\":\"a\"}],\"paths\":[\"x\",\"y\"]}\n*");
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-output/tables-adapt", test_table);
  g_test_add_func ("/cli-output/empty-column-and-order", test_empty_column_and_order);
  g_test_add_func ("/cli-output/hostile-cells", test_hostile_cells);
  g_test_add_func ("/cli-output/json-is-exact", test_json_is_exact);
  return g_test_run ();
}
