/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-report.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define N_COLUMNS 6

static const char *const headings[] = { "what", "store", "rival", "", "ratio", "target", NULL };

G_STATIC_ASSERT (G_N_ELEMENTS (headings) == N_COLUMNS + 1);

/* --- cells --- */

static char *
format_value (double value)
{
  int digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3;

  return g_strdup_printf ("%.*f", digits, value);
}

static char *
format_spread (McBenchSpread spread, const char *unit)
{
  g_autofree char *median = format_value (spread.median);
  g_autofree char *least = format_value (spread.least);
  g_autofree char *most = format_value (spread.most);

  return g_strdup_printf ("%s%s (%s..%s)", median, unit, least, most);
}

/* "target at least 1.00x: 1.08x" is what it comes to with the ratio's column. */
static char *
format_target (const McBenchFigure *figure)
{
  const char *met = mc_bench_figure_is_met (figure) ? "met" : "missed";

  switch (figure->target)
    {
    case MC_BENCH_RATIO_AT_LEAST:
      return g_strdup_printf ("at least %.2fx: %s", figure->limit, met);
    case MC_BENCH_RATIO_AT_MOST:
      return g_strdup_printf ("at most %.2fx: %s", figure->limit, met);
    case MC_BENCH_VALUE_AT_MOST:
      return g_strdup_printf ("at most %g %s: %s", figure->limit, figure->unit, met);
    case MC_BENCH_NO_TARGET:
    default:
      return g_strdup ("");
    }
}

static GStrv
make_row (const McBenchFigure *figure)
{
  GStrv row = g_new0 (char *, N_COLUMNS + 1);
  gboolean has_rival = mc_bench_figure_has_rival (figure);

  row[0] = g_strdup_printf ("%s: %s, %s", figure->subject, figure->name, figure->unit);
  row[1] = format_spread (mc_bench_figure_get_store (figure), "");
  row[2] = g_strdup (has_rival ? figure->rival_name : "");
  row[3] = has_rival ? format_spread (mc_bench_figure_get_rival (figure), "") : g_strdup ("");
  row[4] = has_rival ? format_spread (mc_bench_figure_get_ratio (figure), "x") : g_strdup ("");
  row[5] = format_target (figure);
  return row;
}

static GPtrArray *
make_rows (McBench *bench)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);

  g_ptr_array_add (rows, g_strdupv ((char **) headings));
  for (guint i = 0; i < bench->figures->len; i++)
    g_ptr_array_add (rows, make_row (g_ptr_array_index (bench->figures, i)));
  return rows;
}

/* --- tables --- */

static glong
measure_column (GPtrArray *rows, guint column)
{
  glong width = 0;

  for (guint i = 0; i < rows->len; i++)
    width = MAX (width, g_utf8_strlen (((GStrv) g_ptr_array_index (rows, i))[column], -1));
  return width;
}

static char *
make_table (McBench *bench, const char *before, const char *between, const char *after)
{
  g_autoptr (GPtrArray) rows = make_rows (bench);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      GStrv row = g_ptr_array_index (rows, i);

      g_string_append (text, before);
      for (guint j = 0; j < N_COLUMNS; j++)
        {
          gboolean last = j == N_COLUMNS - 1;
          glong pad = measure_column (rows, j) - g_utf8_strlen (row[j], -1);

          g_string_append (text, row[j]);
          for (; pad > 0 && !last; pad--)
            g_string_append_c (text, ' ');
          g_string_append (text, last ? after : between);
        }
      g_string_append_c (text, '\n');
      if (i == 0 && before[0] != '\0')
        g_string_append (text, "|---|---|---|---|---|---|\n");
    }
  return g_string_free (text, FALSE);
}

char *
mc_bench_report_make_table (McBench *bench)
{
  return make_table (bench, "", "  ", "");
}

char *
mc_bench_report_make_markdown (McBench *bench)
{
  return make_table (bench, "| ", " | ", " |");
}

/* --- the circumstances --- */

/* What stands behind "name<blanks>:" in a file of /proc. */
static char *
find_line (const char *path, const char *name)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      const char *colon = strchr (lines[i], ':');

      if (colon != NULL && g_str_has_prefix (lines[i], name))
        return g_strstrip (g_strdup (colon + 1));
    }
  return g_strdup ("unknown");
}

