/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-facts.h"

#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"
#include "mc-words.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* Variants for people who choose one: in a table, and one by one with the arithmetic behind it.
 * Whatever a dictionary does not tell is not shown. */

#define MOST_CONTEXT G_MAXINT32

gboolean
mc_cli_parse_context (const char *text, guint64 *context, GError **error)
{
  *context = 0;
  if (text == NULL || g_ascii_string_to_unsigned (text, 10, 1, MOST_CONTEXT, context, NULL))
    return TRUE;
  return mc_cli_fail_usage (error, _ ("“%s” is no number of tokens, such as 8192"), text);
}

static gboolean
is_utf8 (void)
{
  return mc_cli_output_examine (STDOUT_FILENO).utf8;
}

/* An a{sv}; empty if the dict has none. */
static GVariant *
get_dict (GVariant *dict, const char *key)
{
  GVariant *value = g_variant_lookup_value (dict, key, G_VARIANT_TYPE_VARDICT);

  if (value != NULL)
    return value;
  return g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
}

static guint
get_missing (GVariant *dict)
{
  guint missing = 0;

  g_variant_lookup (dict, "missing-shards", "u", &missing);
  return missing;
}

/* NULL or empty texts are no lines. */
static void
print_texts (const char *label, GVariant *dict, const char *key)
{
  g_autofree const char **texts = NULL;

  if (!g_variant_lookup (dict, key, "^a&s", &texts))
    return;
  for (guint i = 0; texts[i] != NULL; i++)
    mc_cli_print_fact (i == 0 ? label : "", texts[i]);
}

/* --- the table --- */

static char *
dup_verified (GVariant *row)
{
  gint64 seconds = 0;

  if (!g_variant_lookup (row, "verified_at", "x", &seconds) || seconds <= 0)
    return g_strdup ("");
  return mc_cli_text_ago (g_get_real_time () / G_USEC_PER_SEC - seconds);
}

/* "✓ fits" */
static char *
describe_fit (GVariant *dict)
{
  g_autoptr (GVariant) fit = get_dict (dict, "fit");
  const char *state = mc_cli_dict_get_string (fit, "state", "");
  const char *symbol = mc_words_fit_symbol (state, is_utf8 ());

  if (get_missing (dict) > 0)
    return g_strdup_printf ("%s %s", mc_words_fit_symbol ("too-large", is_utf8 ()),
                            _ ("incomplete"));
  return g_strdup_printf ("%s%s%s", symbol, symbol[0] != '\0' ? " " : "", mc_words_fit (state));
}

/* What is known of a size: all of it, or that of the weights alone. */
static char *
describe_size (GVariant *dict)
{
  guint64 size = mc_cli_dict_get_size (dict, "size");
  g_autofree char *least = NULL;

  if (size > 0)
    return mc_cli_text_size (size);
  size = mc_cli_dict_get_size (dict, "weights");
  if (size == 0)
    return g_strdup ("");
  least = mc_cli_text_size (size);
  return g_strconcat (least, "+", NULL);
}

/* A listing knows nothing of what is here. */
static char *
describe_rest (GVariant *dict)
{
  guint64 size = mc_cli_dict_get_size (dict, "size");
  guint64 here;

  if (!g_variant_lookup (dict, "downloaded", "t", &here))
    return g_strdup ("");
  return here < size ? mc_cli_text_size (size - here) : g_strdup (C_ ("nothing to get", "-"));
}

static void
add_row (McCliTable *table, GVariant *dict, const char *marked)
{
  const char *key = mc_cli_dict_get_string (dict, "key", "");
  const char *status = mc_cli_dict_get_string (dict, "status", "");

  mc_cli_table_add (table, g_strdup (strcmp (key, marked) == 0 ? "*" : ""), g_strdup (key),
                    g_strdup (mc_cli_dict_get_string (dict, "encoding", "")),
                    g_strdup (mc_words_quality (mc_cli_dict_get_string (dict, "quality", ""))),
                    describe_size (dict), describe_rest (dict), describe_fit (dict),
                    g_strdup (mc_cli_status_for_people (status)), dup_verified (dict));
}

/* The suggested variant; NULL if none is. */
static GVariant *
find_suggested (GVariant *variants)
{
  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (variants, i);

      if (mc_cli_dict_get_flag (dict, "suggested"))
        return g_steal_pointer (&dict);
    }
  return NULL;
}

