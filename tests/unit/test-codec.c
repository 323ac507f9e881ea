/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "codec-samples.h"

#include "mc-error.h"

#include <string.h>

/* Larger than what is looked at to choose, and no multiple of any value, plane or group. */
#define LENGTH (1024 * 1024 + 300003)

static const McCodec codecs[] = { MC_CODEC_ZSTD, MC_CODEC_PLANES_16, MC_CODEC_PLANES_32 };

/* In memory of exactly that size, so that a sanitizer sees who goes further. */
static guint8 *
decode (McCodec codec, GBytes *encoded, gsize raw_size, GError **error)
{
  gsize length;
  const void *bytes = g_bytes_get_data (encoded, &length);
  g_autofree guint8 *exact = g_memdup2 (bytes, length);
  g_autofree guint8 *raw = g_malloc (raw_size);

  return mc_codec_decode (codec, exact, length, raw, raw_size, error) ? g_steal_pointer (&raw)
                                                                      : NULL;
}

static void
assert_round_trip (McCodec codec, const guint8 *bytes, gsize length)
{
  g_autoptr (GBytes) encoded = mc_codec_encode (codec, bytes, length);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *raw = NULL;

  if (encoded == NULL)
    return;
  g_assert_cmpuint (g_bytes_get_size (encoded), <=, length - length / 20);
  raw = decode (codec, encoded, length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (raw, length, bytes, length);
}

static void
assert_corrupt (McCodec codec, GBytes *encoded, gsize raw_size)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *raw = decode (codec, encoded, raw_size, &error);

  g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
  g_assert_null (raw);
}

/* What is chosen for each kind of bytes, that it pays, and that it comes back. */
static void
test_samples (void)
{
  for (guint i = 0; i < n_codec_samples; i++)
    {
      const CodecSample *sample = &codec_samples[i];
      g_autofree guint8 *bytes = codec_sample_make (sample, LENGTH);
      McCodec codec = mc_codec_choose (bytes, LENGTH);
      g_autoptr (GBytes) encoded = mc_codec_encode (codec, bytes, LENGTH);

      g_test_message ("%s: codec %d, %" G_GSIZE_FORMAT " bytes", sample->name, codec,
                      encoded == NULL ? LENGTH : g_bytes_get_size (encoded));
      g_assert_cmpint (codec, ==, sample->codec);
      g_assert_true ((encoded == NULL) == (codec == MC_CODEC_RAW));
      for (guint j = 0; j < G_N_ELEMENTS (codecs); j++)
        assert_round_trip (codecs[j], bytes, LENGTH);
    }
}

/* Every remainder of a value and of a group, and too little to be worth it. */
static void
test_lengths (void)
{
  static const gsize lengths[] = { 0,      1,      3,      4095,   4096,   4097,   4098,
                                   4099,   131072, 131073, 262143, 262144, 262145, 262146,
                                   524287, 524288, 524289, 524290, 524291 };
  g_autofree guint8 *bytes = codec_sample_make (&codec_samples[3], 524291);

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree guint8 *exact = g_memdup2 (bytes, lengths[i]);

      g_assert_true ((mc_codec_choose (exact, lengths[i]) == MC_CODEC_RAW) == (lengths[i] < 4096));
      for (guint j = 0; j < G_N_ELEMENTS (codecs); j++)
        {
          g_autoptr (GBytes) encoded = mc_codec_encode (codecs[j], exact, lengths[i]);

          g_assert_true ((encoded == NULL) == (lengths[i] < 4096));
          assert_round_trip (codecs[j], exact, lengths[i]);
        }
    }
}

/* What looks compressible where it is looked at, and is not, stays raw. */
static void
test_refused (void)
{
  g_autofree guint8 *noise = codec_sample_make (&codec_samples[n_codec_samples - 1], LENGTH);

  g_assert_null (mc_codec_encode (MC_CODEC_RAW, noise, LENGTH));
  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++)
    g_assert_null (mc_codec_encode (codecs[i], noise, LENGTH));
}

/* Whatever is not exactly what encoding gave is refused. */
static void
test_damage (void)
{
  g_autofree guint8 *bytes = codec_sample_make (&codec_samples[4], LENGTH);

  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++)
    {
      McCodec codec = codecs[i];
      g_autoptr (GBytes) encoded = mc_codec_encode (codec, bytes, LENGTH);
      gsize length = g_bytes_get_size (encoded);
      g_autoptr (GBytes) shorter = g_bytes_new_from_bytes (encoded, 0, length - 1);
      g_autoptr (GBytes) headless = g_bytes_new_from_bytes (encoded, 1, length - 1);
      g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
      g_autoptr (GByteArray) array = g_byte_array_new ();
      g_autoptr (GBytes) twice = NULL;

      g_byte_array_append (array, g_bytes_get_data (encoded, NULL), (guint) length);
      g_byte_array_append (array, g_bytes_get_data (encoded, NULL), (guint) length);
      twice = g_byte_array_free_to_bytes (g_steal_pointer (&array));
      assert_corrupt (codec, shorter, LENGTH);
      assert_corrupt (codec, headless, LENGTH);
      assert_corrupt (codec, nothing, LENGTH);
      assert_corrupt (codec, twice, LENGTH);
      assert_corrupt (codec, encoded, LENGTH - 1);
      assert_corrupt (codec, encoded, LENGTH + 1);
      assert_corrupt (codec, encoded, 1);
      assert_corrupt (MC_CODEC_RAW, encoded, LENGTH);
      assert_corrupt ((McCodec) 4, encoded, LENGTH);
      assert_corrupt ((McCodec) -1, encoded, LENGTH);
    }
}

/* A frame that zstd skips, and one that says it holds more than there is room for. */
static void
test_foreign_frames (void)
{
  static const guint8 skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0 };
  static const guint8 huge[] = { 0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0 };
  g_autoptr (GBytes) skipped = g_bytes_new_static (skippable, sizeof skippable);
  g_autoptr (GBytes) said = g_bytes_new_static (huge, sizeof huge);

  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++)
    {
      assert_corrupt (codecs[i], skipped, 5);
      assert_corrupt (codecs[i], said, 5);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/codec/samples", test_samples);
  g_test_add_func ("/codec/lengths", test_lengths);
  g_test_add_func ("/codec/refused", test_refused);
  g_test_add_func ("/codec/damage", test_damage);
  g_test_add_func ("/codec/foreign-frames", test_foreign_frames);
  return g_test_run ();
}
