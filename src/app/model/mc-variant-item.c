/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-item.h"

#include "mc-dict.h"
#include "mc-file-item.h"
#include "mc-phrases.h"
#include "mc-property.h"
#include "mc-recipes.h"
#include "mc-sandbox.h"
#include "mc-words.h"

#include <glib/gi18n.h>
#include <string.h>

/* Main thread only. What it shows is computed from the bus's dictionary in one place, update(). */

struct _McVariantItem
{
  GObject parent_instance;
  McTransferItem *transfer; /* (owned) (nullable) */
  char *repo;               /* (owned), as are all strings */
  char *key;
  char *status;
  char *phrase;
  char *facts;
  char *fit;
  char *fit_state;
  char *arithmetic;
  char *reason;
  char *notes;
  GListStore *files;   /* (owned): McFileItem */
  GListStore *recipes; /* (owned): McRecipe */
  char *weights;
  guint n_weights;
  gboolean suggested;
  gboolean downloaded; /* all of it is here */
  gboolean here;       /* some of it is here */
  gboolean obtainable; /* it is not here, and nothing fetches it */
  gboolean in_progress;
  gboolean deletable;
  gboolean shows_transfer; /* it is open, or failed */
  gboolean doomed;         /* it is deleted soon, unless that is undone */
};

enum
{
  PROP_KEY = 1,
  PROP_NAME,
  PROP_STATUS,
  PROP_PHRASE,
  PROP_FACTS,
  PROP_FIT,
  PROP_FIT_STATE,
  PROP_ARITHMETIC,
  PROP_REASON,
  PROP_NOTES,
  PROP_SUGGESTED,
  PROP_DOWNLOADED,
  PROP_HERE,
  PROP_OBTAINABLE,
  PROP_IN_PROGRESS,
  PROP_DELETABLE,
  PROP_SHOWS_TRANSFER,
  PROP_DOOMED,
  PROP_TRANSFER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McVariantItem, mc_variant_item, G_TYPE_OBJECT)

/* --- what is computed --- */

/* "4.9 GB · GGUF · 3.1 GB here" */
static char *
describe_facts (GVariant *dict)
{
  guint64 size = mc_dict_get_size (dict, "size");
  guint64 here = mc_dict_get_size (dict, "downloaded");
  g_autofree char *whole = g_format_size (size);
  g_autofree char *part_size = g_format_size (here);
  g_autofree char *part =
      /* Translators: how much of a model's variant was downloaded; %s is a size */
      here > size / 100 && here < size ? g_strdup_printf (_ ("%s of it here"), part_size) : NULL;
  g_autofree char *format = g_ascii_strup (mc_dict_get_string (dict, "format"), -1);

  return mc_phrase_join ((const char *[]){ size > 0 ? whole : NULL, format, part }, 3);
}

static char *
describe_fit (GVariant *fit)
{
  const char *state = mc_dict_get_string (fit, "state");
  const char *symbol = mc_words_fit_symbol (state, TRUE);

  if (symbol[0] == '\0')
    return g_strdup ("");
  return g_strdup_printf ("%s %s", symbol, mc_words_fit_sentence (state));
}

