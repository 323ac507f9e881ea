/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-codec.h"

#include <string.h>

/* The first byte is the codec, the next three the raw size, the rest is what lies in the row. */

#define HEAD 4
#define LONGEST (8 * 1024 * 1024)

static void
decode (McCodec codec, const guint8 *bytes, gsize length, gsize raw_size)
{
  /* Of exactly that size, so that a sanitizer sees who writes further. */
  g_autofree guint8 *raw = g_malloc (raw_size);
  g_autoptr (GError) error = NULL;
  gboolean done = mc_codec_decode (codec, bytes, length, raw, raw_size, &error);

  mc_fuzz_assert_outcome (done, error);
}

/* Whatever the bytes are, encoding them must be undone. */
static void
turn (McCodec codec, const guint8 *bytes, gsize length)
{
  g_autoptr (GBytes) encoded = mc_codec_encode (codec, bytes, length);
  g_autofree guint8 *raw = g_malloc (length);
  g_autoptr (GError) error = NULL;

  if (encoded == NULL)
    return;
  mc_codec_decode (codec, g_bytes_get_data (encoded, NULL), g_bytes_get_size (encoded), raw, length,
                   &error);
  g_assert_no_error (error);
  g_assert_cmpmem (raw, length, bytes, length);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree guint8 *exact = NULL;
  gsize raw_size;

  if (size < HEAD)
    return 0;
  exact = g_memdup2 (data + HEAD, size - HEAD);
  raw_size = (gsize) data[1] | (gsize) data[2] << 8 | (gsize) data[3] << 16;
  decode ((McCodec) data[0], exact, size - HEAD, MIN (raw_size, LONGEST));
  turn (mc_codec_choose (exact, size - HEAD), exact, size - HEAD);
  turn ((McCodec) data[0], exact, size - HEAD);
  return 0;
}
