/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-detect.h"

#include "mc-error.h"
#include "mc-json.h"
#include "mc-listing-json.h"
#include "variant-cases.h"

#include <string.h>

/* How names become variants. Each listing is grouped in several orders: the answer must not
 * change, and no file may be lost, whatever it is called. */

/* How many cases of the shared folder come out exactly as expected: it may only grow. */
#define SHARED_CASES_FLOOR 103

#define N_FILES 20000

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
render_line (GString *text, const char *name, char **paths, GArray *places)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();

  if (places->len == 0)
    return;
  for (guint i = 0; i < places->len; i++)
    g_ptr_array_add (sorted, paths[g_array_index (places, guint, i)]);
  g_ptr_array_sort (sorted, compare_texts);
  g_string_append_printf (text, "%s =", name);
  for (guint i = 0; i < sorted->len; i++)
    g_string_append_printf (text, "%s %s", i > 0 ? "," : "",
                            (char *) g_ptr_array_index (sorted, i));
  g_string_append_c (text, '\n');
}

/* The grouping as text that does not depend on the order of the paths. */
static char *
render (const McGrouping *grouping, char **paths)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < grouping->variants->len; i++)
    {
      const McVariantGroup *group = g_ptr_array_index (grouping->variants, i);

      render_line (text, group->key, paths, group->files);
    }
  render_line (text, "shared", paths, grouping->shared);
  render_line (text, "other", paths, grouping->other);
  if (grouping->default_key != NULL)
    g_string_append_printf (text, "default = %s\n", grouping->default_key);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
count_places (GArray *places, guint *counts, guint n_paths)
{
  for (guint i = 0; i < places->len; i++)
    {
      guint place = g_array_index (places, guint, i);

      g_assert_cmpuint (place, <, n_paths);
      if (i > 0)
        g_assert_cmpuint (place, >, g_array_index (places, guint, i - 1));
      counts[place]++;
    }
}

/* What the header promises of any grouping. */
static void
assert_sound (const McGrouping *grouping, guint n_paths)
{
  g_autofree guint *in_variants = g_new0 (guint, n_paths + 1);
  g_autofree guint *alone = g_new0 (guint, n_paths + 1);
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < grouping->variants->len; i++)
    {
      const McVariantGroup *group = g_ptr_array_index (grouping->variants, i);
      const McVariantGroup *last = i > 0 ? g_ptr_array_index (grouping->variants, i - 1) : NULL;

      g_assert_true (g_hash_table_add (keys, group->key));
      g_assert_true (g_str_has_prefix (group->key, group->format));
      g_assert_cmpint (group->key[strlen (group->format)], ==, ':');
      g_assert_cmpuint (group->files->len, >, 0);
      if (last != NULL)
        g_assert_true (
            strcmp (last->format, group->format) < 0
            || (strcmp (last->format, group->format) == 0 && strcmp (last->key, group->key) < 0));
      count_places (group->files, in_variants, n_paths);
    }
  count_places (grouping->shared, alone, n_paths);
  count_places (grouping->other, alone, n_paths);
  for (guint i = 0; i < n_paths; i++)
    g_assert_true ((in_variants[i] > 0 && alone[i] == 0) || (in_variants[i] == 0 && alone[i] == 1));
  if (grouping->variants->len == 0)
    g_assert_null (grouping->default_key);
  else
    g_assert_true (g_hash_table_contains (keys, grouping->default_key));
}

static void
shuffle (char **paths, guint n_paths, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  for (guint i = n_paths; i > 1; i--)
    {
      guint j = (guint) g_rand_int_range (random, 0, (gint32) i);
      char *path = paths[j];

      paths[j] = paths[i - 1];
      paths[i - 1] = path;
    }
}

/* Groups in several orders; the text they all come to. */
static char *
group_in_any_order (char **paths)
{
  guint n_paths = g_strv_length (paths);
  g_autofree char *first = NULL;

  for (guint32 seed = 0; seed < 5; seed++)
    {
      g_autoptr (McGrouping) grouping = mc_grouping_detect ((const char *const *) paths, n_paths);
      g_autofree char *text = render (grouping, paths);

      assert_sound (grouping, n_paths);
      if (first != NULL)
        g_assert_cmpstr (text, ==, first);
      else
        first = g_steal_pointer (&text);
      shuffle (paths, n_paths, seed);
    }
  return g_steal_pointer (&first);
}

