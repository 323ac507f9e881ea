/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-client.h"

#include "mc-error.h"
#include "mc-hub-call.h"
#include "mc-hub-client-private.h"
#include "mc-hub-parse.h"
#include "mc-hub-token.h"
#include "mc-hub-url.h"
#include "mc-repo-ref.h"
#include "mc-task.h"

#include <string.h>

/* The object and the calls that are answered with JSON; search is in mc-hub-search.c, files are in
 * mc-hub-file.c. Main thread. Each call is: check the arguments, one request after the other, a
 * pure function over the body. */

#define DEFAULT_ENDPOINT "https://huggingface.co"

G_DEFINE_FINAL_TYPE (McHubClient, mc_hub_client, G_TYPE_OBJECT)
/* The formatter would put blanks into the name. */
/* clang-format off */
G_DEFINE_QUARK (mc-hub-error-quark, mc_hub_error)
/* clang-format on */

static void
mc_hub_client_finalize (GObject *object)
{
  McHubClient *self = MC_HUB_CLIENT (object);

  mc_hub_client_release (self);
  g_clear_pointer (&self->tokens, g_hash_table_unref);
  g_clear_pointer (&self->implicit_token, g_free);
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  g_clear_pointer (&self->session, mc_hub_session_unref);
  G_OBJECT_CLASS (mc_hub_client_parent_class)->finalize (object);
}

static void
mc_hub_client_class_init (McHubClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mc_hub_client_finalize;
}

static void
mc_hub_client_init (McHubClient *self)
{
  self->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_hub_session_unref);
}

McHubClient *
mc_hub_client_new (const McHubConfig *config, GError **error)
{
  GUri *endpoint = mc_hub_url_parse_endpoint (
      config->endpoint != NULL ? config->endpoint : DEFAULT_ENDPOINT, error);
  McHubClient *self;

  if (endpoint == NULL)
    return NULL;
  self = g_object_new (MC_TYPE_HUB_CLIENT, NULL);
  self->session = mc_hub_session_new (endpoint, mc_hub_token_clean (config->token));
  self->session->connect_timeout =
      config->connect_timeout_ms != 0 ? config->connect_timeout_ms : 10 * 1000;
  self->session->read_timeout = config->read_timeout_ms != 0 ? config->read_timeout_ms : 30 * 1000;
  self->session->total_timeout =
      config->total_timeout_ms != 0 ? config->total_timeout_ms : 60 * 1000;
  self->session->backoff = config->backoff_ms != 0 ? config->backoff_ms : 1000;
  self->implicit_token = g_strdup (self->session->token);
  self->session->offline = mc_hub_is_offline_by_environment ();
  g_ptr_array_add (self->sessions, mc_hub_session_ref (self->session));
  return self;
}

McHubClient *
mc_hub_client_new_from_environment (GError **error)
{
  const char *endpoint = g_getenv ("HF_ENDPOINT");
  g_autofree char *token = mc_hub_token_from_environment ();
  McHubConfig config = { .token = token };

  if (endpoint != NULL && endpoint[0] != '\0')
    config.endpoint = endpoint;
  return mc_hub_client_new (&config, error);
}

const char *
mc_hub_client_get_endpoint (McHubClient *self)
{
  return self->session->endpoint_text;
}

const char *
mc_hub_client_get_host (McHubClient *self)
{
  return self->session->host;
}

gboolean
mc_hub_client_is_local (McHubClient *self)
{
  return mc_hub_url_is_loopback (self->session->endpoint);
}

guint
mc_hub_client_get_read_timeout (McHubClient *self)
{
  return self->session->read_timeout;
}

gboolean
mc_hub_client_has_token (McHubClient *self)
{
  return self->session->token != NULL;
}

gboolean
mc_hub_client_has_implicit_token (McHubClient *self)
{
  return self->implicit_token != NULL;
}

/* --- between the calls --- */

McHubSession *
mc_hub_client_get_session (McHubClient *self)
{
  return self->session;
}

GUri *
mc_hub_session_build_uri (McHubSession *self, const char *path)
{
  g_autofree char *text = g_strconcat (self->endpoint_text, path, NULL);
  g_autoptr (GError) error = NULL;
  GUri *uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, &error);

  /* The endpoint was parsed before, and the rest is escaped. */
  if (uri == NULL)
    g_error ("An address of our own makes no sense: %s", error->message);
  return uri;
}

gboolean
mc_hub_check_repo (const char *repo, GError **error)
{
  if (mc_repo_id_is_valid (repo))
    return TRUE;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                       "That is not the name of a repo: give owner/name");
  return FALSE;
}

gboolean
mc_hub_check_revision (const char *revision, GError **error)
{
  if (mc_revision_is_valid (revision))
    return TRUE;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                       "That is not a revision: give a branch, a tag or a commit");
  return FALSE;
}

/* --- model info --- */