/* What the judgements are about: "for 4096 tokens of text, 16.4 GB of memory". */
static void
print_basis (GVariant *dict)
{
  g_autoptr (GVariant) fit = get_dict (dict, "fit");
  guint64 context = mc_cli_dict_get_size (fit, "context");
  guint64 vram = mc_cli_dict_get_size (fit, "vram");
  g_autofree char *memory = mc_cli_text_size (mc_cli_dict_get_size (fit, "memory"));
  g_autofree char *graphics = mc_cli_text_size (vram);

  if (mc_cli_dict_get_size (fit, "memory") == 0)
    return;
  if (vram > 0)
    /* Translators: memory and graphics memory, "16.4 GB" */
    mc_cli_print (_ ("Judged for %" PRIu64 " tokens of context, %s of memory and %s of "
                     "graphics memory.\n"),
                  context, memory, graphics);
  else
    mc_cli_print (_ ("Judged for %" PRIu64 " tokens of context and %s of memory.\n"), context,
                  memory);
}

static void
print_legend (GVariant *manifest, GVariant *suggested)
{
  const char *usual = mc_cli_dict_get_string (manifest, "default", NULL);

  mc_cli_print ("\n");
  if (suggested != NULL)
    mc_cli_print (_ ("* Suggested: %s.\n"),
                  mc_words_reason (mc_cli_dict_get_string (suggested, "suggested-reason", "")));
  else if (usual != NULL)
    mc_cli_print (_ ("* The usual choice.\n"));
  if (suggested != NULL)
    print_basis (suggested);
  if (suggested != NULL && usual != NULL
      && strcmp (usual, mc_cli_dict_get_string (suggested, "key", "")) != 0)
    mc_cli_print (_ ("A download that names none takes %s.\n"), usual);
}

void
mc_cli_print_variant_table (GVariant *manifest)
{
  static const McCliColumn columns[] = {
    { "", FALSE, 0 },
    { N_ ("VARIANT"), FALSE, 0 },
    { N_ ("ENCODING"), FALSE, 3 },
    { N_ ("QUALITY"), FALSE, 1 },
    { N_ ("SIZE"), TRUE, 0 },
    { N_ ("TO GET"), TRUE, 2 },
    { N_ ("FITS"), FALSE, 0 },
    { N_ ("STATUS"), FALSE, 4 },
    { N_ ("VERIFIED"), FALSE, 5 },
  };
  g_autoptr (GVariant) variants = mc_cli_dict_get_list (manifest, "variants");
  g_autoptr (GVariant) suggested = find_suggested (variants);
  const char *marked = mc_cli_dict_get_string (suggested != NULL ? suggested : manifest,
                                               suggested != NULL ? "key" : "default", "");
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  if (g_variant_n_children (variants) == 0)
    {
      mc_cli_print (_ ("No variants were found among its files.\n"));
      return;
    }
  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (variants, i);

      add_row (table, dict, marked);
    }
  mc_cli_table_print (table);
  print_legend (manifest, suggested);
}

/* --- one of them --- */

static char *
format_tokens (guint64 tokens)
{
  return g_strdup_printf (ngettext ("%" PRIu64 " token", "%" PRIu64 " tokens", (gulong) tokens),
                          tokens);
}

/* "Q4_K_M, 4.9 bits for each weight" */
static void
print_encoding (GVariant *dict)
{
  const char *encoding = mc_cli_dict_get_string (dict, "encoding", NULL);
  double bits = 0;
  g_autofree char *both = NULL;

  if (!g_variant_lookup (dict, "bits-per-weight", "d", &bits))
    mc_cli_print_fact (_ ("Encoding:"), encoding);
  else if (encoding == NULL)
    both = g_strdup_printf (_ ("%.1f bits for each weight"), bits);
  else
    both = g_strdup_printf (_ ("%s, %.1f bits for each weight"), encoding, bits);
  mc_cli_print_fact (_ ("Encoding:"), both);
}

static void
print_quality (GVariant *dict)
{
  const char *word = mc_cli_dict_get_string (dict, "quality", NULL);
  g_autofree char *both = NULL;

  if (word == NULL)
    return;
  /* Translators: a word, and what it means: “close: close to the original” */
  both = g_strdup_printf (C_ ("quality", "%s: %s"), mc_words_quality (word),
                          mc_words_quality_sentence (word));
  mc_cli_print_fact (_ ("Quality:"), both);
}

