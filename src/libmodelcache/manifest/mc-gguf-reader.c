/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-gguf-reader.h"

#include "mc-error.h"

#include <string.h>

/* The parts a GGUF header is made of (ggml-org/ggml, docs/gguf.md). Pure, any thread. Allocates
 * nothing but the text of an error; goes over each byte once, so that no count, however large,
 * costs more than the bytes that are there. The limits are those of huggingface.js
 * (gguf/src/gguf.ts). */

enum
{
  TYPE_U8,
  TYPE_I8,
  TYPE_U16,
  TYPE_I16,
  TYPE_U32,
  TYPE_I32,
  TYPE_F32,
  TYPE_BOOL,
  TYPE_STRING,
  TYPE_ARRAY,
  TYPE_U64,
  TYPE_I64,
  TYPE_F64,
  N_TYPES,
};

/* 0: not of one size. */
static const guint8 type_sizes[N_TYPES] = {
  [TYPE_U8] = 1,  [TYPE_I8] = 1,   [TYPE_U16] = 2, [TYPE_I16] = 2, [TYPE_U32] = 4, [TYPE_I32] = 4,
  [TYPE_F32] = 4, [TYPE_BOOL] = 1, [TYPE_U64] = 8, [TYPE_I64] = 8, [TYPE_F64] = 8,
};

static gboolean
fail (McGgufReader *self, const char *what)
{
  if (self->error == NULL)
    g_set_error (&self->error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                 "%s, at byte %" G_GUINT64_FORMAT " of the GGUF header", what, self->at);
  return FALSE;
}

/* Goes over the next @size bytes. */
static gboolean
take (McGgufReader *self, guint64 size, const guint8 **bytes)
{
  if (size > self->file_size - self->at)
    return fail (self, "The file ends in the middle");
  if (self->at + size > MC_GGUF_MAX_HEADER)
    return fail (self, "The header is larger than 50 MiB");
  if (self->at + size > self->length)
    {
      self->wanted = self->at + size;
      return FALSE;
    }
  if (bytes != NULL)
    *bytes = self->data + self->at;
  self->at += size;
  return TRUE;
}

static guint32
decode_u32 (const McGgufReader *self, const guint8 *bytes)
{
  guint32 value;

  memcpy (&value, bytes, sizeof value);
  return self->swaps ? GUINT32_SWAP_LE_BE (value) : value;
}

static guint64
decode_u64 (const McGgufReader *self, const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return self->swaps ? GUINT64_SWAP_LE_BE (value) : value;
}

static guint16
decode_u16 (const McGgufReader *self, const guint8 *bytes)
{
  guint16 value;

  memcpy (&value, bytes, sizeof value);
  return self->swaps ? GUINT16_SWAP_LE_BE (value) : value;
}

/* FALSE for fractions and what is below zero. */
static gboolean
decode_number (const McGgufReader *self, guint32 type, const guint8 *bytes, guint64 *number)
{
  switch (type)
    {
    case TYPE_U8:
    case TYPE_BOOL:
      *number = bytes[0];
      return TRUE;
    case TYPE_I8:
      *number = bytes[0];
      return bytes[0] <= G_MAXINT8;
    case TYPE_U16:
      *number = decode_u16 (self, bytes);
      return TRUE;
    case TYPE_I16:
      *number = decode_u16 (self, bytes);
      return *number <= G_MAXINT16;
    case TYPE_U32:
      *number = decode_u32 (self, bytes);
      return TRUE;
    case TYPE_I32:
      *number = decode_u32 (self, bytes);
      return *number <= G_MAXINT32;
    case TYPE_U64:
      *number = decode_u64 (self, bytes);
      return TRUE;
    case TYPE_I64:
      *number = decode_u64 (self, bytes);
      return *number <= G_MAXINT64;
    default:
      return FALSE;
    }
}