static char *
describe_notes (GVariant *dict)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree const char **notes = NULL;

  if (!g_variant_lookup (dict, "notes", "^a&s", &notes))
    return g_strdup ("");
  for (guint i = 0; notes[i] != NULL; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", mc_words_note (notes[i]));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
describe_reason (const char *reason)
{
  if (reason[0] == '\0')
    return g_strdup ("");
  /* Translators: why a variant is suggested: “the largest that fits comfortably” */
  return g_strdup_printf (_ ("Suggested: %s"), mc_words_reason (reason));
}

static char *
describe_phrase (GVariant *dict)
{
  const char *quality = mc_dict_get_string (dict, "quality");
  const char *sentence = quality[0] != '\0' ? mc_words_quality_sentence (quality) : "";
  char *phrase = g_strdup (sentence);

  if (g_ascii_islower (phrase[0]))
    phrase[0] = g_ascii_toupper (phrase[0]);
  return phrase;
}

static void
update_progress (McVariantItem *self)
{
  gboolean open = self->transfer != NULL && mc_transfer_item_get_open (self->transfer);
  gboolean busy =
      strcmp (self->status, "downloading") == 0 || strcmp (self->status, "repairing") == 0;

  mc_property_set_flag (self, properties[PROP_IN_PROGRESS], &self->in_progress, open);
  mc_property_set_flag (self, properties[PROP_DOWNLOADED], &self->downloaded,
                        !self->doomed && strcmp (self->status, "downloaded") == 0);
  mc_property_set_flag (self, properties[PROP_OBTAINABLE], &self->obtainable,
                        !open && !busy && !self->doomed && !self->downloaded);
  mc_property_set_flag (self, properties[PROP_DELETABLE], &self->deletable,
                        !open && !self->doomed
                            && (self->downloaded || strcmp (self->status, "damaged") == 0
                                || (self->here && self->transfer != NULL)));
  mc_property_set_flag (
      self, properties[PROP_SHOWS_TRANSFER], &self->shows_transfer,
      open
          || (self->transfer != NULL && !self->doomed
              && strcmp (mc_transfer_item_get_state (self->transfer), "failed") == 0));
}

void
mc_variant_item_update (McVariantItem *self, GVariant *dict)
{
  g_autoptr (GVariant) fit = mc_dict_get_dict (dict, "fit");
  gboolean suggested = mc_dict_get_flag (dict, "suggested");
  const char *reason = suggested ? mc_dict_get_string (dict, "suggested-reason") : "";

  g_object_freeze_notify (G_OBJECT (self));
  mc_property_take_text (self, properties[PROP_STATUS], &self->status,
                         g_strdup (mc_dict_get_string (dict, "status")));
  mc_property_take_text (self, properties[PROP_PHRASE], &self->phrase, describe_phrase (dict));
  mc_property_take_text (self, properties[PROP_FACTS], &self->facts, describe_facts (dict));
  mc_property_take_text (self, properties[PROP_FIT], &self->fit, describe_fit (fit));
  mc_property_take_text (self, properties[PROP_FIT_STATE], &self->fit_state,
                         g_strdup (mc_dict_get_string (fit, "state")));
  mc_property_take_text (self, properties[PROP_ARITHMETIC], &self->arithmetic,
                         mc_phrase_fit_arithmetic (fit));
  mc_property_take_text (self, properties[PROP_REASON], &self->reason, describe_reason (reason));
  mc_property_take_text (self, properties[PROP_NOTES], &self->notes, describe_notes (dict));
  mc_property_set_flag (self, properties[PROP_SUGGESTED], &self->suggested, suggested);
  mc_property_set_flag (self, properties[PROP_HERE], &self->here,
                        mc_dict_get_size (dict, "downloaded") > 0);
  update_progress (self);
  g_object_thaw_notify (G_OBJECT (self));
}

void
mc_variant_item_set_doomed (McVariantItem *self, gboolean doomed)
{
  mc_property_set_flag (self, properties[PROP_DOOMED], &self->doomed, doomed);
  update_progress (self);
}

/* --- its files --- */

static GVariant *
find_by (GVariant *list, const char *name, const char *value)
{
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      GVariant *dict = g_variant_get_child_value (list, i);

      if (strcmp (mc_dict_get_string (dict, name), value) == 0)
        return dict;
      g_variant_unref (dict);
    }
  return NULL;
}

/* Those that stay are the same objects, so that their rows keep the focus. */
static void
place_file (McVariantItem *self, guint at, GVariant *dict)
{
  const char *path = mc_dict_get_string (dict, "path");
  g_autoptr (McFileItem) item = g_list_model_get_item (G_LIST_MODEL (self->files), at);

  if (item == NULL || strcmp (mc_file_item_get_path (item), path) != 0)
    {
      g_clear_object (&item);
      item = mc_file_item_new (self->repo, path);
      mc_file_item_update (item, dict);
      g_list_store_insert (self->files, at, item);
      return;
    }
  mc_file_item_update (item, dict);
}

