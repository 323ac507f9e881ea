/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-ref.h"

#include "mc-error.h"

#include <string.h>

/* Reads what people type and paste. Pure. The text is cut in this order: a command line to the one
 * argument that names the repo; an address to the part behind its host; that part to a repo with
 * revision and variant, or to a repo, a page word ("blob") and what the page shows. Everything that
 * comes out has passed the rules at the end of this file. */

#define MAX_TEXT 8192

/* First segments of addresses that are not models. */
static const char *const other_kinds[] = {
  "datasets", "spaces", "buckets", "collections", "papers", "docs", NULL,
};
static const char *const site_pages[] = {
  "api",     "blog",          "chat",          "join",
  "learn",   "login",         "logout",        "models",
  "new",     "notifications", "organizations", "posts",
  "pricing", "settings",      "tasks",         "terms-of-service",
  NULL,
};
/* Pages of a repo that show a revision or a file of it. */
static const char *const file_pages[] = { "blob", "resolve", "raw", "blame", NULL };
/* Those that show neither. */
static const char *const repo_pages[] = {
  "discussions", "commits",  "commit", "settings", "edit",
  "upload",      "activity", "delete", "new",      NULL,
};
static const char *const hub_hosts[] = { "huggingface.co", "hf.co", NULL };

void
mc_repo_ref_free (McRepoRef *self)
{
  if (self == NULL)
    return;
  g_free (self->repo);
  g_free (self->revision);
  g_free (self->variant);
  g_free (self->path);
  g_free (self);
}

/* Text of a stranger, made fit for a message. */
static char *
quote (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) shown = g_string_new (NULL);
  guint count = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (++count > 80)
        {
          g_string_append (shown, "…");
          break;
        }
      g_string_append_unichar (shown, g_unichar_iscntrl (c) ? ' ' : c);
    }
  return g_string_free (g_steal_pointer (&shown), FALSE);
}

static gboolean
refuse (GError **error, const char *text, const char *why)
{
  g_autofree char *shown = quote (text);

  g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "“%s” %s", shown, why);
  return FALSE;
}

/* --- revision, variant --- */

static gboolean
take_revision (McRepoRef *self, const char *text, gssize length, GError **error)
{
  g_autofree char *raw = length < 0 ? g_strdup (text) : g_strndup (text, (gsize) length);
  g_autofree char *revision = g_uri_unescape_string (raw, NULL);

  if (revision == NULL || !mc_revision_is_valid (revision))
    return refuse (error, raw, "is not a revision: give a branch, a tag or a commit");
  g_free (self->revision);
  self->revision = g_steal_pointer (&revision);
  return TRUE;
}

static gboolean
take_variant (McRepoRef *self, const char *text, GError **error)
{
  if (text[0] == '\0' || strlen (text) > 255)
    return refuse (error, text, "is not a variant: give its label, as in owner/name:Q4_K_M");
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)) || g_unichar_isspace (g_utf8_get_char (p)))
      return refuse (error, text, "is not a variant: give its label, as in owner/name:Q4_K_M");
  g_free (self->variant);
  self->variant = g_strdup (text);
  return TRUE;
}

static gboolean
take_path (McRepoRef *self, char **segments, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint i = 0; segments[i] != NULL; i++)
    {
      g_autofree char *segment = g_uri_unescape_segment (segments[i], NULL, "/");

      if (segment == NULL)
        return refuse (error, segments[i], "is not a file name as an address has it");
      g_string_append_printf (path, "%s%s", i > 0 ? "/" : "", segment);
    }
  if (!mc_repo_path_is_valid (path->str))
    return refuse (error, path->str, "is not the path of a file in a repo");
  g_free (self->path);
  self->path = g_string_free (g_steal_pointer (&path), FALSE);
  return TRUE;
}

/* How many segments at the beginning are the revision: branches that hold a slash are escaped in
 * addresses, but for the Hub's own references. */
static guint
count_revision_segments (char **segments)
{
  if (segments[0] != NULL && strcmp (segments[0], "refs") == 0 && segments[1] != NULL
      && segments[2] != NULL
      && (strcmp (segments[1], "pr") == 0 || strcmp (segments[1], "convert") == 0))
    return 3;
  return 1;
}

