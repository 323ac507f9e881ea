/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-content-reader.h"
#include "mc-chunk.h"
#include "mc-endpoint-guard.h"
#include "mc-endpoint-range.h"
#include "mc-endpoint-target.h"
#include "mc-endpoint.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What the files mc-endpoint*.c share: mc-endpoint.c has the server and who may ask,
 * mc-endpoint-answer.c what is answered, mc-endpoint-body.c the bytes of files. */

#define MC_STATUS_TOO_MANY_REQUESTS 429 /* which libsoup has no name for */

struct _McEndpoint
{
  McEndpointHost host;
  SoupServer *server; /* (owned) (nullable): NULL once stopped */
  guint wanted_port;  /* 0: any */
  guint port;
  char *key;
  char *url;
  GStrv origins;     /* (owned) */
  GStrv origin_keys; /* (owned): of each of them */
  McWrongKeys wrong; /* keys */
  guint connections;
  guint bodies;         /* of answers, being sent */
  GPtrArray *answers;   /* (owned): McAnswer, borrowed; under way */
  GHashTable *scans;    /* (owned): "repo@revision" => GPtrArray of McAnswer (owned), that wait */
  GThreadPool *readers; /* (owned) */
};

/* One request. Counted; whatever is under way for it holds it. */
typedef struct
{
  McEndpoint *endpoint;       /* (owned) */
  SoupServerMessage *message; /* (owned) (nullable): NULL once it is over */
  gulong finished;            /* handlers of the message */
  gulong wrote_chunk;
  McTarget *target; /* (owned) */

  gint64 repo;
  McManifest *manifest; /* (owned) (nullable) */
  McFile *file;         /* (nullable), borrowed from the manifest */

  /* The bytes. */
  McSlice slice;
  guint64 next;            /* of the file: what is read next */
  guint64 end;             /* of the file */
  GBytes *piece;           /* (owned) (nullable): read, and not given yet */
  gboolean reading;        /* on a thread, which has the reader then */
  gboolean hungry;         /* the message has nothing to write */
  gboolean begun;          /* the head was given */
  gboolean pinned;         /* the content */
  gboolean asking;         /* for the download to begin */
  gboolean preferred;      /* the fetch was told that it waits for these bytes */
  McContentReader *reader; /* (owned) (nullable): of what is complete */
  McTransfer *transfer;    /* (owned) (nullable): that brings it */
  gulong changed;          /* handlers of the transfer */
  gulong ended;
  GSource *patience; /* (owned) (nullable) */
} McAnswer;

/* mc-endpoint.c */
guint mc_endpoint_get_patience (McEndpoint *self); /* milliseconds */

/* Closes the connection of a message, from the main loop. */
void mc_endpoint_hang_up (SoupServerMessage *message);

/* An answer is ready: hangs up if it was not taken after a while. Not for files, of which it may
 * take long. */
void mc_endpoint_await_reader (SoupServerMessage *message);
McEndpoint *mc_endpoint_ref (McEndpoint *self);
void mc_endpoint_unref (McEndpoint *self);
McAnswer *mc_answer_ref (McAnswer *self);
void mc_answer_unref (McAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McAnswer, mc_answer_unref)

/* mc-endpoint-answer.c */

/* Once the target is known: answers, now or later. */
void mc_answer_begin (McAnswer *self);

/* Takes the error. What was begun is broken off. */
void mc_answer_fail (McAnswer *self, GError *error);
void mc_answer_refuse (McAnswer *self, guint status, const char *code, const char *message);
void mc_answer_set_header (McAnswer *self, const char *name, const char *value);

/* The head of a file's answer, and that there is something to write now. */
void mc_answer_send_head (McAnswer *self);

/* mc-endpoint-body.c */

/* Reads a piece, on a thread of the pool. */
void mc_answer_read_piece (gpointer task, gpointer unused);

/* The bytes of the slice of the file; fetches it if it is not here. */
void mc_answer_begin_body (McAnswer *self);

/* The message is over. */
void mc_answer_end_body (McAnswer *self);

G_END_DECLS
