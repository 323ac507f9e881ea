/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-transfer-item.h"

#include "mc-error-text.h"
#include "mc-phrases.h"
#include "mc-property.h"

#include <glib/gi18n.h>
#include <string.h>

/* Main thread only. Computed anew from the proxy's properties whenever some of them change. */

struct _McTransferItem
{
  GObject parent_instance;
  McDbusTransfer *proxy; /* (owned) (nullable) */
  char *allowed;         /* (owned), as are all strings */
  guint64 number;
  guint64 rate;
  gint64 place;
  char *repo;
  char *variant;
  char *kind;
  char *state;
  char *error_name;
  char *page;
  char *group;
  char *amounts;
  char *title;
  char *subtitle;
  char *sentence;
  char *spoken;
  char *problem;
  double fraction;
  double received; /* of the whole, what came over the network: at least what is verified */
  gboolean open;
  gboolean pausable;
  gboolean resumable;
  gboolean retryable;
  gboolean has_problem;
  gboolean has_page;
  gboolean held;        /* it could run, but something stands against all of them */
  gboolean lacks_space; /* it stopped for that */
};

enum
{
  PROP_REPO = 1,
  PROP_VARIANT,
  PROP_KIND,
  PROP_STATE,
  PROP_TITLE,
  PROP_SUBTITLE,
  PROP_SENTENCE,
  PROP_PROBLEM,
  PROP_PAGE,
  PROP_GROUP,
  PROP_AMOUNTS,
  PROP_SPOKEN,
  PROP_FRACTION,
  PROP_RECEIVED,
  PROP_RATE,
  PROP_PLACE,
  PROP_OPEN,
  PROP_PAUSABLE,
  PROP_RESUMABLE,
  PROP_RETRYABLE,
  PROP_HAS_PROBLEM,
  PROP_HAS_PAGE,
  PROP_HELD,
  PROP_LACKS_SPACE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McTransferItem, mc_transfer_item, G_TYPE_OBJECT)

static char *
copy (const char *text)
{
  return g_strdup (text == NULL ? "" : text);
}

/* --- what is computed --- */

/* NULL for a download, which goes without saying. */
static const char *
describe_kind (const char *kind)
{
  static const struct
  {
    const char *kind;
    const char *title;
  } kinds[] = {
    { "verify", N_ ("Check") },
    { "repair", N_ ("Repair") },
    { "move", N_ ("Move of all models") },
    { "import", N_ ("Adoption") },
    { "import-preview", N_ ("Adoption") },
    { "update", N_ ("Update") },
    { "evict", N_ ("Removal") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].kind, kind) == 0)
      return _ (kinds[i].title);
  return NULL;
}

static void
update_titles (McTransferItem *self)
{
  const char *kind = describe_kind (self->kind);
  gboolean has_repo = self->repo[0] != '\0';
  const char *path = mc_dbus_transfer_get_path (self->proxy);
  const char *parts[] = { has_repo ? kind : NULL, mc_phrase_variant_name (self->variant), path };

  mc_property_take_text (self, properties[PROP_TITLE], &self->title,
                         copy (has_repo ? self->repo : kind));
  mc_property_take_text (self, properties[PROP_SUBTITLE], &self->subtitle,
                         mc_phrase_join (parts, G_N_ELEMENTS (parts)));
}

static void
update_spoken (McTransferItem *self, const McTransferFacts *facts)
{
  g_autofree char *what = mc_phrase_transfer_spoken (facts);
  const char *parts[] = { self->title, self->subtitle, what };

  mc_property_take_text (self, properties[PROP_SPOKEN], &self->spoken,
                         mc_phrase_join (parts, G_N_ELEMENTS (parts)));
}

