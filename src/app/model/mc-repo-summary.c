/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-summary.h"

#include "mc-client.h"
#include "mc-phrases.h"

#include <string.h>

/* Each key is met once: looking up one after the other takes ten times as long. */
enum
{
  KEY_PATH,
  KEY_REPO,
  KEY_REVISION,
  KEY_TASK,
  KEY_LICENSE,
  KEY_PARAMETERS,
  KEY_CONTEXT_LENGTH,
  KEY_LAST_MODIFIED,
  KEY_ENDPOINT,
  KEY_COMMIT,
  KEY_GATED,
  KEY_FORMATS,
  KEY_VARIANTS,
  KEY_DOWNLOADED,
  KEY_DAMAGED,
  KEY_FAILED,
  KEY_FRACTION,
  N_KEYS
};

static const struct
{
  const char *name;
  const char *type;
} keys[N_KEYS] = {
  [KEY_PATH] = { "path", "o" },
  [KEY_REPO] = { "repo", "s" },
  [KEY_REVISION] = { "revision", "s" },
  [KEY_TASK] = { "task", "s" },
  [KEY_LICENSE] = { "license", "s" },
  [KEY_PARAMETERS] = { "parameters", "t" },
  [KEY_CONTEXT_LENGTH] = { "context_length", "t" },
  [KEY_LAST_MODIFIED] = { "last_modified", "s" },
  [KEY_ENDPOINT] = { "endpoint", "s" },
  [KEY_COMMIT] = { "commit", "s" },
  [KEY_GATED] = { "gated", "s" },
  [KEY_FORMATS] = { "formats", "as" },
  [KEY_VARIANTS] = { "variants", "u" },
  [KEY_DOWNLOADED] = { "downloaded", "u" },
  [KEY_DAMAGED] = { "damaged", "u" },
  [KEY_FAILED] = { "failed", "u" },
  [KEY_FRACTION] = { "fraction", "d" },
};

typedef struct
{
  GVariant *values[N_KEYS]; /* (owned) (nullable): of the type that it should have */
} Values;

static void
values_clear (Values *self)
{
  for (guint i = 0; i < N_KEYS; i++)
    g_clear_pointer (&self->values[i], g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Values, values_clear)

static void
take_value (Values *self, const char *name, GVariant *value)
{
  for (guint i = 0; i < N_KEYS; i++)
    if (self->values[i] == NULL && strcmp (keys[i].name, name) == 0
        && g_variant_is_of_type (value, G_VARIANT_TYPE (keys[i].type)))
      {
        self->values[i] = value;
        return;
      }
  g_variant_unref (value);
}

static void
read_values (Values *self, GVariant *dict)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    take_value (self, name, value);
}

static const char *
get_text (const Values *self, guint key)
{
  return self->values[key] == NULL ? "" : g_variant_get_string (self->values[key], NULL);
}

static guint
get_count (const Values *self, guint key)
{
  return self->values[key] == NULL ? 0 : g_variant_get_uint32 (self->values[key]);
}

static guint64
get_size (const Values *self, guint key)
{
  return self->values[key] == NULL ? 0 : g_variant_get_uint64 (self->values[key]);
}

static void
set_names (McRepoSummary *self, const char *id, const char *revision)
{
  const char *slash = strchr (id, '/');
  gboolean usual = strcmp (revision, "main") == 0 || revision[0] == '\0';
  g_autofree char *owner = slash == NULL ? g_strdup ("") : g_strndup (id, (gsize) (slash - id));

  self->id = g_strdup (id);
  self->ref = usual ? g_strdup (id) : g_strdup_printf ("%s@%s", id, revision);
  self->title = g_strdup (slash == NULL ? id : slash + 1);
  self->owner =
      usual ? g_steal_pointer (&owner) : mc_phrase_join ((const char *[]){ owner, revision }, 2);
  self->sort_key = g_utf8_collate_key_for_filename (self->title, -1);
}

static void
set_formats (McRepoSummary *self, const Values *values)
{
  g_autofree char *formats = NULL;
  g_autofree char *text = NULL;

  if (values->values[KEY_FORMATS] != NULL)
    self->formats = g_variant_dup_strv (values->values[KEY_FORMATS], NULL);
  else
    self->formats = g_new0 (char *, 1);
  formats = g_strjoinv (" ", self->formats);
  text = g_strjoin (" ", self->ref, self->details, formats, NULL);
  self->text = g_utf8_casefold (text, -1);
}

static void
set_counts (McRepoSummary *self, const Values *values)
{
  GVariant *fraction = values->values[KEY_FRACTION];

  self->n_variants = get_count (values, KEY_VARIANTS);
  self->n_here = get_count (values, KEY_DOWNLOADED);
  self->n_damaged = get_count (values, KEY_DAMAGED);
  self->n_failed = get_count (values, KEY_FAILED);
  self->fraction = fraction == NULL ? 0 : g_variant_get_double (fraction);
  if (!(self->fraction >= 0 && self->fraction <= 1))
    self->fraction = 0;
}

McRepoSummary *
mc_repo_summary_new (GVariant *dict, gint64 now)
{
  McRepoSummary *self = g_new0 (McRepoSummary, 1);
  g_auto (Values) values = { 0 };
  const char *gated;

  read_values (&values, dict);
  gated = get_text (&values, KEY_GATED);
  self->number = mc_client_object_number (get_text (&values, KEY_PATH));
  set_names (self, get_text (&values, KEY_REPO), get_text (&values, KEY_REVISION));
  self->details = mc_phrase_repo_details (
      get_text (&values, KEY_TASK), get_text (&values, KEY_LICENSE),
      get_size (&values, KEY_PARAMETERS), get_size (&values, KEY_CONTEXT_LENGTH));
  self->changed = mc_phrase_changed (get_text (&values, KEY_LAST_MODIFIED), now);
  self->endpoint = g_strdup (get_text (&values, KEY_ENDPOINT));
  self->commit = g_strdup (get_text (&values, KEY_COMMIT));
  self->icon_name = mc_phrase_task_icon (get_text (&values, KEY_TASK));
  self->gated = gated[0] != '\0' && strcmp (gated, "no") != 0;
  set_formats (self, &values);
  set_counts (self, &values);
  return self;
}

McRepoSummary *
mc_repo_summary_new_named (guint64 number, const char *id, const char *revision)
{
  g_autoptr (GVariant) dict =
      g_variant_ref_sink (g_variant_new_parsed ("{'repo': <%s>, 'revision': <%s>}", id, revision));
  McRepoSummary *self = mc_repo_summary_new (dict, 0);

  self->number = number;
  return self;
}

void
mc_repo_summary_free (McRepoSummary *self)
{
  g_free (self->id);
  g_free (self->ref);
  g_free (self->owner);
  g_free (self->title);
  g_free (self->details);
  g_free (self->changed);
  g_free (self->endpoint);
  g_free (self->commit);
  g_free (self->sort_key);
  g_free (self->text);
  g_strfreev (self->formats);
  g_free (self);
}
