/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-gguf-header.h"
#include "mc-model-header.h"

G_BEGIN_DECLS

McKvCache mc_kv_cache_from_gguf (const McGgufHeader *header);

/* For that many tokens; never wraps around. Pure. */
guint64 mc_kv_cache_get_size (const McKvCache *self, guint64 context_length);

G_END_DECLS
