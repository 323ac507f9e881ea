/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

#include "mc-checkout.h"
#include "mc-public.h"
#include "mc-repo.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define MC_TYPE_CACHE (mc_cache_get_type ())
#define MC_CACHE(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), MC_TYPE_CACHE, McCache))
#define MC_IS_CACHE(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), MC_TYPE_CACHE))

typedef struct _McCache McCache;
typedef struct _McCacheClass McCacheClass;

MC_PUBLIC GType mc_cache_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McCache, g_object_unref)

/**
 * McOpenFlags:
 * @MC_OPEN_NONE: what is not here is %MC_ERROR_NOT_DOWNLOADED or %MC_ERROR_NOT_SCANNED; the network
 *   is not touched
 * @MC_OPEN_FETCH: what is not here is downloaded first, with a scan of the repo if need be
 *
 * How to open what may not be here.
 */
typedef enum
{
  MC_OPEN_NONE = 0,
  MC_OPEN_FETCH = 1 << 0,
} McOpenFlags;

#define MC_TYPE_OPEN_FLAGS (mc_open_flags_get_type ())
MC_PUBLIC GType mc_open_flags_get_type (void);

/**
 * McProgressCallback:
 * @done: bytes that are here and committed
 * @total: bytes of all files that were asked for, each content once
 * @user_data: (closure): what was given with it
 *
 * How far a download is. @done never decreases, and is @total in the last call before a download
 * that succeeded ends. Called where its download was begun: in that thread and main context, never
 * more often than ten times a second but for the last call.
 */
typedef void (*McProgressCallback) (guint64 done, guint64 total, gpointer user_data);

MC_PUBLIC void mc_cache_scan_async (McCache *self,
                                    const char *repo,
                                    const char *revision,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
MC_PUBLIC McRepo *mc_cache_scan_finish (McCache *self, GAsyncResult *result, GError **error);
MC_PUBLIC McRepo *mc_cache_scan (McCache *self,
                                 const char *repo,
                                 const char *revision,
                                 GCancellable *cancellable,
                                 GError **error);

MC_PUBLIC void mc_cache_lookup_async (McCache *self,
                                      const char *repo,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
MC_PUBLIC McRepo *mc_cache_lookup_finish (McCache *self, GAsyncResult *result, GError **error);
MC_PUBLIC McRepo *
mc_cache_lookup (McCache *self, const char *repo, GCancellable *cancellable, GError **error);

MC_PUBLIC void mc_cache_list_async (McCache *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
MC_PUBLIC char **mc_cache_list_finish (McCache *self, GAsyncResult *result, GError **error);
MC_PUBLIC char **mc_cache_list (McCache *self, GCancellable *cancellable, GError **error);

MC_PUBLIC void mc_cache_has_file_async (McCache *self,
                                        const char *repo,
                                        const char *path,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
MC_PUBLIC gboolean mc_cache_has_file_finish (McCache *self, GAsyncResult *result, GError **error);
MC_PUBLIC gboolean mc_cache_has_file (
    McCache *self, const char *repo, const char *path, GCancellable *cancellable, GError **error);

MC_PUBLIC void mc_cache_download_async (McCache *self,
                                        const char *repo,
                                        const char *variant,
                                        GCancellable *cancellable,
                                        McProgressCallback progress,
                                        gpointer progress_data,
                                        GDestroyNotify progress_destroy,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
MC_PUBLIC void mc_cache_download_async_with_closure (McCache *self,
                                                     const char *repo,
                                                     const char *variant,
                                                     GCancellable *cancellable,
                                                     GClosure *progress,
                                                     GAsyncReadyCallback callback,
                                                     gpointer user_data);
MC_PUBLIC gboolean mc_cache_download_finish (McCache *self, GAsyncResult *result, GError **error);
MC_PUBLIC gboolean mc_cache_download (McCache *self,
                                      const char *repo,
                                      const char *variant,
                                      GCancellable *cancellable,
                                      McProgressCallback progress,
                                      gpointer progress_data,
                                      GError **error);

MC_PUBLIC void mc_cache_download_file_async (McCache *self,
                                             const char *repo,
                                             const char *path,
                                             GCancellable *cancellable,
                                             McProgressCallback progress,
                                             gpointer progress_data,
                                             GDestroyNotify progress_destroy,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data);
MC_PUBLIC void mc_cache_download_file_async_with_closure (McCache *self,
                                                          const char *repo,
                                                          const char *path,
                                                          GCancellable *cancellable,
                                                          GClosure *progress,
                                                          GAsyncReadyCallback callback,
                                                          gpointer user_data);
MC_PUBLIC gboolean mc_cache_download_file_finish (McCache *self,
                                                  GAsyncResult *result,
                                                  GError **error);
MC_PUBLIC gboolean mc_cache_download_file (McCache *self,
                                           const char *repo,
                                           const char *path,
                                           GCancellable *cancellable,
                                           McProgressCallback progress,
                                           gpointer progress_data,
                                           GError **error);

MC_PUBLIC void mc_cache_open_async (McCache *self,
                                    const char *repo,
                                    const char *path,
                                    McOpenFlags flags,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
MC_PUBLIC GInputStream *mc_cache_open_finish (McCache *self, GAsyncResult *result, GError **error);
MC_PUBLIC GInputStream *mc_cache_open (McCache *self,
                                       const char *repo,
                                       const char *path,
                                       McOpenFlags flags,
                                       GCancellable *cancellable,
                                       GError **error);

MC_PUBLIC void mc_cache_load_async (McCache *self,
                                    const char *repo,
                                    const char *path,
                                    McOpenFlags flags,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
MC_PUBLIC GBytes *mc_cache_load_finish (McCache *self, GAsyncResult *result, GError **error);
MC_PUBLIC GBytes *mc_cache_load (McCache *self,
                                 const char *repo,
                                 const char *path,
                                 McOpenFlags flags,
                                 GCancellable *cancellable,
                                 GError **error);

MC_PUBLIC void mc_cache_checkout_async (McCache *self,
                                        const char *repo,
                                        const char *variant,
                                        McOpenFlags flags,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
MC_PUBLIC McCheckout *
mc_cache_checkout_finish (McCache *self, GAsyncResult *result, GError **error);
MC_PUBLIC McCheckout *mc_cache_checkout (McCache *self,
                                         const char *repo,
                                         const char *variant,
                                         McOpenFlags flags,
                                         GCancellable *cancellable,
                                         GError **error);

MC_PUBLIC void mc_cache_delete_async (McCache *self,
                                      const char *repo,
                                      const char *variant,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
MC_PUBLIC gint64 mc_cache_delete_finish (McCache *self, GAsyncResult *result, GError **error);
MC_PUBLIC gint64 mc_cache_delete (McCache *self,
                                  const char *repo,
                                  const char *variant,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
