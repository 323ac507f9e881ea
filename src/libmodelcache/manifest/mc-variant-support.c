/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"
#include "mc-variant-private.h"

#include <string.h>

/* What is no weights and yet needed: tokenizers, configuration, code, voices. And, if a repo has
 * nothing any rule knows, the last resort. */

static const char *const asset_folders[] = {
  "voice",
  "voices",
  "speaker",
  "speakers",
  "speaker_embedding",
  "speaker_embeddings",
  "style",
  "styles",
  "voice_style",
  "voice_styles",
  NULL,
};
static const char *const model_extensions[] = { "onnx", "gguf", NULL };

static const char *const support_extensions[] = {
  "json", "txt", "yaml", "yml", "cfg",    "model", "jinja", "tiktoken", "spm",   "vocab",
  "py",   "npz", "npy",  "bpe", "params", "vec",   "dict",  "codes",    "token", NULL,
};
static const char *const support_parts[] = { "tokenizer", "vocab",   "merges", "voices",
                                             "speakers",  "spk_emb", NULL };

/* The first three are what Ollama reads from a repo on the Hub. */
static const char *const support_names[] = { "params",        "template", "system",
                                             "chat_template", "tokens",   NULL };

static const char *const support_folders[] = { "chat_template", "chat_templates",
                                               "additional_chat_templates", NULL };
static const char *const support_folder_prefixes[] = { "tokenizer", "scheduler",
                                                       "feature_extractor", NULL };

static const char *const aside_folders[] = {
  "runs",       "run",     "logs",        "log",    "images",    "image",     "imgs",     "img",
  "assets",     "figures", "figure",      "figs",   "docs",      "doc",       "eval",     "evals",
  "evaluation", "results", "result",      "tests",  "test",      "test_wavs", "examples", "example",
  "samples",    "sample",  "scripts",     "script", "notebooks", "demo",      "demos",    "media",
  "plots",      "wandb",   "tensorboard", NULL,
};

static gboolean
folder_is_aside (const McFolder *folder, gpointer unused)
{
  return mc_text_in (folder->name, strlen (folder->name), aside_folders);
}

/* What pyctcdecode and transformers save for a beam search. */
gboolean
mc_folder_is_decoder_lm (const McFolder *folder, gpointer unused)
{
  return (folder->holds & MC_HOLDS_DECODER_LM) != 0 && strcmp (folder->name, "language_model") == 0;
}

static gboolean
folder_holds_assets (const McFolder *folder, gpointer unused)
{
  return mc_text_in (folder->name, strlen (folder->name), asset_folders)
         || mc_folder_is_decoder_lm (folder, NULL);
}

/* What the builds of an onnxruntime-genai model package have in common, by content. */
static gboolean
folder_is_package_asset (const McFolder *folder, gpointer data)
{
  McListing *listing = data;
  const McFolder *parent = mc_listing_get_folder (listing, folder->parent);

  return g_str_has_prefix (folder->name, "sha256-") && strcmp (parent->name, "shared_assets") == 0
         && (mc_listing_get_folder (listing, parent->parent)->holds & MC_HOLDS_MANIFEST) != 0;
}

void
mc_detect_assets (McListing *listing)
{
  g_autofree guint *packages = mc_listing_find_above (listing, folder_is_package_asset, listing);
  g_autofree guint *assets = mc_listing_find_above (listing, folder_holds_assets, NULL);

  for (guint i = 0; i < listing->n_entries; i++)
    {
      McEntry *entry = &listing->entries[i];

      if (entry->state != MC_ENTRY_FREE)
        continue;
      if (packages[entry->folder] != MC_NO_FOLDER
          || (assets[entry->folder] != MC_NO_FOLDER
              && !mc_text_in (entry->ext, strlen (entry->ext), model_extensions)))
        entry->state = MC_ENTRY_SHARED;
    }
}