static void
write_recipes (McVariantItem *self, GVariant *dict, const char *const *paths, const char *task)
{
  const char *at = strchr (self->repo, '@');
  g_autofree char *id =
      at == NULL ? g_strdup (self->repo) : g_strndup (self->repo, (gsize) (at - self->repo));
  const McRecipeFacts facts = { .repo = self->repo,
                                .id = id,
                                .format = mc_dict_get_string (dict, "format"),
                                .key = self->key,
                                .name = mc_variant_item_get_name (self),
                                .task = task,
                                .paths = paths,
                                .weights = self->weights,
                                .flatpak = mc_sandbox_is_flatpak () };
  g_autoptr (GListStore) recipes = mc_recipes_write (&facts);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (recipes));
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (all, g_list_model_get_item (G_LIST_MODEL (recipes), i));
  g_list_store_splice (self->recipes, 0, g_list_model_get_n_items (G_LIST_MODEL (self->recipes)),
                       all->pdata, all->len);
}

/* The one file that is its own, and not shared with other variants; "": there are several. */
static void
note_weights (McVariantItem *self, GVariant *file)
{
  if (strcmp (mc_dict_get_string (file, "role"), "variant") != 0)
    return;
  self->n_weights++;
  g_free (self->weights);
  self->weights = g_strdup (self->n_weights == 1 ? mc_dict_get_string (file, "path") : "");
}

static GHashTable *
index_files (GVariant *manifest)
{
  GHashTable *index =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  g_autoptr (GVariant) files = mc_dict_get_list (manifest, "files");

  for (gsize i = 0; i < g_variant_n_children (files); i++)
    {
      GVariant *file = g_variant_get_child_value (files, i);

      g_hash_table_insert (index, g_strdup (mc_dict_get_string (file, "path")), file);
    }
  return index;
}

void
mc_variant_item_take_files (McVariantItem *self, GVariant *manifest)
{
  g_autoptr (GVariant) variants = mc_dict_get_list (manifest, "variants");
  g_autoptr (GVariant) variant = find_by (variants, "key", self->key);
  g_autoptr (GHashTable) files = index_files (manifest);
  g_autofree const char **paths = NULL;
  guint n = 0;

  if (variant == NULL || !g_variant_lookup (variant, "files", "^a&s", &paths))
    return;
  self->n_weights = 0;
  for (guint i = 0; paths[i] != NULL; i++)
    {
      GVariant *file = g_hash_table_lookup (files, paths[i]);

      if (file == NULL)
        continue;
      note_weights (self, file);
      place_file (self, n++, file);
    }
  g_list_store_splice (self->files, n, g_list_model_get_n_items (G_LIST_MODEL (self->files)) - n,
                       NULL, 0);
  write_recipes (self, variant, paths, mc_dict_get_string (manifest, "task"));
}

GListModel *
mc_variant_item_get_files (McVariantItem *self)
{
  return G_LIST_MODEL (self->files);
}

GListModel *
mc_variant_item_get_recipes (McVariantItem *self)
{
  return G_LIST_MODEL (self->recipes);
}

/* --- its life --- */

void
mc_variant_item_set_transfer (McVariantItem *self, McTransferItem *transfer)
{
  if (self->transfer == transfer)
    return;
  if (self->transfer != NULL)
    g_signal_handlers_disconnect_by_func (self->transfer, update_progress, self);
  g_set_object (&self->transfer, transfer);
  if (transfer != NULL)
    g_signal_connect_object (transfer, "notify::open", G_CALLBACK (update_progress), self,
                             G_CONNECT_SWAPPED);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSFER]);
  update_progress (self);
}

const char *
mc_variant_item_get_repo (McVariantItem *self)
{
  return self->repo;
}

const char *
mc_variant_item_get_key (McVariantItem *self)
{
  return self->key;
}