/* --- the repo --- */

static gboolean
take_repo (McRepoRef *self, const char *text, gsize length, GError **error)
{
  g_autofree char *id = g_strndup (text, length);
  const char *slash = strchr (id, '/');

  if (slash != NULL)
    {
      g_autofree char *owner = g_strndup (id, (gsize) (slash - id));

      if (g_strv_contains (other_kinds, owner))
        return refuse (error, id,
                       "is not a model: Model Cache keeps models only, named owner/name");
      if (g_strv_contains (repo_pages, slash + 1))
        return refuse (error, id, "is a page of the Hub, not a model: give owner/name");
    }
  else if (g_strv_contains (other_kinds, id))
    return refuse (error, id, "is not a model: give owner/name");
  if (!mc_repo_id_is_valid (id))
    return refuse (error, id,
                   "is not the name of a model: give owner/name, its address on the Hub, or the "
                   "command that the Hub shows for it");
  self->repo = g_steal_pointer (&id);
  return TRUE;
}

/* owner/name[@revision][:VARIANT] */
static gboolean
read_plain (McRepoRef *self, const char *text, GError **error)
{
  gsize length = strcspn (text, "@:");
  const char *rest = text + length;

  if (!take_repo (self, text, length, error))
    return FALSE;
  if (rest[0] == '@')
    {
      gsize revision = strcspn (rest + 1, ":");

      if (!take_revision (self, rest + 1, (gssize) revision, error))
        return FALSE;
      rest += 1 + revision;
    }
  return rest[0] == '\0' || take_variant (self, rest + 1, error);
}

/* owner/name[@revision][/FILE], as in hf://; the text has no host. */
static gboolean
read_uri (McRepoRef *self, const char *text, GError **error)
{
  g_auto (GStrv) segments = NULL;
  g_autofree char *id = NULL;
  char **rest;
  char *at;
  guint count;

  if (g_str_has_prefix (text, "models/"))
    text += strlen ("models/");
  segments = g_strsplit (text, "/", -1);
  count = g_strv_length (segments);
  if (count < 2)
    return read_plain (self, text, error);
  at = strchr (segments[1], '@');
  if (at == NULL && count == 2)
    return read_plain (self, text, error);
  rest = segments + 2;
  if (at != NULL)
    {
      g_autofree char *revision = NULL;
      guint used;

      /* The revision begins in the middle of a segment: let it begin there in the list too. */
      *at = '\0';
      id = g_strconcat (segments[0], "/", segments[1], NULL);
      memmove (segments[1], at + 1, strlen (at + 1) + 1);
      used = count_revision_segments (segments + 1);
      rest = segments + 1 + used;
      revision = used == 3 ? g_strjoin ("/", segments[1], segments[2], segments[3], NULL)
                           : g_strdup (segments[1]);
      if (!take_revision (self, revision, -1, error))
        return FALSE;
    }
  else
    id = g_strconcat (segments[0], "/", segments[1], NULL);
  return take_repo (self, id, strlen (id), error)
         && (rest[0] == NULL || take_path (self, rest, error));
}

/* The segments from a page word on: ("blob", "main", "a", "b.gguf"). */
static gboolean
read_page (McRepoRef *self, char **segments, GError **error)
{
  gboolean is_tree = strcmp (segments[0], "tree") == 0;
  g_autofree char *revision = NULL;
  char **rest;
  guint used;

  if (segments[1] == NULL)
    return refuse (error, segments[0], "is a page without a revision: give owner/name");
  used = count_revision_segments (segments + 1);
  rest = segments + 1 + used;
  revision = used == 3 ? g_strjoin ("/", segments[1], segments[2], segments[3], NULL)
                       : g_strdup (segments[1]);
  if (!take_revision (self, revision, -1, error))
    return FALSE;
  if (is_tree)
    return TRUE;
  if (rest[0] == NULL)
    return refuse (error, segments[0], "is a page without a file: give owner/name");
  return take_path (self, rest, error);
}

static gboolean
is_page (const char *segment)
{
  return segment != NULL
         && (strcmp (segment, "tree") == 0 || g_strv_contains (file_pages, segment));
}