static void
update_progress (McTransferItem *self)
{
  const char *phase = mc_dbus_transfer_get_phase (self->proxy);
  McTransferFacts facts = {
    .kind = self->kind,
    .state = self->state,
    .phase = phase == NULL ? "" : phase,
    .error = self->error_name,
    .allowed = self->allowed,
    .total = mc_dbus_transfer_get_total (self->proxy),
    .verified = mc_dbus_transfer_get_verified (self->proxy),
    .rate = mc_dbus_transfer_get_rate (self->proxy),
    .end = mc_dbus_transfer_get_expected_end (self->proxy),
    .next_try = mc_dbus_transfer_get_waits_until (self->proxy),
  };
  double fraction = facts.total > 0 ? (double) facts.verified / (double) facts.total : 0;

  mc_property_take_text (self, properties[PROP_SENTENCE], &self->sentence,
                         mc_phrase_transfer (&facts, g_get_real_time () / G_USEC_PER_SEC));
  update_spoken (self, &facts);
  mc_property_set_fraction (self, properties[PROP_FRACTION], &self->fraction,
                            strcmp (self->state, "done") == 0 ? 1 : CLAMP (fraction, 0, 1));
  mc_property_set_size (self, properties[PROP_RATE], &self->rate,
                        strcmp (self->state, "active") == 0 ? facts.rate : 0);
}

/* What this service received before it was verified is shown, too: at least that much is here. */
static void
update_received (McTransferItem *self)
{
  guint64 total = mc_dbus_transfer_get_total (self->proxy);
  guint64 received = mc_dbus_transfer_get_received (self->proxy);
  double fraction = total > 0 ? (double) received / (double) total : 0;

  g_autofree char *verified = g_format_size (mc_dbus_transfer_get_verified (self->proxy));
  g_autofree char *came = g_format_size (received);

  mc_property_take_text (
      self, properties[PROP_AMOUNTS], &self->amounts,
      /* Translators: both are sizes */
      g_strdup_printf (_ ("%s verified · %s received over the network"), verified, came));
  mc_property_set_fraction (self, properties[PROP_RECEIVED], &self->received,
                            CLAMP (fraction, self->fraction, 1));
}

static const char *
find_group (const char *state)
{
  static const char *const same[] = { "active", "waiting", "done", "failed" };

  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    if (strcmp (state, same[i]) == 0)
      return same[i];
  return strcmp (state, "queued") == 0 || strcmp (state, "paused") == 0 ? "waiting" : "";
}

static void
update_place (McTransferItem *self)
{
  gint64 place = mc_dbus_transfer_get_place (self->proxy);

  if (self->place == place)
    return;
  self->place = place;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PLACE]);
}

/* Only what stops it: one that waits for its next try says so in its sentence. */
static const char *
describe_problem (McTransferItem *self)
{
  gboolean stopped = strcmp (self->state, "failed") == 0 || strcmp (self->state, "paused") == 0;

  if (!stopped || self->error_name[0] == '\0')
    return "";
  return mc_error_text_get_by_name (self->error_name).explanation;
}

static void
update_state (McTransferItem *self)
{
  gboolean waiting = strcmp (self->state, "waiting") == 0;
  gboolean paused = strcmp (self->state, "paused") == 0;
  gboolean running =
      waiting || strcmp (self->state, "queued") == 0 || strcmp (self->state, "active") == 0;

  mc_property_take_text (self, properties[PROP_PROBLEM], &self->problem,
                         copy (describe_problem (self)));
  mc_property_take_text (self, properties[PROP_GROUP], &self->group,
                         copy (find_group (self->state)));
  mc_property_set_flag (self, properties[PROP_HAS_PROBLEM], &self->has_problem,
                        self->problem[0] != '\0');
  mc_property_set_flag (self, properties[PROP_HAS_PAGE], &self->has_page, self->page[0] != '\0');
  mc_property_set_flag (self, properties[PROP_HELD], &self->held,
                        strcmp (self->state, "queued") == 0
                            && strcmp (self->allowed, "allowed") != 0);
  mc_property_set_flag (self, properties[PROP_LACKS_SPACE], &self->lacks_space,
                        self->has_problem && strcmp (self->error_name, "NoSpace") == 0);
  mc_property_set_flag (self, properties[PROP_PAUSABLE], &self->pausable, running);
  mc_property_set_flag (self, properties[PROP_RESUMABLE], &self->resumable, paused);
  mc_property_set_flag (self, properties[PROP_RETRYABLE], &self->retryable,
                        waiting || strcmp (self->state, "failed") == 0);
  mc_property_set_flag (self, properties[PROP_OPEN], &self->open, running || paused);
}

