/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-call.h"

#include "mc-error.h"
#include "mc-hub-client-private.h"
#include "mc-hub-headers.h"
#include "mc-hub-url.h"

#include <string.h>

static void
call_free (McHubCall *call)
{
  g_free (call->repo);
  g_free (call->revision);
  g_free (call->path);
  mc_hub_route_clear (&call->route);
  g_clear_pointer (&call->uri, g_uri_unref);
  g_clear_pointer (&call->listing, mc_hub_listing_free);
  g_free (call);
}

McHubCall *
mc_hub_call_new (GTask *task, McHubAsk ask, const char *repo, const char *revision)
{
  McHubCall *call = g_new0 (McHubCall, 1);

  call->ask = ask;
  call->repo = g_strdup (repo);
  call->revision = g_strdup (revision);
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);
  return call;
}

void
mc_hub_call_send (GTask *task)
{
  McHubCall *call = g_task_get_task_data (task);
  McHubRequest request = {
    .method = SOUP_METHOD_GET,
    .uri = call->uri,
    .follow = MC_HUB_FOLLOW_OWN,
    .needs_token = call->ask == MC_HUB_ASK_WHOAMI,
  };

  mc_hub_send_async (call->route.session, &request, g_task_get_cancellable (task), call->callback,
                     g_object_ref (task));
}

/* At the endpoint where its route is. */
static void
call_start (GTask *task)
{
  McHubCall *call = g_task_get_task_data (task);

  g_clear_pointer (&call->uri, g_uri_unref);
  call->uri = mc_hub_session_build_uri (call->route.session, call->path);
  if (call->listing != NULL)
    {
      mc_hub_listing_free (call->listing);
      call->listing = mc_hub_listing_new (MC_HUB_MAX_FILES, MC_HUB_MAX_PAGES);
    }
  mc_hub_call_send (task);
}

void
mc_hub_call_begin (GTask *task, const char *path, GAsyncReadyCallback callback)
{
  McHubClient *self = g_task_get_source_object (task);
  McHubCall *call = g_task_get_task_data (task);

  call->path = g_strdup (path);
  call->callback = callback;
  if (call->ask == MC_HUB_ASK_WHOAMI)
    {
      call->route.session = mc_hub_session_ref (self->session);
      call->route.tried = G_MAXUINT;
    }
  else
    mc_hub_route_advance (&call->route, self->sessions, g_get_monotonic_time ());
  call_start (task);
}

/* Returns the error, or asks another endpoint. Takes the error. */
static void
call_fail (GTask *task, GError *error)
{
  McHubCall *call = g_task_get_task_data (task);

  if (!mc_hub_client_move_on (g_task_get_source_object (task), &call->route, error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_error_free (error);
  call_start (task);
}

McHubAnswer *
mc_hub_call_receive (GTask *task, GAsyncResult *result)
{
  McHubClient *self = g_task_get_source_object (task);
  McHubCall *call = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (McHubAnswer) answer = mc_hub_send_finish (result, &error);

  if (answer != NULL && (answer->status != SOUP_STATUS_OK || answer->body == NULL))
    error = mc_hub_answer_to_error (answer, call->route.session, call->ask, call->repo,
                                    call->revision, NULL);
  if (error != NULL)
    {
      call_fail (task, error);
      return NULL;
    }
  mc_hub_client_move_on (self, &call->route, NULL);
  return g_steal_pointer (&answer);
}

void
mc_hub_call_return_bad (GTask *task, GError *error)
{
  McHubCall *call = g_task_get_task_data (task);

  g_prefix_error (&error, "%s: ", call->route.session->host);
  call_fail (task, error);
}

GUri *
mc_hub_call_next_page (McHubCall *call, McHubAnswer *answer, GError **error)
{
  /* Several fields are one list. */
  const char *links = soup_message_headers_get_list (answer->headers, "Link");
  g_autofree char *link = mc_hub_parse_next_link (links);
  g_autoptr (GUri) uri = NULL;
  g_autofree char *here = NULL;
  g_autofree char *there = NULL;

  if (link == NULL)
    return NULL;
  uri = mc_hub_url_next_page (call->route.session->endpoint, answer->uri, link, error);
  if (uri == NULL)
    return NULL;
  here = g_uri_to_string (call->uri);
  there = g_uri_to_string (uri);
  if (strcmp (here, there) == 0)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "A page of a list says that it comes after itself");
      return NULL;
    }
  return g_steal_pointer (&uri);
}