static void
print_model (GVariant *dict)
{
  guint64 parameters = mc_cli_dict_get_size (dict, "parameters");
  guint64 active = mc_cli_dict_get_size (dict, "active-parameters");
  guint64 context = mc_cli_dict_get_size (dict, "context-length");
  g_autofree char *count = parameters > 0 ? mc_cli_text_count (parameters) : NULL;
  g_autofree char *active_count = mc_cli_text_count (active);
  g_autofree char *tokens = context > 0 ? format_tokens (context) : NULL;
  g_autofree char *both = NULL;

  if (count != NULL && active > 0)
    /* Translators: numbers of parameters, "30.5B, 3.3B of them active" */
    both = g_strdup_printf (_ ("%s, %s of them active"), count, active_count);
  mc_cli_print_fact (_ ("Architecture:"), mc_cli_dict_get_string (dict, "architecture", NULL));
  mc_cli_print_fact (_ ("Parameters:"), both != NULL ? both : count);
  mc_cli_print_fact (_ ("Context:"), tokens);
}

static void
print_engines (GVariant *dict)
{
  g_autofree const char **engines = NULL;
  g_autofree char *joined = NULL;

  if (!g_variant_lookup (dict, "engines", "^a&s", &engines))
    return;
  joined = g_strjoinv (", ", (char **) engines);
  mc_cli_print_fact (_ ("Runs in:"), joined);
}

static void
print_sizes (GVariant *dict)
{
  g_autofree char *size = describe_size (dict);
  guint64 total = mc_cli_dict_get_size (dict, "size");
  guint64 here = 0;

  mc_cli_print_fact (_ ("Size:"), size);
  if (!g_variant_lookup (dict, "downloaded", "t", &here))
    return;
  if (here > 0)
    mc_cli_print_fact_size (_ ("Here already:"), here);
  mc_cli_print_fact_size (_ ("To download:"), total - MIN (here, total));
}

/* A line of a sum: "+    469.8 MB  KV cache" */
static void
print_term (const char *label, const char *sign, guint64 bytes, const char *what)
{
  g_autofree char *size = mc_cli_text_size (bytes);
  g_autofree char *padded = mc_cli_text_pad (size, 10, TRUE);
  g_autofree char *line = g_strdup_printf ("%s %s  %s", sign, padded, what);

  mc_cli_print_fact (label, line);
}

/* What there is for it, and what of that a model may take. */
static void
print_room (
    const char *label, GVariant *fit, const char *key, const char *budget_key, const char *what)
{
  guint64 bytes = mc_cli_dict_get_size (fit, key);
  guint64 budget = 0;
  g_autofree char *budget_text = NULL;
  g_autofree char *line = NULL;

  if (bytes == 0)
    return;
  if (g_variant_lookup (fit, budget_key, "t", &budget))
    {
      budget_text = mc_cli_text_size (budget);
      /* Translators: "memory, 12.4 GB of it for models" */
      line = g_strdup_printf (_ ("%s, %s of it for models"), what, budget_text);
    }
  print_term (label, " ", bytes, line != NULL ? line : what);
}

static void
print_fit (GVariant *dict)
{
  g_autoptr (GVariant) fit = get_dict (dict, "fit");
  const char *state = mc_cli_dict_get_string (fit, "state", "unknown");
  g_autofree char *tokens = format_tokens (mc_cli_dict_get_size (fit, "context"));
  g_autofree char *cache = NULL;
  g_autofree char *judgement = NULL;

  if (strcmp (state, "unknown") == 0)
    return;
  judgement = g_strdup_printf ("%s %s", mc_words_fit_symbol (state, is_utf8 ()),
                               mc_words_fit_sentence (state));
  if (mc_cli_dict_get_flag (fit, "kv-cache-known"))
    cache = g_strdup_printf (_ ("KV cache of %s"), tokens);
  else
    cache = g_strdup (_ ("KV cache, an allowance: the file's header was not read"));
  mc_cli_print_fact (_ ("Fit:"), judgement);
  print_term (_ ("Needs:"), " ", mc_cli_dict_get_size (fit, "weights"), _ ("weights"));
  print_term ("", "+", mc_cli_dict_get_size (fit, "kv-cache"), cache);
  print_term ("", "+", mc_cli_dict_get_size (fit, "overhead"), _ ("buffers and the program"));
  print_term ("", "=", mc_cli_dict_get_size (fit, "needed"), _ ("in all"));
  print_room (_ ("There is:"), fit, "memory", "memory-budget", _ ("memory"));
  print_room (mc_cli_dict_get_size (fit, "memory") == 0 ? _ ("There is:") : "", fit, "vram",
              "vram-budget", _ ("graphics memory"));
}