static void
info_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McHubCall *call = g_task_get_task_data (task);
  g_autoptr (McHubAnswer) answer = mc_hub_call_receive (task, result);
  g_autoptr (McModelInfo) info = NULL;
  GError *error = NULL;
  const char *data;
  gsize length;

  if (answer == NULL)
    return;
  data = g_bytes_get_data (answer->body, &length);
  info = mc_hub_parse_info (data, length, call->repo, &error);
  if (info != NULL && mc_revision_is_commit (call->revision)
      && strcmp (info->commit, call->revision) != 0)
    g_set_error (&error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                 "The answer is about commit %s instead of %s", info->commit, call->revision);
  if (error != NULL)
    mc_hub_call_return_bad (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&info), (GDestroyNotify) mc_model_info_free);
}

void
mc_hub_client_info_async (McHubClient *self,
                          const char *repo,
                          const char *revision,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_hub_client_info_async);
  GError *error = NULL;
  g_autofree char *escaped = NULL;
  g_autofree char *path = NULL;

  if (!mc_hub_check_repo (repo, &error)
      || (revision != NULL && !mc_hub_check_revision (revision, &error)))
    {
      g_task_return_error (task, error);
      return;
    }
  if (revision != NULL)
    escaped = g_uri_escape_string (revision, NULL, FALSE);
  path = g_strconcat ("/api/models/", repo, escaped != NULL ? "/revision/" : NULL, escaped, NULL);
  mc_hub_call_new (task, MC_HUB_ASK_REPO, repo, revision);
  mc_hub_call_begin (task, path, info_cb);
}

McModelInfo *
mc_hub_client_info_finish (McHubClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- the listing --- */

static void
tree_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McHubCall *call = g_task_get_task_data (task);
  g_autoptr (McHubAnswer) answer = mc_hub_call_receive (task, result);
  GPtrArray *entries;
  GError *error = NULL;
  GUri *next;
  const char *data;
  gsize length;

  if (answer == NULL)
    return;
  data = g_bytes_get_data (answer->body, &length);
  if (!mc_hub_listing_add_page (call->listing, data, length, &error))
    {
      mc_hub_call_return_bad (task, error);
      return;
    }
  next = mc_hub_call_next_page (call, answer, &error);
  if (next != NULL)
    {
      g_uri_unref (call->uri);
      call->uri = next;
      mc_hub_call_send (task);
      return;
    }
  entries = error != NULL ? NULL : mc_hub_listing_finish (call->listing, &error);
  if (entries == NULL)
    mc_hub_call_return_bad (task, error);
  else
    g_task_return_pointer (task, entries, (GDestroyNotify) g_ptr_array_unref);
}

void
mc_hub_client_tree_async (McHubClient *self,
                          const char *repo,
                          const char *commit,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_hub_client_tree_async);
  GError *error = NULL;
  g_autofree char *escaped = NULL;
  g_autofree char *path = NULL;
  McHubCall *call;

  if (!mc_hub_check_repo (repo, &error) || !mc_hub_check_revision (commit, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  escaped = g_uri_escape_string (commit, NULL, FALSE);
  path = g_strconcat ("/api/models/", repo, "/tree/", escaped, "?recursive=true", NULL);
  call = mc_hub_call_new (task, MC_HUB_ASK_REPO, repo, commit);
  call->listing = mc_hub_listing_new (MC_HUB_MAX_FILES, MC_HUB_MAX_PAGES);
  mc_hub_call_begin (task, path, tree_cb);
}

GPtrArray *
mc_hub_client_tree_finish (McHubClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- access --- */

static void
access_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (McHubAnswer) answer = mc_hub_call_receive (task, result);

  if (answer != NULL)
    g_task_return_boolean (task, TRUE);
}

void
mc_hub_client_check_access_async (McHubClient *self,
                                  const char *repo,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_hub_client_check_access_async);
  GError *error = NULL;
  g_autofree char *path = NULL;

  if (!mc_hub_check_repo (repo, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  path = g_strconcat ("/api/models/", repo, "/auth-check", NULL);
  mc_hub_call_new (task, MC_HUB_ASK_REPO, repo, NULL);
  mc_hub_call_begin (task, path, access_cb);
}

gboolean
mc_hub_client_check_access_finish (McHubClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- who am I --- */

static void
whoami_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (McHubAnswer) answer = mc_hub_call_receive (task, result);
  GError *error = NULL;
  const char *data;
  gsize length;
  char *name;

  if (answer == NULL)
    return;
  data = g_bytes_get_data (answer->body, &length);
  name = mc_hub_parse_whoami (data, length, &error);
  if (name == NULL)
    mc_hub_call_return_bad (task, error);
  else
    g_task_return_pointer (task, name, g_free);
}

void
mc_hub_client_whoami_async (McHubClient *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_hub_client_whoami_async);

  /* One that is being looked for may be there when the request goes. */
  if (self->session->token == NULL && !self->held)
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_SIGN_IN,
                               "Nobody is signed in: set a token first");
      return;
    }
  if (!mc_hub_url_may_carry_token (self->session->endpoint, self->session->endpoint))
    {
      g_task_return_new_error (
          task, MC_ERROR, MC_ERROR_SIGN_IN,
          "The token is not sent to %s, because the connection is not encrypted",
          self->session->host);
      return;
    }
  mc_hub_call_new (task, MC_HUB_ASK_WHOAMI, NULL, NULL);
  mc_hub_call_begin (task, "/api/whoami-v2", whoami_cb);
}

char *
mc_hub_client_whoami_finish (McHubClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
