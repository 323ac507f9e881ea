/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

#include "mc-cache.h"

G_BEGIN_DECLS

#define MC_TYPE_SHARED_CACHE (mc_shared_cache_get_type ())
#define MC_SHARED_CACHE(object)                                                                    \
  (G_TYPE_CHECK_INSTANCE_CAST ((object), MC_TYPE_SHARED_CACHE, McSharedCache))
#define MC_IS_SHARED_CACHE(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), MC_TYPE_SHARED_CACHE))

typedef struct _McSharedCache McSharedCache;

MC_PUBLIC GType mc_shared_cache_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McSharedCache, g_object_unref)

MC_PUBLIC void mc_shared_cache_new_async (GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
MC_PUBLIC McSharedCache *mc_shared_cache_new_finish (GAsyncResult *result, GError **error);
MC_PUBLIC McSharedCache *mc_shared_cache_new (GCancellable *cancellable, GError **error);

G_END_DECLS
