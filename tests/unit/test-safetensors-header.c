/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-safetensors-header.h"

#include "mc-error.h"
#include "mc-json-scanner.h"

#include <string.h>

/* safetensors headers, good and hostile, and the JSON scanner under them. */

#define GOOD                                                                                       \
  "{\"__metadata__\":{\"format\":\"pt\",\"\\u00e9\":\"\\ud83d\\ude00\\n\"},"                       \
  "\"a\":{\"dtype\":\"BF16\",\"shape\":[2,3],\"data_offsets\":[0,12]}, "                           \
  "\"c\":{\"shape\":[],\"dtype\":\"F32\",\"data_offsets\":[14,18],\"new\":[{\"x\":\"]\"},1.5]},"   \
  "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[12,14]}}  "
#define GOOD_DATA 18

static GBytes *
build (const char *json, guint64 json_length)
{
  guint64 length = GUINT64_TO_LE (json_length);
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) &length, sizeof length);
  g_byte_array_append (bytes, (const guint8 *) json, (guint) strlen (json));
  return g_byte_array_free_to_bytes (bytes);
}

/* Parses the first bytes, at the end of memory of their own. */
static McHeaderState
parse (GBytes *bytes,
       gsize length,
       guint64 file_size,
       McSafetensorsHeader **header,
       guint64 *needed,
       GError **error)
{
  g_autofree guint8 *prefix = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
  McHeaderState state =
      mc_safetensors_header_parse (prefix, length, file_size, header, needed, error);

  g_assert_cmpint (*header != NULL, ==, state == MC_HEADER_READ);
  g_assert_cmpint (*needed > 0, ==, state == MC_HEADER_NEEDS_MORE);
  g_assert_cmpuint (*needed, <=, file_size);
  if (state == MC_HEADER_NEEDS_MORE)
    g_assert_cmpuint (*needed, >, length);
  return state;
}

static void
test_reads (void)
{
  g_autoptr (GBytes) bytes = build (GOOD, strlen (GOOD));
  guint64 file_size = g_bytes_get_size (bytes) + GOOD_DATA;
  g_autoptr (McSafetensorsHeader) header = NULL;
  g_autoptr (GError) error = NULL;
  guint64 needed;
  const McDtypeTotal *total;

  g_assert_cmpint (parse (bytes, g_bytes_get_size (bytes), file_size, &header, &needed, &error), ==,
                   MC_HEADER_READ);
  g_assert_no_error (error);
  g_assert_cmpuint (header->n_tensors, ==, 3);
  g_assert_cmpuint (header->parameters, ==, 6 + 1 + 2);
  g_assert_cmpuint (header->bytes, ==, GOOD_DATA);
  g_assert_cmpuint (header->dtypes->len, ==, 3);
  total = &g_array_index (header->dtypes, McDtypeTotal, 0);
  g_assert_cmpstr (total->dtype, ==, "BF16");
  g_assert_cmpuint (total->parameters, ==, 6);
  g_assert_cmpuint (total->bytes, ==, 12);
  g_assert_cmpstr (g_hash_table_lookup (header->metadata, "format"), ==, "pt");
  g_assert_cmpstr (g_hash_table_lookup (header->metadata, "é"), ==, "\U0001F600\n");
}

static void
test_cut_anywhere (void)
{
  g_autoptr (GBytes) bytes = build (GOOD, strlen (GOOD));
  gsize length = g_bytes_get_size (bytes);

  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (McSafetensorsHeader) header = NULL;
      g_autoptr (McSafetensorsHeader) none = NULL;
      g_autoptr (GError) error = NULL;
      guint64 needed;

      g_assert_cmpint (parse (bytes, cut, length + GOOD_DATA, &header, &needed, &error), ==,
                       MC_HEADER_NEEDS_MORE);
      g_assert_no_error (error);
      g_assert_cmpuint (needed, ==, cut < 8 ? length + GOOD_DATA : length);
      g_assert_cmpint (parse (bytes, cut, cut, &none, &needed, &error), ==, MC_HEADER_BAD);
      g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
    }
}

/* Cut and told to be whole: the text must be found to be no JSON, wherever it breaks off. */
static void
test_broken_anywhere (void)
{
  gsize length = strlen (GOOD) - 2;

  for (gsize cut = 0; cut < length; cut++)
    {
      g_autofree char *json = g_strndup (GOOD, cut);
      g_autoptr (GBytes) bytes = build (json, cut);
      g_autoptr (McSafetensorsHeader) header = NULL;
      g_autoptr (GError) error = NULL;
      guint64 needed;

      g_assert_cmpint (parse (bytes, g_bytes_get_size (bytes), g_bytes_get_size (bytes) + 18,
                              &header, &needed, &error),
                       ==, MC_HEADER_BAD);
      g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
    }
}

