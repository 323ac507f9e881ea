/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

#include "mc-cache.h"

G_BEGIN_DECLS

#define MC_TYPE_PRIVATE_CACHE (mc_private_cache_get_type ())
#define MC_PRIVATE_CACHE(object)                                                                   \
  (G_TYPE_CHECK_INSTANCE_CAST ((object), MC_TYPE_PRIVATE_CACHE, McPrivateCache))
#define MC_IS_PRIVATE_CACHE(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), MC_TYPE_PRIVATE_CACHE))

typedef struct _McPrivateCache McPrivateCache;

MC_PUBLIC GType mc_private_cache_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McPrivateCache, g_object_unref)

MC_PUBLIC McPrivateCache *
mc_private_cache_new (const char *folder, const char *endpoint, const char *token, GError **error);
MC_PUBLIC const char *mc_private_cache_get_folder (McPrivateCache *self);
MC_PUBLIC void mc_private_cache_close (McPrivateCache *self);

G_END_DECLS