/* What stands behind the host of an address. */
static gboolean
read_site_path (McRepoRef *self, const char *path, GError **error)
{
  g_auto (GStrv) segments = NULL;
  g_autofree char *clean = NULL;
  guint count;

  while (path[0] == '/')
    path++;
  clean = g_strdup (path);
  for (gsize end = strlen (clean); end > 0 && clean[end - 1] == '/'; end--)
    clean[end - 1] = '\0';
  segments = g_strsplit (clean, "/", -1);
  count = g_strv_length (segments);
  if (count == 0)
    return refuse (error, "The address", "names no model: give the address of a model's page");
  if (g_strv_contains (other_kinds, segments[0]))
    return refuse (error, clean, "is not a model: Model Cache keeps models only");
  if (g_strv_contains (site_pages, segments[0]))
    return refuse (error, clean, "is a page of the Hub, not a model: give a model's page");

  if (count > 2 && is_page (segments[2]))
    {
      g_autofree char *id = g_strconcat (segments[0], "/", segments[1], NULL);

      return take_repo (self, id, strlen (id), error) && read_page (self, segments + 2, error);
    }
  /* The few old repos without an owner. */
  if (count > 2 && is_page (segments[1]))
    return take_repo (self, segments[0], strlen (segments[0]), error)
           && read_page (self, segments + 1, error);
  /* A revision or a variant may hold slashes of its own. */
  if (count <= 2 || strpbrk (segments[0], "@:") != NULL || strpbrk (segments[1], "@:") != NULL)
    {
      if (g_str_has_suffix (clean, ".git"))
        clean[strlen (clean) - strlen (".git")] = '\0';
      return read_plain (self, clean, error);
    }
  return refuse (error, clean, "is a page of the Hub, not a model: give the model's own page");
}

/* --- addresses --- */

static gboolean
is_hub_host (const char *authority, gboolean is_plain_http, const char *endpoint_host)
{
  g_autofree char *host = g_ascii_strdown (authority, -1);
  const char *default_port = is_plain_http ? ":80" : ":443";

  if (endpoint_host != NULL && g_ascii_strcasecmp (host, endpoint_host) == 0)
    return TRUE;
  if (g_str_has_suffix (host, default_port))
    host[strlen (host) - strlen (default_port)] = '\0';
  return g_strv_contains (hub_hosts, host)
         || (endpoint_host != NULL && g_ascii_strcasecmp (host, endpoint_host) == 0);
}

/* address: what follows "https://" */
static gboolean
read_address (McRepoRef *self,
              const char *address,
              gboolean is_plain_http,
              const char *endpoint_host,
              GError **error)
{
  gsize length = strcspn (address, "/");
  g_autofree char *authority = g_strndup (address, length);
  /* Whatever stands before the last @ is a user name and perhaps a token: not ours to keep or show.
   */
  const char *at = strrchr (authority, '@');
  const char *host = at == NULL ? authority : at + 1;

  if (!is_hub_host (host, is_plain_http, endpoint_host))
    return refuse (error, host, "is not the Hub's host: give an address on huggingface.co");
  return read_site_path (self, address + length, error);
}

/* One word: an address with or without scheme, or a plain name. */
static gboolean
read_word (McRepoRef *self, const char *word, const char *endpoint_host, GError **error)
{
  g_autofree char *text = g_strndup (word, strcspn (word, "?#"));
  g_autofree char *scheme = g_uri_parse_scheme (text);
  g_autofree char *first = g_strndup (text, strcspn (text, "/"));
  const char *rest = strstr (text, "://");

  if (g_str_has_prefix (text, "git@hf.co:"))
    return read_site_path (self, text + strlen ("git@hf.co:"), error);
  if (scheme != NULL && rest != NULL && rest == text + strlen (scheme))
    {
      gboolean is_plain_http = g_ascii_strcasecmp (scheme, "http") == 0;

      rest += strlen ("://");
      if (is_plain_http || g_ascii_strcasecmp (scheme, "https") == 0)
        return read_address (self, rest, is_plain_http, endpoint_host, error);
      if (g_ascii_strcasecmp (scheme, "hf") == 0 || g_ascii_strcasecmp (scheme, "huggingface") == 0)
        return read_uri (self, rest, error);
      return refuse (error, scheme, "is no kind of address that names a model: give owner/name");
    }
  if (strchr (text, '/') != NULL && is_hub_host (first, FALSE, endpoint_host))
    return read_address (self, text, FALSE, endpoint_host, error);
  return read_plain (self, text, error);
}

