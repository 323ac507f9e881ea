/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-url.h"

#include "mc-error.h"

#include <string.h>

/* Pure. Everything stays percent-encoded, so that a path is sent as it came. */

#define URI_FLAGS                                                                                  \
  (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY                 \
   | G_URI_FLAGS_ENCODED_FRAGMENT | G_URI_FLAGS_SCHEME_NORMALIZE)

static gboolean
is_https (GUri *uri)
{
  return strcmp (g_uri_get_scheme (uri), "https") == 0;
}

static gboolean
is_web (GUri *uri)
{
  return is_https (uri) || strcmp (g_uri_get_scheme (uri), "http") == 0;
}

static int
get_port (GUri *uri)
{
  int port = g_uri_get_port (uri);

  return port > 0 ? port : is_https (uri) ? 443 : 80;
}

static gboolean
has_host (GUri *uri)
{
  const char *host = g_uri_get_host (uri);

  if (host == NULL || host[0] == '\0' || strpbrk (host, " \\\"<>^`{|}/?#@%") != NULL)
    return FALSE;
  for (const char *p = host; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return FALSE;
  return TRUE;
}

GUri *
mc_hub_url_parse_endpoint (const char *text, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GUri) uri = g_uri_parse (text, URI_FLAGS, &local);

  if (uri == NULL || !is_web (uri) || !has_host (uri) || g_uri_get_userinfo (uri) != NULL
      || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    {
      /* The text is not shown: somebody may have put a password into it. */
      g_set_error_literal (
          error, MC_ERROR, MC_ERROR_INVALID_NAME,
          "The Hub's address must be like “https://huggingface.co”: http or https, "
          "a host, and neither user nor query");
      return NULL;
    }
  return g_steal_pointer (&uri);
}

char *
mc_hub_url_get_host (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  gboolean is_ipv6 = strchr (host, ':') != NULL;
  int usual = is_https (uri) ? 443 : 80;

  if (get_port (uri) == usual)
    return g_strdup_printf (is_ipv6 ? "[%s]" : "%s", host);
  return g_strdup_printf (is_ipv6 ? "[%s]:%d" : "%s:%d", host, get_port (uri));
}

char *
mc_hub_url_to_endpoint (GUri *uri)
{
  g_autofree char *host = mc_hub_url_get_host (uri);
  char *text = g_strdup_printf ("%s://%s%s", g_uri_get_scheme (uri), host, g_uri_get_path (uri));

  for (gsize end = strlen (text); end > 0 && text[end - 1] == '/'; end--)
    text[end - 1] = '\0';
  return text;
}

gboolean
mc_hub_url_same_origin (GUri *a, GUri *b)
{
  return strcmp (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0
         && g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0
         && get_port (a) == get_port (b);
}

gboolean
mc_hub_url_is_host_of (GUri *endpoint, GUri *target)
{
  const char *own = g_uri_get_host (endpoint);
  const char *host = g_uri_get_host (target);
  gsize length = strlen (own);
  gsize longer = strlen (host);

  if (longer < length || g_ascii_strcasecmp (host + longer - length, own) != 0)
    return FALSE;
  return longer == length || (host[longer - length - 1] == '.' && !g_hostname_is_ip_address (own));
}

gboolean
mc_hub_url_is_loopback (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (host, "localhost") == 0;
}

gboolean
mc_hub_url_may_carry_token (GUri *endpoint, GUri *target)
{
  return mc_hub_url_same_origin (endpoint, target)
         && (is_https (target) || mc_hub_url_is_loopback (target));
}

GUri *
mc_hub_url_follow (GUri *current, const char *location, GError **error)
{
  g_autoptr (GUri) uri = NULL;

  if (g_utf8_validate (location, -1, NULL))
    uri = g_uri_parse_relative (current, location, URI_FLAGS | G_URI_FLAGS_PARSE_RELAXED, NULL);
  if (uri == NULL || !is_web (uri) || !has_host (uri) || g_uri_get_userinfo (uri) != NULL)
    {
      g_autofree char *host = mc_hub_url_get_host (current);

      g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                   "%s sent us to something that is no web address", host);
      return NULL;
    }
  if (is_https (current) && !is_https (uri))
    {
      g_autofree char *host = mc_hub_url_get_host (current);

      g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                   "%s sent us to an address without encryption", host);
      return NULL;
    }
  return g_steal_pointer (&uri);
}

GUri *
mc_hub_url_next_page (GUri *endpoint, GUri *current, const char *link, GError **error)
{
  g_autoptr (GUri) target = NULL;
  g_autofree char *path = NULL;
  const char *base = g_uri_get_path (endpoint);
  gsize length = strlen (base);

  if (g_utf8_validate (link, -1, NULL))
    target = g_uri_parse_relative (current, link, URI_FLAGS | G_URI_FLAGS_PARSE_RELAXED, NULL);
  if (target == NULL || !is_web (target) || !has_host (target) || g_uri_get_path (target)[0] != '/')
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "The link to the next page of the listing is no web address");
      return NULL;
    }
  while (length > 0 && base[length - 1] == '/')
    length--;
  /* A mirror below a path of its own: links of the Hub do not have that path. */
  if (strncmp (g_uri_get_path (target), base, length) != 0
      || (g_uri_get_path (target)[length] != '/' && length > 0))
    path = g_strdup_printf ("%.*s%s", (int) length, base, g_uri_get_path (target));
  return g_uri_build (URI_FLAGS, g_uri_get_scheme (endpoint), NULL, g_uri_get_host (endpoint),
                      g_uri_get_port (endpoint), path != NULL ? path : g_uri_get_path (target),
                      g_uri_get_query (target), NULL);
}

char *
mc_hub_url_describe (GUri *endpoint, GUri *uri)
{
  const char *query = g_uri_get_query (uri);
  g_autofree char *host = NULL;

  if (mc_hub_url_same_origin (endpoint, uri))
    return g_strconcat (g_uri_get_path (uri), query != NULL ? "?" : NULL, query, NULL);
  host = mc_hub_url_get_host (uri);
  return g_strdup_printf ("%s://%s%s%s", g_uri_get_scheme (uri), host, g_uri_get_path (uri),
                          query != NULL ? "?..." : "");
}