#define T(shape, begin, end)                                                                       \
  "{\"dtype\":\"F16\",\"shape\":[" shape "],\"data_offsets\":[" begin "," end "]}"

static const struct
{
  const char *name;
  const char *json;
  guint64 data;
  const char *says;
} refusals[] = {
  { "gap", "{\"a\":" T ("2", "0", "4") ",\"b\":" T ("2", "6", "10") "}", 10, "gaps" },
  { "overlap", "{\"a\":" T ("2", "0", "4") ",\"b\":" T ("2", "2", "6") "}", 6, "overlap" },
  { "not-from-the-start", "{\"a\":" T ("2", "2", "6") "}", 6, "gaps" },
  { "short-of-the-end", "{\"a\":" T ("2", "0", "4") "}", 5, "fill" },
  { "behind-the-end", "{\"a\":" T ("2", "0", "4") "}", 3, "fill" },
  { "no-tensors", "{}", 4, "fill" },
  { "backwards", "{\"a\":" T ("0", "4", "0") "}", 4, "ends before" },
  { "wrong-size", "{\"a\":" T ("2", "0", "5") "}", 5, "size of its shape" },
  { "wrapping-shape", "{\"a\":" T ("4294967296,4294967296", "0", "0") "}", 0, "JSON" },
  { "endless-number", "{\"a\":" T ("99999999999999999999999", "0", "0") "}", 0, "JSON" },
  { "negative", "{\"a\":" T ("-2", "0", "4") "}", 4, "JSON" },
  { "fraction", "{\"a\":" T ("2", "0", "4.0") "}", 4, "JSON" },
  { "exponent", "{\"a\":" T ("2", "0", "4e0") "}", 4, "JSON" },
  { "leading-zero", "{\"a\":" T ("02", "0", "4") "}", 4, "JSON" },
  { "trailing-comma", "{\"a\":" T ("2", "0", "4") ",}", 4, "JSON" },
  { "comma-first", "{,\"a\":" T ("2", "0", "4") "}", 4, "JSON" },
  { "text-behind", "{\"a\":" T ("2", "0", "4") "}x", 4, "JSON" },
  { "no-dtype", "{\"a\":{\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "lacks" },
  { "no-shape", "{\"a\":{\"dtype\":\"F16\",\"data_offsets\":[0,4]}}", 4, "lacks" },
  { "no-place", "{\"a\":{\"dtype\":\"F16\",\"shape\":[2]}}", 4, "lacks" },
  { "three-offsets", "{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4,4]}}", 4,
    "JSON" },
  { "long-dtype", "{\"a\":{\"dtype\":\"F16F16F16F16F16F\",\"shape\":[2],\"data_offsets\":[0,4]}}",
    4, "JSON" },
  { "tensor-is-no-object", "{\"a\":3}", 4, "JSON" },
  { "metadata-is-no-object", "{\"__metadata__\":[]}", 0, "JSON" },
  { "metadata-is-no-text", "{\"__metadata__\":{\"a\":1}}", 0, "JSON" },
  { "lone-surrogate", "{\"__metadata__\":{\"\\ud800\":\"\"}}", 0, "JSON" },
  { "nul", "{\"__metadata__\":{\"\\u0000\":\"\"}}", 0, "JSON" },
  { "bad-escape", "{\"__metadata__\":{\"\\x\":\"\"}}", 0, "JSON" },
  { "newline-in-text", "{\"__metadata__\":{\"a\nb\":\"\"}}", 0, "JSON" },
  { "bad-utf-8", "{\"__metadata__\":{\"\xff\":\"\"}}", 0, "UTF-8" },
  { "deep",
    "{\"a\":{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]],\"dtype\":\"F16\"}}", 0,
    "JSON" },
  { "mixed-brackets", "{\"a\":{\"x\":[{]},\"dtype\":\"F16\"}}", 0, "JSON" },
  { "array", "[1]", 0, "“{”" },
};

static void
test_refuses (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) bytes = build (refusals[i].json, strlen (refusals[i].json));
  gsize length = g_bytes_get_size (bytes);
  g_autoptr (McSafetensorsHeader) header = NULL;
  g_autoptr (GError) error = NULL;
  guint64 needed;

  g_assert_cmpint (parse (bytes, length, length + refusals[i].data, &header, &needed, &error), ==,
                   MC_HEADER_BAD);
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  g_assert_nonnull (strstr (error->message, refusals[i].says));
}

