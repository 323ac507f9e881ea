/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-gguf.h"

#include "mc-gguf-token.h"
#include "mc-path-words.h"

#include <string.h>

/* GGUF and its predecessor ggml: files become sets (the parts of a split file are one), sets are
 * models or go with one. Labels are made in mc-gguf-label.c, projectors given in
 * mc-gguf-projector.c. */

/* Heads that guess ahead: multi-token prediction (Unsloth, ggml-org), EAGLE, DFlash. */
static const char *const draft_prefixes[] = { "mtp-",    "eagle-",  "eagle3-",
                                              "dflash-", "dspark-", NULL };
static const char *const draft_words[] = { "draft", "drafter", NULL };
static const char *const draft_folders[] = { "mtp",   "dspark", "draft",  "drafts", "drafter",
                                             "eagle", "eagle3", "dflash", NULL };

/* What multimodal repos put beside the language model (MiniCPM-o, LTX, Qwen-Omni). */
static const char *const part_folders[] = { "audio",        "vision",        "tts",  "vae",
                                            "text_encoder", "text_encoders", "clip", "projector",
                                            "projectors",   "mmproj",        NULL };
static const char *const imatrix_words[] = { "imatrix", NULL };
static const char *const ggml_words[] = { "ggml", "ggmlv1", "ggmlv2", "ggmlv3", "ggjt", NULL };

/* "-00001-of-00003", with "_" or "." before it too (llama.cpp's gguf-split, transformers). */
gboolean
mc_split_strip_shard (const char *lower, gsize *length, gsize least)
{
  gsize total = mc_count_digits_at_end (lower, *length);
  gsize at = *length - total;
  gsize number;

  if (total < least || total > 6 || at < 5 + least || memcmp (lower + at - 4, "-of-", 4) != 0)
    return FALSE;
  at -= 4;
  number = mc_count_digits_at_end (lower, at);
  if (number < least || number > 6 || at - number < 1
      || strchr ("-_.", lower[at - number - 1]) == NULL)
    return FALSE;
  *length = at - number - 1;
  return TRUE;
}

static gboolean
strip_letters (const char *lower, gsize *length, const char *mark, gsize most)
{
  gsize count = 0;

  while (count < *length && g_ascii_isalpha (lower[*length - 1 - count]))
    count++;
  if (count == 0 || count > most || *length - count < strlen (mark)
      || memcmp (lower + *length - count - strlen (mark), mark, strlen (mark)) != 0)
    return FALSE;
  *length -= count + strlen (mark);
  return TRUE;
}

static gboolean
strip_number (const char *lower, gsize *length, const char *mark)
{
  gsize count = mc_count_digits_at_end (lower, *length);

  if (count == 0 || *length - count < strlen (mark)
      || memcmp (lower + *length - count - strlen (mark), mark, strlen (mark)) != 0)
    return FALSE;
  *length -= count + strlen (mark);
  return TRUE;
}

/* Cut by size, to be joined with cat: mradermacher's ".part1of2", TheBloke's "-split-a", split's
 * own "aa". */
static gboolean
strip_split (const char *lower, gsize *length)
{
  gsize whole = *length;

  if (mc_split_strip_shard (lower, length, 3))
    return TRUE;
  if (strip_number (lower, length, "of") && strip_number (lower, length, ".part"))
    return TRUE;
  *length = whole;
  return strip_letters (lower, length, "-split-", 2) || strip_letters (lower, length, ".part-", 2)
         || strip_number (lower, length, "-part-");
}

/* The length of the stem of a GGUF file, 0 if it is none. */
static gsize
measure_gguf (const McEntry *entry, gboolean *is_split)
{
  gsize length = strlen (entry->name);

  *is_split = strip_split (entry->name, &length);
  if (length <= 5 || memcmp (entry->name + length - 5, ".gguf", 5) != 0)
    return 0;
  length -= 5;
  *is_split |= strip_split (entry->name, &length);
  return length;
}

