/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* The proxies that http_proxy, https_proxy, all_proxy and no_proxy name, in small letters or, but
 * for the first, in capitals: what is in the environment of a CGI program as HTTP_PROXY comes from
 * its caller. NULL if none of them names any: then the desktop's own are right. The caller's. */
GProxyResolver *mc_hub_proxy_from_environment (void);

G_END_DECLS
