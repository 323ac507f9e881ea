/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-token.h"

#include "mc-error.h"
#include "mc-hub-client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Finds the token. It never shows one: neither in a log nor in an error. */

#define MAX_FILE (64 * 1024)
#define MAX_TOKEN 4096

char *
mc_hub_token_clean (const char *text)
{
  g_autofree char *token = text == NULL ? NULL : g_strstrip (g_strdup (text));

  if (token == NULL || token[0] == '\0')
    return NULL;
  for (const char *p = token; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p))
      {
        g_warning ("The token is not used: it has characters that a token cannot have");
        return NULL;
      }
  if (strlen (token) > MAX_TOKEN)
    {
      g_warning ("The token is not used: it is too long to be one");
      return NULL;
    }
  return g_steal_pointer (&token);
}

static char *
read_descriptor (int fd, GError **error)
{
  g_autofree char *text = g_malloc (MAX_FILE + 1);
  struct stat status;
  gsize length = 0;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "it is no regular file");
      return NULL;
    }
  while (length < MAX_FILE)
    {
      ssize_t count = pread (fd, text + length, MAX_FILE - length, (off_t) length);

      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        {
          g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                               g_strerror (errno));
          return NULL;
        }
      if (count == 0)
        break;
      length += (gsize) count;
    }
  text[length] = '\0';
  return g_steal_pointer (&text);
}

char *
mc_hub_token_read (int fd, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = read_descriptor (fd, &local);
  char *token;

  if (text == NULL)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "The token cannot be read: %s",
                   local->message);
      return NULL;
    }
  token = mc_hub_token_clean (text);
  if (token == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                         "That is no token: it is empty, or has characters that none can have");
  return token;
}

/* The first line of the file. */
static char *
read_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  /* A pipe in its place must not hold us up. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    {
      if (errno != ENOENT && errno != ENOTDIR)
        g_warning ("The token file %s cannot be opened: %s", path, g_strerror (errno));
      return NULL;
    }
  text = read_descriptor (fd, &error);
  close (fd);
  if (text == NULL)
    {
      g_warning ("The token file %s cannot be read: %s", path, error->message);
      return NULL;
    }
  /* White space before the token may be line ends too. */
  g_strchug (text);
  text[strcspn (text, "\r\n")] = '\0';
  return mc_hub_token_clean (text);
}

/* The value of a variable that holds a path; NULL if it is unset or empty. */
static char *
get_path (const char *name)
{
  const char *value = g_getenv (name);

  if (value == NULL || value[0] == '\0')
    return NULL;
  if (g_str_has_prefix (value, "~/"))
    return g_build_filename (g_get_home_dir (), value + 2, NULL);
  return g_strdup (value);
}

gboolean
mc_hub_variable_is_set (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL
         && (strcmp (value, "1") == 0 || g_ascii_strcasecmp (value, "on") == 0
             || g_ascii_strcasecmp (value, "yes") == 0 || g_ascii_strcasecmp (value, "true") == 0);
}

char *
mc_hub_token_from_environment (void)
{
  static const char *const variables[] = { "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN" };
  g_autofree char *path = NULL;
  g_autofree char *home = NULL;

  if (mc_hub_variable_is_set ("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      char *token = mc_hub_token_clean (g_getenv (variables[i]));

      if (token != NULL)
        return token;
    }
  path = get_path ("HF_TOKEN_PATH");
  if (path != NULL)
    return read_file (path);
  home = get_path ("HF_HOME");
  if (home == NULL)
    home = g_build_filename (g_get_user_cache_dir (), "huggingface", NULL);
  path = g_build_filename (home, "token", NULL);
  return read_file (path);
}
