/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-request.h"

#include "modelcache.h"

G_BEGIN_DECLS

/* A thread on which the engine lives for one McPrivateCache, with a main context of its own. The
 * callers' main loops may stand still meanwhile. */

typedef struct _McPrivateHost McPrivateHost;

/* Starts the thread and opens the store there; blocks until it is open. */
McPrivateHost *
mc_private_host_open (const char *folder, const char *endpoint, const char *token, GError **error);
McPrivateHost *mc_private_host_ref (McPrivateHost *self);
void mc_private_host_unref (McPrivateHost *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McPrivateHost, mc_private_host_unref)

/* Any thread from here on. Once it was closed a request is answered with G_IO_ERROR_CLOSED. */
void mc_private_host_begin (McPrivateHost *self, McRequest *request);

/* Calls the function there, or never if it was closed meanwhile; then frees the data. */
void mc_private_host_post (McPrivateHost *self,
                           void (*function) (McPrivateHost *self, gpointer data),
                           gpointer data,
                           GDestroyNotify destroy);

/* Gives up what is under way and lets go of the store. wait: until that is done. */
void mc_private_host_close (McPrivateHost *self, gboolean wait);

const char *mc_private_host_get_folder (McPrivateHost *self);

/* --- on its thread --- */

McStore *mc_private_host_get_store (McPrivateHost *self);
McHubClient *mc_private_host_get_hub (McPrivateHost *self);
McDownloader *mc_private_host_get_downloader (McPrivateHost *self);

/* A request that is being done. */
typedef struct _McPrivateWork McPrivateWork;
struct _McPrivateWork
{
  McPrivateHost *host;       /* borrowed: it waits for all of them */
  McRequest *request;        /* borrowed from its task, until it is answered */
  GCancellable *cancellable; /* (owned): is cancelled on this thread */
  GSource *cancelled;        /* (owned) (nullable): the caller's */
  McRepoRef *ref;            /* (owned) (nullable) */
  gint64 repo;               /* in the library; 0: not known yet */
  gboolean fetch;            /* what is not here is to be downloaded, still */
  gboolean checked;          /* a closed gate was looked at once more */

  McTransfer *transfer;                /* (owned) (nullable): that it waits for */
  gulong watches[2];                   /* of it */
  void (*then) (McPrivateWork *work);  /* when that is done */
  void (*again) (McPrivateWork *work); /* after a scan */
};

/* They answer the request and free the work. */
void mc_private_work_fail (McPrivateWork *work, GError *error); /* takes it */
void mc_private_work_return (McPrivateWork *work, gpointer pointer, GDestroyNotify destroy);
void mc_private_work_return_number (McPrivateWork *work, gint64 number);

/* Borrowed until the next change; NULL: it was not scanned. */
McLibraryRepo *mc_private_work_find_repo (McPrivateWork *work);

/* Reads the repo from the Hub, keeps that, and goes on. */
void mc_private_work_scan (McPrivateWork *work, void (*again) (McPrivateWork *work));

/* The variant that the request names. */
McVariant *mc_private_work_find_variant (McPrivateWork *work, McLibraryRepo *repo, GError **error);

/* Has the variant or file of the request downloaded, and goes on. */
void mc_private_work_download (McPrivateWork *work, void (*then) (McPrivateWork *work));

/* Withdraws from the transfer that it waits for, and fails as cancelled. */
void mc_private_work_leave_transfer (McPrivateWork *work);

/* What the kinds of requests begin with. */
void mc_private_do_scan (McPrivateWork *work);
void mc_private_do_lookup (McPrivateWork *work);
void mc_private_do_list (McPrivateWork *work);
void mc_private_do_has_file (McPrivateWork *work);
void mc_private_do_download (McPrivateWork *work);
void mc_private_do_open (McPrivateWork *work);
void mc_private_do_checkout (McPrivateWork *work);
void mc_private_do_delete (McPrivateWork *work);

/* Removes the folders with copies that an earlier process left in the store's; blocking. */
void mc_private_remove_leftovers (const char *folder);

G_END_DECLS
