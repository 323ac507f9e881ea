/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-access.h"
#include "mc-callers.h"
#include "mc-checkouts.h"
#include "mc-copies.h"
#include "mc-dbus-generated.h"
#include "mc-endpoint.h"
#include "mc-inhibitor.h"
#include "mc-leases.h"
#include "mc-objects.h"
#include "mc-range-pump.h"
#include "mc-scrub.h"
#include "mc-service.h"

#include "mc-fit.h"
#include "mc-model-header-read.h"
#include "modelcache.h"

G_BEGIN_DECLS

typedef struct _McGate McGate;

struct _McService
{
  GObject parent_instance;

  McStore *store;           /* (owned) */
  McHubClient *hub;         /* (owned) */
  McDownloader *downloader; /* (owned) */
  McCallers *callers;       /* (owned) */
  McObjects *objects;       /* (owned) */
  McAccess *access;         /* (owned) */
  McGate *gate;             /* (owned) (nullable) */
  McDbusManager *manager;   /* (owned) */
  McLeases *leases;         /* (owned) */
  McCopies *copies;         /* (owned) */
  McCheckouts *checkouts;   /* (owned) */
  McRangePumps *pumps;      /* (owned) */

  char *machine_root; /* (nullable): see mc_machine_read() */
  McMachine machine;  /* as it was at the start; all 0 if it cannot be read */
  GHashTable *facts;  /* (owned): repo id => what mc-service-facts.c keeps */
  GPtrArray *headers; /* (owned): what mc-service-headers.c reads */

  GNetworkMonitor *network;    /* (owned) */
  GPowerProfileMonitor *power; /* (owned) */
  McInhibitor *inhibitor;      /* (owned) */

  McView *view;       /* (owned) (nullable): while the store is shown as a folder */
  guint64 view_stamp; /* of what is shown */

  McEndpoint *endpoint; /* (owned) (nullable): while it serves */
  guint serve_patience_ms;

  McScrub *scrub;    /* (owned) */
  gboolean scrubbed; /* since there was something to do */

  guint lookups;         /* of tokens in the keyring, under way */
  GSource *lookup_limit; /* (owned) (nullable): how long requests wait for them */
  GHashTable *unkept;    /* (owned): endpoints whose tokens are nowhere but here */
  GHashTable *programs;  /* (owned): unique name of a caller -> what runs there */

  GCancellable *cancellable; /* (owned): of what calls ask the Hub; when the service stops */

  guint idle_ms;    /* how long with nothing to do before it ends */
  guint holds;      /* calls being answered */
  GSource *idle;    /* (owned) (nullable) */
  GSource *refresh; /* (owned) (nullable): repos are shown anew soon */
  gboolean quitting;
};

/* Something is going on: the service does not end meanwhile. */
void mc_service_hold (McService *self);
void mc_service_release (McService *self);

/* The repo that a bus caller named. TRUE with *repo NULL if it was never scanned. *ref is the
 * caller's to free. */
gboolean mc_service_find_repo (McService *self,
                               const char *text,
                               const char *revision,
                               McRepoRef **ref,
                               McLibraryRepo **repo,
                               GError **error);

/* The same of a call that never touches the network: NULL with MC_ERROR_NOT_SCANNED too. */
McLibraryRepo *
mc_service_find_scanned (McService *self, const char *text, McRepoRef **ref, GError **error);

/* The variant a call means: what it says, else what its repo argument says, a variant or a file of
 * one, else the default. */
McVariant *mc_service_find_variant (const McRepoRef *ref,
                                    McLibraryRepo *repo,
                                    const char *name,
                                    GError **error);

