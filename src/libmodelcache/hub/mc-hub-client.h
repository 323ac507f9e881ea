/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"
#include "mc-manifest.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Talks to one Hub endpoint. Lives on the main thread: calls start and end in the thread-default
 * main context of their caller. Every request has a deadline and a cancellable; every answer is
 * checked and becomes values by the pure functions of mc-hub-parse.h. Errors are MC_ERROR with the
 * code that says what to do, or G_IO_ERROR_CANCELLED.
 *
 * The token goes to the endpoint's own origin (scheme, host and port) and nowhere else, and never
 * over plain http except to loopback. Redirects are followed by hand for that reason. */

#define MC_TYPE_HUB_CLIENT (mc_hub_client_get_type ())
G_DECLARE_FINAL_TYPE (McHubClient, mc_hub_client, MC, HUB_CLIENT, GObject)

typedef struct
{
  const char *endpoint; /* (nullable): default "https://huggingface.co"; a trailing slash is cut */
  const char *token;    /* (nullable) */
  guint connect_timeout_ms; /* 0: 10 s. Until the answer's head is here, per request */
  guint read_timeout_ms;    /* 0: 30 s. Longest silence within a body */
  guint backoff_ms;         /* 0: 1 s. After a 429 that names no time; grows */
  guint total_timeout_ms;   /* 0: 60 s. A whole API answer, all redirects included */
} McHubConfig;

/* The endpoint from HF_ENDPOINT and the token from HF_TOKEN, HUGGING_FACE_HUB_TOKEN, the file
 * HF_TOKEN_PATH, else $HF_HOME/token, else $XDG_CACHE_HOME/huggingface/token (default ~/.cache);
 * HF_HUB_DISABLE_IMPLICIT_TOKEN turns the token off. White space is stripped; a token with
 * characters that cannot stand in a header is refused with a warning that does not show it. */
McHubClient *mc_hub_client_new_from_environment (GError **error);

/* MC_ERROR_INVALID_NAME if the endpoint is no http(s) URL with a host and without query, user or
 * fragment. */
McHubClient *mc_hub_client_new (const McHubConfig *config, GError **error);

/* How the Hub is asked, as the person chose. */
typedef struct
{
  gboolean offline;             /* nothing is sent: MC_ERROR_OFFLINE */
  gboolean all_hosts_match;     /* bytes come from the host of the endpoint that named them, or from
                                   below its name: anything else is MC_ERROR_BAD_RESPONSE */
  const char *const *endpoints; /* (nullable): where it is asked, in this order; empty: at its
                                   endpoint alone. What fails rests for a while */
  const char *ca_file; /* (nullable): certificates, as PEM, that are trusted beside the system's */
} McHubOptions;

/* Holds for requests from now on. MC_ERROR_INVALID_NAME, and nothing is changed, if an address is
 * none, there are more than eight of them, or the file has no certificate. */
gboolean mc_hub_client_configure (McHubClient *self, const McHubOptions *options, GError **error);

/* The same check alone. */
gboolean mc_hub_options_check (const McHubOptions *options, GError **error);

gboolean mc_hub_client_is_offline (McHubClient *self);

/* HF_HUB_OFFLINE in the environment: on whatever is configured. */
gboolean mc_hub_is_offline_by_environment (void);

/* Sets in the environment what libsoup must find there. The first client does it too; a program
 * with threads calls it before it starts them, because changing the environment later is not safe.
 */
void mc_hub_prepare_process (void);

const char *mc_hub_client_get_endpoint (McHubClient *self); /* without trailing slash */
const char *mc_hub_client_get_host (McHubClient *self); /* host[:port], for mc_repo_ref_parse() */
gboolean mc_hub_client_has_token (McHubClient *self);
gboolean mc_hub_client_is_local (McHubClient *self); /* the endpoint is on this computer */

/* Whether there is one without mc_hub_client_set_token(). */
gboolean mc_hub_client_has_implicit_token (McHubClient *self);

/* The token of an endpoint, as mc_hub_endpoint_normalize() gives it, from now on. NULL: the one
 * that the client was made with, if it was made for that endpoint, else none. */
void mc_hub_client_set_token (McHubClient *self, const char *endpoint, const char *token);

