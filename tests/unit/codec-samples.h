/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-codec.h"

G_BEGIN_DECLS

/* Bytes with the statistics of what model repos hold. */
typedef struct
{
  const char *name;
  void (*fill) (GRand *rand, guint8 *bytes, gsize length);
  McCodec codec; /* what should be chosen for it */
} CodecSample;

extern const CodecSample codec_samples[];
extern const guint n_codec_samples;

/* Always the same bytes; g_free() them. */
guint8 *codec_sample_make (const CodecSample *sample, gsize length);

G_END_DECLS
