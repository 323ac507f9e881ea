/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-native-frames.h"

#include <string.h>

void
mc_native_frames_init (McNativeFrames *self)
{
  self->bytes = g_byte_array_new ();
  self->skip = 0;
}

void
mc_native_frames_clear (McNativeFrames *self)
{
  g_clear_pointer (&self->bytes, g_byte_array_unref);
}

static void
drop (McNativeFrames *self, gsize length)
{
  g_byte_array_remove_range (self->bytes, 0, (guint) length);
}

void
mc_native_frames_add (McNativeFrames *self, const guint8 *data, gsize length)
{
  gsize passed = (gsize) MIN (self->skip, length);

  self->skip -= passed;
  g_byte_array_append (self->bytes, data + passed, (guint) (length - passed));
}

McNativeFrame
mc_native_frames_take (McNativeFrames *self, GBytes **message)
{
  guint32 length;

  if (self->bytes->len < sizeof length)
    return MC_NATIVE_NOTHING;
  memcpy (&length, self->bytes->data, sizeof length);
  if (length > MC_NATIVE_MAX)
    {
      gsize here = MIN (length, self->bytes->len - sizeof length);

      self->skip = length - here;
      drop (self, sizeof length + here);
      return MC_NATIVE_TOO_LONG;
    }
  if (self->bytes->len - sizeof length < length)
    return MC_NATIVE_NOTHING;
  *message = g_bytes_new (self->bytes->data + sizeof length, length);
  drop (self, sizeof length + length);
  return MC_NATIVE_MESSAGE;
}

GBytes *
mc_native_frame_new (const char *text)
{
  gsize size = strlen (text);
  guint32 length = (guint32) size;
  guint8 *data;

  if (size > MC_NATIVE_MAX)
    return NULL;
  data = g_malloc (sizeof length + size);
  memcpy (data, &length, sizeof length);
  memcpy (data + sizeof length, text, size);
  return g_bytes_new_take (data, sizeof length + size);
}
