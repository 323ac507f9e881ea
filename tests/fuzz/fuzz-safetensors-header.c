/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-safetensors-header.h"

#include <string.h>

/* The beginning of a safetensors file whose length is told by the first line, and the whole of one.
 * A part of what could be read is never bad. */

static void
check_header (const McSafetensorsHeader *header)
{
  GHashTableIter iter;
  gpointer key, value;
  guint64 bytes = 0;

  g_assert_nonnull (header);
  for (guint i = 0; i < header->dtypes->len; i++)
    {
      const McDtypeTotal *total = &g_array_index (header->dtypes, McDtypeTotal, i);

      g_assert_nonnull (memchr (total->dtype, '\0', sizeof total->dtype));
      mc_fuzz_assert_shown (total->dtype);
      bytes += total->bytes;
    }
  g_assert_cmpuint (bytes, ==, header->bytes);
  g_hash_table_iter_init (&iter, header->metadata);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_assert_true (g_utf8_validate (key, -1, NULL));
      g_assert_true (g_utf8_validate (value, -1, NULL));
    }
}

static McHeaderState
parse (const guint8 *data, gsize length, guint64 file_size)
{
  /* Of exactly that size, so that a sanitizer sees who reads further. */
  g_autofree guint8 *exact = g_memdup2 (data, length);
  g_autoptr (McSafetensorsHeader) header = NULL;
  g_autoptr (GError) error = NULL;
  guint64 needed = 0;
  McHeaderState state =
      mc_safetensors_header_parse (exact, length, file_size, &header, &needed, &error);

  mc_fuzz_assert_outcome (state != MC_HEADER_BAD, error);
  if (state == MC_HEADER_READ)
    check_header (header);
  else
    g_assert_null (header);
  if (state == MC_HEADER_NEEDS_MORE)
    {
      g_assert_cmpuint (needed, >, length);
      g_assert_cmpuint (needed, <=, file_size);
    }
  return state;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const guint8 *end = memchr (data, '\n', size);
  g_autofree char *line = NULL;
  gsize begin;
  guint64 file_size;

  if (end == NULL)
    return 0;
  line = g_strndup ((const char *) data, (gsize) (end - data));
  begin = (gsize) (end + 1 - data);
  file_size = MAX (g_ascii_strtoull (line, NULL, 10), size - begin);
  parse (data + begin, size - begin, size - begin);
  if (parse (data + begin, size - begin, file_size) != MC_HEADER_READ)
    return 0;
  for (gsize length = size - begin; length > 0; length /= 2)
    g_assert_cmpint (parse (data + begin, length, file_size), !=, MC_HEADER_BAD);
  return 0;
}
