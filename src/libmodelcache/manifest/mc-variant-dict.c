/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-dict.h"

#include "mc-engine.h"

/* Facts as dictionaries. Pure, any thread. */

static void
add (GVariantBuilder *dict, const char *key, GVariant *value)
{
  g_variant_builder_add (dict, "{sv}", key, value);
}

static void
add_text (GVariantBuilder *dict, const char *key, const char *text)
{
  if (text != NULL && text[0] != '\0')
    add (dict, key, g_variant_new_string (text));
}

static void
add_number (GVariantBuilder *dict, const char *key, guint64 number)
{
  if (number != 0)
    add (dict, key, g_variant_new_uint64 (number));
}

static void
add_texts (GVariantBuilder *dict, const char *key, GPtrArray *texts)
{
  if (texts->len > 0)
    add (dict, key, g_variant_new_strv ((const char *const *) texts->pdata, (gssize) texts->len));
}

/* The names of all bits that are set, lowest first. */
static void
add_bits (GVariantBuilder *dict, const char *key, guint bits, const char *(*get_name) (guint bit))
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint bit = 1; bit != 0 && bit <= bits; bit <<= 1)
    if ((bits & bit) != 0 && get_name (bit) != NULL)
      g_ptr_array_add (names, (gpointer) get_name (bit));
  add_texts (dict, key, names);
}

static const char *
get_engine (guint bit)
{
  return mc_engine_get_name ((McEngine) bit);
}

static const char *
get_note (guint bit)
{
  return mc_note_to_string ((McNote) bit);
}

void
mc_variant_facts_describe (const McVariantFacts *facts, GVariantBuilder *dict)
{
  double bits = facts->measured_bits > 0 ? facts->measured_bits : facts->nominal_bits;

  add_text (dict, "encoding", facts->encoding);
  if (bits > 0)
    add (dict, "bits-per-weight", g_variant_new_double (bits));
  add_text (dict, "quality", mc_quality_to_string (facts->quality));
  add_bits (dict, "engines", facts->engines, get_engine);
  add_number (dict, "parameters", facts->parameters);
  add_number (dict, "active-parameters", facts->active_parameters);
  add_number (dict, "context-length", facts->context_length);
  add_text (dict, "architecture", facts->architecture);
  add_number (dict, "weights", facts->weight_bytes);
  if (facts->n_missing > 0)
    add (dict, "missing-shards",
         g_variant_new_uint32 ((guint32) MIN (facts->n_missing, G_MAXUINT32)));
  add_texts (dict, "missing", facts->missing);
  add_texts (dict, "borrowed", facts->borrowed);
  add_bits (dict, "notes", facts->notes, get_note);
}

GVariant *
mc_fit_describe (const McFit *fit, const McMachine *machine)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add_text (&dict, "state", mc_fit_state_to_string (fit->state));
  add_number (&dict, "context", fit->context_length);
  add_number (&dict, "weights", fit->weights);
  add_number (&dict, "kv-cache", fit->kv_cache);
  add (&dict, "kv-cache-known", g_variant_new_boolean (fit->kv_cache_is_known));
  add_number (&dict, "overhead", fit->overhead);
  add_number (&dict, "needed", fit->need);
  add_number (&dict, "memory", machine->ram);
  add_number (&dict, "vram", machine->vram);
  add_number (&dict, "memory-budget", fit->ram_budget);
  add_number (&dict, "vram-budget", fit->gpu_budget);
  return g_variant_builder_end (&dict);
}