static void
test_case (gconstpointer data)
{
  const McVariantCase *expected = data;
  g_auto (GStrv) paths = g_strsplit (expected->paths, "\n", -1);
  guint n_paths = g_strv_length (paths);
  g_autofree char *text = NULL;

  /* Behind the last newline there is no path. */
  if (n_paths > 0)
    g_clear_pointer (&paths[n_paths - 1], g_free);
  text = group_in_any_order (paths);
  g_assert_cmpstr (text, ==, expected->expected);
}

/* Names nobody would give in good faith. */
static void
test_hostile_names (void)
{
  static const char *const bases[] = { "",
                                       "/",
                                       "//",
                                       "a//b.gguf",
                                       ".gguf",
                                       "-00001-of-00002.gguf",
                                       ".onnx",
                                       "..",
                                       "../x.onnx",
                                       "\n",
                                       "=\t",
                                       "\xff\xfe.safetensors",
                                       "onnx/",
                                       "@2",
                                       "default",
                                       "q8",
                                       "UD-",
                                       "UD-.gguf",
                                       "Q4_",
                                       "Q4_K_",
                                       "_.onnx",
                                       "model.",
                                       ".bin",
                                       "mmproj.gguf",
                                       "mmproj/mmproj.gguf",
                                       "a@2.safetensors",
                                       "A.safetensors",
                                       "a.safetensors",
                                       "imatrix.gguf",
                                       ".index.json",
                                       "x.index.json",
                                       "x.safetensors.index..json",
                                       "saved_model.pb/saved_model.pb",
                                       "model_index.json/model_index.json",
                                       "genai_config.json/x.onnx",
                                       ".mlpackage/x",
                                       "x.mlmodelc",
                                       "-split-a.gguf",
                                       "of1.gguf.part1of1",
                                       "model.onnx_data",
                                       "int8/int8/int8.onnx",
                                       "int8.onnx",
                                       "encoder/decoder/model.onnx" };
  static const char *const repeated[] = {
    "9",      "a",     "-",  "_",     ".",   "Q4_K_",        "-00001-of-00002",
    "fp16-",  "/",     "x/", ".onnx", "ud-", "qint8_arm64_", "mmproj-",
    "4-bit-", "model_"
  };
  static const char *const ends[] = { "",     ".gguf", ".onnx",      ".safetensors",
                                      ".bin", ".json", ".onnx_data", ".xml" };
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bases); i++)
    g_ptr_array_add (paths, g_strdup (bases[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (repeated); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (ends); j++)
      {
        GString *path = g_string_new (NULL);

        while (path->len < 4096 - 32)
          g_string_append (path, repeated[i]);
        g_string_append (path, ends[j]);
        g_ptr_array_add (paths, g_string_free (path, FALSE));
      }
  /* Each alone, then all together. */
  for (guint i = 0; i < paths->len; i++)
    {
      const char *alone[] = { g_ptr_array_index (paths, i) };
      g_autoptr (McGrouping) grouping = mc_grouping_detect (alone, 1);

      assert_sound (grouping, 1);
    }
  g_ptr_array_add (paths, NULL);
  text = group_in_any_order ((char **) paths->pdata);
  g_assert_cmpuint (strlen (text), >, 0);
}

/* Names put together at random from what the rules look for. */
static void
test_random_names (void)
{
  static const char *const words[] = {
    "model",
    "onnx",
    "q4",
    "Q4_K_M",
    "fp16",
    "-",
    "_",
    ".",
    "/",
    "encoder",
    "decoder_model_merged",
    "gguf",
    ".gguf",
    ".onnx",
    ".safetensors",
    ".bin",
    "mmproj",
    "mtp-",
    "unet",
    "vae",
    "tokenizer",
    "config.json",
    "model_index.json",
    "openvino_model",
    ".xml",
    ".index.json",
    "-00001-of-00002",
    "genai_config.json",
    "voices",
    "imatrix",
    "runs",
    "1_Dense",
    "text_model",
    ".onnx_data",
    "coreml",
    ".mlpackage",
    "pytorch_model",
    "A",
    "b",
    "saved_model.pb",
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (20260801);

  for (guint round = 0; round < 300; round++)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *text = NULL;

      for (guint i = 0; i < 24; i++)
        {
          GString *path = g_string_new (NULL);
          gint32 n_words = g_rand_int_range (random, 1, 8);

          for (gint32 j = 0; j < n_words; j++)
            g_string_append (path, words[g_rand_int_range (random, 0, G_N_ELEMENTS (words))]);
          if (g_hash_table_contains (seen, path->str))
            {
              g_string_free (path, TRUE);
              continue;
            }
          g_ptr_array_add (paths, g_string_free (path, FALSE));
          g_hash_table_add (seen, g_ptr_array_index (paths, paths->len - 1));
        }
      g_ptr_array_add (paths, NULL);
      text = group_in_any_order ((char **) paths->pdata);
    }
}

/* What each of very many files is called; the rules must not compare them with each other. */
static const char *const crowds[] = {
  "Model-%u-Q4_K_M.gguf",
  "%u/mmproj-%u-f16.gguf",
  "onnx/part%u_model.onnx",
  "%u/config.json",
  "w%u.safetensors",
  "%u_Dense/model.bin",
  "model-%05u-of-99999.safetensors",
  "unet/diffusion_pytorch_model.v%u.safetensors",
};

static void
test_crowds (void)
{
  for (gsize first = 0; first < G_N_ELEMENTS (crowds); first++)
    {
      gsize second = (first + 1) % G_N_ELEMENTS (crowds);
      g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (McGrouping) grouping = NULL;

      g_ptr_array_add (paths, g_strdup ("model_index.json"));
      for (guint i = 0; i < N_FILES; i++)
        {
          g_auto (GStrv) cut = g_strsplit (crowds[i % 2 == 0 ? first : second], "%u", -1);
          g_autofree char *number = g_strdup_printf ("%u", i);

          g_ptr_array_add (paths, g_strjoinv (number, cut));
        }
      grouping = mc_grouping_detect ((const char *const *) paths->pdata, paths->len);
      assert_sound (grouping, paths->len);
    }
}

static JsonObject *
parse_answer (const char *text, JsonNode **root)
{
  g_autoptr (GError) error = NULL;

  *root = mc_json_parse (text, -1, &error);
  g_assert_no_error (error);
  return mc_json_node_get_object (*root);
}

static void
test_json (void)
{
  static const char listing[] =
      "{\"repo\":\"a/b\",\"files\":[{\"path\":\"M-Q8_0.gguf\",\"size\":null},"
      "{\"path\":\"config.json\",\"size\":3},{\"path\":\"config.json\"},"
      "{\"path\":\"README.md\"}]}";
  g_autoptr (GError) error = NULL;
  g_autofree char *text = mc_listing_json_group (listing, -1, &error);
  g_autoptr (JsonNode) root = NULL;
  JsonObject *answer;
  JsonObject *variant;
  g_auto (GStrv) files = NULL;
  g_auto (GStrv) shared = NULL;
  g_auto (GStrv) other = NULL;

  g_assert_no_error (error);
  answer = parse_answer (text, &root);
  g_assert_cmpstr (mc_json_get_string (answer, "default"), ==, "gguf:Q8_0");
  variant = mc_json_get_object (mc_json_get_object (answer, "variants"), "gguf:Q8_0");
  g_assert_cmpstr (mc_json_get_string (variant, "format"), ==, "gguf");
  files = mc_json_get_strings (variant, "files");
  shared = mc_json_get_strings (answer, "shared");
  other = mc_json_get_strings (answer, "other");
  g_assert_cmpuint (g_strv_length (files), ==, 1);
  g_assert_cmpuint (g_strv_length (shared), ==, 1);
  g_assert_cmpuint (g_strv_length (other), ==, 1);
}

static void
test_json_empty (void)
{
  g_autofree char *text = mc_listing_json_group ("{\"files\":[]}", -1, NULL);
  g_autoptr (JsonNode) root = NULL;
  JsonObject *answer;

  g_assert_nonnull (text);
  answer = parse_answer (text, &root);
  g_assert_false (json_object_has_member (answer, "default"));
  g_assert_cmpuint (json_object_get_size (mc_json_get_object (answer, "variants")), ==, 0);
}

static void
test_json_refusals (void)
{
  static const struct
  {
    const char *json;
    int code;
    const char *says;
  } refusals[] = {
    { "", MC_ERROR_BAD_RESPONSE, "listing" },
    { "{", MC_ERROR_BAD_RESPONSE, "Not JSON" },
    { "[]", MC_ERROR_BAD_RESPONSE, "files" },
    { "{\"files\":{}}", MC_ERROR_BAD_RESPONSE, "files" },
    { "{\"files\":[3]}", MC_ERROR_INVALID_NAME, "Entry 1 " },
    { "{\"files\":[{\"path\":\"a\"},{\"path\":7}]}", MC_ERROR_INVALID_NAME, "Entry 2 " },
    { "{\"files\":[{\"path\":\"a\"},{\"path\":\"b\"},{\"path\":\"../x\"}]}", MC_ERROR_INVALID_NAME,
      "Entry 3 " },
    { "{\"files\":[{\"path\":\"\"}]}", MC_ERROR_INVALID_NAME, "Entry 1 " },
    { "{\"files\":[{\"path\":\"a\\u0001\"}]}", MC_ERROR_INVALID_NAME, "\\001" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (mc_listing_json_group (refusals[i].json, -1, &error));
      g_assert_error (error, MC_ERROR, refusals[i].code);
      g_assert_nonnull (strstr (error->message, refusals[i].says));
    }
}

/* Sorted and joined, to be compared. */
static char *
join_sorted (JsonObject *object, const char *name)
{
  g_auto (GStrv) items = mc_json_get_strings (object, name);

  qsort (items, g_strv_length (items), sizeof (char *), compare_texts);
  return g_strjoinv ("\n", items);
}

static gboolean
lists_equal (JsonObject *one, const char *first, JsonObject *two, const char *second)
{
  g_autofree char *a = join_sorted (one, first);
  g_autofree char *b = join_sorted (two, second);

  return strcmp (a, b) == 0;
}

static gboolean
is_as_expected (JsonObject *answer, JsonObject *expected)
{
  JsonObject *got = mc_json_get_object (answer, "variants");
  JsonObject *wanted = mc_json_get_object (expected, "variants");
  g_autoptr (GList) keys = json_object_get_members (wanted);

  if (json_object_get_size (got) != json_object_get_size (wanted)
      || !lists_equal (answer, "shared", expected, "shared")
      || !lists_equal (answer, "other", expected, "ignored")
      || g_strcmp0 (mc_json_get_string (answer, "default"),
                    mc_json_get_string (expected, "default"))
             != 0)
    return FALSE;
  for (GList *key = keys; key != NULL; key = key->next)
    {
      JsonObject *variant = mc_json_get_object (got, key->data);
      JsonObject *want = mc_json_get_object (wanted, key->data);

      if (variant == NULL || !lists_equal (variant, "files", want, "files")
          || g_strcmp0 (mc_json_get_string (variant, "format"), mc_json_get_string (want, "format"))
                 != 0)
        return FALSE;
    }
  return TRUE;
}

/* FALSE if the file is no case. */
static gboolean
run_shared_case (const char *path, guint *n_exact)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *answer_text = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (JsonNode) answer_root = NULL;
  JsonObject *expected;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, &error));
  root = mc_json_parse (text, (gssize) length, &error);
  g_assert_no_error (error);
  expected = mc_json_get_object (mc_json_node_get_object (root), "expected");
  if (expected == NULL)
    return FALSE;
  answer_text = mc_listing_json_group (text, (gssize) length, &error);
  g_assert_no_error (error);
  if (is_as_expected (parse_answer (answer_text, &answer_root), expected))
    (*n_exact)++;
  else
    g_test_message ("not as expected: %s", path);
  return TRUE;
}

