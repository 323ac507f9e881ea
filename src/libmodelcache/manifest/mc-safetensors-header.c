/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-safetensors-header.h"

#include "mc-error.h"
#include "mc-json-scanner.h"

#include <string.h>

/* The header of a safetensors file: eight bytes of length, then JSON (huggingface/safetensors,
 * README.md). Pure, any thread. The JSON is read in one walk: besides what is returned only the
 * places of the tensors are kept, 16 bytes each. */

/* As huggingface_hub and huggingface.js have it; the format itself allows 100 MB. */
#define MOST_HEADER 25000000
#define FIRST_REQUEST 100000

#define LENGTH_BYTES 8
#define MOST_PARAMETERS (G_GUINT64_CONSTANT (1) << 60)
#define MOST_DTYPES 64
#define MOST_ENTRIES 64
#define MOST_KEY 128
#define MOST_VALUE 1024

/* Bits of a number. Types that are not here are believed. */
static const struct
{
  const char *dtype;
  guint bits;
} known_dtypes[] = {
  { "F4", 4 },   { "F6_E2M3", 6 }, { "F6_E3M2", 6 }, { "BOOL", 8 },    { "U8", 8 },
  { "I8", 8 },   { "F8_E4M3", 8 }, { "F8_E5M2", 8 }, { "F8_E8M0", 8 }, { "U16", 16 },
  { "I16", 16 }, { "F16", 16 },    { "BF16", 16 },   { "U32", 32 },    { "I32", 32 },
  { "F32", 32 }, { "U64", 64 },    { "I64", 64 },    { "F64", 64 },    { "C64", 64 },
};

/* Where the bytes of a tensor are, from the end of the header. */
typedef struct
{
  guint64 begin;
  guint64 end;
} Place;

typedef struct
{
  McJsonScanner scanner;
  McSafetensorsHeader *header; /* borrowed */
  GArray *places;              /* (owned) Place */
  GString *key;                /* (owned) scratch */
  GString *value;              /* (owned) scratch */
  const char *problem;         /* (nullable): static, the first one */
} Reading;

/* A tensor while it is read. */
typedef struct
{
  char dtype[16];
  gboolean has_shape;
  guint64 parameters;
  gboolean has_place;
  Place place;
} Tensor;

static gboolean
fail (Reading *reading, const char *problem)
{
  if (reading->problem == NULL)
    reading->problem = problem;
  return FALSE;
}

static gboolean
read_dtype (Reading *reading, Tensor *tensor)
{
  if (!mc_json_scanner_string (&reading->scanner, reading->value) || reading->value->len == 0
      || reading->value->len >= sizeof tensor->dtype)
    return FALSE;
  for (gsize i = 0; i < reading->value->len; i++)
    if (!g_ascii_isgraph (reading->value->str[i]))
      return FALSE;
  g_strlcpy (tensor->dtype, reading->value->str, sizeof tensor->dtype);
  return TRUE;
}

static gboolean
read_shape (Reading *reading, Tensor *tensor)
{
  McJsonList list = { .closes_with = ']' };

  tensor->has_shape = TRUE;
  tensor->parameters = 1;
  if (!mc_json_scanner_take (&reading->scanner, '['))
    return FALSE;
  while (mc_json_scanner_next (&reading->scanner, &list))
    {
      guint64 dimension;

      if (!mc_json_scanner_size (&reading->scanner, &dimension)
          || !g_uint64_checked_mul (&tensor->parameters, tensor->parameters, dimension)
          || tensor->parameters > MOST_PARAMETERS)
        return FALSE;
    }
  return list.is_closed;
}

static gboolean
read_place (Reading *reading, Tensor *tensor)
{
  McJsonScanner *scanner = &reading->scanner;

  tensor->has_place = TRUE;
  return mc_json_scanner_take (scanner, '[') && mc_json_scanner_size (scanner, &tensor->place.begin)
         && mc_json_scanner_take (scanner, ',')
         && mc_json_scanner_size (scanner, &tensor->place.end)
         && mc_json_scanner_take (scanner, ']');
}

