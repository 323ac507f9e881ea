/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "codec-samples.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-store.h"

#include <time.h>
#include <zstd.h>

/* What compression saves of a chunk of each kind of bytes, what it costs a core, and what it costs
 * an ingest that is as fast as it can be. */

typedef struct
{
  const CodecSample *sample; /* borrowed */
  guint8 *bytes;             /* (owned): a chunk */
  guint8 *raw;               /* (owned): room for one */
  gsize plain;               /* bytes that zstd alone makes of it */
} Chunk;

typedef struct
{
  gsize size;    /* bytes left */
  double choose; /* seconds of CPU */
  double encode;
  double decode;
} Outcome;

static double
get_cpu_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

static void
prepare (Chunk *chunk, const CodecSample *sample)
{
  gsize bound = ZSTD_compressBound (MC_BENCH_PIECE);
  g_autofree guint8 *buffer = g_malloc (bound);

  chunk->sample = sample;
  chunk->bytes = codec_sample_make (sample, MC_BENCH_PIECE);
  chunk->raw = g_malloc0 (MC_BENCH_PIECE);
  chunk->plain = ZSTD_compress (buffer, bound, chunk->bytes, MC_BENCH_PIECE, 1);
}

static void
clear (Chunk *chunk)
{
  g_free (chunk->bytes);
  g_free (chunk->raw);
}

static Outcome
measure (const Chunk *chunk)
{
  Outcome outcome = { .size = MC_BENCH_PIECE };
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GError) error = NULL;
  double start = get_cpu_time ();
  McCodec codec = mc_codec_choose (chunk->bytes, MC_BENCH_PIECE);
  double chosen = get_cpu_time ();

  outcome.choose = chosen - start;
  encoded = mc_codec_encode (codec, chunk->bytes, MC_BENCH_PIECE);
  start = get_cpu_time ();
  outcome.encode = start - chosen;
  if (encoded == NULL)
    return outcome;
  outcome.size = g_bytes_get_size (encoded);
  mc_codec_decode (codec, g_bytes_get_data (encoded, NULL), outcome.size, chunk->raw,
                   MC_BENCH_PIECE, &error);
  outcome.decode = get_cpu_time () - start;
  mc_bench_check (chunk->sample->name, error);
  return outcome;
}

static McBenchFigure *
begin (McBench *bench, const char *what, const Chunk *chunk, const char *unit, const char *rival)
{
  g_autofree char *name = g_strdup_printf ("%s %s", chunk->sample->name, what);

  return mc_bench_figure_new (bench, g_intern_string (name), unit, rival, MC_BENCH_NO_TARGET, 0);
}

static void
fight (McBench *bench, const Chunk *chunk)
{
  McBenchFigure *left = begin (bench, "left", chunk, "bytes/byte", "zstd -1");
  McBenchFigure *choose = begin (bench, "looked at", chunk, "µs", NULL);
  McBenchFigure *encode = NULL;
  McBenchFigure *decode = NULL;

  for (guint round = 0; round < bench->rounds; round++)
    {
      Outcome outcome = measure (chunk);

      mc_bench_figure_add (left, (double) outcome.size / MC_BENCH_PIECE,
                           (double) chunk->plain / MC_BENCH_PIECE);
      mc_bench_figure_add (choose, outcome.choose * 1e6, 0);
      if (outcome.size == MC_BENCH_PIECE)
        continue;
      if (round == 0)
        {
          encode = begin (bench, "encoded", chunk, "GB/s", NULL);
          decode = begin (bench, "decoded", chunk, "GB/s", NULL);
        }
      mc_bench_figure_add (encode, MC_BENCH_PIECE / 1e9 / outcome.encode, 0);
      mc_bench_figure_add (decode, MC_BENCH_PIECE / 1e9 / outcome.decode, 0);
    }
}

/* --- ingest of bytes that do not compress --- */

static double
ingest (McBench *bench, McBenchSource *source, gboolean compressed)
{
  g_autofree char *folder = mc_bench_make_path (bench, "store");
  McBenchStore *store = mc_bench_store_open (folder);
  McBenchUse use;

  mc_bench_store_hold (store, &source, 1);
  mc_bench_store_compress (store, compressed);
  mc_bench_meter_settle (bench->folder);
  use = mc_bench_meter_now ();
  mc_bench_store_ingest (store, &source, 1);
  use = mc_bench_meter_since (&use);
  mc_bench_store_close (store);
  mc_bench_folder_remove (folder);
  return (double) source->size / 1e9 / use.wall;
}

static void
fight_ingest (McBench *bench)
{
  McBenchFigure *figure = mc_bench_figure_new (bench, "ingest of random bytes", "GB/s",
                                               "compression off", MC_BENCH_NO_TARGET, 0);
  g_autofree char *path = mc_bench_make_path (bench, "source");
  g_autoptr (McBenchSource) source = mc_bench_source_make (path, bench->size);

  for (guint round = 0; round < bench->rounds; round++)
    {
      gboolean off_first = round % 2 == 1;
      double first = ingest (bench, source, !off_first);
      double second = ingest (bench, source, off_first);

      mc_bench_say (bench, "round %u of %u", round + 1, bench->rounds);
      mc_bench_figure_add (figure, off_first ? second : first, off_first ? first : second);
    }
  mc_bench_folder_remove (path);
}

void
mc_bench_codec (McBench *bench)
{
  for (guint i = 0; i < n_codec_samples; i++)
    {
      Chunk chunk;

      prepare (&chunk, &codec_samples[i]);
      fight (bench, &chunk);
      clear (&chunk);
    }
  fight_ingest (bench);
}
