/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cache-private.h"

/**
 * McCache:
 *
 * Files of models of the Hugging Face Hub: kept once, verified, and handed out.
 *
 * There are two kinds. [class@ModelCache.SharedCache] is that of the user, kept by a service and
 * shared by all programs; it is the one to take unless there is a reason.
 * [class@ModelCache.PrivateCache] is a folder of your own, and everything happens in your process.
 * Both do the same by the same functions.
 *
 * # Names
 *
 * A *repo* argument is whatever names a repo: “owner/name”, “owner/name@revision”, a pasted address
 * of its page, “hf.co/owner/name:Q4_K_M”. A *variant* is a key, “gguf:Q4_K_M”, or any unambiguous
 * end of it in any case, “q4_k_m”; %NULL is the one that the repo argument names, else the repo's
 * default. A *path* is that of a file in the repo. All sizes are in bytes.
 *
 * # Threads
 *
 * A cache may be used from any thread. Each function has two forms. The one that ends in “_async”
 * calls back in the thread-default main context it was called in. The other waits, and runs nothing
 * else of the caller's meanwhile but the progress callback it was given.
 *
 * # Errors
 *
 * They are of [error@ModelCache.Error], each of which says what can be done about it. A cancelled
 * call is %G_IO_ERROR_CANCELLED; a call of a cache that was closed, %G_IO_ERROR_CLOSED.
 */
G_DEFINE_ABSTRACT_TYPE (McCache, mc_cache, G_TYPE_OBJECT)

