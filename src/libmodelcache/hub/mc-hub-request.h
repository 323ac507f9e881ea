/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-failure.h"
#include "mc-hub-session.h"

G_BEGIN_DECLS

/* The one way a request is made. Redirects are followed by hand, because only that keeps the token
 * at home and the headers of a redirect in sight. */

typedef enum
{
  MC_HUB_FOLLOW_OWN,  /* another origin is an error */
  MC_HUB_FOLLOW_STOP, /* the first redirect to another origin is the answer */
  MC_HUB_FOLLOW_ALL,  /* without the token once the endpoint's origin was left */
} McHubFollow;

typedef struct
{
  const char *method; /* static: SOUP_METHOD_GET or SOUP_METHOD_HEAD */
  GUri *uri;
  McHubFollow follow;
  gboolean is_stream;     /* leave the body of a success to the caller */
  gboolean is_fresh;      /* over a connection of its own */
  gboolean needs_token;   /* not to be tried without one if it is refused */
  guint64 offset, length; /* a range if length is over 0 */
} McHubRequest;

typedef struct
{
  guint status;
  GUri *uri;           /* (owned): who gave it */
  gboolean is_foreign; /* not the endpoint's origin */
  McHubTokenUse token; /* with the request that it answers */
  GPtrArray *trail;    /* (owned): SoupMessageHeaders of all answers of the endpoint, in order */
  SoupMessageHeaders *headers; /* (owned) */
  GUri *location;              /* (owned) (nullable): where FOLLOW_STOP stopped */
  GBytes *body;                /* (owned) (nullable) */
  GInputStream *stream;        /* (owned) (nullable): the body, still to be read */
} McHubAnswer;

void mc_hub_answer_free (McHubAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McHubAnswer, mc_hub_answer_free)

/* Any status is an answer; errors are MC_ERROR or G_IO_ERROR_CANCELLED. Without is_stream the whole
 * answer has a deadline and at most 64 MiB. */
void mc_hub_send_async (McHubSession *session,
                        const McHubRequest *request,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
McHubAnswer *mc_hub_send_finish (GAsyncResult *result, GError **error);

/* What an answer says of later requests, kept for all of them. */
void mc_hub_note_limits (McHubSession *session, McHubAnswer *answer);

/* Whoever was told to wait does not ask: MC_ERROR_RATE_LIMITED, or NULL. */
GError *mc_hub_check_limits (McHubSession *session, GUri *uri);

/* A field of the final answer; NULL if absent. */
const char *mc_hub_answer_get (McHubAnswer *self, const char *name);

/* The first value of a field along the way; NULL if absent. */
const char *mc_hub_answer_find (McHubAnswer *self, const char *name);

/* The error that the answer stands for. Of another origin nothing but the status is told. */
GError *mc_hub_answer_to_error (McHubAnswer *self,
                                McHubSession *session,
                                McHubAsk ask,
                                const char *repo,
                                const char *revision,
                                const char *path);

G_END_DECLS