static char *
find_file_system (const char *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GFileInfo) info =
      g_file_query_filesystem_info (file, G_FILE_ATTRIBUTE_FILESYSTEM_TYPE, NULL, NULL);
  const char *type = NULL;

  if (info != NULL)
    type = g_file_info_get_attribute_string (info, G_FILE_ATTRIBUTE_FILESYSTEM_TYPE);
  return g_strdup (type == NULL ? "an unknown file system" : type);
}

char *
mc_bench_report_describe_machine (McBench *bench)
{
  g_autofree char *cpu = find_line ("/proc/cpuinfo", "model name");
  g_autofree char *kib = find_line ("/proc/meminfo", "MemTotal");
  g_autofree char *memory =
      g_format_size_full (g_ascii_strtoull (kib, NULL, 10) * 1024, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *type = find_file_system (bench->folder);
  g_autofree char *kernel = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/osrelease", &kernel, NULL, NULL))
    kernel = g_strdup ("unknown");
  return g_strdup_printf ("%u cores of %s, %s of memory, %s, Linux %.*s", g_get_num_processors (),
                          cpu, memory, type, (int) strspn (kernel, "0123456789."), kernel);
}

/* The first line that a program says about itself. */
static char *
ask_program (const char *command)
{
  g_autofree char *said = NULL;

  if (!g_spawn_command_line_sync (command, &said, NULL, NULL, NULL) || said == NULL)
    return g_strdup_printf ("%s: unknown", command);
  said[strcspn (said, "\n")] = '\0';
  return g_steal_pointer (&said);
}

char *
mc_bench_report_describe_versions (void)
{
  g_autofree char *openssl = ask_program ("openssl version");
  g_autofree char *dd = ask_program ("dd --version");

  return g_strdup_printf ("Model Cache %s, %s; %s; %s", MC_VERSION, MC_BENCH_LIBRARIES, openssl,
                          dd);
}

/* --- JSON --- */

static void
add_values (JsonBuilder *builder, const char *name, GArray *values, McBenchSpread spread)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "median");
  json_builder_add_double_value (builder, spread.median);
  json_builder_set_member_name (builder, "min");
  json_builder_add_double_value (builder, spread.least);
  json_builder_set_member_name (builder, "max");
  json_builder_add_double_value (builder, spread.most);
  if (values != NULL)
    {
      json_builder_set_member_name (builder, "rounds");
      json_builder_begin_array (builder);
      for (guint i = 0; i < values->len; i++)
        json_builder_add_double_value (builder, g_array_index (values, double, i));
      json_builder_end_array (builder);
    }
  json_builder_end_object (builder);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_figure (JsonBuilder *builder, const McBenchFigure *figure)
{
  json_builder_begin_object (builder);
  add_string (builder, "subject", figure->subject);
  add_string (builder, "name", figure->name);
  add_string (builder, "unit", figure->unit);
  add_values (builder, "store", figure->store, mc_bench_figure_get_store (figure));
  if (mc_bench_figure_has_rival (figure))
    {
      add_string (builder, "rival_name", figure->rival_name);
      add_values (builder, "rival", figure->rival, mc_bench_figure_get_rival (figure));
      add_values (builder, "ratio", NULL, mc_bench_figure_get_ratio (figure));
    }
  if (figure->target != MC_BENCH_NO_TARGET)
    {
      g_autofree char *target = format_target (figure);

      add_string (builder, "target", target);
    }
  json_builder_end_object (builder);
}

static JsonNode *
build (McBench *bench)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format_iso8601 (now);
  g_autofree char *machine = mc_bench_report_describe_machine (bench);
  g_autofree char *versions = mc_bench_report_describe_versions ();

  json_builder_begin_object (builder);
  add_string (builder, "date", date);
  add_string (builder, "machine", machine);
  add_string (builder, "versions", versions);
  json_builder_set_member_name (builder, "size");
  json_builder_add_int_value (builder, (gint64) bench->size);
  json_builder_set_member_name (builder, "rows");
  json_builder_add_int_value (builder, (gint64) bench->rows);
  json_builder_set_member_name (builder, "figures");
  json_builder_begin_array (builder);
  for (guint i = 0; i < bench->figures->len; i++)
    add_figure (builder, g_ptr_array_index (bench->figures, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

gboolean
mc_bench_report_write_json (McBench *bench, const char *path, GError **error)
{
  g_autoptr (JsonNode) root = build (bench);
  g_autoptr (JsonGenerator) generator = json_generator_new ();

  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, root);
  return json_generator_to_file (generator, path, error);
}
