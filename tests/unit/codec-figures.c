/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "codec-samples.h"

#include <time.h>

/* Prints what compression saves of a chunk of each kind of bytes, and what it costs a core. */

#define LENGTH (5 * 1024 * 1024)
#define ROUNDS 9

static double
get_cpu_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double left = *(const double *) a;
  double right = *(const double *) b;

  return left < right ? -1 : left > right;
}

static double
get_median (double *times)
{
  qsort (times, ROUNDS, sizeof *times, compare);
  return times[ROUNDS / 2];
}

static void
print_figures (const CodecSample *sample)
{
  g_autofree guint8 *bytes = codec_sample_make (sample, LENGTH);
  g_autofree guint8 *raw = g_malloc0 (LENGTH);
  double choosing[ROUNDS];
  double encoding[ROUNDS];
  double decoding[ROUNDS];
  McCodec codec = MC_CODEC_RAW;
  gsize size = LENGTH;

  for (guint i = 0; i < ROUNDS; i++)
    {
      double start = get_cpu_time ();
      g_autoptr (GBytes) encoded = NULL;

      codec = mc_codec_choose (bytes, LENGTH);
      choosing[i] = get_cpu_time () - start;
      encoded = mc_codec_encode (codec, bytes, LENGTH);
      encoding[i] = get_cpu_time () - start - choosing[i];
      if (encoded == NULL)
        continue;
      size = g_bytes_get_size (encoded);
      start = get_cpu_time ();
      if (!mc_codec_decode (codec, g_bytes_get_data (encoded, NULL), size, raw, LENGTH, NULL))
        g_error ("%s did not come back", sample->name);
      decoding[i] = get_cpu_time () - start;
    }
  g_print ("%-20s %5d %7.1f %% %9.0f", sample->name, codec, 100.0 * (double) size / LENGTH,
           get_median (choosing) * 1e6);
  if (size < LENGTH)
    g_print (" %11.2f %11.2f", LENGTH / get_median (encoding) / 1e9,
             LENGTH / get_median (decoding) / 1e9);
  g_print ("\n");
}

int
main (int argc, char **argv)
{
  g_print ("%-20s %5s %9s %9s %11s %11s\n", "a chunk of", "codec", "left", "probe us",
           "encode GB/s", "decode GB/s");
  for (guint i = 0; i < n_codec_samples; i++)
    print_figures (&codec_samples[i]);
  return 0;
}
