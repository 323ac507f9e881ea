/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-parse.h"

#include "mc-error.h"
#include "mc-json.h"
#include "mc-repo-ref.h"

#include <string.h>

/* Model info, search and whoami; the listing is in mc-hub-listing.c. Pure. */

#define MAX_LABEL 256
#define MAX_ARCHITECTURE 64
#define MAX_DTYPE 15
#define MAX_HITS 1000

void
mc_model_info_free (McModelInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->hub_id);
  g_free (self->commit);
  g_free (self->task);
  g_free (self->library);
  g_free (self->license);
  g_free (self->last_modified);
  g_free (self->architecture);
  g_free (self->dtype);
  g_free (self);
}

void
mc_search_hit_free (McSearchHit *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->task);
  g_free (self->library);
  g_free (self->license);
  g_free (self->last_modified);
  g_free (self);
}

/* A word that people are shown. Absurd ones count as none. */
static char *
dup_label (const char *text)
{
  if (text == NULL || text[0] == '\0' || strlen (text) > MAX_LABEL)
    return NULL;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return NULL;
  return g_strdup (text);
}

static guint64
get_count (JsonObject *object, const char *name)
{
  guint64 count;

  return mc_json_get_size (object, name, &count) && count <= MC_HUB_MAX_SIZE ? count : 0;
}

/* false, "auto", "manual"; whatever else says yes is taken for the stricter one. */
static McGated
read_gated (JsonObject *object)
{
  const char *word = mc_json_get_string (object, "gated");

  if (word == NULL)
    return mc_json_get_boolean (object, "gated", FALSE) ? MC_GATED_MANUAL : MC_GATED_NO;
  if (word[0] == '\0' || strcmp (word, "false") == 0)
    return MC_GATED_NO;
  return strcmp (word, "auto") == 0 ? MC_GATED_AUTO : MC_GATED_MANUAL;
}

/* cardData.license is written by the repo's owner: a string, a list, or neither. */
static char *
dup_license (JsonObject *object)
{
  JsonObject *card = mc_json_get_object (object, "cardData");
  g_autofree char *license = dup_label (mc_json_get_string (card, "license"));
  g_auto (GStrv) tags = NULL;

  if (license == NULL)
    {
      g_auto (GStrv) several = mc_json_get_strings (card, "license");

      license = dup_label (several[0]);
    }
  if (license != NULL)
    return g_steal_pointer (&license);
  tags = mc_json_get_strings (object, "tags");
  for (guint i = 0; tags[i] != NULL; i++)
    if (g_str_has_prefix (tags[i], "license:"))
      return dup_label (tags[i] + strlen ("license:"));
  return NULL;
}

/* A word of a technical kind: printable ASCII without blanks. */
static char *
dup_word (const char *text, gsize most)
{
  if (text == NULL || text[0] == '\0' || strlen (text) > most)
    return NULL;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p))
      return NULL;
  return g_strdup (text);
}

/* The bits of a number are part of its type's name: "BF16", "F8_E4M3". */
static guint64
get_width (const char *dtype)
{
  const char *digit = strpbrk (dtype, "123456789");

  return digit != NULL ? CLAMP (g_ascii_strtoull (digit, NULL, 10), 1, 64) : 8;
}

/* The type of number that most bytes are in, of {"BF16": 8030261248, "I64": 512}. */
static char *
dup_dtype (JsonObject *safetensors)
{
  JsonObject *counts = mc_json_get_object (safetensors, "parameters");
  g_autoptr (GList) names = counts == NULL ? NULL : json_object_get_members (counts);
  const char *most = NULL;
  guint64 most_bits = 0;

  for (GList *name = names; name != NULL; name = name->next)
    {
      guint64 bits;

      if (g_uint64_checked_mul (&bits, get_count (counts, name->data), get_width (name->data))
          && bits > most_bits)
        {
          most = name->data;
          most_bits = bits;
        }
    }
  return dup_word (most, MAX_DTYPE);
}

static const char *
get_id (JsonObject *object)
{
  const char *id = mc_json_get_string (object, "id");

  return id != NULL ? id : mc_json_get_string (object, "modelId");
}

