/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Messages: {"id": 1, "method": "scan", "params": {...}} is answered by {"id": 1, "result": {...}}
 * or {"id": 1, "error": {"name": "NotFound", "message": "..."}}. data/native-messaging.schema.json
 * has all of it. Pure. */

typedef struct
{
  JsonNode *id; /* (owned): a number or a string; null where none could be read */
  char *method;
  JsonNode *message;  /* (owned) */
  JsonObject *params; /* borrowed from the message; empty if there are none */
} McNativeRequest;

/* Never NULL: what is wrong with it is told by *error, and answered under its id as far as that was
 * there. MC_ERROR_INVALID_NAME. */
McNativeRequest *mc_native_request_new (GBytes *message, GError **error);
void mc_native_request_free (McNativeRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McNativeRequest, mc_native_request_free)

/* The messages back; g_free() them. id: (nullable). result is taken. */
char *mc_native_answer (JsonNode *id, JsonNode *result);
char *mc_native_failure (JsonNode *id, const GError *error);
/* dict: a{sv}, to which "event" is added. */
char *mc_native_event (const char *name, GVariant *dict);

/* {"NAME": [items from @from on], "next": N}, with as many items as a message holds; without "next"
 * these were the last. An item too long for any message is left out. */
JsonNode *mc_native_page (const char *name, JsonArray *items, guint64 from);

G_END_DECLS