G_DEFINE_FLAGS_TYPE (McOpenFlags,
                     mc_open_flags,
                     G_DEFINE_ENUM_VALUE (MC_OPEN_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (MC_OPEN_FETCH, "fetch"))

static void
mc_cache_class_init (McCacheClass *klass)
{
}

static void
mc_cache_init (McCache *self)
{
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

GAsyncResult *
mc_cache_run (McCache *self, McRequest *request, gpointer tag, GCancellable *cancellable)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GAsyncResult *result = NULL;

  g_main_context_push_thread_default (context);
  mc_request_start (request, self, tag, cancellable, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return result;
}

/**
 * mc_cache_scan_async:
 * @self: a cache
 * @repo: names a repo
 * @revision: (nullable): branch, tag or commit; %NULL: the one that @repo names, else “main”
 * @cancellable: (nullable): to give up
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Has a repo read from the Hub.
 *
 * See [method@ModelCache.Cache.scan], which waits.
 */
void
mc_cache_scan_async (McCache *self,
                     const char *repo,
                     const char *revision,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  mc_request_start (mc_request_new (MC_REQUEST_SCAN, repo, revision, MC_OPEN_NONE), self,
                    mc_cache_scan_async, cancellable, callback, user_data);
}

/**
 * mc_cache_scan_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.scan_async].
 *
 * Returns: (transfer full): the repo; %NULL with an error
 */
McRepo *
mc_cache_scan_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_scan:
 * @self: a cache
 * @repo: names a repo
 * @revision: (nullable): branch, tag or commit; %NULL: the one that @repo names, else “main”
 * @cancellable: (nullable): to give up
 * @error: (nullable): why it failed
 *
 * Reads a repo's facts and listing from the Hub, pins it to a commit, groups its files into
 * variants, and keeps that in the cache. Scanning again refreshes it; what is here of it stays.
 *
 * %MC_ERROR_NOT_FOUND if the Hub has no such repo, %MC_ERROR_INVALID_NAME if @repo is no name of
 * one, %MC_ERROR_NETWORK if the Hub cannot be reached.
 *
 * Returns: (transfer full): the repo; %NULL with an error
 */
McRepo *
mc_cache_scan (McCache *self,
               const char *repo,
               const char *revision,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (MC_IS_CACHE (self), NULL);
  g_return_val_if_fail (repo != NULL, NULL);
  result = mc_cache_run (self, mc_request_new (MC_REQUEST_SCAN, repo, revision, MC_OPEN_NONE),
                         mc_cache_scan, cancellable);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_lookup_async:
 * @self: a cache
 * @repo: names a repo
 * @cancellable: (nullable): to give up
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Tells what is known of a repo that was scanned.
 *
 * See [method@ModelCache.Cache.lookup], which waits.
 */
void
mc_cache_lookup_async (McCache *self,
                       const char *repo,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  mc_request_start (mc_request_new (MC_REQUEST_LOOKUP, repo, NULL, MC_OPEN_NONE), self,
                    mc_cache_lookup_async, cancellable, callback, user_data);
}

/**
 * mc_cache_lookup_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.lookup_async].
 *
 * Returns: (transfer full): the repo; %NULL with an error
 */
McRepo *
mc_cache_lookup_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_lookup:
 * @self: a cache
 * @repo: names a repo
 * @cancellable: (nullable): to give up
 * @error: (nullable): why it failed
 *
 * Tells what is known of a repo that was scanned, and what of it is here now. Never touches the
 * network.
 *
 * %MC_ERROR_NOT_SCANNED if it was not scanned.
 *
 * Returns: (transfer full): the repo; %NULL with an error
 */
McRepo *
mc_cache_lookup (McCache *self, const char *repo, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (MC_IS_CACHE (self), NULL);
  g_return_val_if_fail (repo != NULL, NULL);
  result = mc_cache_run (self, mc_request_new (MC_REQUEST_LOOKUP, repo, NULL, MC_OPEN_NONE),
                         mc_cache_lookup, cancellable);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_list_async:
 * @self: a cache
 * @cancellable: (nullable): to give up
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Lists what is here.
 *
 * See [method@ModelCache.Cache.list], which waits.
 */
void
mc_cache_list_async (McCache *self,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_return_if_fail (MC_IS_CACHE (self));
  mc_request_start (mc_request_new (MC_REQUEST_LIST, NULL, NULL, MC_OPEN_NONE), self,
                    mc_cache_list_async, cancellable, callback, user_data);
}

/**
 * mc_cache_list_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.list_async].
 *
 * Returns: (transfer full): names; %NULL with an error
 */
char **
mc_cache_list_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_list:
 * @self: a cache
 * @cancellable: (nullable): to give up
 * @error: (nullable): why it failed
 *
 * Lists the repos of which at least one variant is here as a whole, as names that other functions
 * take: “owner/name”, and “owner/name@revision” where that is not “main”.
 *
 * Returns: (transfer full): names; %NULL with an error
 */
char **
mc_cache_list (McCache *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (MC_IS_CACHE (self), NULL);
  result = mc_cache_run (self, mc_request_new (MC_REQUEST_LIST, NULL, NULL, MC_OPEN_NONE),
                         mc_cache_list, cancellable);
  return mc_request_finish_pointer (result, error);
}

/**
 * mc_cache_has_file_async:
 * @self: a cache
 * @repo: names a repo
 * @path: of a file in the repo
 * @cancellable: (nullable): to give up
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Tells whether a file is here.
 *
 * See [method@ModelCache.Cache.has_file], which waits.
 */
void
mc_cache_has_file_async (McCache *self,
                         const char *repo,
                         const char *path,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  g_return_if_fail (path != NULL);
  mc_request_start (mc_request_new (MC_REQUEST_HAS_FILE, repo, path, MC_OPEN_NONE), self,
                    mc_cache_has_file_async, cancellable, callback, user_data);
}

/**
 * mc_cache_has_file_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.has_file_async].
 *
 * Returns: %TRUE if it is here; %FALSE if it is not, or with an error
 */
gboolean
mc_cache_has_file_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return mc_request_finish_number (result, error) > 0;
}

/**
 * mc_cache_has_file:
 * @self: a cache
 * @repo: names a repo
 * @path: of a file in the repo
 * @cancellable: (nullable): to give up
 * @error: (nullable): why it failed
 *
 * Tells whether all bytes of a file are here and were verified. Never touches the network. A repo
 * or file that is not known is no error.
 *
 * Returns: %TRUE if it is here; %FALSE if it is not, or with an error
 */
gboolean
mc_cache_has_file (
    McCache *self, const char *repo, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (MC_IS_CACHE (self), FALSE);
  g_return_val_if_fail (repo != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  result = mc_cache_run (self, mc_request_new (MC_REQUEST_HAS_FILE, repo, path, MC_OPEN_NONE),
                         mc_cache_has_file, cancellable);
  return mc_request_finish_number (result, error) > 0;
}

/**
 * mc_cache_delete_async:
 * @self: a cache
 * @repo: names a repo
 * @variant: (nullable): a variant; %NULL: everything of the repo
 * @cancellable: (nullable): to give up
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Deletes a variant or a repo.
 *
 * See [method@ModelCache.Cache.delete], which waits.
 */
void
mc_cache_delete_async (McCache *self,
                       const char *repo,
                       const char *variant,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_return_if_fail (MC_IS_CACHE (self));
  g_return_if_fail (repo != NULL);
  mc_request_start (mc_request_new (MC_REQUEST_DELETE, repo, variant, MC_OPEN_NONE), self,
                    mc_cache_delete_async, cancellable, callback, user_data);
}

/**
 * mc_cache_delete_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: (nullable): why it failed
 *
 * Ends [method@ModelCache.Cache.delete_async].
 *
 * Returns: bytes of the contents that went; -1 with an error
 */
gint64
mc_cache_delete_finish (McCache *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  return mc_request_finish_number (result, error);
}

/**
 * mc_cache_delete:
 * @self: a cache
 * @repo: names a repo
 * @variant: (nullable): a variant; %NULL: everything of the repo
 * @cancellable: (nullable): to give up
 * @error: (nullable): why it failed
 *
 * Deletes what was downloaded. What other variants or repos need stays.
 *
 * %MC_ERROR_IN_USE if somebody has some of it open or downloads it, %MC_ERROR_NOT_DOWNLOADED if
 * there is nothing to delete, %MC_ERROR_NOT_SCANNED if there is no such repo.
 *
 * Returns: bytes of the contents that went; -1 with an error
 */
gint64
mc_cache_delete (
    McCache *self, const char *repo, const char *variant, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (MC_IS_CACHE (self), -1);
  g_return_val_if_fail (repo != NULL, -1);
  result = mc_cache_run (self, mc_request_new (MC_REQUEST_DELETE, repo, variant, MC_OPEN_NONE),
                         mc_cache_delete, cancellable);
  return mc_request_finish_number (result, error);
}