static gboolean
check_tensor (Reading *reading, const Tensor *tensor)
{
  guint64 bytes = tensor->place.end - tensor->place.begin;

  if (tensor->dtype[0] == '\0' || !tensor->has_shape || !tensor->has_place)
    return fail (reading, "A tensor lacks its type, shape or place");
  if (tensor->place.end < tensor->place.begin)
    return fail (reading, "A tensor ends before it begins");
  for (gsize i = 0; i < G_N_ELEMENTS (known_dtypes); i++)
    if (strcmp (tensor->dtype, known_dtypes[i].dtype) == 0)
      {
        guint64 bits;

        if (!g_uint64_checked_mul (&bits, tensor->parameters, known_dtypes[i].bits)
            || bits / 8 + (bits % 8 != 0) != bytes)
          return fail (reading, "A tensor has not the size of its shape");
      }
  return TRUE;
}

static gboolean
add_tensor (Reading *reading, const Tensor *tensor)
{
  McSafetensorsHeader *header = reading->header;
  McDtypeTotal *total = NULL;

  for (guint i = 0; i < header->dtypes->len && total == NULL; i++)
    if (strcmp (g_array_index (header->dtypes, McDtypeTotal, i).dtype, tensor->dtype) == 0)
      total = &g_array_index (header->dtypes, McDtypeTotal, i);
  if (total == NULL)
    {
      McDtypeTotal fresh = { 0 };

      if (header->dtypes->len == MOST_DTYPES)
        return fail (reading, "There are too many types of tensors");
      g_strlcpy (fresh.dtype, tensor->dtype, sizeof fresh.dtype);
      g_array_append_val (header->dtypes, fresh);
      total = &g_array_index (header->dtypes, McDtypeTotal, header->dtypes->len - 1);
    }
  header->n_tensors++;
  header->parameters += tensor->parameters;
  if (header->parameters > MOST_PARAMETERS)
    return fail (reading, "There are more parameters than any model has");
  total->parameters += tensor->parameters;
  total->bytes += tensor->place.end - tensor->place.begin;
  g_array_append_val (reading->places, tensor->place);
  return TRUE;
}

static gboolean
read_tensor (Reading *reading)
{
  McJsonScanner *scanner = &reading->scanner;
  McJsonList list = { .closes_with = '}' };
  Tensor tensor = { 0 };

  if (!mc_json_scanner_take (scanner, '{'))
    return FALSE;
  while (mc_json_scanner_next (scanner, &list))
    {
      gboolean is_read;

      if (!mc_json_scanner_string (scanner, reading->key) || !mc_json_scanner_take (scanner, ':'))
        return FALSE;
      if (strcmp (reading->key->str, "dtype") == 0)
        is_read = read_dtype (reading, &tensor);
      else if (strcmp (reading->key->str, "shape") == 0)
        is_read = read_shape (reading, &tensor);
      else if (strcmp (reading->key->str, "data_offsets") == 0)
        is_read = read_place (reading, &tensor);
      else
        is_read = mc_json_scanner_skip (scanner);
      if (!is_read)
        return FALSE;
    }
  return list.is_closed && check_tensor (reading, &tensor) && add_tensor (reading, &tensor);
}

/* Texts for texts. Trainers put whole data sets in here: long ones are not kept. */
static gboolean
read_metadata (Reading *reading)
{
  McJsonScanner *scanner = &reading->scanner;
  GHashTable *metadata = reading->header->metadata;
  McJsonList list = { .closes_with = '}' };

  if (!mc_json_scanner_take (scanner, '{'))
    return FALSE;
  while (mc_json_scanner_next (scanner, &list))
    {
      if (!mc_json_scanner_string (scanner, reading->key) || !mc_json_scanner_take (scanner, ':')
          || !mc_json_scanner_string (scanner, reading->value))
        return FALSE;
      if (reading->key->len <= MOST_KEY && reading->value->len <= MOST_VALUE
          && g_hash_table_size (metadata) < MOST_ENTRIES)
        g_hash_table_insert (metadata, g_strdup (reading->key->str),
                             g_strdup (reading->value->str));
    }
  return list.is_closed;
}

static gboolean
read_entries (Reading *reading)
{
  McJsonScanner *scanner = &reading->scanner;
  McJsonList list = { .closes_with = '}' };

  if (!mc_json_scanner_take (scanner, '{'))
    return FALSE;
  while (mc_json_scanner_next (scanner, &list))
    {
      if (!mc_json_scanner_string (scanner, reading->key) || !mc_json_scanner_take (scanner, ':'))
        return FALSE;
      if (!(strcmp (reading->key->str, "__metadata__") == 0 ? read_metadata (reading)
                                                            : read_tensor (reading)))
        return FALSE;
    }
  return list.is_closed && mc_json_scanner_is_done (scanner);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *one = a;
  const Place *two = b;

  if (one->begin != two->begin)
    return one->begin < two->begin ? -1 : 1;
  return one->end < two->end ? -1 : one->end > two->end;
}