static gsize
measure_ggml (const McEntry *entry, gboolean *is_split)
{
  *is_split = FALSE;
  if (strcmp (entry->ext, "bin") != 0 || !mc_name_has_word (entry->name, ggml_words))
    return 0;
  return strlen (entry->name) - 4;
}

static gboolean
is_separator (char c)
{
  return c == '-' || c == '_' || c == '.' || c == ' ';
}

static const char *
keep_trimmed (McListing *listing, const char *text, gsize length)
{
  while (length > 0 && is_separator (text[0]))
    {
      text++;
      length--;
    }
  while (length > 0 && is_separator (text[length - 1]))
    length--;
  return mc_listing_keep (listing, text, (gssize) length);
}

/* Of the stem without the token: what precedes is the model, what follows the modifier. */
static void
cut_at_token (McListing *listing, McGgufSet *set, const McToken *token)
{
  const char *behind = set->stem + token->start + token->length;

  set->model = keep_trimmed (listing, set->stem, token->start);
  set->modifier = keep_trimmed (listing, behind, strlen (behind));
  if (set->model[0] == '\0')
    {
      set->model = set->modifier;
      set->modifier = "";
    }
}

static void
set_token_name (McListing *listing, McGgufSet *set, const char *lower, const McToken *token)
{
  g_autofree char *name = mc_token_format (lower, token);

  set->token = mc_listing_keep (listing, name, -1);
}

static gboolean
folder_has_strong_token (const McFolder *folder, gpointer unused)
{
  return mc_name_has_strong_token (folder->name, strlen (folder->name));
}

static gboolean
folder_has_weak_token (const McFolder *folder, gpointer unused)
{
  McToken token;

  return mc_token_find_weak (folder->name, strlen (folder->name), &token);
}

/* For each folder the nearest that names a quantization (bartowski and Unsloth put large ones in a
 * folder), or makes its files something else than models. */
typedef struct
{
  guint *strong;
  guint *weak;
  guint *projector;
  guint *draft;
  guint *part;
} Folders;

static void
read_folder_token (McListing *listing, McGgufSet *set, guint folder, gboolean is_strong)
{
  const char *name = mc_listing_get_folder (listing, folder)->name;
  McToken token;

  if (is_strong ? mc_token_find_strong (name, strlen (name), FALSE, &token)
                : mc_token_find_weak (name, strlen (name), &token))
    set_token_name (listing, set, name, &token);
}

/* The folder has the better word for what the stem says in passing. */
static void
drop_weak_token (McListing *listing, McGgufSet *set, const char *lower)
{
  McToken weak;
  g_autofree char *joined = NULL;

  if (!mc_token_find_weak (lower, strlen (lower), &weak))
    return;
  cut_at_token (listing, set, &weak);
  joined = g_strjoin (set->modifier[0] != '\0' ? "-" : "", set->model, set->modifier, NULL);
  set->model = mc_listing_keep (listing, joined, -1);
  set->modifier = "";
}

static void
read_token (McListing *listing, McGgufSet *set, const Folders *folders)
{
  const char *lower = set->lower;
  gsize length = strlen (lower);
  McToken token;

  set->token = "";
  set->modifier = "";
  set->model = keep_trimmed (listing, set->stem, length);
  if (mc_token_find_strong (lower, length, TRUE, &token))
    {
      set_token_name (listing, set, lower, &token);
      cut_at_token (listing, set, &token);
    }
  else if (folders->strong[set->folder] != MC_NO_FOLDER)
    {
      read_folder_token (listing, set, folders->strong[set->folder], TRUE);
      drop_weak_token (listing, set, lower);
    }
  else if (mc_token_find_weak (lower, length, &token))
    {
      set_token_name (listing, set, lower, &token);
      cut_at_token (listing, set, &token);
    }
  else if (folders->weak[set->folder] != MC_NO_FOLDER)
    read_folder_token (listing, set, folders->weak[set->folder], FALSE);
}

static gboolean
folder_is_projector (const McFolder *folder, gpointer unused)
{
  return mc_gguf_names_projector (folder->name);
}

static gboolean
folder_is_draft (const McFolder *folder, gpointer unused)
{
  return mc_text_in (folder->name, strlen (folder->name), draft_folders);
}

