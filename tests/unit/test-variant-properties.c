/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-detect.h"

#include "mc-manifest-build.h"
#include "mc-variant-facts.h"
#include "mc-variant-sources.h"

#include <string.h>

/* What holds for the grouping of any listing, over repos made up by a generator with fixed seeds:
 * as real ones are laid out, several of them in one, with parts missing, spelled in any case, and
 * with things that are no model between them. */

#define N_REPOS 1500
#define N_ORDERS 3

static guint32 first_seed = 1;
static guint32 n_repos = N_REPOS;

/* Files that are one thing: the shards of a variant, a graph and its data. */
typedef struct
{
  GPtrArray *paths; /* (owned) borrowed from the listing: those that are there */
  guint n_missing;
} Set;

typedef struct
{
  GRand *random;
  GPtrArray *paths; /* (owned) char * */
  GHashTable *seen; /* (owned) borrowed */
  GPtrArray *sets;  /* (owned) Set */
} Listing;

static void
set_free (gpointer data)
{
  Set *set = data;

  g_ptr_array_unref (set->paths);
  g_free (set);
}

static Listing *
listing_new (guint32 seed)
{
  Listing *self = g_new0 (Listing, 1);

  self->random = g_rand_new_with_seed (seed);
  self->paths = g_ptr_array_new_with_free_func (g_free);
  self->seen = g_hash_table_new (g_str_hash, g_str_equal);
  self->sets = g_ptr_array_new_with_free_func (set_free);
  return self;
}

static void
listing_free (Listing *self)
{
  g_rand_free (self->random);
  g_hash_table_unref (self->seen);
  g_ptr_array_unref (self->sets);
  g_ptr_array_unref (self->paths);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listing, listing_free)

/* One time in so many. */
static gboolean
happens (Listing *self, gint32 in)
{
  return g_rand_int_range (self->random, 0, in) == 0;
}

/* What was added; NULL if it was there already. */
static const char *
add_path (Listing *self, char *path)
{
  /* Adding would put the new one in the place of the old. */
  if (g_hash_table_contains (self->seen, path))
    {
      g_free (path);
      return NULL;
    }
  g_hash_table_add (self->seen, path);
  g_ptr_array_add (self->paths, path);
  return path;
}

static const char *
add (Listing *self, const char *path)
{
  return add_path (self, g_strdup (path));
}

static gboolean
has_shards (Listing *self, const char *prefix, const char *extension, guint n_shards)
{
  for (guint i = 1; i <= n_shards; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s-%05u-of-%05u%s", prefix, i, n_shards, extension);

      if (g_hash_table_contains (self->seen, path))
        return TRUE;
    }
  return FALSE;
}

/* Some of them may be missing. */
static void
add_shards (Listing *self, const char *prefix, const char *extension, guint n_shards)
{
  Set *set;

  if (has_shards (self, prefix, extension, n_shards))
    return;
  set = g_new0 (Set, 1);
  set->paths = g_ptr_array_new ();
  for (guint i = 1; i <= n_shards; i++)
    if (happens (self, 12))
      set->n_missing++;
    else
      g_ptr_array_add (set->paths,
                       (gpointer) add_path (self, g_strdup_printf ("%s-%05u-of-%05u%s", prefix, i,
                                                                   n_shards, extension)));
  g_ptr_array_add (self->sets, set);
}

/* "Q4_K_M" as uploaders spell it. */
static char *
spell (Listing *self, const char *token)
{
  switch (g_rand_int_range (self->random, 0, 4))
    {
    case 0:
      return g_ascii_strdown (token, -1);
    case 1:
      return g_strconcat (token, "-imat", NULL);
    default:
      return g_strdup (token);
    }
}

static void
add_gguf (Listing *self, const char *folder)
{
  static const char *const tokens[] = { "Q2_K", "IQ3_XXS", "Q4_K_M",    "Q4_0", "UD-Q4_K_XL",
                                        "Q6_K", "Q8_0",    "MXFP4_MOE", "F16",  "BF16" };
  static const char *const models[] = { "Qwen3-8B", "tiny.v2", "Model" };
  static const char *const separators[] = { "-", ".", "_" };
  const char *model = models[g_rand_int_range (self->random, 0, G_N_ELEMENTS (models))];
  const char *separator = separators[g_rand_int_range (self->random, 0, G_N_ELEMENTS (separators))];

  for (gsize i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      g_autofree char *token = spell (self, tokens[i]);
      g_autofree char *stem = NULL;

      if (happens (self, 2))
        continue;
      stem = g_strconcat (folder, happens (self, 6) ? token : "", NULL);
      if (strlen (stem) > strlen (folder))
        {
          g_autofree char *inside = g_strconcat (stem, "/", model, separator, token, NULL);

          add_shards (self, inside, ".gguf", (guint) g_rand_int_range (self->random, 2, 5));
        }
      else
        add_path (self, g_strconcat (folder, model, separator, token, ".gguf", NULL));
    }
  if (happens (self, 2))
    add_path (self, g_strconcat (folder, "mmproj-", model, "-f16.gguf", NULL));
  if (happens (self, 3))
    add_path (self, g_strconcat (folder, "mtp-", model, "-Q8_0.gguf", NULL));
  if (happens (self, 3))
    add_path (self, g_strconcat (folder, model, separator, "imatrix.gguf", NULL));
}