static void
update (McTransferItem *self)
{
  if (self->proxy == NULL)
    return;
  g_object_freeze_notify (G_OBJECT (self));
  g_free (self->error_name);
  self->error_name = copy (mc_dbus_transfer_get_error (self->proxy));
  mc_property_take_text (self, properties[PROP_REPO], &self->repo,
                         copy (mc_dbus_transfer_get_repo (self->proxy)));
  mc_property_take_text (self, properties[PROP_VARIANT], &self->variant,
                         copy (mc_dbus_transfer_get_variant (self->proxy)));
  mc_property_take_text (self, properties[PROP_KIND], &self->kind,
                         copy (mc_dbus_transfer_get_kind (self->proxy)));
  mc_property_take_text (self, properties[PROP_STATE], &self->state,
                         copy (mc_dbus_transfer_get_state (self->proxy)));
  mc_property_take_text (self, properties[PROP_PAGE], &self->page,
                         copy (mc_dbus_transfer_get_page (self->proxy)));
  update_titles (self);
  update_progress (self);
  update_received (self);
  update_place (self);
  update_state (self);
  g_object_thaw_notify (G_OBJECT (self));
}

/* --- its life --- */

void
mc_transfer_item_set_proxy (McTransferItem *self, McDbusTransfer *proxy)
{
  if (self->proxy == proxy)
    return;
  if (self->proxy != NULL)
    g_signal_handlers_disconnect_by_func (self->proxy, update, self);
  g_set_object (&self->proxy, proxy);
  if (proxy == NULL)
    return;
  g_signal_connect_object (proxy, "g-properties-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

void
mc_transfer_item_set_allowed (McTransferItem *self, const char *allowed)
{
  if (strcmp (self->allowed, allowed) == 0)
    return;
  g_free (self->allowed);
  self->allowed = g_strdup (allowed);
  update (self);
}

McDbusTransfer *
mc_transfer_item_get_proxy (McTransferItem *self)
{
  return self->proxy;
}

guint64
mc_transfer_item_get_number (McTransferItem *self)
{
  return self->number;
}

const char *
mc_transfer_item_get_repo (McTransferItem *self)
{
  return self->repo;
}

const char *
mc_transfer_item_get_variant (McTransferItem *self)
{
  return self->variant;
}

const char *
mc_transfer_item_get_kind (McTransferItem *self)
{
  return self->kind;
}

const char *
mc_transfer_item_get_state (McTransferItem *self)
{
  return self->state;
}

const char *
mc_transfer_item_get_error_name (McTransferItem *self)
{
  return self->error_name;
}

const char *
mc_transfer_item_get_page (McTransferItem *self)
{
  return self->page;
}

const char *
mc_transfer_item_get_group (McTransferItem *self)
{
  return self->group;
}

gint64
mc_transfer_item_get_place (McTransferItem *self)
{
  return self->place;
}

gboolean
mc_transfer_item_get_pausable (McTransferItem *self)
{
  return self->pausable;
}

gboolean
mc_transfer_item_get_resumable (McTransferItem *self)
{
  return self->resumable;
}

gboolean
mc_transfer_item_get_retryable (McTransferItem *self)
{
  return self->retryable;
}

gboolean
mc_transfer_item_get_open (McTransferItem *self)
{
  return self->open;
}

const char *
mc_transfer_item_get_spoken (McTransferItem *self)
{
  return self->spoken;
}

guint64
mc_transfer_item_get_rate (McTransferItem *self)
{
  return self->rate;
}

McTransferItem *
mc_transfer_item_new (guint64 number)
{
  McTransferItem *self = g_object_new (MC_TYPE_TRANSFER_ITEM, NULL);

  self->number = number;
  return self;
}

static const char *
get_text (McTransferItem *self, guint id)
{
  switch (id)
    {
    case PROP_REPO:
      return self->repo;
    case PROP_VARIANT:
      return self->variant;
    case PROP_KIND:
      return self->kind;
    case PROP_STATE:
      return self->state;
    case PROP_TITLE:
      return self->title;
    case PROP_SUBTITLE:
      return self->subtitle;
    case PROP_SENTENCE:
      return self->sentence;
    case PROP_PROBLEM:
      return self->problem;
    case PROP_PAGE:
      return self->page;
    case PROP_GROUP:
      return self->group;
    case PROP_AMOUNTS:
      return self->amounts;
    case PROP_SPOKEN:
      return self->spoken;
    default:
      return NULL;
    }
}

static void
mc_transfer_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McTransferItem *self = MC_TRANSFER_ITEM (object);

  switch (id)
    {
    case PROP_FRACTION:
      g_value_set_double (value, self->fraction);
      break;
    case PROP_RECEIVED:
      g_value_set_double (value, self->received);
      break;
    case PROP_PLACE:
      g_value_set_int64 (value, self->place);
      break;
    case PROP_RATE:
      g_value_set_uint64 (value, self->rate);
      break;
    case PROP_OPEN:
      g_value_set_boolean (value, self->open);
      break;
    case PROP_PAUSABLE:
      g_value_set_boolean (value, self->pausable);
      break;
    case PROP_RESUMABLE:
      g_value_set_boolean (value, self->resumable);
      break;
    case PROP_RETRYABLE:
      g_value_set_boolean (value, self->retryable);
      break;
    case PROP_HAS_PROBLEM:
      g_value_set_boolean (value, self->has_problem);
      break;
    case PROP_HAS_PAGE:
      g_value_set_boolean (value, self->has_page);
      break;
    case PROP_HELD:
      g_value_set_boolean (value, self->held);
      break;
    case PROP_LACKS_SPACE:
      g_value_set_boolean (value, self->lacks_space);
      break;
    default:
      g_value_set_string (value, get_text (self, id));
    }
}

static void
mc_transfer_item_finalize (GObject *object)
{
  McTransferItem *self = MC_TRANSFER_ITEM (object);

  g_clear_object (&self->proxy);
  g_free (self->allowed);
  g_free (self->repo);
  g_free (self->variant);
  g_free (self->kind);
  g_free (self->state);
  g_free (self->error_name);
  g_free (self->page);
  g_free (self->group);
  g_free (self->amounts);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->sentence);
  g_free (self->spoken);
  g_free (self->problem);
  G_OBJECT_CLASS (mc_transfer_item_parent_class)->finalize (object);
}