const char *
mc_variant_item_get_name (McVariantItem *self)
{
  return mc_phrase_variant_name (self->key);
}

const char *
mc_variant_item_get_status (McVariantItem *self)
{
  return self->status;
}

McTransferItem *
mc_variant_item_get_transfer (McVariantItem *self)
{
  return self->transfer;
}

McVariantItem *
mc_variant_item_new (const char *repo, const char *key)
{
  McVariantItem *self = g_object_new (MC_TYPE_VARIANT_ITEM, NULL);

  self->repo = g_strdup (repo);
  self->key = g_strdup (key);
  return self;
}

static const char *
get_text (McVariantItem *self, guint id)
{
  switch (id)
    {
    case PROP_KEY:
      return self->key;
    case PROP_NAME:
      return mc_variant_item_get_name (self);
    case PROP_STATUS:
      return self->status;
    case PROP_PHRASE:
      return self->phrase;
    case PROP_FACTS:
      return self->facts;
    case PROP_FIT:
      return self->fit;
    case PROP_FIT_STATE:
      return self->fit_state;
    case PROP_ARITHMETIC:
      return self->arithmetic;
    case PROP_REASON:
      return self->reason;
    case PROP_NOTES:
      return self->notes;
    default:
      return NULL;
    }
}

static void
mc_variant_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McVariantItem *self = MC_VARIANT_ITEM (object);

  switch (id)
    {
    case PROP_SUGGESTED:
      g_value_set_boolean (value, self->suggested);
      break;
    case PROP_DOWNLOADED:
      g_value_set_boolean (value, self->downloaded);
      break;
    case PROP_HERE:
      g_value_set_boolean (value, self->here);
      break;
    case PROP_OBTAINABLE:
      g_value_set_boolean (value, self->obtainable);
      break;
    case PROP_IN_PROGRESS:
      g_value_set_boolean (value, self->in_progress);
      break;
    case PROP_DELETABLE:
      g_value_set_boolean (value, self->deletable);
      break;
    case PROP_SHOWS_TRANSFER:
      g_value_set_boolean (value, self->shows_transfer);
      break;
    case PROP_DOOMED:
      g_value_set_boolean (value, self->doomed);
      break;
    case PROP_TRANSFER:
      g_value_set_object (value, self->transfer);
      break;
    default:
      g_value_set_string (value, get_text (self, id));
    }
}

static void
mc_variant_item_finalize (GObject *object)
{
  McVariantItem *self = MC_VARIANT_ITEM (object);

  g_clear_object (&self->transfer);
  g_free (self->repo);
  g_free (self->key);
  g_free (self->status);
  g_free (self->phrase);
  g_free (self->facts);
  g_free (self->fit);
  g_free (self->fit_state);
  g_free (self->arithmetic);
  g_free (self->reason);
  g_free (self->notes);
  g_clear_object (&self->files);
  g_clear_object (&self->recipes);
  g_free (self->weights);
  G_OBJECT_CLASS (mc_variant_item_parent_class)->finalize (object);
}

static void
mc_variant_item_class_init (McVariantItemClass *klass)
{
  static const char *const texts[] = { "key", "name",      "status",     "phrase", "facts",
                                       "fit", "fit-state", "arithmetic", "reason", "notes" };
  static const char *const flags[] = { "suggested",   "downloaded", "here",           "obtainable",
                                       "in-progress", "deletable",  "shows-transfer", "doomed" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_variant_item_get_property;
  object_class->finalize = mc_variant_item_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[PROP_KEY + i] = mc_property_new_text (texts[i]);
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    properties[PROP_SUGGESTED + i] = mc_property_new_flag (flags[i]);
  properties[PROP_TRANSFER] = mc_property_new_object ("transfer", MC_TYPE_TRANSFER_ITEM);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_variant_item_init (McVariantItem *self)
{
  self->status = g_strdup ("");
  self->weights = g_strdup ("");
  self->files = g_list_store_new (MC_TYPE_FILE_ITEM);
  self->recipes = g_list_store_new (MC_TYPE_RECIPE);
}