static void
add_onnx (Listing *self, const char *folder)
{
  static const char *const suffixes[] = { "", "_fp16", "_quantized", "_int8", "_q4", "_q4f16" };
  static const char *const parts[][4] = {
    { "model", NULL },
    { "encoder_model", "decoder_model_merged", NULL },
    { "embed_tokens", "decoder_model_merged", "vision_encoder", NULL },
    { "text_model", "vision_model", "model", NULL },
  };
  const char *const *chosen = parts[g_rand_int_range (self->random, 0, G_N_ELEMENTS (parts))];

  for (gsize part = 0; chosen[part] != NULL; part++)
    for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
      {
        Set *set;
        const char *graph;
        const char *data;

        if (happens (self, 4))
          continue;
        graph = add_path (self,
                          g_strconcat (folder, "onnx/", chosen[part], suffixes[i], ".onnx", NULL));
        if (graph == NULL || !happens (self, 3))
          continue;
        data = add_path (self, g_strconcat (graph, "_data", NULL));
        set = g_new0 (Set, 1);
        set->paths = g_ptr_array_new ();
        g_ptr_array_add (set->paths, (gpointer) graph);
        g_ptr_array_add (set->paths, (gpointer) data);
        g_ptr_array_add (self->sets, set);
      }
}

static void
add_weights (Listing *self, const char *folder)
{
  static const struct
  {
    const char *stem;
    const char *extension;
  } kinds[] = {
    { "model", ".safetensors" },
    { "pytorch_model", ".bin" },
    { "tf_model", ".h5" },
    { "flax_model", ".msgpack" },
    { "rust_model", ".ot" },
    { "model.fp16", ".safetensors" },
    { "adapter_model", ".safetensors" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *stem = g_strconcat (folder, kinds[i].stem, NULL);

      if (happens (self, 3))
        add_path (self, g_strconcat (stem, kinds[i].extension, NULL));
      else if (i < 2 && happens (self, 2))
        add_shards (self, stem, kinds[i].extension, (guint) g_rand_int_range (self->random, 2, 9));
    }
}

static void
add_pipeline (Listing *self, const char *folder)
{
  static const char *const components[] = { "unet", "vae", "text_encoder" };

  add_path (self, g_strconcat (folder, "model_index.json", NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (components); i++)
    {
      const char *stem = i == 2 ? "model" : "diffusion_pytorch_model";

      add_path (self, g_strconcat (folder, components[i], "/config.json", NULL));
      add_path (self, g_strconcat (folder, components[i], "/", stem, ".safetensors", NULL));
      if (happens (self, 2))
        add_path (self, g_strconcat (folder, components[i], "/", stem, ".fp16.safetensors", NULL));
    }
}

/* Things of several files that are one: formats whose file names tell nothing. */
static void
add_bundle (Listing *self, const char *folder)
{
  static const char *const bundles[][5] = {
    { "openvino_model.xml", "openvino_model.bin" },
    { "openvino_model_qint8_quantized.xml", "openvino_model_qint8_quantized.bin" },
    { "M.mlpackage/Manifest.json", "M.mlpackage/Data/weights/weight.bin",
      "M.mlpackage/Data/model.mlmodel" },
    { "mlc-chat-config.json", "params_shard_0.bin", "params_shard_1.bin", "ndarray-cache.json" },
    { "saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001" },
    { "cpu-int4/genai_config.json", "cpu-int4/model.onnx", "cpu-int4/model.onnx.data",
      "cpu-int4/tokenizer.json" },
  };
  const char *const *names = bundles[g_rand_int_range (self->random, 0, G_N_ELEMENTS (bundles))];
  Set *set = g_new0 (Set, 1);

  set->paths = g_ptr_array_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (bundles[0]) && names[i] != NULL; i++)
    {
      const char *path = add_path (self, g_strconcat (folder, names[i], NULL));

      if (path != NULL)
        g_ptr_array_add (set->paths, (gpointer) path);
    }
  g_ptr_array_add (self->sets, set);
}

static void
add_others (Listing *self, const char *folder)
{
  static const char *const names[] = {
    "config.json",
    "tokenizer.json",
    "README.md",
    "readme.md",
    ".gitattributes",
    "vocab.txt",
    "images/a.png",
    "model.tflite",
    "ggml-x.bin",
    "openvino/openvino_model.xml",
    "Config.json",
    "training_args.bin",
    "runs/1/events",
    "x.py",
    "openvino/openvino_model.bin",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (happens (self, 3))
      add_path (self, g_strconcat (folder, names[i], NULL));
}

/* The same names once more, spelled otherwise, as a careless upload leaves them. */
static void
add_twins (Listing *self)
{
  guint n_paths = self->paths->len;

  for (guint i = 0; i < n_paths; i++)
    if (happens (self, 8))
      {
        const char *path = g_ptr_array_index (self->paths, i);

        add_path (self, happens (self, 2) ? g_ascii_strup (path, -1) : g_ascii_strdown (path, -1));
      }
}

static Listing *
generate (guint32 seed, gboolean with_twins)
{
  static void (*const layouts[]) (Listing *, const char *) = { add_gguf,    add_onnx,
                                                               add_weights, add_pipeline,
                                                               add_bundle,  add_others };
  static const char *const folders[] = { "", "", "", "sub/", "A/b/" };
  Listing *self = listing_new (seed);
  gint32 n_layouts = g_rand_int_range (self->random, 1, 4);

  add (self, "README.md");
  for (gint32 i = 0; i < n_layouts; i++)
    {
      const char *folder = folders[g_rand_int_range (self->random, 0, G_N_ELEMENTS (folders))];

      layouts[g_rand_int_range (self->random, 0, G_N_ELEMENTS (layouts))](self, folder);
      add_others (self, folder);
    }
  if (with_twins)
    add_twins (self);
  return self;
}

/* --- --- */

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static McGrouping *
group (Listing *self)
{
  return mc_grouping_detect ((const char *const *) self->paths->pdata, self->paths->len);
}

/* Where each path is: the keys of its variants, "shared" or "other". Keys are borrowed. */
static GHashTable *
find_homes (Listing *self, const McGrouping *grouping)
{
  GHashTable *homes =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < self->paths->len; i++)
    g_hash_table_insert (homes, g_ptr_array_index (self->paths, i), g_ptr_array_new ());
  for (guint i = 0; i < grouping->variants->len + 2; i++)
    {
      const McVariantGroup *variant =
          i < grouping->variants->len ? g_ptr_array_index (grouping->variants, i) : NULL;
      GArray *files = variant != NULL                ? variant->files
                      : i == grouping->variants->len ? grouping->shared
                                                     : grouping->other;
      const char *name = variant != NULL                ? variant->key
                         : i == grouping->variants->len ? "shared"
                                                        : "other";

      for (guint j = 0; j < files->len; j++)
        {
          guint place = g_array_index (files, guint, j);

          g_assert_cmpuint (place, <, self->paths->len);
          g_ptr_array_add (g_hash_table_lookup (homes, g_ptr_array_index (self->paths, place)),
                           (gpointer) name);
        }
    }
  return homes;
}

static char *
join_homes (GHashTable *homes, const char *path)
{
  g_autoptr (GPtrArray) copy = g_ptr_array_new ();
  GPtrArray *names = g_hash_table_lookup (homes, path);

  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (copy, g_ptr_array_index (names, i));
  g_ptr_array_sort (copy, compare_texts);
  g_ptr_array_add (copy, NULL);
  return g_strjoinv (" ", (char **) copy->pdata);
}

/* Everything, as text that does not depend on the order. */
static char *
render (Listing *self, const McGrouping *grouping, GHashTable *homes)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->paths->len; i++)
    {
      const char *path = g_ptr_array_index (self->paths, i);
      g_autofree char *names = join_homes (homes, path);

      g_ptr_array_add (lines, g_strdup_printf ("%s: %s", path, names));
    }
  g_ptr_array_sort (lines, compare_texts);
  g_ptr_array_add (lines, g_strdup_printf ("default: %s", grouping->default_key));
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