gboolean
mc_gguf_folder_is_part (const McFolder *folder, gpointer unused)
{
  const char *name = folder->name;
  gsize length = strlen (name);
  gsize digits = mc_count_digits_at_end (name, length);

  if (g_str_has_prefix (name, "token2wav") || mc_text_in (name, length, part_folders))
    return TRUE;
  if (digits == 0 || length < digits + 1 || name[length - digits - 1] != '_')
    return FALSE;
  length -= digits + 1;
  return g_str_has_prefix (name, "text_encoder") && mc_text_in (name, length, part_folders);
}

static McGgufKind
judge_kind (const McGgufSet *set, const Folders *folders)
{
  const char *stem = set->lower;

  if (mc_gguf_names_projector (stem) || folders->projector[set->folder] != MC_NO_FOLDER)
    return MC_GGUF_PROJECTOR;
  if (mc_name_has_prefix (stem, draft_prefixes) || mc_name_has_word (stem, draft_words)
      || folders->draft[set->folder] != MC_NO_FOLDER)
    return MC_GGUF_DRAFT;
  if ((g_str_has_prefix (stem, "imatrix") || mc_name_has_word (stem, imatrix_words))
      && !mc_name_has_strong_token (stem, strlen (stem)))
    return MC_GGUF_IMATRIX;
  if (g_str_has_prefix (stem, "ggml-vocab-") || g_str_has_suffix (stem, "-vocab"))
    return MC_GGUF_VOCAB;
  return folders->part[set->folder] != MC_NO_FOLDER ? MC_GGUF_PART : MC_GGUF_MODEL;
}

static void
set_free (McGgufSet *set)
{
  g_array_unref (set->files);
  g_free (set);
}

static McGgufSet *
set_new (McListing *listing,
         const McEntry *entry,
         gsize length,
         const Folders *folders,
         gboolean is_ggml)
{
  McGgufSet *set = g_new0 (McGgufSet, 1);
  const char *name = entry->path + (entry->name - entry->lower);
  g_autofree char *id = NULL;

  set->folder = entry->folder;
  set->stem = mc_listing_keep (listing, name, (gssize) length);
  set->lower = mc_listing_keep (listing, entry->name, (gssize) length);
  set->files = g_array_new (FALSE, FALSE, sizeof (guint));
  read_token (listing, set, folders);
  if (is_ggml && g_ascii_strncasecmp (set->model, "ggml-", 5) == 0)
    set->model += 5;
  id = mc_gguf_model_id (set->model);
  set->model_id = mc_listing_keep (listing, id, -1);
  set->kind = judge_kind (set, folders);
  return set;
}

/* Whole files are sets of one; parts belong together if folder and stem are equal. */
static GPtrArray *
collect_sets (McListing *listing, const Folders *folders, gboolean is_ggml)
{
  GPtrArray *sets = g_ptr_array_new_with_free_func ((GDestroyNotify) set_free);
  g_autoptr (GHashTable) splits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < listing->n_entries; i++)
    {
      McEntry *entry = &listing->entries[i];
      gboolean is_split = FALSE;
      gsize length;
      g_autofree char *key = NULL;
      McGgufSet *set;

      if (entry->state != MC_ENTRY_FREE)
        continue;
      length = is_ggml ? measure_ggml (entry, &is_split) : measure_gguf (entry, &is_split);
      if (length == 0)
        continue;
      if (is_split)
        key = g_strdup_printf ("%u/%.*s", entry->folder, (int) length, entry->name);
      set = is_split ? g_hash_table_lookup (splits, key) : NULL;
      if (set == NULL)
        {
          set = set_new (listing, entry, length, folders, is_ggml);
          g_ptr_array_add (sets, set);
          if (is_split)
            g_hash_table_insert (splits, g_steal_pointer (&key), set);
        }
      g_array_append_val (set->files, i);
    }
  return sets;
}