gboolean
mc_gguf_reader_open (McGgufReader *self, const guint8 *data, gsize length, guint64 file_size)
{
  const guint8 *bytes = NULL;
  guint32 version;

  *self = (McGgufReader){ .data = data, .length = MIN (length, file_size), .file_size = file_size };
  /* What is no GGUF file should say so before more of it is fetched. */
  if (self->length > 0 && memcmp (data, "GGUF", MIN (self->length, 4)) != 0)
    return fail (self, "This is no GGUF file: it does not begin with “GGUF”");
  if (!take (self, 4, NULL) || !take (self, 4, &bytes))
    return FALSE;
  self->swaps = G_BYTE_ORDER != G_LITTLE_ENDIAN;
  version = decode_u32 (self, bytes);
  if (GUINT32_SWAP_LE_BE (version) == 3)
    {
      self->swaps = !self->swaps;
      version = 3;
    }
  if (version < 1 || version > 3)
    return fail (self, "This version of GGUF is not known");
  self->is_version_1 = version == 1;
  return TRUE;
}

void
mc_gguf_reader_clear (McGgufReader *self)
{
  g_clear_error (&self->error);
}

gboolean
mc_gguf_reader_u32 (McGgufReader *self, guint32 *value)
{
  const guint8 *bytes;

  if (!take (self, 4, &bytes))
    return FALSE;
  *value = decode_u32 (self, bytes);
  return TRUE;
}

gboolean
mc_gguf_reader_u64 (McGgufReader *self, guint64 *value)
{
  const guint8 *bytes;

  if (!take (self, 8, &bytes))
    return FALSE;
  *value = decode_u64 (self, bytes);
  return TRUE;
}

gboolean
mc_gguf_reader_count (McGgufReader *self, guint64 *value)
{
  guint32 short_value;

  if (!self->is_version_1)
    return mc_gguf_reader_u64 (self, value);
  if (!mc_gguf_reader_u32 (self, &short_value))
    return FALSE;
  *value = short_value;
  return TRUE;
}

gboolean
mc_gguf_reader_string (McGgufReader *self, guint64 most, const char **text, gsize *text_length)
{
  const guint8 *bytes;
  guint64 length;

  if (!mc_gguf_reader_count (self, &length))
    return FALSE;
  if (length > most)
    return fail (self, "A text is too long");
  if (!take (self, length, &bytes))
    return FALSE;
  *text = (const char *) bytes;
  *text_length = (gsize) length;
  return TRUE;
}

static gboolean
skip_items (McGgufReader *self, McGgufValue *value, guint nesting)
{
  const char *text;
  gsize text_length;

  if (nesting > MC_GGUF_MAX_NESTING)
    return fail (self, "Arrays nest too deep");
  if (!mc_gguf_reader_u32 (self, &value->item_type) || !mc_gguf_reader_count (self, &value->count))
    return FALSE;
  if (value->item_type >= N_TYPES)
    return fail (self, "An array has items of an unknown type");
  if (value->count > MC_GGUF_MAX_ITEMS)
    return fail (self, "An array has too many items");
  if (type_sizes[value->item_type] > 0)
    return take (self, value->count * type_sizes[value->item_type], &value->items);
  for (guint64 i = 0; i < value->count; i++)
    {
      McGgufValue item = { 0 };

      if (value->item_type == TYPE_STRING
              ? !mc_gguf_reader_string (self, MC_GGUF_MAX_STRING, &text, &text_length)
              : !skip_items (self, &item, nesting + 1))
        return FALSE;
    }
  return TRUE;
}

gboolean
mc_gguf_reader_value (McGgufReader *self, McGgufValue *value)
{
  const guint8 *bytes;
  guint32 type;

  *value = (McGgufValue){ 0 };
  if (!mc_gguf_reader_u32 (self, &type))
    return FALSE;
  if (type >= N_TYPES)
    return fail (self, "A value is of an unknown type");
  if (type == TYPE_STRING)
    return mc_gguf_reader_string (self, MC_GGUF_MAX_STRING, &value->text, &value->text_length);
  if (type == TYPE_ARRAY)
    {
      value->is_array = TRUE;
      return skip_items (self, value, 1);
    }
  if (!take (self, type_sizes[type], &bytes))
    return FALSE;
  value->is_number = decode_number (self, type, bytes, &value->number);
  return TRUE;
}

gboolean
mc_gguf_reader_get_item (const McGgufReader *self,
                         const McGgufValue *value,
                         guint64 i,
                         guint64 *number)
{
  if (value->items == NULL || i >= value->count)
    return FALSE;
  return decode_number (self, value->item_type, value->items + i * type_sizes[value->item_type],
                        number);
}