static void
assert_nothing_lost (Listing *self, GHashTable *homes)
{
  for (guint i = 0; i < self->paths->len; i++)
    {
      const char *path = g_ptr_array_index (self->paths, i);
      GPtrArray *names = g_hash_table_lookup (homes, path);

      g_assert_cmpuint (names->len, >, 0);
      for (guint j = 0; j < names->len; j++)
        if (strchr (g_ptr_array_index (names, j), ':') == NULL)
          g_assert_cmpuint (names->len, ==, 1);
    }
}

/* Cuts the last name off; FALSE if there is none. */
static gboolean
go_up (GString *path)
{
  const char *slash = strrchr (path->str, '/');

  g_string_truncate (path, slash != NULL ? (gsize) (slash - path->str) : 0);
  return slash != NULL;
}

/* A component that a pipeline lacks in PyTorch comes from safetensors, and the other way round.
 * Any folder right below a pipeline may be one. */
static gboolean
is_component (Listing *self, const char *path)
{
  g_autoptr (GString) folder = g_string_new (path);

  if (!go_up (folder))
    return FALSE;
  if (go_up (folder))
    g_string_append_c (folder, '/');
  g_string_append (folder, "model_index.json");
  for (guint i = 0; i < self->paths->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (self->paths, i), folder->str) == 0)
      return TRUE;
  return FALSE;
}