/* Scans the repo and keeps the result; the result is its id. */
void mc_service_scan_async (McService *self,
                            const McRepoRef *ref,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gint64 mc_service_scan_finish (McService *self, GAsyncResult *result, GError **error);

/* mc-service-library.c: repos as objects. */
char *mc_service_make_repo_path (gint64 id);
void mc_service_show_repos (McService *self); /* now, those that changed */
void mc_service_show_repo (McService *self, gint64 id);
void mc_service_show_repos_soon (McService *self); /* at most four times a second */
void mc_service_connect_library (McService *self);

/* mc-service-repo.c: repos as dictionaries. */
GVariant *mc_service_describe_variants (McService *self,
                                        McLibraryRepo *repo,
                                        guint64 context,
                                        gboolean with_files);
/* context: tokens that the variants are judged for; 0: the usual number. */
GVariant *mc_service_describe_manifest (McService *self, McLibraryRepo *repo, guint64 context);
GVariant *mc_service_describe_files (McService *self, GPtrArray *files);

/* mc-service-facts.c: what helps to choose a variant. */
typedef struct
{
  guint64 context; /* tokens; 0: the usual number */
  guint suggested; /* its place in the manifest, unless there is no reason */
  McSuggestReason reason;
} McChoice;
GHashTable *mc_service_facts_new (void);
void mc_service_forget_facts (McService *self); /* of repos that are gone */
McChoice mc_service_choose (McService *self, McLibraryRepo *repo, guint64 context);
/* Adds what is known of the variant at that place of the manifest. */
void mc_service_add_facts (McService *self,
                           McLibraryRepo *repo,
                           guint place,
                           const McChoice *choice,
                           GVariantBuilder *dict);
GVariant *mc_service_describe_computer (McService *self);

/* mc-service-headers.c: headers of weight files, which tell more of a model. */
GPtrArray *mc_service_headers_new (void);
void mc_service_read_header (McService *self, gint64 repo); /* also from the Hub; in its own time */
void mc_service_stop_headers (McService *self);
/* Until it was read, if that is under way or takes nobody's help; but not for long. Never fails. */
void mc_service_await_header_async (McService *self,
                                    McLibraryRepo *repo,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
void mc_service_await_header_finish (McService *self, GAsyncResult *result);

/* mc-service-transfer.c: transfers as objects. */
char *mc_service_make_transfer_path (gint64 id);

/* Its path, or the error, which is taken, where there is no transfer. Takes the invocation. */
void
mc_service_answer_begun (GDBusMethodInvocation *invocation, McTransfer *transfer, GError *error);
/* mc-service-network.c */
void mc_service_connect_network (McService *self);

void mc_service_connect_transfers (McService *self);

/* Notes that whoever made the call asked for the transfer. */
void mc_service_note_request (GDBusMethodInvocation *invocation, McTransfer *transfer);

/* mc-service-queue.c: all transfers at once, and what became of those that ended. */
void mc_service_connect_queue (McService *self);

/* mc-service-manager.c, mc-service-ask.c and mc-service-files.c: the methods of the Manager. */
void mc_service_connect_manager (McService *self);
void mc_service_connect_questions (McService *self);
void mc_service_connect_files (McService *self);
/* mc-service-range.c: bytes of a file through a pipe. */
void mc_service_connect_ranges (McService *self);
/* Why the file is not to be had; owned by the caller. */
GError *mc_service_explain_absence (McService *self, McFile *file);
/* What a caller is told of a file that was opened. Floating. */
GVariant *mc_service_describe_copy (const McFile *file, McCopy *copy, gboolean with_path);

/* mc-service-variant.c: a call about all files of a variant, until they are here. */
typedef struct _McVariantCall McVariantCall;
struct _McVariantCall
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  McRepoRef *ref;                    /* (owned) (nullable) */
  char *name;                        /* as the caller named it */
  gboolean fetch;
  gint64 repo;
  McManifest *manifest; /* (owned) (nullable): once the repo is known */
  McVariant *variant;   /* borrowed from the manifest */
  GPtrArray *files;     /* (owned) (nullable): borrowed McFile, by path */
  McTransfer *transfer; /* (owned) (nullable): that fetches them */
  gulong watch;         /* of the transfer's end */

  /* Called once they are here; it answers, and frees the call. */
  void (*go) (McVariantCall *call);
  void (*free_more) (McVariantCall *call); /* (nullable) */
};
/* @call: at least of that size and zeroed, with go set. It is answered in any case. */
void mc_variant_call_begin (McVariantCall *call,
                            McService *service,
                            GDBusMethodInvocation *invocation,
                            const char *repo,
                            const char *variant,
                            GVariant *options);
/* Both take the call. */
void mc_variant_call_fail (McVariantCall *call, GError *error);
void mc_variant_call_free (McVariantCall *call);
/* One lease for some of the files. Takes @kept. */
char *
mc_variant_call_lease (McVariantCall *call, guint first, guint n, GPtrArray *kept, GError **error);

/* mc-service-open-variant.c: OpenVariant. */
void mc_service_connect_open_variant (McService *self);

/* mc-service-checkout.c: Checkout. */
void mc_service_connect_checkout (McService *self);

/* mc-service-programs.c: who got bytes of what, for the person to see. */
void mc_service_note_program (McService *self, GDBusMethodInvocation *invocation, const char *repo);
void mc_service_connect_programs (McService *self);

/* mc-service-access.c: what sandboxed apps may do. */
void mc_service_make_access (McService *self);
void mc_service_guard (McService *self, gpointer skeleton); /* its calls are allowed first */
void mc_service_connect_access (McService *self);

/* mc-service-properties.c: the same for what GDBus answers itself. */
void mc_service_guard_properties (McService *self, GDBusConnection *connection);
void mc_service_close_properties (McService *self); /* everybody is judged anew */
void mc_service_end_properties (McService *self);

/* mc-service-search.c: what the Hub finds. */
void mc_service_connect_search (McService *self);

/* mc-service-space.c: what takes how much space. */
void mc_service_connect_space (McService *self);

/* mc-service-parts.c: deleting what was chosen of the whole library. */
void mc_service_connect_parts (McService *self);

/* mc-service-find.c: what other programs have. */
void mc_service_connect_find (McService *self);

/* mc-service-import.c: files of other programs. */
void mc_service_connect_import (McService *self);

/* mc-service-update.c: what is newer on the Hub. */
void mc_service_connect_updates (McService *self);

/* mc-service-doctor.c: which hop fails. */
void mc_service_connect_doctor (McService *self);

/* mc-service-login.c: tokens, which come in and never go out. */
void mc_service_connect_login (McService *self);
void mc_service_stop_login (McService *self);
void mc_service_look_up_tokens (McService *self); /* of endpoints that are new, too */

/* mc-service-endpoint.c: files for programs that speak to the Hub. */
void mc_service_connect_endpoint (McService *self);
void mc_service_stop_endpoint (McService *self);
gboolean mc_service_check_serving (const McSettings *settings, GError **error);
/* The changes (owned), with a new key where the settings that they lead to need one. */
GVariant *mc_service_add_key (const McSettings *settings, GVariant *changes);

/* mc-service-view.c: the store as a folder. */
void mc_service_connect_view (McService *self);
void mc_service_stop_view (McService *self);
void mc_service_refresh_view (McService *self); /* if what is here changed */
gboolean mc_service_check_mount (McService *self, const McSettings *settings, GError **error);

/* mc-service-audit.c: whether the store is as it must be. */
void mc_service_connect_audit (McService *self);

/* mc-service-settings.c: what the person chose. */
void mc_service_connect_settings (McService *self);

/* mc-service-care.c: what is left of a damaged catalog, for Usage; and its methods. */
void mc_service_add_leftovers (McService *self, GVariantBuilder *usage);
void mc_service_connect_care (McService *self);

/* An option of a call: FALSE if it has another type than asked for; *value is NULL if it is absent.
 */
gboolean mc_service_get_option (
    GVariant *options, const char *name, const char *type, GVariant **value, GError **error);
gboolean mc_service_get_flag (GVariant *options, const char *name, gboolean *flag, GError **error);
/* Of type u or t; 0 if it is absent. */
gboolean
mc_service_get_number (GVariant *options, const char *name, guint64 *number, GError **error);

/* Dictionaries keep the order in which they are filled: that of the interface file. format: of
 * g_variant_new(). text: nothing is added if it is NULL. */
void mc_service_add (GVariantBuilder *dict, const char *key, const char *format, ...);
void mc_service_add_value (GVariantBuilder *dict, const char *key, GVariant *value);
void mc_service_add_text (GVariantBuilder *dict, const char *key, const char *text);

G_END_DECLS
