/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-endpoint-guard.h"

#include <string.h>

#define KEY_LEAST 16
#define KEY_MOST 64

static gboolean
is_all (const char *text, gsize length, const char *others)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && (text[i] == '\0' || strchr (others, text[i]) == NULL))
      return FALSE;
  return TRUE;
}

gboolean
mc_endpoint_key_is_valid (const char *key)
{
  gsize length = strlen (key);

  return length >= KEY_LEAST && length <= KEY_MOST && is_all (key, length, "-_");
}

const char *
mc_endpoint_strip_key (const char *path, const char *key)
{
  gsize length = strlen (key);
  gsize given = path[0] == '/' ? strcspn (path + 1, "/") : 0;
  volatile guint8 difference = given != length;

  /* Of a key of another length as many characters are compared, with themselves. */
  for (gsize i = 0; i < given; i++)
    difference |= (guint8) (path[1 + i] ^ (given == length ? key[i] : path[1 + i]));
  if (path[0] != '/' || difference != 0)
    return NULL;
  return path + 1 + length;
}

#define ORIGIN_KEY_LENGTH 32 /* hex digits: 128 bits */

char *
mc_endpoint_make_origin_key (const char *key, const char *origin)
{
  char *digest =
      g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *) key, strlen (key), origin, -1);

  digest[ORIGIN_KEY_LENGTH] = '\0';
  return digest;
}

/* ":1234" behind a name. */
static gboolean
is_port (const char *text, guint port)
{
  guint64 number;

  return text[0] == ':' && g_ascii_string_to_unsigned (text + 1, 10, 1, 65535, &number, NULL)
         && number == port;
}

gboolean
mc_endpoint_host_is_own (const char *host, guint port)
{
  static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };

  for (guint i = 0; host != NULL && i < G_N_ELEMENTS (names); i++)
    {
      gsize length = strlen (names[i]);

      if (g_ascii_strncasecmp (host, names[i], length) == 0 && is_port (host + length, port))
        return TRUE;
    }
  return FALSE;
}

#define FIREFOX "moz-extension://"

gboolean
mc_endpoint_origin_is (const char *field, const char *allowed)
{
  return strcmp (field, allowed) == 0
         || (g_str_has_prefix (field, FIREFOX) && g_str_has_prefix (allowed, FIREFOX));
}

gboolean
mc_endpoint_origin_is_valid (const char *origin)
{
  const char *host = strstr (origin, "://");
  gsize length;

  if (host == NULL || host == origin || !is_all (origin, (gsize) (host - origin), "+-."))
    return FALSE;
  length = strlen (host + 3);
  return length > 0 && length < 256
         && is_all (host + 3, length, g_str_has_prefix (origin, FIREFOX) ? ".-_@{}" : ".-_:[]");
}

gboolean
mc_wrong_keys_add (McWrongKeys *self, gint64 now)
{
  if (self->n == 0 || now - self->since >= MC_WRONG_KEYS_SECONDS * G_USEC_PER_SEC)
    *self = (McWrongKeys){ 0, now };
  self->n++;
  return self->n > MC_WRONG_KEYS;
}