/* --- command lines --- */

/* Options of the Hub's tool that stand alone; all others are followed by a value. */
static const char *const lone_options[] = {
  "--quiet", "-q", "--force-download", "--resume-download", "--dry-run", "--json", NULL,
};

/* The value of an option in "--name=value" or "--name value"; moves *i onto the last word used. */
static const char *
option_value (char **words, guint *i, const char *name)
{
  gsize length = strlen (name);

  if (strncmp (words[*i], name, length) != 0)
    return NULL;
  if (words[*i][length] == '=')
    return words[*i] + length + 1;
  if (words[*i][length] == '\0' && words[*i + 1] != NULL)
    return words[++*i];
  return NULL;
}

/* words: those behind "hf download". */
static gboolean
read_hub_download (McRepoRef *self, char **words, const char *endpoint_host, GError **error)
{
  const char *repo = NULL;
  const char *path = NULL;
  const char *revision = NULL;
  guint paths = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *value;

      if (words[i][0] != '-')
        {
          if (repo == NULL)
            repo = words[i];
          else
            {
              path = words[i];
              paths++;
            }
          continue;
        }
      value = option_value (words, &i, "--revision");
      if (value != NULL)
        {
          revision = value;
          continue;
        }
      value = option_value (words, &i, "--repo-type");
      if (value != NULL)
        {
          if (strcmp (value, "model") != 0)
            return refuse (error, value, "is not a kind that Model Cache keeps: it keeps models");
          continue;
        }
      if (strchr (words[i], '=') == NULL && !g_strv_contains (lone_options, words[i])
          && words[i + 1] != NULL)
        i++;
    }
  if (repo == NULL)
    return refuse (error, "The command", "names no model: write “hf download owner/name”");
  if (!read_word (self, repo, endpoint_host, error))
    return FALSE;
  if (revision != NULL && !take_revision (self, revision, -1, error))
    return FALSE;
  /* Several files are no one file: then the whole repo is meant. */
  if (paths != 1)
    return TRUE;
  if (!mc_repo_path_is_valid (path))
    return refuse (error, path, "is not the path of a file in a repo");
  g_free (self->path);
  self->path = g_strdup (path);
  return TRUE;
}

static gboolean
read_llama (McRepoRef *self, char **words, const char *endpoint_host, GError **error)
{
  static const char *const repo_options[] = { "-hf", "-hfr", "--hf-repo" };
  static const char *const file_options[] = { "-hff", "--hf-file" };
  const char *repo = NULL;
  const char *path = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *value = NULL;

      for (guint j = 0; value == NULL && j < G_N_ELEMENTS (repo_options); j++)
        value = option_value (words, &i, repo_options[j]);
      if (value != NULL)
        {
          repo = value;
          continue;
        }
      for (guint j = 0; value == NULL && j < G_N_ELEMENTS (file_options); j++)
        value = option_value (words, &i, file_options[j]);
      if (value != NULL)
        path = value;
    }
  if (repo == NULL)
    return refuse (error, "The command", "names no model: write “llama-server -hf owner/name”");
  if (!read_word (self, repo, endpoint_host, error))
    return FALSE;
  if (path != NULL && !mc_repo_path_is_valid (path))
    return refuse (error, path, "is not the path of a file in a repo");
  if (path != NULL)
    {
      g_free (self->path);
      self->path = g_strdup (path);
    }
  return TRUE;
}