/* Requests wait from now on, until released: a token is being looked for. */
void mc_hub_client_hold (McHubClient *self);
void mc_hub_client_release (McHubClient *self);

/* A client of that endpoint alone, with that token, which otherwise asks as @self does. token NULL:
 * the one that @self has for it, if any. */
McHubClient *
mc_hub_client_new_for (McHubClient *self, const char *endpoint, const char *token, GError **error);

/* The token that can be read from a descriptor, which must be that of a file or of a memory file:
 * no pipe keeps its reader waiting. MC_ERROR_INVALID_NAME if there is none. */
char *mc_hub_token_read (int fd, GError **error);

/* An endpoint as it is shown and compared; MC_ERROR_INVALID_NAME if it is none. */
char *mc_hub_endpoint_normalize (const char *text, GError **error);

/* What is known of an endpoint; strings are borrowed until the next request. */
typedef struct
{
  const char *endpoint;
  const char
      *trouble;     /* (nullable): why others are asked instead; NULL: nothing speaks against it */
  gboolean is_home; /* repos are named after it */
  gboolean has_token;
} McHubEndpoint;

/* In the order in which they are asked; FALSE: there are no more. */
gboolean mc_hub_client_describe_endpoint (McHubClient *self, guint i, McHubEndpoint *endpoint);

/* The endpoints that are asked, in their order. */
char **mc_hub_client_dup_endpoints (McHubClient *self);

/* Where the bytes of a file are. */
typedef struct
{
  char *endpoint; /* which of the endpoints said so */
  char *url; /* signed and short-lived if the origin is not the endpoint's: never log or keep it */
  gboolean own_origin; /* the endpoint answers with the bytes itself */
  char *commit;        /* (nullable): X-Repo-Commit */
  gboolean has_size;
  guint64 size;    /* X-Linked-Size, else Content-Length of a 200 */
  McDigest digest; /* from X-Linked-ETag, else ETag; MC_DIGEST_NONE if it is no known hash */
} McResolved;

/* Milliseconds until the host lets us ask again, 0: now. resolved: (nullable): the host of that
 * address, else the endpoint, where it resolves files. Whoever asks earlier gets the error of the
 * refusal without a request: all that use this client share it. */
guint64 mc_hub_client_get_wait (McHubClient *self, const McResolved *resolved);

/* --- model info: GET /api/models/{repo}[/revision/{rev}] --- */

typedef struct
{
  char *id;     /* canonical "owner/name" */
  char *hub_id; /* (nullable) */
  char *commit; /* 40 hexadecimal digits */
  char *task;   /* (nullable), as are the following strings */
  char *library;
  char *license;
  char *last_modified;
  char *architecture; /* of the GGUF, else config.json's model type */
  char *dtype;        /* what most bytes of its safetensors files are in */
  McGated gated;
  gboolean is_private;
  guint64 parameters; /* 0: unknown */
  guint64 context_length;
  guint64 downloads;
  guint64 likes;
} McModelInfo;

void mc_model_info_free (McModelInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McModelInfo, mc_model_info_free)

