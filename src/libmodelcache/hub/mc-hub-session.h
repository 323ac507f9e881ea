/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-rate-gate.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What all requests of a client share. Counted, because a stream may outlive the client. Two
 * SoupSessions, so that streams which hold all of their connections never keep an API request
 * waiting. */
typedef struct
{
  SoupSession *api;         /* (owned) */
  SoupSession *bytes;       /* (owned) */
  GUri *endpoint;           /* (owned) */
  char *endpoint_text;      /* (owned): without trailing slash */
  char *host;               /* (owned): host[:port] */
  char *token;              /* (owned) (nullable) */
  GQueue *held;             /* (owned) (nullable): GTask of requests that wait to be sent */
  gboolean offline;         /* nothing is sent */
  gboolean all_hosts_match; /* redirects stay below the endpoint's name */
  GTlsDatabase *authority;  /* (owned) (nullable): of certificates trusted beside the system's */
  guint failures;           /* in a row: see mc-hub-route.c, as for the others */
  gint64 rest_until;        /* monotonic microseconds: others are asked first until then */
  char *trouble;            /* (owned) (nullable): the last failure's message */
  McRateGate *gate;         /* (owned) */
  guint backoff;            /* milliseconds: see McHubConfig */
  guint connect_timeout;    /* milliseconds, as are the others */
  guint read_timeout;
  guint total_timeout;
} McHubSession;

/* Takes the endpoint and the token. */
McHubSession *mc_hub_session_new (GUri *endpoint, char *token);
/* Whether the person's own authority stands for what the system does not trust. The name in the
 * certificate is checked by whoever asks: it is none of the errors. */
gboolean mc_hub_session_trusts (McHubSession *self,
                                GTlsCertificate *certificate,
                                GTlsCertificateFlags errors);

/* What is to be sent waits until released. In mc-hub-request.c. */
void mc_hub_session_hold (McHubSession *self);
void mc_hub_session_release (McHubSession *self);

McHubSession *mc_hub_session_ref (McHubSession *self);
void mc_hub_session_unref (McHubSession *self);

/* An error of GIO or libsoup as one of ours that names the host; a cancellation as it is. Takes the
 * error. */
GError *mc_hub_error_take (GError *error, const char *host);

/* A source that runs @function when @cancellable is cancelled; NULL if there is no cancellable. It
 * is attached to the thread's default context. (A handler of the signal would run on the thread
 * that cancels, and could not be disconnected from within.) */
GSource *mc_hub_watch_cancellable (GCancellable *cancellable,
                                   GCancellableSourceFunc function,
                                   gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McHubSession, mc_hub_session_unref)

G_END_DECLS