static gboolean
read_command (McRepoRef *self, const char *text, const char *endpoint_host, GError **error)
{
  g_auto (GStrv) all = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *program = NULL;
  char **words;

  if (!g_shell_parse_argv (text, NULL, &all, &local))
    return refuse (error, text, "cannot be read as a command: give owner/name");
  words = all;
  if (strcmp (words[0], "$") == 0 && words[1] != NULL)
    words++;
  program = g_path_get_basename (words[0]);
  if (words[1] != NULL && strcmp (words[1], "download") == 0
      && (strcmp (program, "hf") == 0 || strcmp (program, "huggingface-cli") == 0))
    return read_hub_download (self, words + 2, endpoint_host, error);
  if (words[1] != NULL && words[2] != NULL && strcmp (program, "ollama") == 0
      && (strcmp (words[1], "run") == 0 || strcmp (words[1], "pull") == 0))
    {
      g_autofree char *host = g_strndup (words[2], strcspn (words[2], "/"));

      /* Names without a host are of another registry. */
      if (strstr (words[2], "://") == NULL && !is_hub_host (host, FALSE, endpoint_host))
        return refuse (error, words[2], "is not on the Hub: give hf.co/owner/name");
      return read_word (self, words[2], endpoint_host, error);
    }
  if (g_str_has_prefix (program, "llama"))
    return read_llama (self, words + 1, endpoint_host, error);
  if (words[1] != NULL && words[2] != NULL && strcmp (program, "git") == 0
      && strcmp (words[1], "clone") == 0)
    return read_word (self, words[2], endpoint_host, error);
  return refuse (error, text,
                 "does not name a model: give owner/name, its address on the Hub, or the command "
                 "that the Hub shows for it");
}

McRepoRef *
mc_repo_ref_parse (const char *text, const char *endpoint_host, GError **error)
{
  g_autoptr (McRepoRef) self = g_new0 (McRepoRef, 1);
  g_autofree char *trimmed = NULL;
  gboolean done;

  if (text == NULL || strlen (text) > MAX_TEXT || !g_utf8_validate (text, -1, NULL))
    {
      g_set_error_literal (
          error, MC_ERROR, MC_ERROR_INVALID_NAME,
          "The name of the model is not text of a sensible length: give owner/name");
      return NULL;
    }
  trimmed = g_strstrip (g_strdup (text));
  if (trimmed[0] == '\0')
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                           "The name of the model is missing: give owner/name");
      return NULL;
    }
  if (strpbrk (trimmed, " \t\r\n") != NULL)
    done = read_command (self, trimmed, endpoint_host, error);
  else
    done = read_word (self, trimmed, endpoint_host, error);
  return done ? g_steal_pointer (&self) : NULL;
}

/* --- the rules --- */

static gboolean
is_id_part (const char *part, gsize length)
{
  if (length < 1 || length > 96 || part[0] == '-' || part[0] == '.' || part[length - 1] == '-'
      || part[length - 1] == '.')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (part[i]) && part[i] != '_' && part[i] != '.' && part[i] != '-')
      return FALSE;
  return TRUE;
}

gboolean
mc_repo_id_is_valid (const char *id)
{
  const char *slash;

  if (id == NULL || strstr (id, "--") != NULL || strstr (id, "..") != NULL
      || g_str_has_suffix (id, ".git"))
    return FALSE;
  slash = strchr (id, '/');
  if (slash == NULL)
    return is_id_part (id, strlen (id));
  return is_id_part (id, (gsize) (slash - id)) && is_id_part (slash + 1, strlen (slash + 1));
}

gboolean
mc_revision_is_valid (const char *revision)
{
  gsize length;

  if (revision == NULL || !g_utf8_validate (revision, -1, NULL))
    return FALSE;
  length = strlen (revision);
  if (length < 1 || length > 255 || revision[0] == '/' || revision[length - 1] == '/'
      || strpbrk (revision, " ~^:?*[\\") != NULL || strstr (revision, "..") != NULL)
    return FALSE;
  for (const char *p = revision; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)) || g_unichar_isspace (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

gboolean
mc_revision_is_commit (const char *revision)
{
  return revision != NULL && strlen (revision) == 40 && strspn (revision, "0123456789abcdef") == 40;
}

gboolean
mc_repo_path_is_valid (const char *path)
{
  gsize length = path == NULL ? 0 : strlen (path);

  if (length < 1 || length > 4096 || !g_utf8_validate (path, -1, NULL))
    return FALSE;
  for (const char *p = path; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return FALSE;
  for (const char *segment = path;; segment += strcspn (segment, "/") + 1)
    {
      gsize size = strcspn (segment, "/");

      if (size == 0 || (size == 1 && segment[0] == '.')
          || (size == 2 && segment[0] == '.' && segment[1] == '.'))
        return FALSE;
      if (segment[size] == '\0')
        return TRUE;
    }
}
