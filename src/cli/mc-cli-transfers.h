/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli-progress.h"
#include "mc-cli.h"

G_BEGIN_DECLS

/* Transfers as people and programs see them. */

typedef enum
{
  MC_CLI_TRANSFER_QUEUED = 1 << 0,
  MC_CLI_TRANSFER_ACTIVE = 1 << 1,
  MC_CLI_TRANSFER_WAITING = 1 << 2,
  MC_CLI_TRANSFER_PAUSED = 1 << 3,
  MC_CLI_TRANSFER_DONE = 1 << 4,
  MC_CLI_TRANSFER_FAILED = 1 << 5,
  MC_CLI_TRANSFER_CANCELLED = 1 << 6,
} McCliTransferStates;

#define MC_CLI_TRANSFER_UNDER_WAY                                                                  \
  (MC_CLI_TRANSFER_QUEUED | MC_CLI_TRANSFER_ACTIVE | MC_CLI_TRANSFER_WAITING)
#define MC_CLI_TRANSFER_ENDED                                                                      \
  (MC_CLI_TRANSFER_DONE | MC_CLI_TRANSFER_FAILED | MC_CLI_TRANSFER_CANCELLED)

/* 0 for a state that this program does not know. */
McCliTransferStates mc_cli_transfer_get_state (McDbusTransfer *transfer);
guint64 mc_cli_transfer_get_number (McDbusTransfer *transfer);

/* For people: "paused". Static. */
const char *mc_cli_transfer_name_state (McDbusTransfer *transfer);

/* For people: "download". */
const char *mc_cli_transfer_name_kind (McDbusTransfer *transfer);

/* "owner/name onnx:q4f16" or "owner/name config.json" */
char *mc_cli_transfer_dup_label (McDbusTransfer *transfer);

/* The label and what state is to be shown are owned by the view's keeper. */
typedef struct
{
  McCliProgressView view;
  char *label;
  char *state;
} McCliTransferView;
void mc_cli_transfer_view_init (McCliTransferView *self, McDbusTransfer *transfer);
void mc_cli_transfer_view_clear (McCliTransferView *self);

/* The properties under their names in JSON. Floating. */
GVariant *mc_cli_transfer_to_dict (McDbusTransfer *transfer);

/* All of them, as aa{sv}. Floating. transfers: of McDbusTransfer. */
GVariant *mc_cli_transfers_to_dicts (GPtrArray *transfers);

/* As it is at this moment, by its path. */
McDbusTransfer *mc_cli_transfer_load (McCli *cli, const char *path, GError **error);

/* All the service has, of these states. Never NULL. */
GPtrArray *mc_cli_transfers_list (McCli *cli, McCliTransferStates states);

/* Those that the arguments name, by number or repo, whatever their state; without arguments, all
 * of these states if all is set, or the only one. */
GPtrArray *
mc_cli_transfers_select (McCli *cli, gboolean all, McCliTransferStates states, GError **error);

/* Whether a word names it: its number, its repo, or owner/name:VARIANT. Pure. */
gboolean
mc_cli_transfer_is_named (const char *word, guint64 number, const char *repo, const char *variant);

/* Does one thing to all that the arguments name, then prints them. The call is one of the
 * generated asynchronous ones with its finish. */
typedef void (*McCliTransferStart) (McDbusTransfer *transfer, McCli *cli, gpointer user_data);
typedef gboolean (*McCliTransferFinish) (McDbusTransfer *transfer,
                                         GAsyncResult *result,
                                         GError **error);
gboolean mc_cli_transfers_act (McCli *cli,
                               GPtrArray *transfers,
                               McCliTransferStart start,
                               McCliTransferFinish finish,
                               gpointer user_data,
                               const char *said,
                               GError **error);

/* The same in one call, so that the next ones do not begin meanwhile. options: floating. */
typedef struct
{
  void (*start) (McDbusManager *manager,
                 GVariant *options,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data);
  gboolean (*finish) (McDbusManager *manager, guint *count, GAsyncResult *result, GError **error);
} McCliAllCall;
gboolean mc_cli_transfers_act_on_all (McCli *cli,
                                      GPtrArray *transfers,
                                      const McCliAllCall *call,
                                      GVariant *options,
                                      const char *said,
                                      GError **error);

G_END_DECLS