/* A file with weights is of one format, which its extension tells. */
static void
assert_one_format (Listing *self, GHashTable *homes)
{
  static const char *const formats[][2] = {
    { ".gguf", "gguf:" },      { ".onnx", "onnx:" },
    { ".h5", "tensorflow:" },  { ".msgpack", "flax:" },
    { ".ot", "rust:" },        { ".tflite", "tflite:" },
    { ".onnx_data", "onnx:" }, { ".safetensors", "safetensors:" },
  };

  for (guint i = 0; i < self->paths->len; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (formats); j++)
      {
        const char *path = g_ptr_array_index (self->paths, i);
        g_autofree char *lower = g_ascii_strdown (path, -1);
        GPtrArray *names = g_hash_table_lookup (homes, path);

        for (guint k = 0; g_str_has_suffix (lower, formats[j][0]) && k < names->len; k++)
          {
            const char *name = g_ptr_array_index (names, k);

            /* Where nothing is a model, as with a projector and a draft alone, all files are one.
             */
            if (strchr (name, ':') != NULL && !g_str_has_prefix (name, formats[j][1])
                && strcmp (name, "files:default") != 0
                && !(g_str_has_prefix (name, "pytorch:") && is_component (self, path)))
              g_error ("%s is in %s", path, name);
          }
      }
}

/* "onnx" of "onnx:q4" */
static gboolean
is_same_format (const char *one, const char *two)
{
  gsize length = strcspn (one, ":");

  return length == strcspn (two, ":") && strncmp (one, two, length) == 0;
}

/* Whatever is loaded is in variants of one format only. */
static void
assert_not_shared_by_formats (Listing *self, GHashTable *homes)
{
  for (guint i = 0; i < self->paths->len; i++)
    {
      char *path = g_ptr_array_index (self->paths, i);
      const McFile file = { .path = path };
      GPtrArray *names = g_hash_table_lookup (homes, path);

      for (guint j = 1; mc_file_is_weight (&file) && j < names->len; j++)
        if (!is_same_format (g_ptr_array_index (names, 0), g_ptr_array_index (names, j))
            && !is_component (self, path))
          g_error ("%s is of two formats: %s, %s", path, (char *) g_ptr_array_index (names, 0),
                   (char *) g_ptr_array_index (names, j));
    }
}

static void
assert_keys (const McGrouping *grouping)
{
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean has_default = FALSE;

  for (guint i = 0; i < grouping->variants->len; i++)
    {
      const McVariantGroup *variant = g_ptr_array_index (grouping->variants, i);

      g_assert_true (g_hash_table_add (keys, g_ascii_strdown (variant->key, -1)));
      has_default = has_default || g_strcmp0 (variant->key, grouping->default_key) == 0;
    }
  g_assert_cmpint (has_default, ==, grouping->variants->len > 0);
}

/* The files of a set are always together. */
static void
assert_sets_whole (Listing *self, GHashTable *homes)
{
  for (guint i = 0; i < self->sets->len; i++)
    {
      const Set *set = g_ptr_array_index (self->sets, i);

      for (guint j = 1; j < set->paths->len; j++)
        {
          g_autofree char *first = join_homes (homes, g_ptr_array_index (set->paths, 0));
          g_autofree char *other = join_homes (homes, g_ptr_array_index (set->paths, j));

          g_assert_cmpstr (first, ==, other);
        }
    }
}

