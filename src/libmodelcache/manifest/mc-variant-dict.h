/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-fit.h"
#include "mc-machine.h"
#include "mc-variant-facts.h"

G_BEGIN_DECLS

/* What is known of a variant as entries of an a{sv}, by the names of the bus interface, which are
 * also those of JSON. What is not known is left out. */

/* encoding s, bits-per-weight d, quality s, engines as, parameters t, active-parameters t,
 * context-length t, architecture s, weights t, missing-shards u, missing as, borrowed as, notes as.
 * Pure. */
void mc_variant_facts_describe (const McVariantFacts *facts, GVariantBuilder *dict);

/* An a{sv}: state s, context t, weights t, kv-cache t, kv-cache-known b, overhead t, needed t,
 * memory t (RAM), vram t, memory-budget t and vram-budget t (what of these a model may take). Pure.
 * Floating. */
GVariant *mc_fit_describe (const McFit *fit, const McMachine *machine);

G_END_DECLS
