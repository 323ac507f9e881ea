/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-variant-detect.h"

#include <string.h>

/* Listings that are larger than any on the Hub become variants. The rival puts the same paths in
 * order and does nothing else. Figures are of one core. */

#define MOST_MS 200

static const char *const quants[] = { "Q4_K_M", "Q8_0", "IQ3_XXS", "BF16" };
static const char *const dtypes[] = { "q4", "fp16", "int8", "q4f16" };

static char *
make_shard (guint i, guint n)
{
  const char *quant = quants[i % 4];

  return g_strdup_printf ("%s/Model-%s-%05u-of-%05u.gguf", quant, quant, i / 4 + 1, (n + 3) / 4);
}

static char *
make_weights (guint i, guint n)
{
  return g_strdup_printf ("model-%05u-of-%05u.safetensors", i + 1, n);
}

static char *
make_component (guint i, guint n)
{
  return g_strdup_printf ("part-%u/onnx/model_%s.onnx", i / 4, dtypes[i % 4]);
}

/* Each is a variant of its own. */
static char *
make_single (guint i, guint n)
{
  return g_strdup_printf ("Model-%u-%s.gguf", i / 4, quants[i % 4]);
}

static char *
make_mixed (guint i, guint n)
{
  switch (i % 5)
    {
    case 0:
      return make_shard (i, n);
    case 1:
      return make_component (i, n);
    case 2:
      return g_strdup_printf ("checkpoint-%u/model-%05u-of-00100.safetensors", i / 500, i % 100);
    case 3:
      return g_strdup_printf ("%u/config.json", i);
    default:
      return g_strdup_printf ("notes/%u.md", i);
    }
}

static const struct
{
  const char *name;
  char *(*make) (guint i, guint n);
} shapes[] = {
  { "shards of GGUF", make_shard },
  { "shards of safetensors", make_weights },
  { "components of ONNX", make_component },
  { "a variant a file", make_single },
  { "all sorts", make_mixed },
};

static GStrv
make_paths (guint shape, guint n)
{
  GStrv paths = g_new0 (char *, n + 1);
  guint32 state = 1;

  for (guint i = 0; i < n; i++)
    paths[i] = shapes[shape].make (i, n);
  /* In no order. */
  for (guint i = n; i > 1; i--)
    {
      guint j = (state = state * 1664525 + 1013904223) % i;
      char *path = paths[j];

      paths[j] = paths[i - 1];
      paths[i - 1] = path;
    }
  return paths;
}

static double
group (const char *const *paths, guint n)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (McGrouping) grouping = mc_grouping_detect (paths, n);

  if (grouping->variants->len == 0)
    mc_bench_die ("No variant was found in the listing that was made up");
  return (double) (g_get_monotonic_time () - start) / 1e3;
}

static int
compare (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static double
sort (const char *const *paths, guint n)
{
  gint64 start = g_get_monotonic_time ();
  g_autofree const char **sorted = g_memdup2 (paths, n * sizeof *paths);

  qsort (sorted, n, sizeof *sorted, compare);
  return (double) (g_get_monotonic_time () - start) / 1e3;
}

void
mc_bench_variants (McBench *bench)
{
  guint n = (guint) MIN (bench->rows / 10, G_MAXINT32);

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      McBenchFigure *figure =
          mc_bench_figure_new (bench, shapes[i].name, "ms", "putting the paths in order",
                               n == 100000 ? MC_BENCH_VALUE_AT_MOST : MC_BENCH_NO_TARGET, MOST_MS);
      g_auto (GStrv) paths = make_paths (i, n);

      mc_bench_say (bench, "%u files: %s", n, shapes[i].name);
      for (guint round = 0; round < bench->rounds; round++)
        {
          const char *const *list = (const char *const *) paths;
          double rival = round % 2 == 1 ? sort (list, n) : 0;
          double ours = group (list, n);

          mc_bench_figure_add (figure, ours, round % 2 == 1 ? rival : sort (list, n));
        }
    }
}
