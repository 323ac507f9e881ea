/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-output.h"

#include "mc-cli-text.h"

#include <glib/gstdio.h>
#include <libintl.h>
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

/* A catalogue, as gettext reads it, that says nothing but what it is. */
static void
write_catalogue (const char *path)
{
  static const char header[] = "Content-Type: text/plain; charset=UTF-8\n";
  static const guint32 tables[] = { 0x950412de, 0, 1, 28, 36, 0, 44, 0, 44, sizeof header - 1, 45 };
  char file[sizeof tables + 1 + sizeof header] = "";

  memcpy (file, tables, sizeof tables);
  memcpy (file + sizeof tables + 1, header, sizeof header);
  g_assert_true (g_file_set_contents (path, file, sizeof file, NULL));
}

static void
assert_untitled_column (const char *catalogues)
{
  static const McCliColumn marked[] = { { "", FALSE, 0 }, { "REPO", FALSE, 0 } };
  g_autoptr (McCliTable) table = mc_cli_table_new (marked, G_N_ELEMENTS (marked));

  bindtextdomain (GETTEXT_PACKAGE, catalogues);
  textdomain (GETTEXT_PACKAGE);
  if (gettext ("")[0] == '\0')
    {
      /* Newer libc translates nothing in C.UTF-8, which is all that there may be. */
      g_test_skip ("there is no locale that is translated");
      return;
    }
  mc_cli_table_add (table, g_strdup ("*"), g_strdup ("o/name"));
  assert_rendered (table, G_MAXUINT, "   REPO\n*  o/name\n");
}

static void
test_no_title_in_a_language (void)
{
  g_autofree char *folder = g_dir_make_tmp ("mc-test-output-XXXXXX", NULL);
  g_autofree char *language = g_build_filename (folder, "xx", NULL);
  g_autofree char *messages = g_build_filename (language, "LC_MESSAGES", NULL);
  g_autofree char *path = g_build_filename (messages, GETTEXT_PACKAGE ".mo", NULL);

  g_assert_cmpint (g_mkdir_with_parents (messages, 0700), ==, 0);
  write_catalogue (path);
  g_setenv ("LANGUAGE", "xx", TRUE);
  setlocale (LC_ALL, ""); /* lets go of what was translated */
  assert_untitled_column (folder);
  g_unsetenv ("LANGUAGE");
  setlocale (LC_ALL, "");
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (messages), ==, 0);
  g_assert_cmpint (g_rmdir (language), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
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
  g_test_add_func ("/cli-output/no-title-in-a-language", test_no_title_in_a_language);
  return g_test_run ();
}
