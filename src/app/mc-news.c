/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-news.h"

#include "mc-error-text.h"
#include "mc-phrases.h"

#include <glib/gi18n.h>
#include <string.h>

#define MOST_NAMES 3 /* of a batch, the others are counted */

struct _McNews
{
  GObject parent_instance;
  GtkApplication *application; /* borrowed */
  McInventory *inventory;      /* (owned) */
  GPtrArray *finished;         /* (owned): names, since nothing was active */
  char *last_repo;             /* (owned) (nullable): of the last of them */
};

G_DEFINE_FINAL_TYPE (McNews, mc_news, G_TYPE_OBJECT)

static gboolean
is_looked_at (McNews *self)
{
  GtkWindow *window = gtk_application_get_active_window (self->application);

  return window != NULL && gtk_window_is_active (window);
}

static char *
describe (McTransferItem *transfer)
{
  const char *name = mc_phrase_variant_name (mc_transfer_item_get_variant (transfer));

  return mc_phrase_join ((const char *[]){ mc_transfer_item_get_repo (transfer), name }, 2);
}

/* --- what has finished --- */

static char *
list_finished (McNews *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = self->finished->len;
  guint shown = n <= MOST_NAMES + 1 ? n : MOST_NAMES;

  for (guint i = 0; i < shown; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "",
                            (const char *) g_ptr_array_index (self->finished, i));
  if (shown < n)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, ngettext ("and %u more", "and %u more", n - shown), n - shown);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* One that pauses between two downloads is no end: it is told when nothing is active any more. */
static void
on_active (McNews *self)
{
  guint n = self->finished->len;
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GNotification) news = NULL;

  if (n == 0 || mc_inventory_get_active (self->inventory) > 0)
    return;
  title = n == 1
              ? g_strdup (_ ("Download Finished"))
              : g_strdup_printf (ngettext ("%u Download Finished", "%u Downloads Finished", n), n);
  body = list_finished (self);
  g_ptr_array_set_size (self->finished, 0);
  if (is_looked_at (self))
    return;
  news = g_notification_new (title);
  g_notification_set_body (news, body);
  if (n == 1)
    g_notification_set_default_action_and_target (news, "app.show-repo", "s", self->last_repo);
  else
    g_notification_set_default_action_and_target (news, "app.show-view", "s", "downloads");
  g_application_send_notification (G_APPLICATION (self->application), "finished", news);
}

/* --- what cannot go on --- */

static char *
make_id (McTransferItem *transfer)
{
  return g_strdup_printf ("transfer-%" G_GUINT64_FORMAT, mc_transfer_item_get_number (transfer));
}

static void
add_remedy (GNotification *news, McTransferItem *transfer, const McErrorText *text)
{
  const char *repo = mc_transfer_item_get_repo (transfer);

  if (text->action == NULL)
    return;
  if (strcmp (text->action, "problem.retry") == 0)
    g_notification_add_button_with_target (news, text->button, "app.retry", "t",
                                           mc_transfer_item_get_number (transfer));
  else if (repo[0] != '\0')
    g_notification_add_button_with_target (news, text->button, "app.help", "(ss)", text->action,
                                           repo);
}

static void
tell_problem (McNews *self, McTransferItem *transfer)
{
  McErrorText text = mc_error_text_get_by_name (mc_transfer_item_get_error_name (transfer));
  const char *repo = mc_transfer_item_get_repo (transfer);
  g_autofree char *id = make_id (transfer);
  g_autofree char *what = describe (transfer);
  g_autofree char *body = g_strdup_printf ("%s\n%s", what, text.explanation);
  g_autoptr (GNotification) news = g_notification_new (text.title);

  if (is_looked_at (self))
    return;
  g_notification_set_body (news, body);
  g_notification_set_priority (news, G_NOTIFICATION_PRIORITY_HIGH);
  if (repo[0] != '\0')
    g_notification_set_default_action_and_target (news, "app.show-repo", "s", repo);
  else
    g_notification_set_default_action_and_target (news, "app.show-view", "s", "downloads");
  add_remedy (news, transfer, &text);
  g_application_send_notification (G_APPLICATION (self->application), id, news);
}

static void
on_ended (McNews *self, McTransferItem *transfer)
{
  g_autofree char *id = make_id (transfer);

  if (strcmp (mc_transfer_item_get_state (transfer), "failed") == 0)
    {
      tell_problem (self, transfer);
      return;
    }
  g_application_withdraw_notification (G_APPLICATION (self->application), id);
  if (strcmp (mc_transfer_item_get_kind (transfer), "download") != 0)
    return;
  g_ptr_array_add (self->finished, describe (transfer));
  g_free (self->last_repo);
  self->last_repo = g_strdup (mc_transfer_item_get_repo (transfer));
}

/* --- its life --- */

McNews *
mc_news_new (GtkApplication *application, McInventory *inventory)
{
  McNews *self = g_object_new (MC_TYPE_NEWS, NULL);

  self->application = application;
  self->inventory = g_object_ref (inventory);
  g_signal_connect_object (inventory, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "blocked", G_CALLBACK (tell_problem), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "notify::active", G_CALLBACK (on_active), self,
                           G_CONNECT_SWAPPED);
  return self;
}

static void
mc_news_finalize (GObject *object)
{
  McNews *self = MC_NEWS (object);

  g_clear_object (&self->inventory);
  g_ptr_array_unref (self->finished);
  g_free (self->last_repo);
  G_OBJECT_CLASS (mc_news_parent_class)->finalize (object);
}

static void
mc_news_class_init (McNewsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mc_news_finalize;
}

static void
mc_news_init (McNews *self)
{
  self->finished = g_ptr_array_new_with_free_func (g_free);
}
