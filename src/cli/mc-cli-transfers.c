/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-transfers.h"

#include "mc-cli-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* Transfers as people and programs see them, and how they are named on the command line. */

static const struct
{
  McCliTransferStates state;
  const char *name;
  const char *label;
} states[] = {
  { MC_CLI_TRANSFER_QUEUED, "queued", NC_ ("transfer", "queued") },
  { MC_CLI_TRANSFER_ACTIVE, "active", NC_ ("transfer", "active") },
  { MC_CLI_TRANSFER_WAITING, "waiting", NC_ ("transfer", "waiting") },
  { MC_CLI_TRANSFER_PAUSED, "paused", NC_ ("transfer", "paused") },
  { MC_CLI_TRANSFER_DONE, "done", NC_ ("transfer", "done") },
  { MC_CLI_TRANSFER_FAILED, "failed", NC_ ("transfer", "failed") },
  { MC_CLI_TRANSFER_CANCELLED, "cancelled", NC_ ("transfer", "cancelled") },
};

static const char *
or_empty (const char *text)
{
  return text == NULL ? "" : text;
}

McCliTransferStates
mc_cli_transfer_get_state (McDbusTransfer *transfer)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (mc_dbus_transfer_get_state (transfer), states[i].name) == 0)
      return states[i].state;
  return 0;
}

const char *
mc_cli_transfer_name_state (McDbusTransfer *transfer)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (mc_dbus_transfer_get_state (transfer), states[i].name) == 0)
      return g_dpgettext2 (NULL, "transfer", states[i].label);
  return "?";
}

const char *
mc_cli_transfer_name_kind (McDbusTransfer *transfer)
{
  const char *kind = or_empty (mc_dbus_transfer_get_kind (transfer));

  if (strcmp (kind, "download") == 0)
    return C_ ("transfer", "download");
  if (strcmp (kind, "verify") == 0)
    return C_ ("transfer", "verify");
  if (strcmp (kind, "move") == 0)
    return C_ ("transfer", "move");
  if (strcmp (kind, "evict") == 0)
    return C_ ("transfer", "evicted");
  if (strcmp (kind, "update") == 0)
    return C_ ("transfer", "update");
  if (strcmp (kind, "import") == 0)
    return C_ ("transfer", "import");
  if (strcmp (kind, "import-preview") == 0)
    return C_ ("transfer", "import (dry run)");
  if (strcmp (kind, "repair") == 0)
    return C_ ("transfer", "repair");
  return kind;
}

guint64
mc_cli_transfer_get_number (McDbusTransfer *transfer)
{
  return mc_client_object_number (g_dbus_proxy_get_object_path (G_DBUS_PROXY (transfer)));
}

char *
mc_cli_transfer_dup_label (McDbusTransfer *transfer)
{
  const char *repo = or_empty (mc_dbus_transfer_get_repo (transfer));
  const char *variant = or_empty (mc_dbus_transfer_get_variant (transfer));
  const char *path = or_empty (mc_dbus_transfer_get_path (transfer));

  if (path[0] == '\0' && variant[0] == '\0')
    return g_strdup (repo[0] == '\0' ? _ ("everything") : repo);
  if (repo[0] == '\0')
    return g_strdup (path);
  if (g_strcmp0 (mc_dbus_transfer_get_kind (transfer), "update") == 0)
    return g_strdup_printf ("%s %s", repo, variant[0] != '\0' ? variant : path);
  return g_strdup_printf ("%s %s", repo, path[0] != '\0' ? path : variant);
}

void
mc_cli_transfer_view_init (McCliTransferView *self, McDbusTransfer *transfer)
{
  McCliTransferStates state = mc_cli_transfer_get_state (transfer);
  const char *error = or_empty (mc_dbus_transfer_get_error (transfer));
  gint64 end = mc_dbus_transfer_get_expected_end (transfer);
  gint64 until = mc_dbus_transfer_get_waits_until (transfer);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  memset (self, 0, sizeof *self);
  self->label = mc_cli_transfer_dup_label (transfer);
  if (state == MC_CLI_TRANSFER_WAITING && until > now)
    {
      g_autofree char *left = mc_cli_text_duration ((guint64) (until - now));

      /* Translators: “waiting”, why ("Network"), minutes and seconds until the next try. */
      self->state =
          g_strdup_printf (_ ("%s (%s, %s)"), mc_cli_transfer_name_state (transfer), error, left);
    }
  else if (state != MC_CLI_TRANSFER_ACTIVE && error[0] != '\0')
    self->state = g_strdup_printf ("%s (%s)", mc_cli_transfer_name_state (transfer), error);
  else if (state != MC_CLI_TRANSFER_ACTIVE)
    self->state = g_strdup (mc_cli_transfer_name_state (transfer));
  self->view.label = self->label;
  self->view.state = self->state;
  self->view.done = mc_dbus_transfer_get_verified (transfer);
  self->view.total = mc_dbus_transfer_get_total (transfer);
  self->view.rate = mc_dbus_transfer_get_rate (transfer);
  self->view.seconds_left = end == 0 ? -1 : MAX (end - now, 0);
}

