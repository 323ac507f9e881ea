/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-db.h"
#include "mc-pack.h"

struct _McPack
{
  McDb *db;     /* (owned) */
  char *folder; /* (owned) */
  McDigest digest;
  guint64 size;
  gboolean immutable;  /* it is read without locks */
  gboolean lends;      /* it was opened for the sake of a reference */
  McPack *lender;      /* (owned) (nullable): where the last reference led */
  McTxn txn;           /* of chunks that were added */
  McPackGrowth growth; /* while it may be written */
  guint8 *block;       /* (owned) (nullable): where a block goes of which only a part is wanted */
  guint8 *whole;       /* (owned) (nullable): the chunk that was decoded last, checked */
  guint whole_position;
};

/* Of what may be another pack altogether by now: with locks. */
gboolean mc_pack_reopen (McPack *self, GError **error);
