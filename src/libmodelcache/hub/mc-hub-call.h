/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-failure.h"
#include "mc-hub-parse.h"
#include "mc-hub-request.h"
#include "mc-hub-route.h"

G_BEGIN_DECLS

/* A question to the Hub that is answered with JSON: what it was asked, at which endpoint it is, and
 * the request that is under way. It is the data of its task, whose source is the McHubClient. Main
 * thread. */
typedef struct
{
  McHubAsk ask;
  char *repo;                   /* (owned) (nullable) */
  char *revision;               /* (owned) (nullable) */
  char *path;                   /* (owned): of the first request, at any endpoint */
  GAsyncReadyCallback callback; /* of all requests */
  McHubRoute route;
  GUri *uri;             /* (owned): of the request that is under way */
  McHubListing *listing; /* (owned) (nullable) */
} McHubCall;

/* The task owns it. */
McHubCall *mc_hub_call_new (GTask *task, McHubAsk ask, const char *repo, const char *revision);
/* @path: at any endpoint, escaped. @callback gets the task as its data, owned. */
void mc_hub_call_begin (GTask *task, const char *path, GAsyncReadyCallback callback);
/* Sends the request for its address as it is now. */
void mc_hub_call_send (GTask *task);

/* The answer if it is a 200 with a body; else NULL, and the task has returned the error, or asks
 * the next endpoint. */
McHubAnswer *mc_hub_call_receive (GTask *task, GAsyncResult *result);
/* A body that makes no sense is told with the host that sent it. Takes the error. */
void mc_hub_call_return_bad (GTask *task, GError *error);

/* Where the next page is; NULL with the error unset after the last one. */
GUri *mc_hub_call_next_page (McHubCall *call, McHubAnswer *answer, GError **error);

G_END_DECLS