static void
print_notes (GVariant *dict)
{
  g_autofree const char **notes = NULL;
  guint missing = get_missing (dict);

  if (g_variant_lookup (dict, "notes", "^a&s", &notes))
    for (guint i = 0; notes[i] != NULL; i++)
      mc_cli_print_fact (i == 0 ? _ ("Note:") : "", mc_words_note (notes[i]));
  if (missing > 0)
    {
      g_autofree char *count =
          g_strdup_printf (ngettext ("%u part, such as", "%u parts, such as", missing), missing);

      mc_cli_print_fact (_ ("Missing:"), count);
      print_texts ("", dict, "missing");
    }
  print_texts (_ ("Borrowed:"), dict, "borrowed");
}

/* "downloaded", "38%", "-"; "" if nobody knows. */
static char *
describe_file_state (GVariant *file)
{
  guint64 size = mc_cli_dict_get_size (file, "size");
  guint64 here;

  if (!g_variant_lookup (file, "downloaded", "t", &here))
    return g_strdup ("");
  if (mc_cli_dict_get_flag (file, "damaged"))
    return g_strdup (mc_cli_status_for_people ("damaged"));
  if (here >= size)
    return g_strdup (mc_cli_status_for_people ("downloaded"));
  return here == 0 ? g_strdup ("-") : g_strdup_printf ("%u%%", mc_cli_text_percent (here, size));
}

static GHashTable *
index_files (GVariant *manifest)
{
  g_autoptr (GVariant) files = mc_cli_dict_get_list (manifest, "files");
  GHashTable *index =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);

  for (gsize i = 0; i < g_variant_n_children (files); i++)
    {
      GVariant *file = g_variant_get_child_value (files, i);

      g_hash_table_insert (index, g_strdup (mc_cli_dict_get_string (file, "path", "")), file);
    }
  return index;
}

static void
print_own_files (GVariant *dict, GHashTable *index)
{
  static const McCliColumn columns[] = {
    { N_ ("FILE"), FALSE, 0 },
    { N_ ("SIZE"), TRUE, 0 },
    { N_ ("STATE"), FALSE, 1 },
    { N_ ("ROLE"), FALSE, 2 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));
  g_autofree const char **paths = NULL;

  if (!g_variant_lookup (dict, "files", "^a&s", &paths))
    return;
  for (guint i = 0; paths[i] != NULL; i++)
    {
      GVariant *file = g_hash_table_lookup (index, paths[i]);
      guint64 size;

      if (file == NULL)
        continue;
      mc_cli_table_add (table, g_strdup (paths[i]),
                        g_variant_lookup (file, "size", "t", &size) ? mc_cli_text_size (size)
                                                                    : g_strdup (""),
                        describe_file_state (file), g_strdup (mc_cli_role_for_people (file)));
    }
  mc_cli_print ("\n");
  mc_cli_table_print (table);
}

static void
print_title (GVariant *dict, const char *usual)
{
  const char *key = mc_cli_dict_get_string (dict, "key", "");

  mc_cli_print ("%s\n", key);
  if (mc_cli_dict_get_flag (dict, "suggested"))
    mc_cli_print_fact (_ ("Suggested:"),
                       mc_words_reason (mc_cli_dict_get_string (dict, "suggested-reason", "")));
  if (strcmp (key, usual) == 0)
    mc_cli_print_fact (_ ("Default:"), _ ("a download that names none takes it"));
}

static void
print_one (GVariant *dict, const char *usual, GHashTable *index)
{
  const char *status = mc_cli_dict_get_string (dict, "status", "");
  g_autofree char *verified = dup_verified (dict);

  print_title (dict, usual);
  mc_cli_print_fact (_ ("Status:"), mc_cli_status_for_people (status));
  mc_cli_print_fact (_ ("Verified:"), verified);
  mc_cli_print_fact (_ ("Format:"), mc_cli_dict_get_string (dict, "format", NULL));
  print_encoding (dict);
  print_quality (dict);
  print_model (dict);
  print_engines (dict);
  print_sizes (dict);
  print_fit (dict);
  print_notes (dict);
  print_own_files (dict, index);
}

void
mc_cli_print_variant (GVariant *manifest, GVariant *dict)
{
  g_autoptr (GHashTable) index = index_files (manifest);

  print_one (dict, mc_cli_dict_get_string (manifest, "default", ""), index);
}

void
mc_cli_print_variants_long (GVariant *manifest)
{
  g_autoptr (GHashTable) index = index_files (manifest);
  g_autoptr (GVariant) variants = mc_cli_dict_get_list (manifest, "variants");
  const char *usual = mc_cli_dict_get_string (manifest, "default", "");

  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (variants, i);

      mc_cli_print ("%s", i > 0 ? "\n" : "");
      print_one (dict, usual, index);
    }
}