/* For each folder the drafts that have files in it or below; NULL if none has. */
static GPtrArray **
find_users (McListing *listing)
{
  GPtrArray **users = g_new0 (GPtrArray *, listing->folders->len);

  for (guint i = 0; i < listing->drafts->len; i++)
    {
      McDraft *draft = g_ptr_array_index (listing->drafts, i);

      for (guint j = 0; j < draft->files->len; j++)
        {
          guint folder = listing->entries[g_array_index (draft->files, guint, j)].folder;

          for (;;)
            {
              if (users[folder] == NULL)
                users[folder] = g_ptr_array_new ();
              else if (g_ptr_array_index (users[folder], users[folder]->len - 1) == draft)
                break;
              g_ptr_array_add (users[folder], draft);
              if (folder == 0)
                break;
              folder = mc_listing_get_folder (listing, folder)->parent;
            }
        }
    }
  return users;
}

static gboolean
is_support (const McEntry *entry)
{
  return mc_text_in (entry->ext, strlen (entry->ext), support_extensions)
         || mc_name_has_part (entry->name, support_parts)
         || mc_text_in (entry->name, strlen (entry->name), support_names);
}

static gboolean
is_support_folder (const McFolder *folder)
{
  gsize digits = mc_count_digits (folder->name, strlen (folder->name));

  return mc_name_has_prefix (folder->name, support_folder_prefixes)
         || strstr (folder->name, "processor") != NULL
         || mc_text_in (folder->name, strlen (folder->name), support_folders)
         || (digits > 0 && folder->name[digits] == '_');
}

/* Whether a folder is one where a support file counts: @users says whether it holds a variant. */
static gboolean
counts_here (McListing *listing, guint folder, GPtrArray **users)
{
  const McFolder *at = mc_listing_get_folder (listing, folder);

  return folder == 0 || users[folder] != NULL || is_support_folder (at)
         || mc_folder_is_pipeline_component (listing, folder);
}

/* For each folder whether it is, or is below, one that has to do with other things than running
 * the model, and holds no weights. */
static gboolean *
find_aside (McListing *listing, GPtrArray **users)
{
  gboolean *aside = g_new0 (gboolean, listing->folders->len);

  for (guint i = 1; i < listing->folders->len; i++)
    {
      const McFolder *folder = mc_listing_get_folder (listing, i);

      aside[i] = aside[folder->parent] || (users[i] == NULL && folder_is_aside (folder, NULL));
    }
  return aside;
}

/* For each folder the nearest one, itself or above, that holds a variant: the root at last. */
static guint *
find_homes (McListing *listing, GPtrArray **users)
{
  guint *homes = g_new0 (guint, listing->folders->len);

  for (guint i = 1; i < listing->folders->len; i++)
    homes[i] = users[i] != NULL ? i : homes[mc_listing_get_folder (listing, i)->parent];
  return homes;
}

void
mc_detect_support (McListing *listing)
{
  g_autofree GPtrArray **users = find_users (listing);
  g_autofree gboolean *aside = find_aside (listing, users);
  g_autofree guint *homes = find_homes (listing, users);
  g_autoptr (GArray) file = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < listing->n_entries && listing->drafts->len > 0; i++)
    {
      McEntry *entry = &listing->entries[i];
      guint home = homes[entry->folder];

      if (entry->state != MC_ENTRY_FREE || aside[entry->folder] || !is_support (entry)
          || !counts_here (listing, entry->folder, users))
        continue;
      if (entry->folder == 0 || users[home] == NULL || users[home]->len == listing->drafts->len)
        {
          entry->state = MC_ENTRY_SHARED;
          continue;
        }
      g_array_set_size (file, 0);
      g_array_append_val (file, i);
      mc_listing_spread (listing, users[home], file);
    }
  for (guint i = 0; i < listing->folders->len; i++)
    g_clear_pointer (&users[i], g_ptr_array_unref);
}

void
mc_detect_last_resort (McListing *listing)
{
  g_autofree guint *aside = mc_listing_find_above (listing, folder_is_aside, NULL);
  McDraft *draft = NULL;

  if (listing->drafts->len > 0)
    return;
  for (guint i = 0; i < listing->n_entries; i++)
    {
      McEntry *entry = &listing->entries[i];

      if (entry->state == MC_ENTRY_HOUSEKEEPING || aside[entry->folder] != MC_NO_FOLDER)
        continue;
      if (draft == NULL)
        draft = mc_listing_add_draft (listing, "files", "");
      mc_draft_add (draft, listing, i);
    }
}
