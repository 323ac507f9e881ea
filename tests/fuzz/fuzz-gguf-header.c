/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-gguf-header.h"

/* The beginning of a GGUF file, and the whole of one; a part of what could be read is never bad. */

#define LONG_FILE (G_GUINT64_CONSTANT (1) << 40)
#define LONGEST_PREFIX (50 * 1024 * 1024)

static void
assert_text (const char *text)
{
  if (text != NULL)
    g_assert_true (g_utf8_validate (text, -1, NULL));
}

static void
check_header (const McGgufHeader *header)
{
  g_assert_nonnull (header);
  assert_text (header->architecture);
  assert_text (header->name);
  assert_text (header->size_label);
  g_assert_cmpuint (header->n_layer_kv_heads, <=, MC_GGUF_MAX_LAYERS);
  g_assert_cmpuint (header->n_layer_windows, <=, MC_GGUF_MAX_LAYERS);
  if (header->quantization != NULL)
    g_assert_cmpstr (header->quantization, ==, mc_gguf_file_type_get_name (header->file_type));
}

static McHeaderState
parse (const guint8 *data, gsize length, guint64 file_size)
{
  /* Of exactly that size, so that a sanitizer sees who reads further. */
  g_autofree guint8 *exact = g_memdup2 (data, length);
  g_autoptr (McGgufHeader) header = NULL;
  g_autoptr (GError) error = NULL;
  guint64 needed = 0;
  McHeaderState state = mc_gguf_header_parse (exact, length, file_size, &header, &needed, &error);

  mc_fuzz_assert_outcome (state != MC_HEADER_BAD, error);
  if (state == MC_HEADER_BAD)
    g_assert_null (header);
  else
    check_header (header);
  if (state == MC_HEADER_NEEDS_MORE)
    g_assert_cmpuint (needed, >, length);
  if (state != MC_HEADER_BAD && needed > 0)
    {
      g_assert_cmpuint (needed, >, length);
      g_assert_cmpuint (needed, <=, MIN (file_size, LONGEST_PREFIX));
    }
  return state;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  parse (data, size, size);
  if (parse (data, size, LONG_FILE) != MC_HEADER_READ)
    return 0;
  for (gsize length = size; length > 0; length /= 2)
    g_assert_cmpint (parse (data, length, LONG_FILE), !=, MC_HEADER_BAD);
  return 0;
}
