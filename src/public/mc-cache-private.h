/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-request.h"

G_BEGIN_DECLS

struct _McCache
{
  GObject parent_instance;
};

struct _McCacheClass
{
  GObjectClass parent_class;

  /* Called in the thread of the caller; must not block. The request is answered exactly once. */
  void (*start) (McCache *self, McRequest *request);
};

#define MC_CACHE_CLASS(klass) (G_TYPE_CHECK_CLASS_CAST ((klass), MC_TYPE_CACHE, McCacheClass))
#define MC_CACHE_GET_CLASS(object)                                                                 \
  (G_TYPE_INSTANCE_GET_CLASS ((object), MC_TYPE_CACHE, McCacheClass))

/* Has a request done while its caller waits, in a main context of its own: nothing else of the
 * caller's runs meanwhile, and it may be called from any thread. Takes the request; for
 * mc_request_finish_pointer() or mc_request_finish_number(). */
GAsyncResult *
mc_cache_run (McCache *self, McRequest *request, gpointer tag, GCancellable *cancellable);

G_END_DECLS
