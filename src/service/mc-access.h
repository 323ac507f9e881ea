/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-access-rules.h"
#include "mc-callers.h"
#include "mc-store.h"

G_BEGIN_DECLS

/* Who may do what. Programs that run in no sandbox may do everything, since they could read the
 * store's files anyway; so may our own Flatpak. Any other Flatpak does what the person said it may,
 * who is asked once, by whoever offered to. Main thread. */
typedef struct _McAccess McAccess;

/* held: called with TRUE when a call begins to wait here, with FALSE when it no longer does;
 * changed: when the apps that the person is to be asked about are others. */
typedef struct
{
  void (*held) (gboolean held, gpointer user_data);
  void (*changed) (gpointer user_data);
  gpointer user_data;
} McAccessHost;

/* callers and store outlive it. */
McAccess *mc_access_new (McCallers *callers, McStore *store, const McAccessHost *host);
void mc_access_stop (McAccess *self); /* what waits is refused */
void mc_access_free (McAccess *self);

/* Whether that caller is known for one that may do everything: then nothing need be asked. */
gboolean mc_access_is_free (McAccess *self, const char *caller);

/* done: called once, maybe at once; refusal: NULL, or MC_ERROR_NOT_ALLOWED with the reason and what
 * can be done, which it takes. A caller that the person is asked about waits some seconds, less
 * than a call over the bus lasts. */
void mc_access_check (McAccess *self,
                      const char *caller,
                      McNeed need,
                      void (*done) (GError *refusal, gpointer data),
                      gpointer data);

/* The person is asked by that caller, while it is there. */
void mc_access_add_asker (McAccess *self, const char *caller);
/* What the person is to be asked about. The container is the caller's. */
GPtrArray *mc_access_list_questions (McAccess *self);
/* Refused until the service ends, without an answer that is kept. */
void mc_access_put_off (McAccess *self, const char *app);
void mc_access_take_up (McAccess *self, const char *app); /* no longer */
/* The setting changed: what waits is judged anew. */
void mc_access_judge_anew (McAccess *self);
/* gone: called for each caller known to be of an app that may not even read any more. */
void mc_access_find_barred (McAccess *self,
                            void (*barred) (const char *caller, gpointer user_data),
                            gpointer user_data);

G_END_DECLS
