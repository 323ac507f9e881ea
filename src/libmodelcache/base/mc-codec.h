/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* How the bytes of a chunk are kept; the numbers are those on disk. Pure: any thread. */
typedef enum
{
  MC_CODEC_RAW = 0,
  MC_CODEC_ZSTD = 1,      /* one frame */
  MC_CODEC_PLANES_16 = 2, /* zstd over the byte planes of 16-bit values */
  MC_CODEC_PLANES_32 = 3, /* the same of 32-bit values */
  MC_CODEC_REFERENCE = 9, /* none: it is said where equal bytes are */
} McCodec;

/* The codec that would save most, by a look at some samples; RAW if none would save 5 %. Takes well
 * under a millisecond whatever the length. */
McCodec mc_codec_choose (const void *bytes, gsize length);

/* The encoded bytes; NULL if that saves less than 5 %, which includes RAW. Needs memory for once
 * the length besides, and some hundred KiB. */
GBytes *mc_codec_encode (McCodec codec, const void *bytes, gsize length);

/* Fills @raw with exactly @raw_size bytes; the encoded bytes may be anyone's. MC_ERROR_CORRUPT if
 * they are not what encoding @raw_size bytes gives; @raw is undefined then. codec: not RAW or
 * REFERENCE; a number that is no codec is corrupt too. Needs less than 1 MiB besides, whatever the
 * bytes say. */
gboolean mc_codec_decode (
    McCodec codec, const void *bytes, gsize length, void *raw, gsize raw_size, GError **error);

G_END_DECLS
