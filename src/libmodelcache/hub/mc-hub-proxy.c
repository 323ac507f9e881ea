/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-proxy.h"

#include <string.h>

/* Reads the environment; asks nobody. */

static const char *
get_variable (const char *small, const char *capitals)
{
  const char *value = g_getenv (small);

  if ((value == NULL || value[0] == '\0') && capitals != NULL)
    value = g_getenv (capitals);
  return value == NULL || value[0] == '\0' ? NULL : value;
}

/* "host:port" means a proxy that speaks HTTP. */
static char *
complete (const char *proxy)
{
  return strstr (proxy, "://") != NULL ? g_strdup (proxy) : g_strconcat ("http://", proxy, NULL);
}

static void
set_proxy (GSimpleProxyResolver *resolver, const char *scheme, const char *proxy)
{
  g_autofree char *uri = complete (proxy);

  g_simple_proxy_resolver_set_uri_proxy (resolver, scheme, uri);
}

/* Parted by commas or blanks. */
static char **
split_exceptions (const char *text)
{
  g_auto (GStrv) items = g_strsplit_set (text, ", ", -1);
  g_autoptr (GStrvBuilder) hosts = g_strv_builder_new ();

  for (guint i = 0; items[i] != NULL; i++)
    if (items[i][0] != '\0')
      g_strv_builder_add (hosts, items[i]);
  return g_strv_builder_end (hosts);
}

GProxyResolver *
mc_hub_proxy_from_environment (void)
{
  const char *http = get_variable ("http_proxy", NULL);
  const char *https = get_variable ("https_proxy", "HTTPS_PROXY");
  const char *all = get_variable ("all_proxy", "ALL_PROXY");
  const char *none = get_variable ("no_proxy", "NO_PROXY");
  g_auto (GStrv) exceptions = split_exceptions (none != NULL ? none : "");
  gboolean direct = g_strv_contains ((const char *const *) exceptions, "*");
  GProxyResolver *resolver;

  if (http == NULL && https == NULL && all == NULL && !direct)
    return NULL;
  resolver = g_simple_proxy_resolver_new ("direct://", direct ? NULL : exceptions);
  if (direct)
    return resolver;
  if (all != NULL)
    {
      g_autofree char *uri = complete (all);

      g_simple_proxy_resolver_set_default_proxy (G_SIMPLE_PROXY_RESOLVER (resolver), uri);
    }
  if (http != NULL)
    set_proxy (G_SIMPLE_PROXY_RESOLVER (resolver), "http", http);
  if (https != NULL)
    set_proxy (G_SIMPLE_PROXY_RESOLVER (resolver), "https", https);
  return resolver;
}