void
mc_cli_transfer_view_clear (McCliTransferView *self)
{
  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->state, g_free);
}

/* A builder and no GVariantDict, which would lose the order. */
static void
add (GVariantBuilder *dict, const char *key, GVariant *value)
{
  g_variant_builder_add (dict, "{sv}", key, value);
}

static void
add_string (GVariantBuilder *dict, const char *key, const char *text)
{
  add (dict, key, g_variant_new_string (or_empty (text)));
}

GVariant *
mc_cli_transfer_to_dict (McDbusTransfer *transfer)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add (&dict, "id", g_variant_new_uint64 (mc_cli_transfer_get_number (transfer)));
  add_string (&dict, "kind", mc_dbus_transfer_get_kind (transfer));
  add_string (&dict, "state", mc_dbus_transfer_get_state (transfer));
  add_string (&dict, "error", mc_dbus_transfer_get_error (transfer));
  add_string (&dict, "page", mc_dbus_transfer_get_page (transfer));
  add_string (&dict, "message", mc_dbus_transfer_get_message (transfer));
  add_string (&dict, "repo", mc_dbus_transfer_get_repo (transfer));
  add_string (&dict, "variant", mc_dbus_transfer_get_variant (transfer));
  add_string (&dict, "path", mc_dbus_transfer_get_path (transfer));
  add (&dict, "total", g_variant_new_uint64 (mc_dbus_transfer_get_total (transfer)));
  add (&dict, "verified", g_variant_new_uint64 (mc_dbus_transfer_get_verified (transfer)));
  add (&dict, "received", g_variant_new_uint64 (mc_dbus_transfer_get_received (transfer)));
  add (&dict, "rate", g_variant_new_uint64 (mc_dbus_transfer_get_rate (transfer)));
  add (&dict, "expected_end", g_variant_new_int64 (mc_dbus_transfer_get_expected_end (transfer)));
  add_string (&dict, "phase", mc_dbus_transfer_get_phase (transfer));
  add (&dict, "waits_until", g_variant_new_int64 (mc_dbus_transfer_get_waits_until (transfer)));
  add (&dict, "created", g_variant_new_int64 (mc_dbus_transfer_get_created (transfer)));
  add (&dict, "place", g_variant_new_int64 (mc_dbus_transfer_get_place (transfer)));
  add (&dict, "rate_limit", g_variant_new_uint64 (mc_dbus_transfer_get_rate_limit (transfer)));
  return g_variant_builder_end (&dict);
}

GVariant *
mc_cli_transfers_to_dicts (GPtrArray *transfers)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < transfers->len; i++)
    g_variant_builder_add_value (&builder,
                                 mc_cli_transfer_to_dict (g_ptr_array_index (transfers, i)));
  return g_variant_builder_end (&builder);
}

GPtrArray *
mc_cli_transfers_list (McCli *cli, McCliTransferStates wanted)
{
  GListModel *model = mc_client_get_transfers (cli->client);
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (McDbusTransfer) transfer = g_list_model_get_item (model, i);

      if ((mc_cli_transfer_get_state (transfer) & wanted) != 0)
        g_ptr_array_add (list, g_steal_pointer (&transfer));
    }
  return list;
}

/* --- by name --- */

gboolean
mc_cli_transfer_is_named (const char *word, guint64 number, const char *repo, const char *variant)
{
  gsize repo_length = strlen (repo);
  const char *rest;
  const char *label = strchr (variant, ':');
  guint64 wanted;

  if (g_ascii_string_to_unsigned (word, 10, 1, G_MAXUINT64, &wanted, NULL))
    return wanted == number;
  if (repo_length == 0 || g_ascii_strncasecmp (word, repo, repo_length) != 0)
    return FALSE;
  rest = word + repo_length;
  if (rest[0] == '\0')
    return TRUE;
  return rest[0] == ':' && rest[1] != '\0'
         && (g_ascii_strcasecmp (rest + 1, variant) == 0
             || (label != NULL && g_ascii_strcasecmp (rest + 1, label + 1) == 0));
}

static guint
add_named (GPtrArray *selected, GPtrArray *every, const char *word)
{
  guint found = 0;

  for (guint i = 0; i < every->len; i++)
    {
      McDbusTransfer *transfer = g_ptr_array_index (every, i);

      if (!mc_cli_transfer_is_named (word, mc_cli_transfer_get_number (transfer),
                                     or_empty (mc_dbus_transfer_get_repo (transfer)),
                                     or_empty (mc_dbus_transfer_get_variant (transfer))))
        continue;
      found++;
      if (!g_ptr_array_find (selected, transfer, NULL))
        g_ptr_array_add (selected, g_object_ref (transfer));
    }
  return found;
}