/* revision: (nullable): the default branch. */
void mc_hub_client_info_async (McHubClient *self,
                               const char *repo,
                               const char *revision,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
McModelInfo *mc_hub_client_info_finish (McHubClient *self, GAsyncResult *result, GError **error);

/* --- the listing: GET /api/models/{repo}/tree/{commit}?recursive=true, all pages --- */

typedef struct
{
  char *path;
  guint64 size;
  McDigest digest; /* MC_DIGEST_NONE: masked */
} McTreeEntry;

void mc_tree_entry_free (McTreeEntry *self);

/* The files, without directories, by path in byte order, without doubles. */
void mc_hub_client_tree_async (McHubClient *self,
                               const char *repo,
                               const char *commit,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
GPtrArray *mc_hub_client_tree_finish (McHubClient *self, GAsyncResult *result, GError **error);

/* --- search: GET /api/models?search= --- */

typedef struct
{
  char *id;
  char *task;          /* (nullable) */
  char *library;       /* (nullable) */
  char *license;       /* (nullable) */
  char *last_modified; /* (nullable) */
  McGated gated;
  guint64 downloads;
  guint64 likes;
} McSearchHit;

void mc_search_hit_free (McSearchHit *self);

typedef struct
{
  const char *text;
  const char *const *filters; /* (nullable): tags that must all match ("gguf", "onnx") */
  const char *sort; /* (nullable): "downloads" (default), "likes", "lastModified", "trendingScore",
                       "createdAt" */
  const char *cursor; /* (nullable): of the page to have, as the one before it gave it */
  guint64
      most_parameters; /* 0: however many a model has; else those that are known to have no more */
  guint limit;         /* of a page, 1 to 100 */
} McSearchQuery;

/* One page of McSearchHit. The query is copied. */
void mc_hub_client_search_async (McHubClient *self,
                                 const McSearchQuery *query,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* @next: (out) (optional) (nullable): the cursor of the next page; NULL after the last one.
 * g_free() it. */
GPtrArray *
mc_hub_client_search_finish (McHubClient *self, GAsyncResult *result, char **next, GError **error);

/* --- may the account read its files: GET /api/models/{repo}/auth-check --- */

/* TRUE, or the error that stands for the reason: MC_ERROR_GATED, MC_ERROR_ACCESS_PENDING ... */
void mc_hub_client_check_access_async (McHubClient *self,
                                       const char *repo,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean
mc_hub_client_check_access_finish (McHubClient *self, GAsyncResult *result, GError **error);

/* --- who am I: GET /api/whoami-v2; MC_ERROR_SIGN_IN without a token, MC_ERROR_TOKEN_REFUSED with
 * one that is not accepted --- */

void mc_hub_client_whoami_async (McHubClient *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
char *mc_hub_client_whoami_finish (McHubClient *self, GAsyncResult *result, GError **error);

/* --- resolve: where the bytes of a file are --- */

void mc_resolved_free (McResolved *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McResolved, mc_resolved_free)

/* HEAD /{repo}/resolve/{commit}/{path}; follows relative and same-origin redirects (at most 10),
 * stops at the first redirect to another origin. Refuses https to http and other schemes. */
void mc_hub_client_resolve_async (McHubClient *self,
                                  const char *repo,
                                  const char *commit,
                                  const char *path,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
McResolved *mc_hub_client_resolve_finish (McHubClient *self, GAsyncResult *result, GError **error);

/* --- bytes: GET with Range: bytes=offset-(offset+length-1), Accept-Encoding: identity --- */

typedef enum
{
  MC_HUB_ANY,   /* connection: one that is kept open, if there is one */
  MC_HUB_FRESH, /* a new one */
} McHubConnection;

/* Opens the range [offset, offset+length) of a file whose whole size is @size, all in bytes. The
 * stream gives exactly @length bytes or an error: the answer must be 206 with the right
 * Content-Range (or 200 with the right Content-Length when the range is the whole file); an HTML
 * answer, another length, range or total is MC_ERROR_BAD_RESPONSE; a body that ends early or falls
 * silent for read_timeout is MC_ERROR_NETWORK from the read. A 403 from a foreign origin is
 * MC_HUB_ERROR_RESOLVE_AGAIN: the signed URL expired; call resolve again.
 * length is over 0. Reads are asynchronous (g_input_stream_read_async()); one read gives what is
 * there. */
void mc_hub_client_open_range_async (McHubClient *self,
                                     const McResolved *resolved,
                                     guint64 offset,
                                     guint64 length,
                                     guint64 size,
                                     McHubConnection connection,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
GInputStream *
mc_hub_client_open_range_finish (McHubClient *self, GAsyncResult *result, GError **error);

/* What the host called the file with that range, quoted: an entity tag; (nullable), borrowed. */
const char *mc_hub_client_get_range_etag (GInputStream *range);

/* Milliseconds of silence after which a read fails. */
guint mc_hub_client_get_read_timeout (McHubClient *self);

#define MC_HUB_ERROR (mc_hub_error_quark ())
typedef enum
{
  MC_HUB_ERROR_RESOLVE_AGAIN,
  MC_HUB_ERROR_OTHER_FILE, /* for who opens ranges: its entity tag is another than before */
} McHubError;
GQuark mc_hub_error_quark (void);

G_END_DECLS
