/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-session.h"

G_BEGIN_DECLS

#define MC_TYPE_HUB_STREAM (mc_hub_stream_get_type ())
G_DECLARE_FINAL_TYPE (McHubStream, mc_hub_stream, MC, HUB_STREAM, GInputStream)

/* Exactly @length bytes of @base, or an error. Takes a reference to the base and the session. A
 * cancelled read ends the stream. */
GInputStream *mc_hub_stream_new (
    GInputStream *base, McHubSession *session, const char *host, const char *etag, guint64 length);

G_END_DECLS
