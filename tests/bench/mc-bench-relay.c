/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One loop over all connections. A connection has two pipes; what is read from one end is kept with
 * the time at which it arrives at the other. */

#define BACKLOG 64
#define PIECE (32 * 1024)       /* bytes */
#define IN_FLIGHT (1024 * 1024) /* bytes that a pipe holds; more than rate times delay */

typedef struct
{
  gint64 due;
  gsize length;
  gsize done;
  guint8 bytes[];
} Piece;

typedef struct
{
  int from;
  int to;
  guint64 rate;   /* bytes a second; 0: any */
  gint64 arrival; /* of the last byte */
  GQueue pieces;  /* (owned): Piece */
  gsize held;     /* bytes in them */
  gboolean ended; /* no more comes in, */
  gboolean shut;  /* and all is out */
  gboolean full;  /* the other end does not take more at the moment */
} Pipe;

typedef struct
{
  Pipe up;
  Pipe down;
} Link;

typedef struct
{
  int listener;
  guint port;
  gint64 delay; /* microseconds, one way */
  guint64 rate;
  GPtrArray *links; /* (owned): Link */
  GArray *polled;   /* (owned): struct pollfd */
} Relay;

static void
link_free (gpointer data)
{
  Link *link = data;

  close (link->up.from);
  close (link->down.from);
  g_queue_clear_full (&link->up.pieces, g_free);
  g_queue_clear_full (&link->down.pieces, g_free);
  g_free (link);
}

static struct sockaddr_in
make_address (guint port)
{
  return (struct sockaddr_in){ .sin_family = AF_INET,
                               .sin_port = htons ((guint16) port),
                               .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
}

static void
accept_link (Relay *self)
{
  struct sockaddr_in address = make_address (self->port);
  int near = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC);
  int far = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Link *link = g_new0 (Link, 1);

  if (near < 0 || far < 0 || connect (far, (struct sockaddr *) &address, sizeof address) != 0)
    mc_bench_die ("The relay cannot connect: %s", g_strerror (errno));
  fcntl (near, F_SETFL, O_NONBLOCK);
  fcntl (far, F_SETFL, O_NONBLOCK);
  link->up = (Pipe){ .from = near, .to = far };
  link->down = (Pipe){ .from = far, .to = near, .rate = self->rate };
  g_queue_init (&link->up.pieces);
  g_queue_init (&link->down.pieces);
  /* The kernel has answered at once; from afar that takes a round trip. */
  link->up.arrival = g_get_monotonic_time () + 3 * self->delay;
  g_ptr_array_add (self->links, link);
}

/* --- a pipe --- */

static void
pipe_read (Relay *self, Pipe *pipe, gint64 now)
{
  Piece *piece = g_malloc (sizeof (Piece) + PIECE);
  ssize_t n = read (pipe->from, piece->bytes, PIECE);

  if (n <= 0)
    {
      pipe->ended = n == 0 || errno != EAGAIN;
      g_free (piece);
      return;
    }
  if (pipe->rate > 0)
    pipe->arrival += n * G_USEC_PER_SEC / (gint64) pipe->rate;
  pipe->arrival = MAX (pipe->arrival, now + self->delay);
  piece->due = pipe->arrival;
  piece->length = (gsize) n;
  piece->done = 0;
  pipe->held += (gsize) n;
  g_queue_push_tail (&pipe->pieces, piece);
}

/* Who hung up gets no more. */
static void
pipe_fail (Pipe *pipe)
{
  g_queue_clear_full (&pipe->pieces, g_free);
  pipe->held = 0;
  pipe->ended = TRUE;
}

static void
pipe_write (Pipe *pipe, gint64 now)
{
  Piece *piece;

  pipe->full = FALSE;
  while ((piece = g_queue_peek_head (&pipe->pieces)) != NULL && piece->due <= now && !pipe->full)
    {
      ssize_t n = send (pipe->to, piece->bytes + piece->done, piece->length - piece->done,
                        MSG_NOSIGNAL | MSG_DONTWAIT);

      if (n < 0 && errno != EAGAIN)
        {
          pipe_fail (pipe);
          break;
        }
      piece->done += (gsize) MAX (n, 0);
      pipe->full = piece->done < piece->length;
      if (pipe->full)
        continue;
      pipe->held -= piece->length;
      g_free (g_queue_pop_head (&pipe->pieces));
    }
  if (pipe->ended && pipe->pieces.length == 0 && !pipe->shut)
    {
      shutdown (pipe->to, SHUT_WR);
      pipe->shut = TRUE;
    }
}

