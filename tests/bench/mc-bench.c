/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench.h"

#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-report.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The program: which subjects, how large, where. */

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(NDEBUG)                    \
    && !defined(G_DISABLE_ASSERT)
#define IS_FIT TRUE
#else
#define IS_FIT FALSE
#endif

typedef struct
{
  const char *name;
  const char *about;
  void (*run) (McBench *bench);
  guint space; /* how often the size fits on the disk, at the most */
} Subject;

static const Subject subjects[] = {
  { "ingest", "one content comes in", mc_bench_ingest, 2 },
  { "read", "a content goes out", mc_bench_read, 2 },
  { "parallel", "several come in at once, and are read meanwhile", mc_bench_parallel, 3 },
  { "delete", "twice the size is deleted", mc_bench_delete, 3 },
  { "memory", "what all that takes of it", mc_bench_memory, 3 },
  { "large", "a store of very many chunks is opened and asked", mc_bench_large, 0 },
  { "limit", "four transfers keep to a limit of bandwidth", mc_bench_limit, 1 },
  { "download", "a file comes from a web server", mc_bench_download, 3 },
  { "distance", "the same from one that is far away", mc_bench_distance, 3 },
  { "serve", "a file goes to a program that speaks to the Hub", mc_bench_serve, 2 },
  { "files", "a file goes to programs over D-Bus and as a folder", mc_bench_files, 3 },
  { "codec", "what compression saves and costs", mc_bench_codec, 2 },
  { "variants", "a long listing becomes variants", mc_bench_variants, 0 },
  { "window", "the window with a large library, and while much comes in", mc_bench_window, 3 },
};

typedef struct
{
  char *size;   /* (owned) (nullable) */
  char *folder; /* (owned) (nullable) */
  char *json;   /* (owned) (nullable) */
  gboolean quick;
  gboolean any_build;
  gboolean markdown;
  int rounds;
  gint64 rows;
  GStrv names; /* (owned) (nullable) */
} Options;

/* --- for the subjects --- */

void
mc_bench_die (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  fputs ("mc-bench: ", stderr);
  vfprintf (stderr, format, arguments);
  fputs ("\n", stderr);
  va_end (arguments);
  exit (1);
}

void
mc_bench_check (const char *doing, GError *error)
{
  if (error != NULL)
    mc_bench_die ("%s: %s", doing, error->message);
}

void
mc_bench_check_errno (const char *doing, gboolean ok)
{
  if (!ok)
    mc_bench_die ("%s: %s", doing, g_strerror (errno));
}

void
mc_bench_say (McBench *bench, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("%s: %s\n", bench->subject, text);
}

char *
mc_bench_make_path (McBench *bench, const char *name)
{
  return g_build_filename (bench->folder, name, NULL);
}

/* --- arguments --- */

/* "2G", "256M" or bytes. */
static guint64
parse_size (const char *text)
{
  char *end;
  guint64 size = g_ascii_strtoull (text, &end, 10);

  if (g_ascii_toupper (*end) == 'G' && end[1] == '\0')
    size <<= 30;
  else if (g_ascii_toupper (*end) == 'M' && end[1] == '\0')
    size <<= 20;
  else if (*end != '\0')
    size = 0;
  if (size < 8 << 20 || size > G_GUINT64_CONSTANT (1) << 40)
    mc_bench_die ("“%s” is no size from 8M to 1024G", text);
  return size;
}

