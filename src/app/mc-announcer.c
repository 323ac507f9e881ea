/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-announcer.h"

#include <glib/gi18n.h>

#define SOON_MS 300 /* what comes within that is said in one breath */
#define MOST_AT_ONCE 3

struct _McAnnouncer
{
  AdwBin parent_instance;
  GPtrArray *texts; /* (owned): not said yet */
  guint more;       /* that were too many to be said */
  guint saying;     /* source */
};

G_DEFINE_FINAL_TYPE (McAnnouncer, mc_announcer, ADW_TYPE_BIN)

static void
announce (McAnnouncer *self, const char *text)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
#if GTK_CHECK_VERSION(4, 14, 0)
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  G_GNUC_END_IGNORE_DEPRECATIONS
#endif
}

static gboolean
say_cb (gpointer user_data)
{
  McAnnouncer *self = user_data;
  g_autofree char *text = NULL;

  self->saying = 0;
  if (self->more > 0)
    g_ptr_array_add (
        self->texts,
        g_strdup_printf (ngettext ("and %u other", "and %u others", self->more), self->more));
  g_ptr_array_add (self->texts, NULL);
  text = g_strjoinv (". ", (char **) self->texts->pdata);
  g_ptr_array_set_size (self->texts, 0);
  self->more = 0;
  announce (self, text);
  return G_SOURCE_REMOVE;
}

void
mc_announcer_say (McAnnouncer *self, const char *text)
{
  if (self->texts->len < MOST_AT_ONCE)
    g_ptr_array_add (self->texts, g_strdup (text));
  else
    self->more++;
  if (self->saying == 0)
    self->saying = g_timeout_add (SOON_MS, say_cb, self);
}

static void
on_spoken (McAnnouncer *self, GParamSpec *pspec, McTransferItem *item)
{
  mc_announcer_say (self, mc_transfer_item_get_spoken (item));
}

/* What is there already is no news. */
static void
on_transfers (McAnnouncer *self, guint position, guint removed, guint added, GListModel *list)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (list, position + i);

      g_signal_connect_object (item, "notify::spoken", G_CALLBACK (on_spoken), self,
                               G_CONNECT_SWAPPED);
    }
}

void
mc_announcer_set_inventory (McAnnouncer *self, McInventory *inventory)
{
  GListModel *transfers = mc_inventory_get_transfers (inventory);

  g_signal_connect_object (transfers, "items-changed", G_CALLBACK (on_transfers), self,
                           G_CONNECT_SWAPPED);
  on_transfers (self, 0, 0, g_list_model_get_n_items (transfers), transfers);
}

static void
mc_announcer_dispose (GObject *object)
{
  g_clear_handle_id (&MC_ANNOUNCER (object)->saying, g_source_remove);
  G_OBJECT_CLASS (mc_announcer_parent_class)->dispose (object);
}

static void
mc_announcer_finalize (GObject *object)
{
  g_ptr_array_unref (MC_ANNOUNCER (object)->texts);
  G_OBJECT_CLASS (mc_announcer_parent_class)->finalize (object);
}

static void
mc_announcer_class_init (McAnnouncerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mc_announcer_dispose;
  G_OBJECT_CLASS (klass)->finalize = mc_announcer_finalize;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_ALERT);
}

static void
mc_announcer_init (McAnnouncer *self)
{
  self->texts = g_ptr_array_new_with_free_func (g_free);
}
