/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cache-private.h"

/* The functions of a McCache that are about the bytes of files. */

static void
call_closure (guint64 done, guint64 total, gpointer closure)
{
  GValue values[2] = { G_VALUE_INIT, G_VALUE_INIT };

  g_value_init (&values[0], G_TYPE_UINT64);
  g_value_set_uint64 (&values[0], done);
  g_value_init (&values[1], G_TYPE_UINT64);
  g_value_set_uint64 (&values[1], total);
  g_closure_invoke (closure, NULL, G_N_ELEMENTS (values), values, NULL);
}

static void
set_closure (McRequest *request, GClosure *closure)
{
  if (closure == NULL)
    return;
  g_closure_ref (closure);
  g_closure_sink (closure);
  if (G_CLOSURE_NEEDS_MARSHAL (closure))
    g_closure_set_marshal (closure, g_cclosure_marshal_generic);
  mc_request_set_progress (request, call_closure, closure, (GDestroyNotify) g_closure_unref);
}

/**
 * mc_cache_download_async: (skip)
 * @self: a cache
 * @repo: names a repo
 * @variant: (nullable): a variant; %NULL: the default one
 * @cancellable: (nullable): to give up
 * @progress: (nullable) (scope notified) (closure progress_data) (destroy progress_destroy): told
 *   how far it is
 * @progress_data: for @progress
 * @progress_destroy: (nullable): frees @progress_data
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Has a variant downloaded.
 *
 * See [method@ModelCache.Cache.download], which waits.
 */
void
mc_cache_download_async (McCache *self,
                         const char *repo,
                         const char *variant,
                         GCancellable *cancellable,
                         McProgressCallback progress,
                         gpointer progress_data,
                         GDestroyNotify progress_destroy,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  McRequest *request;

  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  request = mc_request_new (MC_REQUEST_DOWNLOAD, repo, variant, MC_OPEN_NONE);
  mc_request_set_progress (request, progress, progress_data, progress_destroy);
  mc_request_start (request, self, mc_cache_download_async, cancellable, callback, user_data);
}

/**
 * mc_cache_download_async_with_closure: (rename-to mc_cache_download_async)
 * @self: a cache
 * @repo: names a repo
 * @variant: (nullable): a variant; %NULL: the default one
 * @cancellable: (nullable): to give up
 * @progress: (nullable): called with how much is here and how much that is of, both in bytes, as a
 *   [callback@ModelCache.ProgressCallback] is
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Has a variant downloaded.
 *
 * See [method@ModelCache.Cache.download], which waits. This is the form for other languages, some
 * of which cannot tell the data of two callbacks apart.
 */
void
mc_cache_download_async_with_closure (McCache *self,
                                      const char *repo,
                                      const char *variant,
                                      GCancellable *cancellable,
                                      GClosure *progress,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  McRequest *request;

  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  request = mc_request_new (MC_REQUEST_DOWNLOAD, repo, variant, MC_OPEN_NONE);
  set_closure (request, progress);
  mc_request_start (request, self, mc_cache_download_async_with_closure, cancellable, callback,
                    user_data);
}

/**
 * mc_cache_download_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.download_async].
 *
 * Returns: %TRUE if all of it is here; %FALSE with an error
 */
gboolean
mc_cache_download_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return mc_request_finish_number (result, error) > 0;
}

/**
 * mc_cache_download:
 * @self: a cache
 * @repo: names a repo
 * @variant: (nullable): a variant; %NULL: the default one
 * @cancellable: (nullable): to give up
 * @progress: (nullable) (scope call) (closure progress_data): told how far it is
 * @progress_data: for @progress
 * @error: (nullable): why it failed
 *
 * Downloads a variant.
 *
 * What is missing of it is fetched, with a scan of the repo first if it was never scanned; nothing
 * is if nothing is missing. Who gives up loses nothing: what was fetched is kept, and another
 * download goes on from there. Where the network fails it is tried again for some minutes.
 *
 * %MC_ERROR_NO_SPACE if the disk is full, %MC_ERROR_GATED, %MC_ERROR_SIGN_IN and others if the Hub
 * does not give it to this account, %MC_ERROR_CORRUPT if it sent other bytes than it should.
 *
 * Returns: %TRUE if all of it is here; %FALSE with an error
 */
gboolean
mc_cache_download (McCache *self,
                   const char *repo,
                   const char *variant,
                   GCancellable *cancellable,
                   McProgressCallback progress,
                   gpointer progress_data,
                   GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  McRequest *request;

  g_return_val_if_fail (MC_IS_CACHE (self), FALSE);
  g_return_val_if_fail (repo != NULL, FALSE);
  request = mc_request_new (MC_REQUEST_DOWNLOAD, repo, variant, MC_OPEN_NONE);
  mc_request_set_progress (request, progress, progress_data, NULL);
  result = mc_cache_run (self, request, mc_cache_download, cancellable);
  return mc_request_finish_number (result, error) > 0;
}

