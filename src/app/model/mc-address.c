/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-address.h"

#include "mc-error.h"

#include <string.h>

/* Addresses come from web pages and other programs: none is believed to be well formed. */

#define SCHEME "modelcache:"
#define LONGEST 2048

static char *
refuse (GError **error, const char *reason)
{
  g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "The address %s", reason);
  return NULL;
}

static gboolean
has_controls (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return TRUE;
  return FALSE;
}

/* NULL: it is not text for people. */
static char *
check (char *text, GError **error)
{
  g_autofree char *name = text == NULL ? NULL : g_strstrip (text);

  if (name == NULL || !g_utf8_validate (name, -1, NULL))
    return refuse (error, "is not text");
  if (name[0] == '\0')
    return refuse (error, "names nothing");
  if (has_controls (name))
    return refuse (error, "has control characters");
  return g_steal_pointer (&name);
}

static char *
read_link (const char *link, GError **error)
{
  link += strspn (link, "/");
  return check (g_uri_unescape_string (link, NULL), error);
}

static char *
read_file (const char *uri, GError **error)
{
  g_autofree char *host = NULL;
  g_autofree char *path = g_filename_from_uri (uri, &host, NULL);

  if (path == NULL || host != NULL)
    return refuse (error, "is not of this computer");
  if (!g_utf8_validate (path, -1, NULL))
    return refuse (error, "is not text");
  return g_steal_pointer (&path);
}

char *
mc_address_read (const char *address, McAddressKind *kind, GError **error)
{
  *kind = MC_ADDRESS_MODEL;
  if (strnlen (address, LONGEST + 1) > LONGEST)
    return refuse (error, "is too long");
  if (g_ascii_strncasecmp (address, SCHEME, strlen (SCHEME)) == 0)
    return read_link (address + strlen (SCHEME), error);
  if (g_ascii_strncasecmp (address, "file:", 5) != 0)
    return check (g_strdup (address), error);
  *kind = MC_ADDRESS_FOLDER;
  return read_file (address, error);
}
