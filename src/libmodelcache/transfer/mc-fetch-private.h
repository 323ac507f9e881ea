/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-buffer-pool.h"
#include "mc-content-writer.h"
#include "mc-fetch.h"
#include "mc-lane-pace.h"
#include "mc-lane-watch.h"
#include "mc-range-plan.h"

G_BEGIN_DECLS

/* What the files mc-fetch*.c share: mc-fetch.c has its beginning, its end and what is to be done
 * next, mc-fetch-lane.c the connections, mc-fetch-trouble.c what goes wrong with them. */

/* A chunk on its way. */
typedef struct
{
  guint64 offset;
  gsize size;
  gsize filled;
  guint8 *buffer; /* (owned) (nullable): of the pool */
} McPart;

/* One connection, that brings a range chunk by chunk. */
typedef struct
{
  McFetch *fetch; /* borrowed: what is under way holds it */
  McPart part;    /* the chunk that fills */
  guint64 end;    /* of the range; can come nearer */
  guint generation;
  GInputStream *stream;      /* (owned) (nullable): NULL until the answer is here */
  GCancellable *cancellable; /* (owned) */
  gboolean busy;             /* a request or a read is under way */
  gboolean hungry;           /* nothing is, for want of a buffer */
  gboolean limited;          /* nothing is: the limiter said later */
  gint64 idle_since;         /* either of that, since then or since the last tick; 0: neither */
  gboolean restarting;       /* what is under way was cancelled to ask anew */
  gboolean held;             /* nothing is asked: the host wants to be left alone */
  McLaneWatch watch;
} McLane;

struct _McFetch
{
  GObject parent_instance;

  McStore *store;   /* (owned) */
  McHubClient *hub; /* (owned) */
  char *repo;
  char *commit;
  char *path;
  McDigest digest;
  guint64 size;
  guint retry_base_ms;

  GTask *task;               /* (owned) (nullable): while it runs */
  GCancellable *cancellable; /* (owned): of all steps */
  GSource *watch;            /* (owned) (nullable): of the task's cancellable */
  McContentWriter *writer;   /* (owned) (nullable) */
  McBufferBudget *budget;    /* (owned) (nullable) */
  McBufferPool *buffers;     /* (owned) (nullable) */
  guint puts;                /* under way */
  guint steps;               /* likewise the others, of the lanes too */
  gboolean finishing;
  McLimiter *limiter; /* (owned) (nullable) */
  GError *failure;    /* (owned) (nullable): ends when nothing is under way */

  McResolved *resolved; /* (owned) (nullable) */
  char *origin;         /* (owned) (nullable): of that address, and */
  char *etag;           /* (owned) (nullable): what that host calls the file */
  guint generation;     /* of that address */
  gboolean resolving;
  gboolean resolve_held; /* nothing is asked: the Hub wants to be left alone */

  GPtrArray *lanes; /* (owned): McLane */
  GQueue parts;     /* (owned): McPart, begun by lanes that broke off */
  McLanePace pace;
  guint share;       /* the most lanes it may have, and chunks of memory */
  guint64 preferred; /* where lanes begin first, if something is missing behind it */
  gboolean urgent;   /* no lane was begun there yet */
  guint64 received;  /* bytes from the network */
  gint64 ticked;     /* when that was, and */
  gint64 idle;       /* microseconds since then in which lanes did not read, all together */
  double typical;    /* bytes a second of a lane; 0: unknown */
  GSource *tick;     /* (owned) (nullable) */

  gint64 asked;        /* when it last asked for something */
  guint attempt;       /* tries since something came */
  guint nonsense;      /* answers that made none, lately, and */
  guint64 nonsense_at; /* what had come then */
  guint resolves;      /* in vain, since something came */
  gboolean offline;    /* there is no network: tries do not count */
  GError *waiting;     /* (owned) (nullable) */
  GSource *wait;       /* (owned) (nullable) */
  gint64 wait_end;     /* Unix seconds */
};

/* mc-fetch.c */

/* Does whatever can be done now. */
void mc_fetch_drive (McFetch *self);

/* Takes the error, if there is one; the first one counts. Ends when nothing is under way. */
void mc_fetch_end (McFetch *self, GError *error);

/* The data of a step's callback. */
McFetch *mc_fetch_step (McFetch *self);
McFetch *mc_fetch_end_step (gpointer user_data);

void mc_fetch_emit_changed (McFetch *self);
void mc_fetch_emit_received (McFetch *self, guint64 bytes);

/* mc-fetch-lane.c */

void mc_lane_free (gpointer lane);

/* Starts a lane on a range; part: (nullable): taken: what there is of its first chunk. */
void mc_fetch_start_lane (McFetch *self, McRange range, McPart *part);

/* Stops all of them; what they have is lost. */
void mc_fetch_stop_lanes (McFetch *self);

/* Asks for the same bytes anew, from where it is. */
void mc_lane_restart (McLane *lane);

/* Takes note of how long it has not been reading, for a reason of ours. */
void mc_lane_note_idle (McLane *lane);

/* A buffer came back. */
void mc_fetch_feed_lanes (McFetch *self);

void mc_part_free (McFetch *self, McPart *part);

/* mc-fetch-trouble.c */

/* Takes the error. held: nothing was asked. */
void mc_fetch_trip (McFetch *self, GError *error, guint generation, gboolean held);
void mc_fetch_stop_waiting (McFetch *self);

/* So many bytes came, and are kept. */
void mc_fetch_note_progress (McFetch *self, guint64 bytes);

/* Looks after the lanes now and then. */
void mc_fetch_start_tick (McFetch *self);

/* The address is no good any more. */
void mc_fetch_drop_resolved (McFetch *self);

G_END_DECLS
