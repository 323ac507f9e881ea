/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-codec.h"

#include "mc-error.h"

#include <math.h>
#include <string.h>
#include <zstd.h>

/* Weights hold almost nothing that repeats, but the bytes with sign and exponent take few values.
 * So values are cut into planes, the first bytes of all, then the second bytes and so on, and
 * zstd's entropy coder does the rest. A plane of a group is as long as one block of zstd: each
 * block has a code of its own, and a plane that is noise is kept as it is at the speed of a copy.
 * Looking for repetitions is made so cheap that only long runs are found, which is all there are:
 * that is two to three times as fast as level 1 as it comes, and smaller.
 *
 * A group is a frame: its planes, and behind them what is no whole value. Plain zstd has one frame.
 */

#define PLANE_SIZE ZSTD_BLOCKSIZE_MAX
#define WIDEST 4

/* The least and the most that zstd takes: a table of 64 places, and only what repeats at length. */
#define PLANES_HASH_LOG 6
#define PLANES_MIN_MATCH 7

/* Less is not worth a look. */
#define LEAST_LENGTH 4096

/* The probe: pieces spread over the bytes. */
#define N_PIECES 4
#define PIECE_SIZE (32 * 1024)

/* In a close race the simpler codec wins: a part of the raw length. */
#define CLEARLY_SMALLER 0.02

static gsize
get_most (gsize length)
{
  return length - length / 20;
}

/* Bytes of a value; 0 if there is no such codec. */
static gsize
get_width (McCodec codec)
{
  switch (codec)
    {
    case MC_CODEC_ZSTD:
      return 1;
    case MC_CODEC_PLANES_16:
      return 2;
    case MC_CODEC_PLANES_32:
      return WIDEST;
    case MC_CODEC_RAW:
    case MC_CODEC_REFERENCE:
    default:
      return 0;
    }
}

static gsize
get_group_size (gsize width, gsize left)
{
  return width == 1 ? left : MIN (left, width * PLANE_SIZE);
}

/* --- planes --- */

static void
split_16 (const guint8 *restrict from, gsize n, guint8 *restrict to)
{
  for (gsize i = 0; i < n; i++)
    {
      to[i] = from[2 * i];
      to[n + i] = from[2 * i + 1];
    }
}

static void
split_32 (const guint8 *restrict from, gsize n, guint8 *restrict to)
{
  for (gsize i = 0; i < n; i++)
    {
      to[i] = from[4 * i];
      to[n + i] = from[4 * i + 1];
      to[2 * n + i] = from[4 * i + 2];
      to[3 * n + i] = from[4 * i + 3];
    }
}

static void
join_16 (const guint8 *restrict from, gsize n, guint8 *restrict to)
{
  for (gsize i = 0; i < n; i++)
    {
      to[2 * i] = from[i];
      to[2 * i + 1] = from[n + i];
    }
}

static void
join_32 (const guint8 *restrict from, gsize n, guint8 *restrict to)
{
  for (gsize i = 0; i < n; i++)
    {
      to[4 * i] = from[i];
      to[4 * i + 1] = from[n + i];
      to[4 * i + 2] = from[2 * n + i];
      to[4 * i + 3] = from[3 * n + i];
    }
}

static void
split (gsize width, const guint8 *from, gsize length, guint8 *to)
{
  gsize n = length / width;

  if (width == 2)
    split_16 (from, n, to);
  else
    split_32 (from, n, to);
  memcpy (to + n * width, from + n * width, length % width);
}

static void
join (gsize width, const guint8 *from, gsize length, guint8 *to)
{
  gsize n = length / width;

  if (width == 2)
    join_16 (from, n, to);
  else
    join_32 (from, n, to);
  memcpy (to + n * width, from + n * width, length % width);
}

/* --- choosing --- */

/* Bytes of a plane when each byte value has a code as long as its rarity says. */
static double
estimate_plane (const guint32 *counts)
{
  double bits = 0;
  double total = 0;

  for (guint i = 0; i < 256; i++)
    if (counts[i] > 0)
      {
        total += counts[i];
        bits -= counts[i] * log2 (counts[i]);
      }
  return total > 0 ? (bits + total * log2 (total)) / 8 : 0;
}

static void
count_bytes (const guint8 *bytes, gsize length, guint32 counts[WIDEST][256])
{
  for (gsize i = 0; i + WIDEST <= length; i += WIDEST)
    for (gsize j = 0; j < WIDEST; j++)
      counts[j][bytes[i + j]]++;
}

static double
estimate_planes (guint32 counts[WIDEST][256], gsize width)
{
  double size = 0;

  for (gsize i = 0; i < width; i++)
    {
      guint32 sum[256] = { 0 };

      for (gsize j = i; j < WIDEST; j += width)
        for (guint k = 0; k < 256; k++)
          sum[k] += counts[j][k];
      size += estimate_plane (sum);
    }
  return size;
}

/* What zstd makes of the samples. */
static gsize
try_zstd (const guint8 *samples, gsize length)
{
  g_autofree guint8 *encoded = g_malloc (length);
  gsize size = ZSTD_compress (encoded, length, samples, length, 1);

  return ZSTD_isError (size) ? length : size;
}

