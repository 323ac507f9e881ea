/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-dbus-generated.h"
#include "mc-test-bus.h"
#include "mc-test-hub.h"
#include "mc-test-wait.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A Hub, a data folder, a private bus that activates the service, and a client of it. When it is
 * freed it asserts that no token reached the Hub's second origin. */
typedef struct
{
  McTestHub *hub;
  McTestBus *bus;
  char *folder;                /* data; removed at the end */
  GDBusConnection *connection; /* the client's */
  McDbusManager *manager;
} ServiceFixture;

#define SERVICE_TOKEN "hf_theTokenOfTheseTests0123456789abcdef"

/* environment: (nullable): "NAME=value" more for the service. The service gets SERVICE_TOKEN. */
ServiceFixture *service_fixture_new (const char *const *environment);
void service_fixture_free (ServiceFixture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ServiceFixture, service_fixture_free)

/* A repo "test/big" with one GGUF file of that size, whose bytes come from seed 1. */
#define BIG_REPO "test/big"
#define BIG_FILE "big-Q4_0.gguf"
#define BIG_SEED 1
void service_fixture_add_big (ServiceFixture *self, guint64 size);

/* A call to the Manager by its own client; the error's name on the bus without prefix is put into
 * *error_name ("" if it went well). NULL on error. The time limit is a minute. */
GVariant *service_fixture_call (ServiceFixture *self,
                                const char *method,
                                GVariant *arguments,
                                char **error_name);
void service_fixture_expect_error (ServiceFixture *self,
                                   const char *method,
                                   GVariant *arguments,
                                   const char *error_name);

GVariant *service_options (void); /* an empty a{sv} */

/* Downloads and waits for the end; the transfer's last state is asserted. */
char *service_fixture_download (ServiceFixture *self,
                                const char *repo,
                                const char *variant,
                                const char *expected_state);

/* The proxy of a transfer. */
McDbusTransfer *service_fixture_watch (ServiceFixture *self, const char *path);
void service_wait_for_state (McDbusTransfer *transfer, const char *state, guint timeout_ms);

/* The "status" of a variant and the "downloaded" of it, from GetManifest. */
char *service_fixture_get_status (ServiceFixture *self,
                                  const char *repo,
                                  const char *variant,
                                  guint64 *downloaded);

/* OpenFile; the descriptor is the caller's. */
int service_fixture_open (ServiceFixture *self, const char *repo, const char *path, char **lease);

/* Asserts that what can be read there is the generated file of that seed and size, byte for byte.
 */
void service_assert_generated (int fd, guint32 seed, guint64 offset, guint64 length);

/* Maps it in a process of its own and reads there at random: the same file. */
void service_assert_mapped_elsewhere (int fd, guint32 seed, guint64 size);

G_END_DECLS
