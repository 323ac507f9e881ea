/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-parse.h"

#include "mc-error.h"
#include "mc-json.h"
#include "mc-repo-ref.h"

#include <string.h>

/* The pages of a repo's tree, gathered and checked. Pure. */

#define SHA256_DIGITS (2 * MC_SHA256_SIZE)

struct _McHubListing
{
  GPtrArray *entries; /* (owned): McTreeEntry, as they came */
  guint max_files;
  guint max_pages;
  guint pages;
  guint64 total; /* bytes */
};

void
mc_tree_entry_free (McTreeEntry *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self);
}

static GPtrArray *
new_entries (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) mc_tree_entry_free);
}

McHubListing *
mc_hub_listing_new (guint max_files, guint max_pages)
{
  McHubListing *self = g_new0 (McHubListing, 1);

  self->max_files = max_files;
  self->max_pages = max_pages;
  self->entries = new_entries ();
  return self;
}

void
mc_hub_listing_free (McHubListing *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static gboolean G_GNUC_PRINTF (2, 3) bad (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "The file listing is wrong: %s", message);
  return FALSE;
}

/* json-glib ends a string at an escaped NUL, so that "a\u0000b" would become another file's name.
 */
static gboolean
has_escaped_nul (const char *data, gsize length)
{
  const char *end = data + length;
  const char *p = data;

  while ((p = memchr (p, '\\', (gsize) (end - p))) != NULL)
    {
      if (end - p >= 6 && memcmp (p, "\\u0000", 6) == 0)
        return TRUE;
      /* Whatever follows a backslash is used up by it. */
      p = MIN (p + 2, end);
    }
  return FALSE;
}

/* A path that can be shown and stored: see the header. NULL: git cannot have it. */
static char *
dup_path (const char *path)
{
  g_autoptr (GString) shown = NULL;

  if (path == NULL)
    return NULL;
  if (mc_repo_path_is_valid (path))
    return g_strdup (path);
  shown = g_string_new (NULL);
  for (const char *p = path; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c < 0x20)
        c += 0x2400;
      else if (c == 0x7f)
        c = 0x2421;
      else if (g_unichar_iscntrl (c))
        c = 0xfffd;
      g_string_append_unichar (shown, c);
    }
  if (!mc_repo_path_is_valid (shown->str))
    return NULL;
  return g_string_free (g_steal_pointer (&shown), FALSE);
}

/* The Hub shows 64 asterisks in place of what a caller may not know. */
static gboolean
is_masked (const char *text)
{
  return text[0] != '\0' && text[strspn (text, "*")] == '\0';
}

/* An absent hash is as good as a masked one; a wrong one is not. */
static gboolean
read_digest (McTreeEntry *entry, JsonObject *object, JsonObject *lfs, GError **error)
{
  McDigestKind kind = lfs != NULL ? MC_DIGEST_SHA256 : MC_DIGEST_GIT_SHA1;
  /* The oid beside "lfs" is the hash of a pointer file, not of the content. */
  const char *oid = mc_json_get_string (lfs != NULL ? lfs : object, "oid");

  if (oid == NULL || is_masked (oid))
    return TRUE;
  if (g_str_has_prefix (oid, "sha256:") && lfs != NULL)
    oid += strlen ("sha256:");
  if (mc_digest_parse_hex (&entry->digest, kind, oid))
    return TRUE;
  return bad (error, "the hash of “%s” is none", entry->path);
}

/* Whether the member is there at all, whatever it is. */
static gboolean
has_value (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node);
}

static gboolean
add_entry (McHubListing *self, JsonObject *object, GError **error)
{
  const char *type = mc_json_get_string (object, "type");
  JsonObject *lfs = mc_json_get_object (object, "lfs");
  g_autoptr (McTreeEntry) entry = NULL;
  JsonObject *sized;

  if (object == NULL)
    return bad (error, "an entry is no JSON object");
  if (g_strcmp0 (type, "directory") == 0)
    return TRUE;
  if (g_strcmp0 (type, "file") != 0 && !has_value (object, "size") && lfs == NULL)
    {
      g_debug ("An entry of type %s has no size: it is no file", type != NULL ? type : "(none)");
      return TRUE;
    }
  entry = g_new0 (McTreeEntry, 1);
  entry->path = dup_path (mc_json_get_string (object, "path"));
  if (entry->path == NULL)
    return bad (error, "a file's path is missing or leads out of the repo");
  if (has_value (object, "lfs") && lfs == NULL)
    return bad (error, "the LFS part of “%s” is no JSON object", entry->path);
  sized = lfs != NULL && has_value (lfs, "size") ? lfs : object;
  if (!mc_json_get_size (sized, "size", &entry->size) || entry->size > MC_HUB_MAX_SIZE)
    return bad (error, "the size of “%s” is none", entry->path);
  if (!read_digest (entry, object, lfs, error))
    return FALSE;
  if (entry->size > MC_HUB_MAX_SIZE - self->total)
    return bad (error, "the files are larger together than any disk");
  if (self->entries->len >= self->max_files)
    return bad (error, "it has more than %u files", self->max_files);
  self->total += entry->size;
  g_ptr_array_add (self->entries, g_steal_pointer (&entry));
  return TRUE;
}

gboolean
mc_hub_listing_add_page (McHubListing *self, const char *data, gsize length, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  JsonArray *array;

  if (++self->pages > self->max_pages)
    return bad (error, "it has more than %u pages", self->max_pages);
  node = mc_json_parse (data, (gssize) length, error);
  if (node == NULL)
    return FALSE;
  if (has_escaped_nul (data, length))
    return bad (error, "a name has a NUL in it");
  array = mc_json_node_get_array (node);
  if (array == NULL)
    return bad (error, "it is no JSON array");
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!add_entry (self, mc_json_node_get_object (json_array_get_element (array, i)), error))
      return FALSE;
  return TRUE;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const McTreeEntry *left = *(const McTreeEntry *const *) a;
  const McTreeEntry *right = *(const McTreeEntry *const *) b;

  return strcmp (left->path, right->path);
}

GPtrArray *
mc_hub_listing_finish (McHubListing *self, GError **error)
{
  g_autoptr (GPtrArray) all = g_steal_pointer (&self->entries);
  g_autoptr (GPtrArray) entries = new_entries ();
  McTreeEntry *last = NULL;

  self->entries = new_entries ();
  self->pages = 0;
  self->total = 0;
  g_ptr_array_sort (all, compare_entries);
  for (guint i = 0; i < all->len; i++)
    {
      McTreeEntry *entry = g_ptr_array_index (all, i);

      if (last == NULL || strcmp (last->path, entry->path) != 0)
        {
          g_ptr_array_add (entries, entry);
          all->pdata[i] = NULL;
          last = entry;
          continue;
        }
      if (last->size != entry->size || !mc_digest_equal (&last->digest, &entry->digest))
        {
          bad (error, "“%s” is in it twice and differs", entry->path);
          return NULL;
        }
    }
  return g_steal_pointer (&entries);
}