/* A repo's name means those of its transfers that it makes sense for; a number is taken at its
 * word, and the service says what is wrong with it. */
static GPtrArray *
select_named (McCli *cli, McCliTransferStates suitable, GError **error)
{
  g_autoptr (GPtrArray) selected = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) every = mc_cli_transfers_list (cli, ~0u);
  g_autoptr (GPtrArray) fitting = mc_cli_transfers_list (cli, suitable);

  for (guint i = 0; i < cli->n_arguments; i++)
    {
      const char *word = cli->arguments[i];
      gboolean is_number = strspn (word, "0123456789") == strlen (word);

      if (add_named (selected, is_number ? every : fitting, word) == 0)
        {
          g_set_error (error, MC_CLI_ERROR, MC_CLI_ERROR_UNKNOWN_TRANSFER,
                       _ ("No transfer is named “%s”, or none that this suits. See: mcache status"),
                       word);
          return NULL;
        }
    }
  return g_steal_pointer (&selected);
}

GPtrArray *
mc_cli_transfers_select (McCli *cli, gboolean all, McCliTransferStates suitable, GError **error)
{
  g_autoptr (GPtrArray) fitting = NULL;

  if (all && cli->n_arguments > 0)
    {
      mc_cli_fail_usage (error, _ ("Name transfers or give --all, not both"));
      return NULL;
    }
  if (cli->n_arguments > 0)
    return select_named (cli, suitable, error);
  fitting = mc_cli_transfers_list (cli, suitable);
  if (!all && fitting->len == 0)
    {
      mc_cli_fail_usage (error, _ ("There is no transfer that this suits. See: mcache status"));
      return NULL;
    }
  if (!all && fitting->len > 1)
    {
      mc_cli_fail_usage (error,
                         _ ("There are several transfers: name one by its number, or give --all. "
                            "See: mcache status"));
      return NULL;
    }
  return g_steal_pointer (&fitting);
}

McDbusTransfer *
mc_cli_transfer_load (McCli *cli, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_client_get_transfer_async (cli->client, path, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  return mc_client_get_transfer_finish (cli->client, result, error);
}

/* What the service said has not reached the proxies yet; one that is gone stays as it was. */
static void
print_json_anew (McCli *cli, GPtrArray *transfers)
{
  g_autoptr (GPtrArray) current = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GVariant) dicts = NULL;

  for (guint i = 0; i < transfers->len; i++)
    {
      GDBusProxy *known = g_ptr_array_index (transfers, i);
      McDbusTransfer *loaded =
          mc_cli_transfer_load (cli, g_dbus_proxy_get_object_path (known), NULL);

      g_ptr_array_add (current,
                       loaded == NULL ? g_object_ref ((gpointer) known) : (gpointer) loaded);
    }
  dicts = g_variant_ref_sink (mc_cli_transfers_to_dicts (current));
  mc_cli_print_json_value (dicts, FALSE);
}

static void
print_acted (McCli *cli, GPtrArray *transfers)
{
  if (cli->json)
    print_json_anew (cli, transfers);
  else if (transfers->len == 0)
    mc_cli_print (_ ("There is nothing to do.\n"));
}

gboolean
mc_cli_transfers_act (McCli *cli,
                      GPtrArray *transfers,
                      McCliTransferStart start,
                      McCliTransferFinish finish,
                      gpointer user_data,
                      const char *said,
                      GError **error)
{
  for (guint i = 0; i < transfers->len; i++)
    {
      McDbusTransfer *transfer = g_ptr_array_index (transfers, i);
      g_autofree char *label = mc_cli_transfer_dup_label (transfer);
      g_autoptr (GAsyncResult) result = NULL;
      GError *local = NULL;

      start (transfer, cli, user_data);
      result = mc_cli_await (cli);
      if (!finish (transfer, result, &local))
        {
          mc_cli_fail (error, local);
          g_prefix_error (error, "%s: ", label);
          return FALSE;
        }
      if (!cli->json)
        /* Translators: what was done, and with which transfer: “Paused: owner/name” */
        mc_cli_print (_ ("%s: %s\n"), said, label);
    }
  print_acted (cli, transfers);
  return TRUE;
}

gboolean
mc_cli_transfers_act_on_all (McCli *cli,
                             GPtrArray *transfers,
                             const McCliAllCall *call,
                             GVariant *options,
                             const char *said,
                             GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;

  call->start (manager, options, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!call->finish (manager, NULL, result, &local))
    return mc_cli_fail (error, local);
  for (guint i = 0; i < transfers->len && !cli->json; i++)
    {
      g_autofree char *label = mc_cli_transfer_dup_label (g_ptr_array_index (transfers, i));

      mc_cli_print (_ ("%s: %s\n"), said, label);
    }
  print_acted (cli, transfers);
  return TRUE;
}
