/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* How much of a header is worth reading, and in what steps. */
#define MC_GGUF_STEP ((guint64) 2 << 20)
#define MC_GGUF_MAX_HEADER ((guint64) 50 << 20)

#define MC_GGUF_MAX_KEYS 100000
#define MC_GGUF_MAX_ITEMS 1000000
#define MC_GGUF_MAX_STRING (10 << 20)
#define MC_GGUF_MAX_NAME 65535
#define MC_GGUF_MAX_NESTING 4
#define MC_GGUF_MAX_TENSORS 10000000
#define MC_GGUF_MAX_DIMENSIONS 8

/* Reading on in the first bytes of a GGUF file, which a stranger wrote. Every function returns
 * FALSE if it could not go on; then either wanted is not 0 (the prefix ends there) or error is set.
 */
typedef struct
{
  const guint8 *data;
  gsize length;      /* of the prefix */
  guint64 file_size; /* of the whole file */
  guint64 at;        /* never behind length */
  guint64 wanted;    /* how long the prefix must at least be to go on */
  gboolean swaps;    /* the file's byte order is not this computer's */
  gboolean is_version_1;
  GError *error; /* (owned) (nullable) */
} McGgufReader;

/* A value of a key. Text and items are borrowed from the prefix. */
typedef struct
{
  gboolean is_number; /* whole and not negative, or a boolean */
  guint64 number;
  const char *text; /* (nullable): not terminated */
  gsize text_length;
  gboolean is_array;
  guint64 count;
  guint32 item_type;
  const guint8 *items; /* (nullable): if they are of one size */
} McGgufValue;

/* Magic and version. */
gboolean
mc_gguf_reader_open (McGgufReader *self, const guint8 *data, gsize length, guint64 file_size);
void mc_gguf_reader_clear (McGgufReader *self);

gboolean mc_gguf_reader_u32 (McGgufReader *self, guint32 *value);
gboolean mc_gguf_reader_u64 (McGgufReader *self, guint64 *value);

/* A count or dimension: 4 bytes in version 1. */
gboolean mc_gguf_reader_count (McGgufReader *self, guint64 *value);
gboolean
mc_gguf_reader_string (McGgufReader *self, guint64 most, const char **text, gsize *text_length);
gboolean mc_gguf_reader_value (McGgufReader *self, McGgufValue *value);

/* An item of an array, if it is a whole number that is not negative, or a boolean. */
gboolean mc_gguf_reader_get_item (const McGgufReader *self,
                                  const McGgufValue *value,
                                  guint64 i,
                                  guint64 *number);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McGgufReader, mc_gguf_reader_clear)

G_END_DECLS
