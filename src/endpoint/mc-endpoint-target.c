/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-endpoint-target.h"

#include "mc-error.h"
#include "mc-repo-ref.h"

#include <string.h>

/* The longest path that is looked at, in bytes: a name, a revision and a file, all escaped. */
#define MAX_LENGTH 16384

void
mc_target_free (McTarget *self)
{
  if (self == NULL)
    return;
  g_free (self->repo);
  g_free (self->revision);
  g_free (self->path);
  g_free (self);
}

/* The segments of a path, decoded; NULL if one is no text. An escaped slash stays within its
 * segment: "refs%2Fpr%2F1" is one. */
static GStrv
decode (const char *path)
{
  g_auto (GStrv) parts = NULL;

  if (path[0] != '/' || strlen (path) > MAX_LENGTH)
    return NULL;
  parts = g_strsplit (path + 1, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *plain = g_uri_unescape_string (parts[i], NULL);

      if (plain == NULL || !g_utf8_validate (plain, -1, NULL))
        {
          g_free (plain);
          return NULL;
        }
      g_free (parts[i]);
      parts[i] = plain;
    }
  return g_steal_pointer (&parts);
}

/* A repo's name is one segment or two. How many, the word behind it tells. 0: neither. */
static guint
find_word (char **parts, guint n, const char *const *words)
{
  for (guint length = 2; length > 0; length--)
    if (n > length && g_strv_contains (words, parts[length]))
      return length;
  return 0;
}

static char *
join (char **parts, guint n)
{
  g_autofree char **some = g_new0 (char *, n + 1);

  memcpy (some, parts, n * sizeof *some);
  return g_strjoinv ("/", some);
}

/* Takes the parts from the one after the verb on: a revision, and what is below it. "refs/pr/1" may
 * come unescaped. */
static void
take_place (McTarget *target, char **parts, guint n)
{
  guint length = n > 2 && strcmp (parts[0], "refs") == 0 ? 3 : 1;

  if (n == 0)
    return;
  g_free (target->revision);
  target->revision = join (parts, MIN (length, n));
  if (n > length)
    {
      g_free (target->path);
      target->path = join (parts + length, n - length);
    }
}

static gboolean
take_file (McTarget *target, char **parts, guint n)
{
  static const char *const words[] = { "resolve", "raw", NULL };
  guint length = find_word (parts, n, words);

  if (length == 0 || n < length + 3)
    return FALSE;
  target->kind = strcmp (parts[length], "raw") == 0 ? MC_TARGET_RAW : MC_TARGET_FILE;
  target->repo = join (parts, length);
  take_place (target, parts + length + 1, n - length - 1);
  return target->path[0] != '\0';
}

/* parts: behind "api/models". */
static gboolean
take_listing (McTarget *target, char **parts, guint n)
{
  static const char *const words[] = { "revision", "tree", "refs", "paths-info", NULL };
  static const McTargetKind kinds[] = { MC_TARGET_INFO, MC_TARGET_TREE, MC_TARGET_REFS,
                                        MC_TARGET_PATHS };
  guint length = find_word (parts, n, words);
  guint word = 0;

  if (n == 0)
    return FALSE;
  if (length == 0)
    {
      target->kind = MC_TARGET_INFO;
      target->repo = join (parts, n);
      return n <= 2;
    }
  while (strcmp (words[word], parts[length]) != 0)
    word++;
  target->kind = kinds[word];
  target->repo = join (parts, length);
  if (target->kind == MC_TARGET_REFS)
    return n == length + 1;
  take_place (target, parts + length + 1, n - length - 1);
  return n > length + 1 && (target->kind == MC_TARGET_TREE || target->path[0] == '\0');
}

/* parts: behind "v2". */
static gboolean
take_manifest (McTarget *target, char **parts, guint n)
{
  static const char *const words[] = { "manifests", NULL };
  guint length = find_word (parts, n, words);

  if (length == 0 || n != length + 2)
    return FALSE;
  target->kind = MC_TARGET_MANIFEST;
  target->repo = join (parts, length);
  g_free (target->path);
  target->path = g_strdup (parts[length + 1]);
  return TRUE;
}

static gboolean
take_parts (McTarget *target, char **parts, guint n)
{
  if (n > 2 && strcmp (parts[0], "api") == 0 && strcmp (parts[1], "models") == 0)
    return take_listing (target, parts + 2, n - 2);
  if (n > 1 && strcmp (parts[0], "v2") == 0)
    return take_manifest (target, parts + 1, n - 1);
  return take_file (target, parts, n);
}

static gboolean
is_sane (const McTarget *target)
{
  return mc_repo_id_is_valid (target->repo) && mc_revision_is_valid (target->revision)
         && (target->path[0] == '\0' || mc_repo_path_is_valid (target->path));
}

McTarget *
mc_target_parse (const char *path, GError **error)
{
  g_autoptr (McTarget) target = g_new0 (McTarget, 1);
  g_auto (GStrv) parts = decode (path);

  target->revision = g_strdup ("main");
  target->path = g_strdup ("");
  if (parts == NULL || !take_parts (target, parts, g_strv_length (parts)) || !is_sane (target))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                           "That is no address of a model's file or listing");
      return NULL;
    }
  if (strcmp (target->revision, "HEAD") == 0)
    {
      g_free (target->revision);
      target->revision = g_strdup ("main");
    }
  return g_steal_pointer (&target);
}