/**
 * mc_cache_download_file_async: (skip)
 * @self: a cache
 * @repo: names a repo
 * @path: of a file in the repo
 * @cancellable: (nullable): to give up
 * @progress: (nullable) (scope notified) (closure progress_data) (destroy progress_destroy): told
 *   how far it is
 * @progress_data: for @progress
 * @progress_destroy: (nullable): frees @progress_data
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Has a file downloaded.
 *
 * See [method@ModelCache.Cache.download_file], which waits.
 */
void
mc_cache_download_file_async (McCache *self,
                              const char *repo,
                              const char *path,
                              GCancellable *cancellable,
                              McProgressCallback progress,
                              gpointer progress_data,
                              GDestroyNotify progress_destroy,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  McRequest *request;

  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  g_return_if_fail (path != NULL);
  request = mc_request_new (MC_REQUEST_DOWNLOAD_FILE, repo, path, MC_OPEN_NONE);
  mc_request_set_progress (request, progress, progress_data, progress_destroy);
  mc_request_start (request, self, mc_cache_download_file_async, cancellable, callback, user_data);
}

/**
 * mc_cache_download_file_async_with_closure: (rename-to mc_cache_download_file_async)
 * @self: a cache
 * @repo: names a repo
 * @path: of a file in the repo
 * @cancellable: (nullable): to give up
 * @progress: (nullable): called with how much is here and how much that is of, both in bytes, as a
 *   [callback@ModelCache.ProgressCallback] is
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Has a file downloaded.
 *
 * See [method@ModelCache.Cache.download_file], which waits. This is the form for other languages,
 * some of which cannot tell the data of two callbacks apart.
 */
void
mc_cache_download_file_async_with_closure (McCache *self,
                                           const char *repo,
                                           const char *path,
                                           GCancellable *cancellable,
                                           GClosure *progress,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data)
{
  McRequest *request;

  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  g_return_if_fail (path != NULL);
  request = mc_request_new (MC_REQUEST_DOWNLOAD_FILE, repo, path, MC_OPEN_NONE);
  set_closure (request, progress);
  mc_request_start (request, self, mc_cache_download_file_async_with_closure, cancellable, callback,
                    user_data);
}

/**
 * mc_cache_download_file_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.download_file_async].
 *
 * Returns: %TRUE if all of it is here; %FALSE with an error
 */
gboolean
mc_cache_download_file_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return mc_request_finish_number (result, error) > 0;
}

/**
 * mc_cache_download_file:
 * @self: a cache
 * @repo: names a repo
 * @path: of a file in the repo
 * @cancellable: (nullable): to give up
 * @progress: (nullable) (scope call) (closure progress_data): told how far it is
 * @progress_data: for @progress
 * @error: (nullable): why it failed
 *
 * Downloads a file.
 *
 * What is missing of it is fetched, with a scan of the repo first if it was never scanned; nothing
 * is if nothing is missing. Who gives up loses nothing: what was fetched is kept, and another
 * download goes on from there. Where the network fails it is tried again for some minutes.
 *
 * %MC_ERROR_NO_SPACE if the disk is full, %MC_ERROR_GATED, %MC_ERROR_SIGN_IN and others if the Hub
 * does not give it to this account, %MC_ERROR_CORRUPT if it sent other bytes than it should.
 *
 * Returns: %TRUE if all of it is here; %FALSE with an error
 */