static int
compare_totals (gconstpointer a, gconstpointer b)
{
  const McDtypeTotal *one = a;
  const McDtypeTotal *two = b;

  if (one->bytes != two->bytes)
    return one->bytes > two->bytes ? -1 : 1;
  return strcmp (one->dtype, two->dtype);
}

/* Whether the tensors lie one behind the other and fill the file. */
static gboolean
check_places (Reading *reading, guint64 data_bytes)
{
  guint64 at = 0;

  g_array_sort (reading->places, compare_places);
  for (guint i = 0; i < reading->places->len; i++)
    {
      const Place *place = &g_array_index (reading->places, Place, i);

      if (place->begin != at)
        return fail (reading, "The tensors overlap or leave gaps");
      at = place->end;
    }
  if (at != data_bytes)
    return fail (reading, "The tensors do not fill the file");
  reading->header->bytes = at;
  return TRUE;
}

static gboolean
read_json (
    const char *json, gsize length, guint64 data_bytes, McSafetensorsHeader *header, GError **error)
{
  Reading reading = { .scanner = { json, length, 0 }, .header = header };
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autoptr (GString) key = g_string_new (NULL);
  g_autoptr (GString) value = g_string_new (NULL);

  reading.places = places;
  reading.key = key;
  reading.value = value;
  if (!g_utf8_validate_len (json, length, NULL))
    fail (&reading, "It is not valid UTF-8");
  else if (!read_entries (&reading))
    fail (&reading, "It is no JSON of tensors");
  else
    check_places (&reading, data_bytes);
  if (reading.problem != NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                 "Reading the safetensors header, up to byte %" G_GSIZE_FORMAT ": %s",
                 LENGTH_BYTES + reading.scanner.at, reading.problem);
  g_array_sort (header->dtypes, compare_totals);
  return reading.problem == NULL;
}

/* The checks that come before the whole header is there. */
static const char *
judge_length (const guint8 *data, gsize length, guint64 file_size, guint64 json_length)
{
  if (json_length > file_size - LENGTH_BYTES)
    return "This is no safetensors file: its header would be longer than itself";
  if (json_length > MOST_HEADER)
    return "The safetensors header is larger than 25 MB";
  if (json_length < 2 || (length > LENGTH_BYTES && data[LENGTH_BYTES] != '{'))
    return "This is no safetensors file: its header does not begin with “{”";
  return NULL;
}

McHeaderState
mc_safetensors_header_parse (const guint8 *data,
                             gsize length,
                             guint64 file_size,
                             McSafetensorsHeader **header,
                             guint64 *needed,
                             GError **error)
{
  g_autoptr (McSafetensorsHeader) found = NULL;
  const char *problem = NULL;
  guint64 json_length = 0;

  *header = NULL;
  *needed = 0;
  length = MIN (length, file_size);
  if (file_size < LENGTH_BYTES)
    problem = "This is no safetensors file: it is too short";
  else if (length >= LENGTH_BYTES)
    {
      memcpy (&json_length, data, sizeof json_length);
      json_length = GUINT64_FROM_LE (json_length);
      problem = judge_length (data, length, file_size, json_length);
    }
  if (problem != NULL)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, problem);
      return MC_HEADER_BAD;
    }
  if (length < LENGTH_BYTES || length - LENGTH_BYTES < json_length)
    {
      *needed = length < LENGTH_BYTES ? MIN (FIRST_REQUEST, file_size) : LENGTH_BYTES + json_length;
      return MC_HEADER_NEEDS_MORE;
    }
  found = g_new0 (McSafetensorsHeader, 1);
  found->dtypes = g_array_new (FALSE, FALSE, sizeof (McDtypeTotal));
  found->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!read_json ((const char *) data + LENGTH_BYTES, (gsize) json_length,
                  file_size - LENGTH_BYTES - json_length, found, error))
    return MC_HEADER_BAD;
  *header = g_steal_pointer (&found);
  return MC_HEADER_READ;
}

void
mc_safetensors_header_free (McSafetensorsHeader *self)
{
  g_array_unref (self->dtypes);
  g_hash_table_unref (self->metadata);
  g_free (self);
}
