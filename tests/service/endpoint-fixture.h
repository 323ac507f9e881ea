/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "service-fixture.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A service that serves on loopback, and what asks it there: programs that speak to the Hub, and
 * those that do not know how to. */

/* Of BIG_FILE. */
#define ENDPOINT_SIZE 32000000
#define ENDPOINT_FILE "/" BIG_REPO "/resolve/main/" BIG_FILE

/* How long the service waits for those who neither ask nor read. */
#define ENDPOINT_PATIENCE_MS 1500

typedef struct
{
  guint status;
  GBytes *body;                /* as far as it came */
  SoupMessageHeaders *headers; /* (owned) */
  gboolean cut;                /* the connection ended before the body did */
} EndpointAnswer;

void endpoint_answer_free (EndpointAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EndpointAnswer, endpoint_answer_free)

/* fields: (nullable): name, value, name, value ... NULL. body: (nullable). */
EndpointAnswer *
endpoint_ask (const char *method, const char *url, const char *const *fields, const char *body);

/* base: an address that is served. */
EndpointAnswer *endpoint_get (const char *base, const char *path, const char *const *fields);
const char *endpoint_get_field (EndpointAnswer *answer, const char *name);

/* That it is these bytes of BIG_FILE. */
void endpoint_assert_generated (EndpointAnswer *answer, guint64 offset, guint64 length);

/* With BIG_FILE at the Hub, and here as well. */
ServiceFixture *endpoint_fixture_new (void);
ServiceFixture *endpoint_fixture_with_file (void);

/* Of the Manager; g_free() it. */
char *endpoint_get_property (ServiceFixture *fixture, const char *name);

/* text: changes as GVariant text; expected: the error's name, "" for none. */
void endpoint_configure (ServiceFixture *fixture, const char *text, const char *expected);

/* Begins; its address. */
char *endpoint_serve (ServiceFixture *fixture);

/* Bytes of BIG_FILE that left the Hub. */
guint64 endpoint_count_sent (ServiceFixture *fixture);

/* A connection that is given up for a faster one may have brought something. */
void endpoint_assert_fetched_once (ServiceFixture *fixture);

/* Without any HTTP. */
GSocketConnection *endpoint_connect (const char *base);

/* All that comes until the service closes. */
char *endpoint_exchange (const char *base, const char *request);

/* That the service has let in, and not let go of. */
guint endpoint_count_connections (const char *base);

/* Waits until there is none. */
void endpoint_assert_all_closed (const char *base);

G_END_DECLS