static void
shuffle (Listing *self)
{
  for (guint i = self->paths->len; i > 1; i--)
    {
      guint j = (guint) g_rand_int_range (self->random, 0, (gint32) i);
      gpointer path = self->paths->pdata[j];

      self->paths->pdata[j] = self->paths->pdata[i - 1];
      self->paths->pdata[i - 1] = path;
    }
}

static void
test_grouping (gconstpointer data)
{
  gboolean with_twins = GPOINTER_TO_INT (data);

  for (guint32 seed = first_seed; seed - first_seed < n_repos; seed++)
    {
      g_autoptr (Listing) listing = generate (seed, with_twins);
      g_autofree char *first = NULL;

      for (guint order = 0; order < N_ORDERS; order++)
        {
          g_autoptr (McGrouping) grouping = group (listing);
          g_autoptr (GHashTable) homes = find_homes (listing, grouping);
          g_autofree char *text = render (listing, grouping, homes);

          assert_nothing_lost (listing, homes);
          assert_one_format (listing, homes);
          assert_not_shared_by_formats (listing, homes);
          assert_keys (grouping);
          if (!with_twins)
            assert_sets_whole (listing, homes);
          if (first != NULL)
            g_assert_cmpstr (text, ==, first);
          else
            first = g_steal_pointer (&text);
          shuffle (listing);
        }
    }
}

/* --- complete or marked --- */

static McManifest *
build_from (Listing *listing)
{
  McManifest *manifest = mc_manifest_new ();
  g_autoptr (McGrouping) grouping = NULL;

  manifest->repo = g_strdup ("a/b");
  manifest->revision = g_strdup ("main");
  g_ptr_array_sort (listing->paths, compare_texts);
  for (guint i = 0; i < listing->paths->len; i++)
    mc_manifest_add_file (manifest, g_ptr_array_index (listing->paths, i), 1000000,
                          (McDigest){ 0 });
  grouping = group (listing);
  mc_manifest_apply_grouping (manifest, grouping);
  return manifest;
}

/* How many parts the generator left out of the sets this variant has files of. */
static guint64
count_left_out (Listing *listing, GPtrArray *files)
{
  g_autoptr (GHashTable) paths = g_hash_table_new (g_str_hash, g_str_equal);
  guint64 count = 0;

  for (guint i = 0; i < files->len; i++)
    g_hash_table_add (paths, ((McFile *) g_ptr_array_index (files, i))->path);
  for (guint i = 0; i < listing->sets->len; i++)
    {
      const Set *set = g_ptr_array_index (listing->sets, i);

      if (set->paths->len > 0 && g_hash_table_contains (paths, g_ptr_array_index (set->paths, 0)))
        count += set->n_missing;
    }
  return count;
}

static void
test_incomplete (void)
{
  guint n_incomplete = 0;

  for (guint32 seed = first_seed; seed - first_seed < n_repos; seed++)
    {
      g_autoptr (Listing) listing = generate (seed, FALSE);
      g_autoptr (McManifest) manifest = build_from (listing);

      for (guint i = 0; i < manifest->variants->len; i++)
        {
          const McVariant *variant = g_ptr_array_index (manifest->variants, i);
          g_autoptr (GPtrArray) files = mc_manifest_variant_files (manifest, variant);
          g_autoptr (McVariantFacts) facts = mc_variant_facts_new (manifest, variant, NULL);

          g_assert_cmpuint (facts->n_missing, ==, count_left_out (listing, files));
          g_assert_cmpint ((facts->notes & MC_NOTE_INCOMPLETE) != 0, ==, facts->n_missing > 0);
          n_incomplete += facts->n_missing > 0 ? 1 : 0;
        }
    }
  /* Else the generator has become too kind. */
  g_assert_cmpuint (n_incomplete, >, 20);
}

/* "MC_REPOS=5000+20000": other seeds, by hand. */
static void
choose_seeds (void)
{
  g_auto (GStrv) numbers = g_strsplit (g_getenv ("MC_REPOS") ? g_getenv ("MC_REPOS") : "", "+", 2);

  if (g_strv_length (numbers) != 2)
    return;
  first_seed = (guint32) g_ascii_strtoull (numbers[0], NULL, 10);
  n_repos = (guint32) g_ascii_strtoull (numbers[1], NULL, 10);
}

int
main (int argc, char **argv)
{
  choose_seeds ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/variant-properties/grouping", GINT_TO_POINTER (FALSE), test_grouping);
  g_test_add_data_func ("/variant-properties/case-twins", GINT_TO_POINTER (TRUE), test_grouping);
  g_test_add_func ("/variant-properties/complete-or-marked", test_incomplete);
  return g_test_run ();
}