/* Copies pieces that are spread evenly, each beginning with a whole value; returns their length. */
static gsize
take_samples (const guint8 *bytes, gsize length, guint8 *samples)
{
  gsize taken = 0;

  if (length <= N_PIECES * PIECE_SIZE)
    {
      memcpy (samples, bytes, length);
      return length;
    }
  for (gsize i = 0; i < N_PIECES; i++)
    {
      gsize start = (length - PIECE_SIZE) / (N_PIECES - 1) * i;

      memcpy (samples + taken, bytes + start - start % WIDEST, PIECE_SIZE);
      taken += PIECE_SIZE;
    }
  return taken;
}

McCodec
mc_codec_choose (const void *bytes, gsize length)
{
  g_autofree guint8 *samples = g_malloc (N_PIECES * PIECE_SIZE);
  guint32 counts[WIDEST][256] = { { 0 } };
  McCodec best = MC_CODEC_ZSTD;
  double least;
  gsize taken;

  if (length < LEAST_LENGTH)
    return MC_CODEC_RAW;
  taken = take_samples (bytes, length, samples);
  count_bytes (samples, taken, counts);
  least = (double) try_zstd (samples, taken);
  for (McCodec codec = MC_CODEC_PLANES_16; codec <= MC_CODEC_PLANES_32; codec++)
    {
      double size = estimate_planes (counts, get_width (codec));

      if (size < least - CLEARLY_SMALLER * (double) taken)
        {
          best = codec;
          least = size;
        }
    }
  return least <= (double) get_most (taken) ? best : MC_CODEC_RAW;
}

/* --- encoding --- */

static ZSTD_CCtx *
make_encoder (gsize width)
{
  ZSTD_CCtx *context = ZSTD_createCCtx ();

  if (context == NULL)
    g_error ("No memory for zstd");
  ZSTD_CCtx_setParameter (context, ZSTD_c_compressionLevel, 1);
  if (width > 1)
    {
      ZSTD_CCtx_setParameter (context, ZSTD_c_hashLog, PLANES_HASH_LOG);
      ZSTD_CCtx_setParameter (context, ZSTD_c_minMatch, PLANES_MIN_MATCH);
    }
  return context;
}

GBytes *
mc_codec_encode (McCodec codec, const void *bytes, gsize length)
{
  gsize width = get_width (codec);
  gsize most = get_most (length);
  gsize used = 0;
  g_autofree guint8 *encoded = NULL;
  g_autofree guint8 *planes = NULL;
  ZSTD_CCtx *context;

  if (width == 0 || length < LEAST_LENGTH)
    return NULL;
  encoded = g_malloc (most);
  planes = width > 1 ? g_malloc (width * PLANE_SIZE) : NULL;
  context = make_encoder (width);
  for (gsize done = 0, group; done < length && used < most; done += group)
    {
      const guint8 *from = (const guint8 *) bytes + done;
      gsize size;

      group = get_group_size (width, length - done);
      if (width > 1)
        split (width, from, group, planes);
      size =
          ZSTD_compress2 (context, encoded + used, most - used, width > 1 ? planes : from, group);
      used = ZSTD_isError (size) ? most : used + size;
    }
  ZSTD_freeCCtx (context);
  if (used >= most)
    return NULL;
  return g_bytes_new_take (g_realloc (g_steal_pointer (&encoded), used), used);
}

/* --- decoding --- */

static gboolean
refuse (GError **error)
{
  g_set_error_literal (error, MC_ERROR, MC_ERROR_CORRUPT, "Compressed bytes are damaged");
  return FALSE;
}

/* Bytes of the frame in front; 0 if there is none of the kind that encoding makes. */
static gsize
find_frame (const guint8 *bytes, gsize length)
{
  guint32 magic;
  gsize size;

  if (length < sizeof magic)
    return 0;
  memcpy (&magic, bytes, sizeof magic);
  if (GUINT32_FROM_LE (magic) != ZSTD_MAGICNUMBER)
    return 0;
  size = ZSTD_findFrameCompressedSize (bytes, length);
  return ZSTD_isError (size) ? 0 : size;
}

static gboolean
decode_groups (ZSTD_DCtx *context,
               gsize width,
               const guint8 *bytes,
               gsize length,
               guint8 *planes,
               guint8 *raw,
               gsize raw_size)
{
  gsize used = 0;

  for (gsize done = 0, group; done < raw_size; done += group)
    {
      gsize frame = find_frame (bytes + used, length - used);
      guint8 *to = width > 1 ? planes : raw + done;

      group = get_group_size (width, raw_size - done);
      if (frame == 0 || ZSTD_decompressDCtx (context, to, group, bytes + used, frame) != group)
        return FALSE;
      if (width > 1)
        join (width, planes, group, raw + done);
      used += frame;
    }
  return used == length;
}

gboolean
mc_codec_decode (
    McCodec codec, const void *bytes, gsize length, void *raw, gsize raw_size, GError **error)
{
  gsize width = get_width (codec);
  g_autofree guint8 *planes = NULL;
  ZSTD_DCtx *context;
  gboolean ok;

  if (width == 0)
    return refuse (error);
  planes = width > 1 ? g_malloc (width * PLANE_SIZE) : NULL;
  context = ZSTD_createDCtx ();
  if (context == NULL)
    g_error ("No memory for zstd");
  ok = decode_groups (context, width, bytes, length, planes, raw, raw_size);
  ZSTD_freeDCtx (context);
  return ok || refuse (error);
}
