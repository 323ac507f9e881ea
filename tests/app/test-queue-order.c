/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-queue-order.h"

/* Where a transfer comes to stand that is moved or dropped. */

typedef struct
{
  GListStore *list;
  McTransferItem *items[5]; /* borrowed: in their order, the last one has ended */
} Fixture;

/* A proxy of nothing, with the properties that are of interest here. */
static McDbusTransfer *
make_proxy (const char *state, gint64 place)
{
  GDBusProxy *proxy = g_object_new (MC_DBUS_TYPE_TRANSFER_PROXY, NULL);

  g_dbus_proxy_set_cached_property (proxy, "State", g_variant_new_string (state));
  g_dbus_proxy_set_cached_property (proxy, "Place", g_variant_new_int64 (place));
  return MC_DBUS_TRANSFER (proxy);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  static const char *const states[] = { "active", "queued", "paused", "queued", "done" };

  f->list = g_list_store_new (MC_TYPE_TRANSFER_ITEM);
  for (guint i = 0; i < G_N_ELEMENTS (f->items); i++)
    {
      g_autoptr (McDbusTransfer) proxy = make_proxy (states[i], 1024 * (gint64) i);
      g_autoptr (McTransferItem) item = mc_transfer_item_new (i + 1);

      mc_transfer_item_set_proxy (item, proxy);
      g_list_store_insert (f->list, 0, item); /* the list has no order */
      f->items[i] = item;
    }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_object (&f->list);
}

/* -1: it stays where it is. */
static int
move (Fixture *f, guint i, int places)
{
  guint position = G_MAXUINT;

  return mc_queue_order_move (G_LIST_MODEL (f->list), f->items[i], places, &position)
             ? (int) position
             : -1;
}

static int
drop (Fixture *f, guint i, guint target, gboolean after)
{
  guint position = G_MAXUINT;

  return mc_queue_order_drop (G_LIST_MODEL (f->list), f->items[i], f->items[target], after,
                              &position)
             ? (int) position
             : -1;
}

static void
test_move (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (mc_queue_order_count (G_LIST_MODEL (f->list)), ==, 4);
  g_assert_cmpint (move (f, 0, -1), ==, -1);
  g_assert_cmpint (move (f, 0, 1), ==, 1);
  g_assert_cmpint (move (f, 2, -1), ==, 1);
  g_assert_cmpint (move (f, 1, 100), ==, 3);
  g_assert_cmpint (move (f, 3, 1), ==, -1);
  g_assert_cmpint (move (f, 4, -1), ==, -1);
}

static void
test_drop (Fixture *f, gconstpointer data)
{
  /* Upwards */
  g_assert_cmpint (drop (f, 3, 0, FALSE), ==, 0);
  g_assert_cmpint (drop (f, 3, 0, TRUE), ==, 1);
  g_assert_cmpint (drop (f, 3, 1, TRUE), ==, 2);
  /* Downwards */
  g_assert_cmpint (drop (f, 0, 1, TRUE), ==, 1);
  g_assert_cmpint (drop (f, 0, 3, FALSE), ==, 2);
  g_assert_cmpint (drop (f, 0, 3, TRUE), ==, 3);
  /* Where it is already */
  g_assert_cmpint (drop (f, 1, 1, TRUE), ==, -1);
  g_assert_cmpint (drop (f, 1, 0, TRUE), ==, -1);
  g_assert_cmpint (drop (f, 1, 2, FALSE), ==, -1);
  /* On what has ended */
  g_assert_cmpint (drop (f, 0, 4, FALSE), ==, 3);
  g_assert_cmpint (drop (f, 4, 0, FALSE), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/queue-order/move", Fixture, NULL, set_up, test_move, tear_down);
  g_test_add ("/queue-order/drop", Fixture, NULL, set_up, test_drop, tear_down);
  return g_test_run ();
}
