/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Native messaging: each message is its length as 32 bits in the machine's byte order, then so many
 * bytes of JSON in UTF-8. Pure.
 * https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging */

/* What a browser takes from a host; more ends the port. The same is taken from a browser: it may
 * send more, and nothing that is asked for here is that long. */
#define MC_NATIVE_MAX (1024 * 1024)

typedef struct
{
  GByteArray *bytes; /* (owned): that came and were not taken yet */
  guint64 skip;      /* bytes of a message that is too long */
} McNativeFrames;

typedef enum
{
  MC_NATIVE_NOTHING, /* more bytes have to come */
  MC_NATIVE_MESSAGE,
  MC_NATIVE_TOO_LONG, /* its bytes are passed over */
} McNativeFrame;

void mc_native_frames_init (McNativeFrames *self);
void mc_native_frames_clear (McNativeFrames *self);
void mc_native_frames_add (McNativeFrames *self, const guint8 *data, gsize length);
/* *message: a new reference, with MC_NATIVE_MESSAGE alone. */
McNativeFrame mc_native_frames_take (McNativeFrames *self, GBytes **message);

/* A message as it is written. NULL if it is longer than MC_NATIVE_MAX. */
GBytes *mc_native_frame_new (const char *text);

G_END_DECLS