static void
mc_transfer_item_class_init (McTransferItemClass *klass)
{
  static const char *const texts[] = { "repo",  "variant",  "kind",     "state",
                                       "title", "subtitle", "sentence", "problem",
                                       "page",  "group",    "amounts",  "spoken" };
  static const char *const flags[] = { "open",        "pausable", "resumable", "retryable",
                                       "has-problem", "has-page", "held",      "lacks-space" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_transfer_item_get_property;
  object_class->finalize = mc_transfer_item_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[PROP_REPO + i] = mc_property_new_text (texts[i]);
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    properties[PROP_OPEN + i] = mc_property_new_flag (flags[i]);
  properties[PROP_FRACTION] = mc_property_new_fraction ("fraction");
  properties[PROP_RECEIVED] = mc_property_new_fraction ("received");
  properties[PROP_RATE] = mc_property_new_size ("rate");
  properties[PROP_PLACE] =
      g_param_spec_int64 ("place", NULL, NULL, G_MININT64, G_MAXINT64, 0,
                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_transfer_item_init (McTransferItem *self)
{
  self->allowed = g_strdup ("allowed");
  self->repo = g_strdup ("");
  self->variant = g_strdup ("");
  self->kind = g_strdup ("");
  self->state = g_strdup ("");
  self->error_name = g_strdup ("");
  self->group = g_strdup ("");
  self->page = g_strdup ("");
  self->problem = g_strdup ("");
  self->spoken = g_strdup ("");
}
