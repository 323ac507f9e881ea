/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Answers that are no success, as errors that say what to do. Pure. */

typedef enum
{
  MC_HUB_ASK_REPO, /* facts or listing of a repo */
  MC_HUB_ASK_FILE, /* a file of a repo */
  MC_HUB_ASK_SEARCH,
  MC_HUB_ASK_WHOAMI,
} McHubAsk;

typedef enum
{
  MC_HUB_TOKEN_NONE, /* no token was sent */
  MC_HUB_TOKEN_SENT,
  MC_HUB_TOKEN_REFUSED, /* one was sent and refused; this is the answer without it */
} McHubTokenUse;

typedef struct
{
  McHubAsk ask;
  McHubTokenUse token;
  const char *repo;     /* (nullable): "owner/name" */
  const char *revision; /* (nullable) */
  const char *path;     /* (nullable): of the file */
  const char *host;     /* who answered */
  const char *secret;   /* (nullable): the token that was sent, which is not to be repeated */
  const char *endpoint; /* where the repo's page is */
  guint status;
  const char *code;        /* (nullable): X-Error-Code */
  const char *message;     /* (nullable): X-Error-Message */
  const char *rate_limit;  /* (nullable): RateLimit */
  const char *retry_after; /* (nullable): Retry-After */
  const char *body;        /* (nullable): need not end in NUL */
  gsize length;
  gint64 now; /* Unix seconds */
} McHubFailure;

/* Always an MC_ERROR with one sentence. */
GError *mc_hub_failure_to_error (const McHubFailure *failure);

/* Whether the answer means that the token is bad: then what needs none may be had without it. */
gboolean mc_hub_failure_is_bad_token (const McHubFailure *failure);

G_END_DECLS