static void
test_hostile_lengths (void)
{
  static const struct
  {
    guint64 json_length;
    guint64 file_size;
  } lengths[] = {
    { G_MAXUINT64, G_MAXUINT64 },
    { G_MAXUINT64 - 7, G_MAXUINT64 },
    { 25000001, 1 << 30 },
    { 200, 100 },
    { 0, 100 },
    { 1, 100 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GBytes) bytes = build ("{}", lengths[i].json_length);
      g_autoptr (McSafetensorsHeader) header = NULL;
      g_autoptr (GError) error = NULL;
      guint64 needed;

      g_assert_cmpint (parse (bytes, 8, lengths[i].file_size, &header, &needed, &error), ==,
                       MC_HEADER_BAD);
      g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
    }
}

/* The first request is one that does. */
static void
test_first_request (void)
{
  g_autoptr (McSafetensorsHeader) header = NULL;
  guint64 needed;

  g_assert_cmpint (mc_safetensors_header_parse (NULL, 0, 1 << 30, &header, &needed, NULL), ==,
                   MC_HEADER_NEEDS_MORE);
  g_assert_cmpuint (needed, ==, 100000);
}

/* Tens of thousands of tensors, in no order; and what trainers put into the metadata. */
static void
test_large (void)
{
  g_autoptr (GString) json = g_string_new ("{\"__metadata__\":{\"tags\":\"");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (McSafetensorsHeader) header = NULL;
  g_autoptr (GError) error = NULL;
  guint64 needed;
  guint n_tensors = 0;

  for (guint i = 0; i < 2000; i++)
    g_string_append (json, "tag ");
  g_string_append (json, "\",\"format\":\"pt\"}");
  /* Each two of them the wrong way round. */
  for (guint i = 0; json->len < 2900000 || i % 2 == 1; i++)
    {
      guint place = i ^ 1;

      g_string_append_printf (json,
                              ",\"%u\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[%u,%u]}",
                              i, place * 2, place * 2 + 2);
      n_tensors++;
    }
  g_string_append_c (json, '}');
  bytes = build (json->str, json->len);
  g_assert_cmpint (parse (bytes, g_bytes_get_size (bytes), g_bytes_get_size (bytes) + n_tensors * 2,
                          &header, &needed, &error),
                   ==, MC_HEADER_READ);
  g_assert_no_error (error);
  g_assert_cmpuint (header->n_tensors, ==, n_tensors);
  g_assert_cmpuint (header->parameters, ==, n_tensors);
  g_assert_cmpuint (g_hash_table_size (header->metadata), ==, 1);
}

static void
test_flipped_bytes (void)
{
  g_autoptr (GBytes) bytes = build (GOOD, strlen (GOOD));
  gsize length = g_bytes_get_size (bytes);

  for (gsize i = 0; i < length; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
        g_autoptr (McSafetensorsHeader) header = NULL;
        g_autoptr (GError) error = NULL;
        guint64 needed;

        copy[i] ^= (guint8) (1 << bit);
        if (mc_safetensors_header_parse (copy, length, length + GOOD_DATA, &header, &needed, &error)
            == MC_HEADER_BAD)
          g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
        else
          g_assert_no_error (error);
      }
}

/* What is skipped must not swallow what comes behind it. */
static void
test_scanner_skips (void)
{
  static const char *const values[] = {
    "1", "-1.5e+3", "true", "null", "\"\"", "\"a\\\"]\"", "[]", "{}", "[1,{\"a\":[\"}\"]}]", " [ ] "
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *text = g_strconcat (values[i], ",", NULL);
      McJsonScanner scanner = { text, strlen (text), 0 };

      g_assert_true (mc_json_scanner_skip (&scanner));
      g_assert_true (mc_json_scanner_take (&scanner, ','));
      g_assert_true (mc_json_scanner_is_done (&scanner));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safetensors-header/reads", test_reads);
  g_test_add_func ("/safetensors-header/cut-anywhere", test_cut_anywhere);
  g_test_add_func ("/safetensors-header/broken-anywhere", test_broken_anywhere);
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/safetensors-header/refuses/%s", refusals[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_refuses);
    }
  g_test_add_func ("/safetensors-header/hostile-lengths", test_hostile_lengths);
  g_test_add_func ("/safetensors-header/first-request", test_first_request);
  g_test_add_func ("/safetensors-header/large", test_large);
  g_test_add_func ("/safetensors-header/flipped-bytes", test_flipped_bytes);
  g_test_add_func ("/safetensors-header/scanner-skips", test_scanner_skips);
  return g_test_run ();
}