static void
read_model (McModelInfo *info, JsonObject *object)
{
  JsonObject *gguf = mc_json_get_object (object, "gguf");
  JsonObject *safetensors = mc_json_get_object (object, "safetensors");
  JsonObject *config = mc_json_get_object (object, "config");

  info->parameters = get_count (gguf, "total");
  if (info->parameters == 0)
    info->parameters = get_count (safetensors, "total");
  info->context_length = get_count (gguf, "context_length");
  if (info->context_length == 0)
    info->context_length = get_count (config, "max_position_embeddings");
  info->architecture = dup_word (mc_json_get_string (gguf, "architecture"), MAX_ARCHITECTURE);
  if (info->architecture == NULL)
    info->architecture = dup_word (mc_json_get_string (config, "model_type"), MAX_ARCHITECTURE);
  info->dtype = dup_dtype (safetensors);
}

McModelInfo *
mc_hub_parse_info (const char *data, gsize length, const char *repo, GError **error)
{
  g_autoptr (JsonNode) node = mc_json_parse (data, (gssize) length, error);
  g_autoptr (McModelInfo) info = g_new0 (McModelInfo, 1);
  JsonObject *object;
  const char *id;
  const char *commit;

  if (node == NULL)
    return NULL;
  object = mc_json_node_get_object (node);
  if (object == NULL)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "The model's facts are no JSON object");
      return NULL;
    }
  id = get_id (object);
  if (id == NULL)
    id = repo;
  if (!mc_repo_id_is_valid (id))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "The model's name in the answer is none");
      return NULL;
    }
  commit = mc_json_get_string (object, "sha");
  if (!mc_revision_is_commit (commit))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "The model's facts name no commit");
      return NULL;
    }
  info->id = g_strdup (id);
  info->commit = g_strdup (commit);
  info->hub_id = dup_label (mc_json_get_string (object, "_id"));
  info->task = dup_label (mc_json_get_string (object, "pipeline_tag"));
  info->library = dup_label (mc_json_get_string (object, "library_name"));
  info->license = dup_license (object);
  info->last_modified = dup_label (mc_json_get_string (object, "lastModified"));
  info->gated = read_gated (object);
  info->is_private = mc_json_get_boolean (object, "private", FALSE);
  info->downloads = get_count (object, "downloads");
  info->likes = get_count (object, "likes");
  read_model (info, object);
  return g_steal_pointer (&info);
}

GPtrArray *
mc_hub_parse_search (const char *data, gsize length, GError **error)
{
  g_autoptr (JsonNode) node = mc_json_parse (data, (gssize) length, error);
  g_autoptr (GPtrArray) hits = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_search_hit_free);
  JsonArray *array;

  if (node == NULL)
    return NULL;
  array = mc_json_node_get_array (node);
  if (array == NULL || json_array_get_length (array) > MAX_HITS)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "The search result is no JSON array of a sensible length");
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = mc_json_node_get_object (json_array_get_element (array, i));
      McSearchHit *hit;

      if (!mc_repo_id_is_valid (get_id (object)))
        {
          g_debug ("Search hit %u has no usable name", i);
          continue;
        }
      hit = g_new0 (McSearchHit, 1);
      g_ptr_array_add (hits, hit);
      hit->id = g_strdup (get_id (object));
      hit->task = dup_label (mc_json_get_string (object, "pipeline_tag"));
      hit->library = dup_label (mc_json_get_string (object, "library_name"));
      hit->license = dup_license (object);
      hit->last_modified = dup_label (mc_json_get_string (object, "lastModified"));
      hit->gated = read_gated (object);
      hit->downloads = get_count (object, "downloads");
      hit->likes = get_count (object, "likes");
    }
  return g_steal_pointer (&hits);
}

char *
mc_hub_parse_whoami (const char *data, gsize length, GError **error)
{
  g_autoptr (JsonNode) node = mc_json_parse (data, (gssize) length, error);
  char *name;

  if (node == NULL)
    return NULL;
  name = dup_label (mc_json_get_string (mc_json_node_get_object (node), "name"));
  if (name == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                         "The answer does not say whose token this is");
  return name;
}