static void
test_shared_cases (void)
{
  const char *shared = g_getenv ("MC_SHARED_DIR");
  g_autofree char *folder =
      shared != NULL ? g_build_filename (shared, "variant-cases", NULL) : NULL;
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;
  guint n_cases = 0;
  guint n_exact = 0;

  if (dir == NULL)
    {
      g_test_skip ("MC_SHARED_DIR has no variant-cases");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".json"))
        n_cases += run_shared_case (path, &n_exact);
    }
  g_test_message ("%u of %u cases are exact", n_exact, n_cases);
  g_assert_cmpuint (n_exact, >=, SHARED_CASES_FLOOR);
}

static void
add_cases (const char *family, const McVariantCase *cases, gsize n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autofree char *path = g_strdup_printf ("/variant-detect/%s/%s", family, cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_cases ("gguf", gguf_cases, G_N_ELEMENTS (gguf_cases));
  add_cases ("onnx", onnx_cases, G_N_ELEMENTS (onnx_cases));
  add_cases ("weights", weight_cases, G_N_ELEMENTS (weight_cases));
  add_cases ("pipeline", pipeline_cases, G_N_ELEMENTS (pipeline_cases));
  add_cases ("bundle", bundle_cases, G_N_ELEMENTS (bundle_cases));
  add_cases ("support", support_cases, G_N_ELEMENTS (support_cases));
  g_test_add_func ("/variant-detect/hostile-names", test_hostile_names);
  g_test_add_func ("/variant-detect/random-names", test_random_names);
  g_test_add_func ("/variant-detect/crowds", test_crowds);
  g_test_add_func ("/variant-detect/json", test_json);
  g_test_add_func ("/variant-detect/json-empty", test_json_empty);
  g_test_add_func ("/variant-detect/json-refusals", test_json_refusals);
  g_test_add_func ("/variant-detect/shared-cases", test_shared_cases);
  return g_test_run ();
}