static void
set_state (McListing *listing, GPtrArray *sets, McEntryState state)
{
  for (guint i = 0; i < sets->len; i++)
    {
      McGgufSet *set = g_ptr_array_index (sets, i);

      for (guint j = 0; j < set->files->len; j++)
        listing->entries[g_array_index (set->files, guint, j)].state = state;
    }
}

static void
spread_parts (McListing *listing, GPtrArray *models, GPtrArray *parts)
{
  g_autoptr (GPtrArray) drafts = g_ptr_array_new ();
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < models->len; i++)
    g_ptr_array_add (drafts, ((McGgufSet *) g_ptr_array_index (models, i))->draft);
  for (guint i = 0; i < parts->len; i++)
    {
      McGgufSet *part = g_ptr_array_index (parts, i);

      g_array_append_vals (files, part->files->data, part->files->len);
    }
  mc_listing_spread (listing, drafts, files);
}

static void
detect (McListing *listing, const Folders *folders, const char *format)
{
  g_autoptr (GPtrArray) sets = collect_sets (listing, folders, strcmp (format, "ggml") == 0);
  GPtrArray *kinds[MC_N_GGUF_KINDS];
  guint models = MC_GGUF_MODEL;
  guint n_kinds = 0;
  gboolean several;

  for (guint i = 0; i < MC_N_GGUF_KINDS; i++)
    kinds[i] = g_ptr_array_new ();
  for (guint i = 0; i < sets->len; i++)
    {
      McGgufSet *set = g_ptr_array_index (sets, i);

      g_ptr_array_add (kinds[set->kind], set);
    }
  for (guint i = 0; i < MC_N_GGUF_KINDS; i++)
    n_kinds += kinds[i]->len > 0;
  /* A repo that holds nothing else is about these. */
  for (guint i = 0; i < MC_N_GGUF_KINDS && n_kinds == 1; i++)
    if (kinds[i]->len > 0)
      models = i;
  mc_gguf_label (listing, kinds[models], &several);
  for (guint i = 0; i < kinds[models]->len; i++)
    {
      McGgufSet *set = g_ptr_array_index (kinds[models], i);

      set->draft = mc_listing_add_draft_of (listing, format, set->label, set->files);
    }
  for (guint i = MC_GGUF_DRAFT; i < MC_N_GGUF_KINDS; i++)
    if (i != models && i != MC_GGUF_PART)
      set_state (listing, kinds[i], MC_ENTRY_OTHER);
  if (models == MC_GGUF_MODEL && kinds[models]->len > 0)
    {
      spread_parts (listing, kinds[models], kinds[MC_GGUF_PART]);
      mc_gguf_place_projectors (listing, kinds[models], kinds[MC_GGUF_PROJECTOR], several);
    }
  for (guint i = 0; i < MC_N_GGUF_KINDS; i++)
    g_ptr_array_unref (kinds[i]);
}

static gboolean
has_any (McListing *listing)
{
  gboolean is_split;

  for (guint i = 0; i < listing->n_entries; i++)
    if (measure_gguf (&listing->entries[i], &is_split) > 0
        || measure_ggml (&listing->entries[i], &is_split) > 0)
      return TRUE;
  return FALSE;
}

static void
detect_both (McListing *listing)
{
  g_autofree guint *strong = mc_listing_find_above (listing, folder_has_strong_token, NULL);
  g_autofree guint *weak = mc_listing_find_above (listing, folder_has_weak_token, NULL);
  g_autofree guint *projector = mc_listing_find_above (listing, folder_is_projector, NULL);
  g_autofree guint *draft = mc_listing_find_above (listing, folder_is_draft, NULL);
  g_autofree guint *part = mc_listing_find_above (listing, mc_gguf_folder_is_part, NULL);
  const Folders folders = { strong, weak, projector, draft, part };

  detect (listing, &folders, "gguf");
  detect (listing, &folders, "ggml");
}

void
mc_detect_gguf (McListing *listing)
{
  /* All folders are looked at, which is not worth it for nothing. */
  if (has_any (listing))
    detect_both (listing);
}

gboolean
mc_name_has_strong_token (const char *lower, gsize length)
{
  McToken token;

  return mc_token_find_strong (lower, length, FALSE, &token);
}
