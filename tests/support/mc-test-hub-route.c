/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include <string.h>

/* Which of the Hub's paths is this, and what does it name? Pure. Segments are cut before they are
 * decoded, because a revision may hold an escaped slash. */

static const struct
{
  const char *word;
  McTestRoute route;
} verbs[] = {
  { "revision", MC_TEST_ROUTE_INFO },
  { "tree", MC_TEST_ROUTE_TREE },
  { "refs", MC_TEST_ROUTE_REFS },
  { "auth-check", MC_TEST_ROUTE_AUTH_CHECK },
};

static gboolean
find_verb (const char *word, McTestRoute *route)
{
  for (gsize i = 0; word != NULL && i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (word, verbs[i].word))
      {
        *route = verbs[i].route;
        return TRUE;
      }
  return FALSE;
}

/* Takes the repo at @at, of one segment or two. */
static void
take_repo (McTestTarget *self, char **segments, guint at, guint n)
{
  self->repo_at = at;
  self->n_repo = n;
  self->repo =
      n == 1 ? g_strdup (segments[at]) : g_strconcat (segments[at], "/", segments[at + 1], NULL);
}

/* /api/models/... */
static void
parse_models (McTestTarget *self, char **segments, guint n)
{
  McTestRoute route = MC_TEST_ROUTE_INFO;
  guint at = 2, used = 1;

  if (n == at)
    {
      self->route = MC_TEST_ROUTE_SEARCH;
      return;
    }
  if (n > at + 1 && !find_verb (segments[at + 1], &route))
    used = 2;
  take_repo (self, segments, at, used);
  at += used;
  self->route = MC_TEST_ROUTE_INFO;
  if (n == at)
    return;
  if (!find_verb (segments[at], &self->route))
    {
      self->route = MC_TEST_ROUTE_OTHER;
      return;
    }
  if (n > at + 1)
    self->revision = g_strdup (segments[at + 1]);
  if (n > at + 2)
    self->path = g_strjoinv ("/", segments + at + 2);
}

static void
parse_resolve (McTestTarget *self, char **segments, guint n)
{
  guint used = n > 3 && g_str_equal (segments[1], "resolve") ? 1 : 2;

  if (n < used + 3 || !g_str_equal (segments[used], "resolve"))
    return;
  self->route = MC_TEST_ROUTE_RESOLVE;
  take_repo (self, segments, 0, used);
  self->revision = g_strdup (segments[used + 1]);
  self->path = g_strjoinv ("/", segments + used + 2);
}

static void
parse_cache (McTestTarget *self, char **segments, guint n)
{
  self->route = MC_TEST_ROUTE_CACHE;
  take_repo (self, segments, 3, 2);
  self->revision = g_strdup (segments[5]);
  self->path = g_strjoinv ("/", segments + 6);
}

McTestTarget *
mc_test_target_parse (const char *path, gboolean encoded)
{
  McTestTarget *self = g_new0 (McTestTarget, 1);
  g_auto (GStrv) segments = g_strsplit (*path == '/' ? path + 1 : path, "/", -1);
  g_autofree char *joined = NULL;
  guint n = g_strv_length (segments);

  for (guint i = 0; encoded && i < n; i++)
    {
      char *decoded = g_uri_unescape_string (segments[i], NULL);

      if (decoded != NULL)
        {
          g_free (segments[i]);
          segments[i] = decoded;
        }
    }
  joined = g_strjoinv ("/", segments);
  self->decoded = g_strconcat ("/", joined, NULL);
  if (n >= 2 && g_str_equal (segments[0], "api"))
    {
      if (g_str_equal (segments[1], "models"))
        parse_models (self, segments, n);
      else if (g_str_equal (segments[1], "whoami-v2") && n == 2)
        self->route = MC_TEST_ROUTE_WHOAMI;
      else if (g_str_equal (segments[1], "resolve-cache") && n > 6)
        parse_cache (self, segments, n);
    }
  else
    parse_resolve (self, segments, n);
  return self;
}

void
mc_test_target_free (McTestTarget *self)
{
  g_free (self->repo);
  g_free (self->revision);
  g_free (self->path);
  g_free (self->decoded);
  g_free (self);
}

char *
mc_test_target_dup_key (McTestTarget *self, const char *revision)
{
  const char *slash = self->path != NULL ? "/" : "";
  const char *path = self->path != NULL ? self->path : "";

  if (revision == NULL || self->revision == NULL)
    return g_strdup (self->decoded);
  switch (self->route)
    {
    case MC_TEST_ROUTE_INFO:
      return g_strdup_printf ("/api/models/%s/revision/%s", self->repo, revision);
    case MC_TEST_ROUTE_TREE:
      return g_strdup_printf ("/api/models/%s/tree/%s%s%s", self->repo, revision, slash, path);
    case MC_TEST_ROUTE_RESOLVE:
      return g_strdup_printf ("/%s/resolve/%s/%s", self->repo, revision, path);
    case MC_TEST_ROUTE_CACHE:
      return g_strdup_printf ("/api/resolve-cache/models/%s/%s/%s", self->repo, revision, path);
    default:
      return g_strdup (self->decoded);
    }
}

char *
mc_test_target_dup_renamed (McTestTarget *self, const char *raw_path, const char *repo)
{
  g_auto (GStrv) segments = g_strsplit (raw_path + 1, "/", -1);
  g_autoptr (GString) path = g_string_new (NULL);
  guint n = g_strv_length (segments);

  for (guint i = 0; i < n; i++)
    {
      if (i == self->repo_at)
        g_string_append_printf (path, "/%s", repo);
      else if (i < self->repo_at || i >= self->repo_at + self->n_repo)
        g_string_append_printf (path, "/%s", segments[i]);
    }
  return g_string_free (g_steal_pointer (&path), FALSE);
}