static void
parse (int argc, char **argv, Options *options)
{
  const GOptionEntry entries[] = {
    { "size", 's', 0, G_OPTION_ARG_STRING, &options->size, "Of the large content (2G)", "SIZE" },
    { "rounds", 'n', 0, G_OPTION_ARG_INT, &options->rounds, "Of each measurement (5)", "N" },
    { "rows", 0, 0, G_OPTION_ARG_INT64, &options->rows, "Chunks of the large store (1000000)",
      "N" },
    { "quick", 'q', 0, G_OPTION_ARG_NONE, &options->quick, "For trying: 256M, 3 rounds", NULL },
    { "folder", 'C', 0, G_OPTION_ARG_FILENAME, &options->folder,
      "Where to write; MC_BENCH_DIR, or beside the program", "FOLDER" },
    { "json", 0, 0, G_OPTION_ARG_FILENAME, &options->json, "Write all figures there", "FILE" },
    { "markdown", 0, 0, G_OPTION_ARG_NONE, &options->markdown, "The table as Markdown", NULL },
    { "any-build", 0, 0, G_OPTION_ARG_NONE, &options->any_build,
      "Also a build whose figures say nothing", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->names, NULL, "[SUBJECT...]" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  GString *summary = g_string_new ("Subjects:");

  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    g_string_append_printf (summary, "\n  %-10s%s", subjects[i].name, subjects[i].about);
  g_option_context_set_summary (context, summary->str);
  g_string_free (summary, TRUE);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_parse (context, &argc, &argv, &error);
  mc_bench_check ("Arguments", error);
  if (options->rounds < 0 || options->rows < 0)
    mc_bench_die ("Rounds and rows cannot be negative");
}

static gboolean
is_wanted (const Options *options, const Subject *subject)
{
  return options->names == NULL
         || g_strv_contains ((const char *const *) options->names, subject->name);
}

static void
check_names (const Options *options)
{
  for (guint i = 0; options->names != NULL && options->names[i] != NULL; i++)
    {
      guint j = 0;

      while (j < G_N_ELEMENTS (subjects) && strcmp (subjects[j].name, options->names[i]) != 0)
        j++;
      if (j == G_N_ELEMENTS (subjects))
        mc_bench_die ("There is no subject “%s”: see --help", options->names[i]);
    }
}

/* --- running --- */

typedef struct
{
  const Options *options;
  McBench bench;
} Run;

static void
report (Run *self)
{
  g_autofree char *table = self->options->markdown ? mc_bench_report_make_markdown (&self->bench)
                                                   : mc_bench_report_make_table (&self->bench);
  g_autofree char *machine = mc_bench_report_describe_machine (&self->bench);
  g_autofree char *versions = mc_bench_report_describe_versions ();
  g_autoptr (GError) error = NULL;

  g_print ("%s\n%s\n%s\n", table, machine, versions);
  if (self->options->json != NULL
      && !mc_bench_report_write_json (&self->bench, self->options->json, &error))
    mc_bench_check (self->options->json, error);
}

static int
run (const char *folder, gpointer data)
{
  Run *self = data;

  self->bench.folder = g_strdup (folder);
  self->bench.figures = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_bench_figure_free);
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    if (is_wanted (self->options, &subjects[i]))
      {
        self->bench.subject = subjects[i].name;
        subjects[i].run (&self->bench);
      }
  report (self);
  g_ptr_array_unref (self->bench.figures);
  g_free (self->bench.folder);
  return 0;
}

static guint64
count_space (const Run *self)
{
  guint64 most = 0;
  guint64 large = self->bench.rows * 1024;

  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    if (is_wanted (self->options, &subjects[i]))
      most = MAX (most, subjects[i].space);
  return most * self->bench.size + self->bench.size / 8 + large;
}

/* Whole: not every rival works in the folder that this program does. */
static char *
choose_folder (const Options *options, const char *program)
{
  const char *chosen = options->folder != NULL ? options->folder : g_getenv ("MC_BENCH_DIR");
  g_autofree char *beside = g_path_get_dirname (program);

  return g_canonicalize_filename (chosen != NULL && chosen[0] != '\0' ? chosen : beside, NULL);
}

static void
clear_options (Options *options)
{
  g_free (options->size);
  g_free (options->folder);
  g_free (options->json);
  g_strfreev (options->names);
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  g_autofree char *folder = NULL;
  Run self = { .options = &options };
  int status;

  setlocale (LC_ALL, "");
  parse (argc, argv, &options);
  check_names (&options);
  if (!IS_FIT && !options.any_build)
    mc_bench_die ("This build is not what people run (not optimized, sanitized or without its "
                  "assertions): its figures would say nothing. --any-build runs it all the same");
  self.bench.size = options.size != NULL ? parse_size (options.size)
                                         : G_GUINT64_CONSTANT (1) << (options.quick ? 28 : 31);
  self.bench.rounds = options.rounds > 0 ? (guint) options.rounds : options.quick ? 3 : 5;
  self.bench.rows = options.rows > 0 ? (guint64) options.rows : options.quick ? 100000 : 1000000;
  folder = choose_folder (&options, argv[0]);
  status = mc_bench_folder_run (folder, count_space (&self), run, &self);
  clear_options (&options);
  return status;
}
