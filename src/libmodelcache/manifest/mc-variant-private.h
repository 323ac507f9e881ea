/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-variant-detect.h"

G_BEGIN_DECLS

/* A listing while it is being grouped: what the rule files share. Made, worked on and thrown away
 * inside one mc_grouping_detect(), by one thread. Entries stand in byte order of their paths,
 * which is why the order of the listing never matters. */

typedef enum
{
  MC_ENTRY_FREE, /* no rule has claimed it yet */
  MC_ENTRY_VARIANT,
  MC_ENTRY_SHARED,
  MC_ENTRY_OTHER,
  MC_ENTRY_HOUSEKEEPING, /* other too, and never a model, whatever else the repo has */
} McEntryState;

typedef struct
{
  const char *path;  /* borrowed from the caller */
  const char *lower; /* the path in small letters */
  const char *name;  /* the last segment of lower */
  const char *ext;   /* behind the last dot of name, "" if there is none */
  guint place;       /* in the caller's listing */
  guint folder;
  McEntryState state;
  gboolean goes_shared; /* once all variants take it, even if there is only one */
} McEntry;

/* Files that say what the folder they are in is. */
typedef enum
{
  MC_HOLDS_GENAI_CONFIG = 1 << 0,
  MC_HOLDS_GRAPH = 1 << 1,
  MC_HOLDS_MODEL_INDEX = 1 << 2,
  MC_HOLDS_SAVED_MODEL = 1 << 3,
  MC_HOLDS_MLC = 1 << 4,
  MC_HOLDS_VOCABULARY = 1 << 5,
  MC_HOLDS_HYPERPARAMS = 1 << 6,
  MC_HOLDS_DECODER_LM = 1 << 7,
  MC_HOLDS_MANIFEST = 1 << 8,
} McHolds;

typedef struct
{
  guint parent;        /* itself for the root, which is 0; a parent comes before its children */
  guint depth;         /* 0 for the root */
  const char *name;    /* the segment in small letters, "" for the root */
  const char *sample;  /* a path that goes through it */
  gsize sample_length; /* how much of that path is the folder's, without the slash */
  guint holds;         /* McHolds */
} McFolder;

/* A variant that is not yet finished. */
typedef struct
{
  const char *format;     /* static */
  const char *label;      /* "" for the default one */
  const char *long_label; /* (nullable): for where the label is not the only one of its kind */
  GArray *files;          /* guint: entries, ascending once finished */
  guint rank;             /* of equals the lower one keeps the key */
  gboolean is_pipeline;
  const char *folded; /* the label in small letters, once finished */
  char *key;          /* (owned) (nullable): once finished */
} McDraft;

typedef struct
{
  guint n_entries;
  McEntry *entries;
  GArray *folders;      /* McFolder */
  GPtrArray *drafts;    /* McDraft */
  GHashTable *by_lower; /* (nullable): lower path to place in entries, plus one */
  GStringChunk *strings;
  GArray *chain; /* guint: for a function's own use, as is the next */
  GString *text;
  guint64 budget; /* how many more times files may be listed in variants they share */
} McListing;

#define MC_NO_FOLDER G_MAXUINT

McListing *mc_listing_new (const char *const *paths, guint n_paths);
void mc_listing_free (McListing *self);
McGrouping *mc_listing_finish (McListing *self);

/* Keeps a string as long as the listing. */
const char *mc_listing_keep (McListing *self, const char *text, gssize length);

/* The same in small letters. */
char *mc_listing_keep_lower (McListing *self, const char *text, gssize length);

McFolder *mc_listing_get_folder (McListing *self, guint folder);

/* The entry of that name in the folder of another one, in any case; NULL if there is none. */
McEntry *
mc_listing_find_sibling (McListing *self, const McEntry *entry, const char *name, gsize length);

/* The path of a folder as the repo spells it, "" for the root. */
const char *mc_listing_folder_path (McListing *self, guint folder);

/* That path less the folders a rule wants dropped. */
typedef gboolean (*McFolderFunc) (const McFolder *folder, gpointer data);
const char *
mc_listing_folder_path_without (McListing *self, guint folder, McFolderFunc drops, gpointer data);

gboolean mc_listing_is_below (McListing *self, guint folder, guint ancestor);

/* For each folder the nearest one, itself or above, of which the rule is true; MC_NO_FOLDER if none
 * is. Asks once for each folder, however many files it holds. Free with g_free(). */
guint *mc_listing_find_above (McListing *self, McFolderFunc wants, gpointer data);

/* Parts of a label joined by slashes, empty ones left out; up to NULL. */
const char *mc_listing_join_label (McListing *self, ...) G_GNUC_NULL_TERMINATED;

McDraft *mc_listing_add_draft (McListing *self, const char *format, const char *label);
/* With these files, guint, which are not to be changed by others any more. */
McDraft *
mc_listing_add_draft_of (McListing *self, const char *format, const char *label, GArray *files);
void mc_draft_free (McDraft *self);
void mc_draft_add (McDraft *self, McListing *listing, guint entry);

/* Adds each of the files to each of the drafts, or marks the files as shared if that would take
 * more room than is left. */
void mc_listing_spread (McListing *self, GPtrArray *drafts, GArray *files);

/* Takes "-00001-of-00003" away from the end of a name in small letters, if both numbers have @least
 * to six digits; FALSE if it has none. */
gboolean mc_split_strip_shard (const char *lower, gsize *length, gsize least);

/* Rules, in the order of mc_grouping_detect(). */
void mc_detect_genai (McListing *listing);
void mc_detect_housekeeping (McListing *listing);
void mc_detect_bundles (McListing *listing);
void mc_detect_assets (McListing *listing);
void mc_detect_gguf (McListing *listing);
void mc_detect_pipelines (McListing *listing);
void mc_detect_openvino (McListing *listing);
void mc_detect_onnx (McListing *listing);
void mc_detect_single_files (McListing *listing);
void mc_detect_weights (McListing *listing);
void mc_detect_other_formats (McListing *listing);
void mc_detect_support (McListing *listing);
void mc_detect_last_resort (McListing *listing);
const char *mc_choose_default (McListing *listing);

/* What the rules ask each other. */
gboolean mc_folder_is_pipeline_component (McListing *listing, guint folder);
gboolean mc_folder_is_decoder_lm (const McFolder *folder, gpointer unused);
gboolean mc_entry_is_housekeeping (const McEntry *entry, gboolean in_genai);
gboolean mc_name_has_strong_token (const char *lower, gsize length);

/* vae, tts, audio and the like: what lies in them serves every GGUF model. */
gboolean mc_gguf_folder_is_part (const McFolder *folder, gpointer unused);

G_END_DECLS