/* --- all of them --- */

static void
poll_for (Relay *self, int fd, short events)
{
  struct pollfd entry = { .fd = fd, .events = events };

  g_array_append_val (self->polled, entry);
}

/* What it waits for, the reading end first; and until when. */
static void
poll_pipe (Relay *self, const Pipe *pipe, gint64 *until)
{
  const Piece *piece = g_queue_peek_head ((GQueue *) &pipe->pieces);
  gboolean may_read = !pipe->ended && pipe->held < IN_FLIGHT;

  poll_for (self, may_read ? pipe->from : -1, POLLIN);
  poll_for (self, pipe->full ? pipe->to : -1, POLLOUT);
  if (piece != NULL && !pipe->full)
    *until = MIN (*until, piece->due);
}

static void
wait_for_any (Relay *self)
{
  gint64 until = G_MAXINT64;
  gint64 left;
  struct timespec timeout;

  g_array_set_size (self->polled, 0);
  poll_for (self, self->listener, POLLIN);
  for (guint i = 0; i < self->links->len; i++)
    {
      Link *link = g_ptr_array_index (self->links, i);

      poll_pipe (self, &link->up, &until);
      poll_pipe (self, &link->down, &until);
    }
  left = MAX (until - g_get_monotonic_time (), 0);
  timeout.tv_sec = left / G_USEC_PER_SEC;
  timeout.tv_nsec = left % G_USEC_PER_SEC * 1000;
  ppoll ((struct pollfd *) (gpointer) self->polled->data, self->polled->len,
         until == G_MAXINT64 ? NULL : &timeout, NULL);
}

static gboolean
is_ready (Relay *self, guint i)
{
  return g_array_index (self->polled, struct pollfd, i).revents != 0;
}

static void
turn (Relay *self)
{
  gint64 now;
  guint n = self->links->len;

  wait_for_any (self);
  now = g_get_monotonic_time ();
  for (guint i = n; i > 0; i--)
    {
      Link *link = g_ptr_array_index (self->links, i - 1);
      Pipe *pipes[] = { &link->up, &link->down };

      for (guint j = 0; j < G_N_ELEMENTS (pipes); j++)
        {
          if (is_ready (self, 1 + (i - 1) * 4 + j * 2))
            pipe_read (self, pipes[j], now);
          pipe_write (pipes[j], now);
        }
      if (link->up.shut && link->down.shut)
        g_ptr_array_remove_index (self->links, i - 1);
    }
  if (is_ready (self, 0))
    accept_link (self);
}

/* --- from outside --- */

static guint
listen_anywhere (Relay *self)
{
  struct sockaddr_in address = make_address (0);
  socklen_t length = sizeof address;

  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  mc_bench_check_errno (
      "The relay", self->listener >= 0
                       && bind (self->listener, (struct sockaddr *) &address, length) == 0
                       && listen (self->listener, BACKLOG) == 0
                       && getsockname (self->listener, (struct sockaddr *) &address, &length) == 0);
  return ntohs (address.sin_port);
}

McBenchRelay *
mc_bench_relay_start (guint port, gint64 round_trip, guint64 bytes_per_second)
{
  McBenchRelay *self = g_new0 (McBenchRelay, 1);
  Relay relay = { .port = port, .delay = round_trip / 2, .rate = bytes_per_second };
  pid_t parent = getpid ();

  self->url = g_strdup_printf ("http://127.0.0.1:%u", listen_anywhere (&relay));
  self->process = fork ();
  mc_bench_check_errno ("The relay", self->process >= 0);
  if (self->process == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      relay.links = g_ptr_array_new_with_free_func (link_free);
      relay.polled = g_array_new (FALSE, TRUE, sizeof (struct pollfd));
      while (getppid () == parent)
        turn (&relay);
      _exit (0);
    }
  close (relay.listener);
  return self;
}

void
mc_bench_relay_stop (McBenchRelay *self)
{
  kill (self->process, SIGKILL);
  waitpid (self->process, NULL, 0);
  g_free (self->url);
  g_free (self);
}