gboolean
mc_cache_download_file (McCache *self,
                        const char *repo,
                        const char *path,
                        GCancellable *cancellable,
                        McProgressCallback progress,
                        gpointer progress_data,
                        GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  McRequest *request;

  g_return_val_if_fail (MC_IS_CACHE (self), FALSE);
  g_return_val_if_fail (repo != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  request = mc_request_new (MC_REQUEST_DOWNLOAD_FILE, repo, path, MC_OPEN_NONE);
  mc_request_set_progress (request, progress, progress_data, NULL);
  result = mc_cache_run (self, request, mc_cache_download_file, cancellable);
  return mc_request_finish_number (result, error) > 0;
}

/**
 * mc_cache_open_async:
 * @self: a cache
 * @repo: names a repo
 * @path: of a file in the repo
 * @flags: whether to download it if it is not here
 * @cancellable: (nullable): to give up
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Opens a file for reading.
 *
 * See [method@ModelCache.Cache.open], which waits.
 */
void
mc_cache_open_async (McCache *self,
                     const char *repo,
                     const char *path,
                     McOpenFlags flags,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  g_return_if_fail (path != NULL);
  mc_request_start (mc_request_new (MC_REQUEST_OPEN, repo, path, flags), self, mc_cache_open_async,
                    cancellable, callback, user_data);
}

/**
 * mc_cache_open_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.open_async].
 *
 * Returns: (transfer full): its bytes; %NULL with an error
 */
GInputStream *
mc_cache_open_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_open:
 * @self: a cache
 * @repo: names a repo
 * @path: of a file in the repo
 * @flags: whether to download it if it is not here
 * @cancellable: (nullable): to give up
 * @error: (nullable): why it failed
 *
 * Opens a file for reading: a stream that is also a [iface@Gio.Seekable]. While it is open the file
 * is not deleted. Bytes are verified as they are read, at the latest: damage is an error.
 *
 * Returns: (transfer full): its bytes; %NULL with an error
 */
GInputStream *
mc_cache_open (McCache *self,
               const char *repo,
               const char *path,
               McOpenFlags flags,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (MC_IS_CACHE (self), NULL);
  g_return_val_if_fail (repo != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);
  result = mc_cache_run (self, mc_request_new (MC_REQUEST_OPEN, repo, path, flags), mc_cache_open,
                         cancellable);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_load_async:
 * @self: a cache
 * @repo: names a repo
 * @path: of a file in the repo
 * @flags: whether to download it if it is not here
 * @cancellable: (nullable): to give up
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Has a file mapped.
 *
 * See [method@ModelCache.Cache.load], which waits.
 */
void
mc_cache_load_async (McCache *self,
                     const char *repo,
                     const char *path,
                     McOpenFlags flags,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  g_return_if_fail (path != NULL);
  mc_request_start (mc_request_new (MC_REQUEST_LOAD, repo, path, flags), self, mc_cache_load_async,
                    cancellable, callback, user_data);
}

/**
 * mc_cache_load_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.load_async].
 *
 * Returns: (transfer full): its bytes; %NULL with an error
 */
GBytes *
mc_cache_load_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_load:
 * @self: a cache
 * @repo: names a repo
 * @path: of a file in the repo
 * @flags: whether to download it if it is not here
 * @cancellable: (nullable): to give up
 * @error: (nullable): why it failed
 *
 * Gives all bytes of a file. Large ones are mapped from disk: they take no memory of their own, and
 * are read when they are looked at.
 *
 * What is mapped is a plain copy that was verified, without a name, and goes with the bytes. Only
 * where a [class@ModelCache.SharedCache] shows its store as a folder (`mcache mount`) is it a file
 * there, of which nothing is copied: while these bytes are there the service stays; if it is ended
 * by force, looking at what was not read before is a bus error (SIGBUS), as with any file that is
 * cut short.
 *
 * Returns: (transfer full): its bytes; %NULL with an error
 */
GBytes *
mc_cache_load (McCache *self,
               const char *repo,
               const char *path,
               McOpenFlags flags,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (MC_IS_CACHE (self), NULL);
  g_return_val_if_fail (repo != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);
  result = mc_cache_run (self, mc_request_new (MC_REQUEST_LOAD, repo, path, flags), mc_cache_load,
                         cancellable);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_checkout_async:
 * @self: a cache
 * @repo: names a repo
 * @variant: (nullable): a variant; %NULL: the default one
 * @flags: whether to download it if it is not here
 * @cancellable: (nullable): to give up
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Makes files with names of a variant.
 *
 * See [method@ModelCache.Cache.checkout], which waits.
 */
void
mc_cache_checkout_async (McCache *self,
                         const char *repo,
                         const char *variant,
                         McOpenFlags flags,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  mc_request_start (mc_request_new (MC_REQUEST_CHECKOUT, repo, variant, flags), self,
                    mc_cache_checkout_async, cancellable, callback, user_data);
}

/**
 * mc_cache_checkout_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.checkout_async].
 *
 * Returns: (transfer full): where they are; %NULL with an error
 */
McCheckout *
mc_cache_checkout_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_checkout:
 * @self: a cache
 * @repo: names a repo
 * @variant: (nullable): a variant; %NULL: the default one
 * @flags: whether to download it if it is not here
 * @cancellable: (nullable): to give up
 * @error: (nullable): why it failed
 *
 * Makes the files of a variant available under their own names in a folder, for programs that want
 * paths. For a single file, name it as the variant: the one it belongs to is meant.
 *
 * See [class@ModelCache.Checkout] for how long they are there, and what they cost.
 *
 * %MC_ERROR_NO_SPACE if copies have to be made and do not fit.
 *
 * Returns: (transfer full): where they are; %NULL with an error
 */
McCheckout *
mc_cache_checkout (McCache *self,
                   const char *repo,
                   const char *variant,
                   McOpenFlags flags,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (MC_IS_CACHE (self), NULL);
  g_return_val_if_fail (repo != NULL, NULL);
  result = mc_cache_run (self, mc_request_new (MC_REQUEST_CHECKOUT, repo, variant, flags),
                         mc_cache_checkout, cancellable);
  return mc_request_finish_pointer (result, error);
}
