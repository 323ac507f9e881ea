/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-request.h"

G_BEGIN_DECLS

/* What the parts of a McSharedCache share. All of it happens at the home of a request. */

#define MC_SHARED_MANAGER "com.tabagent.ModelCache1.Manager"
#define MC_SHARED_TRANSFER "com.tabagent.ModelCache1.Transfer"

/* A call of the manager, with the request as user_data; it may take as long as it takes. */
void mc_shared_call (McRequest *request,
                     GDBusConnection *bus,
                     const char *method,
                     GVariant *parameters,
                     const char *reply_type,
                     GAsyncReadyCallback callback);

/* Answers with what a call failed with. Takes the error. */
void mc_shared_fail (McRequest *request, GError *error);

/* Watches a transfer to its end, and tells of its progress. On success, then goes on; on failure
 * the request was answered. */
void mc_shared_follow (McRequest *request,
                       GDBusConnection *bus,
                       const char *path,
                       void (*then) (McRequest *request, GDBusConnection *bus));

/* Opening, loading, checking out. */
void mc_shared_open (McRequest *request, GDBusConnection *bus);
void mc_shared_checkout (McRequest *request, GDBusConnection *bus);

/* Has a variant or file downloaded, as the request says, then goes on. */
void mc_shared_download (McRequest *request,
                         GDBusConnection *bus,
                         void (*then) (McRequest *request, GDBusConnection *bus));

G_END_DECLS
