/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-access.h"

#include "mc-caller-app.h"
#include "mc-error.h"

#include <string.h>

#define MOST_KNOWN 256 /* callers that run in no sandbox */
#define WAIT_MS 20000  /* GDBus itself waits for 25 s */
#define GRACE_MS 2000  /* after its start, for a window that is told of it at the same time */

struct _McAccess
{
  McCallers *callers; /* borrowed */
  McStore *store;     /* borrowed */
  McAccessHost host;
  GHashTable *known;     /* (owned): caller -> Known */
  GHashTable *looking;   /* (owned): caller -> GPtrArray of Waiting */
  GHashTable *questions; /* (owned): app -> GPtrArray of Waiting, which may be empty */
  GHashTable *put_off;   /* (owned): apps */
  GPtrArray *askers;     /* (owned): Asker */
  gint64 started;        /* on the clock that never goes back, in us */
};

typedef struct
{
  McAccess *owner; /* borrowed */
  char *caller;
  char *app;
  guint watch; /* of apps alone */
} Known;

typedef struct
{
  McAccess *owner; /* borrowed */
  char *caller;
  guint watch;
} Asker;

typedef struct
{
  McAccess *owner; /* borrowed */
  char *caller;
  McNeed need;
  char *app;      /* (nullable): while the person is asked */
  GSource *limit; /* (owned) (nullable) */
  gboolean early; /* nobody to ask was here yet when it came */
  void (*done) (GError *refusal, gpointer data);
  gpointer data;
} Waiting;

/* --- its parts --- */

static void
known_free (gpointer data)
{
  Known *known = data;

  if (known->watch != 0)
    mc_callers_unwatch (known->owner->callers, known->watch);
  g_free (known->caller);
  g_free (known->app);
  g_free (known);
}

static void
asker_free (gpointer data)
{
  Asker *asker = data;

  mc_callers_unwatch (asker->owner->callers, asker->watch);
  g_free (asker->caller);
  g_free (asker);
}

/* Takes the refusal. */
static void
end_waiting (Waiting *waiting, GError *refusal)
{
  waiting->owner->host.held (FALSE, waiting->owner->host.user_data);
  if (waiting->limit != NULL)
    g_source_destroy (waiting->limit);
  g_clear_pointer (&waiting->limit, g_source_unref);
  waiting->done (refusal, waiting->data);
  g_free (waiting->caller);
  g_free (waiting->app);
  g_free (waiting);
}

McAccess *
mc_access_new (McCallers *callers, McStore *store, const McAccessHost *host)
{
  McAccess *self = g_new0 (McAccess, 1);

  self->callers = callers;
  self->store = store;
  self->host = *host;
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, known_free);
  self->looking =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->questions =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->put_off = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->started = g_get_monotonic_time ();
  self->askers = g_ptr_array_new_with_free_func (asker_free);
  return self;
}

void
mc_access_free (McAccess *self)
{
  g_ptr_array_unref (self->askers);
  g_hash_table_unref (self->put_off);
  g_hash_table_unref (self->questions);
  g_hash_table_unref (self->looking);
  g_hash_table_unref (self->known);
  g_free (self);
}

/* --- judging --- */

static McAccessLevel
find_level (McAccess *self, const char *app)
{
  g_auto (GStrv) apps = mc_settings_dup_list (mc_store_get_settings (self->store), MC_SETTING_APPS);

  return mc_access_find (apps, app);
}

static gboolean
is_trusted (const char *app)
{
  return app[0] == '\0' || strcmp (app, MC_APP_ID) == 0;
}

static GError *
refuse (const char *format, const char *app)
{
  GString *text = g_string_new (format);
  GError *error;

  g_string_replace (text, "APP", app, 0);
  error = g_error_new_literal (MC_ERROR, MC_ERROR_NOT_ALLOWED, text->str);
  g_string_free (text, TRUE);
  return error;
}

static GError *
refuse_unasked (const char *app)
{
  return refuse ("“APP” was not allowed yet: open the window of Model Cache and try again, or run: "
                 "mcache access allow APP",
                 app);
}

static gboolean
is_new (McAccess *self)
{
  return g_get_monotonic_time () - self->started < GRACE_MS * G_TIME_SPAN_MILLISECOND;
}

/* *ask: nobody has answered yet, and somebody can be asked. NULL otherwise: it may. */
static GError *
judge (McAccess *self, const char *app, McNeed need, gboolean *ask)
{
  McAccessLevel level = is_trusted (app) ? MC_ACCESS_ALL : find_level (self, app);

  *ask = FALSE;
  if (is_trusted (app))
    return NULL;
  if (strcmp (app, MC_CALLER_APP_UNKNOWN) == 0)
    return refuse ("The caller is in a sandbox that does not say of which app", app);
  if (need == MC_NEED_PERSON)
    return refuse ("“APP” may not do this: it decides what apps may", app);
  if (level == MC_ACCESS_ALL || (level == MC_ACCESS_READ && need == MC_NEED_READ))
    return NULL;
  if (level == MC_ACCESS_READ)
    return refuse ("“APP” may only read. To allow it more: mcache access allow APP", app);
  if (level == MC_ACCESS_NONE)
    return refuse ("“APP” was refused. To allow it: mcache access allow APP", app);
  if (g_hash_table_contains (self->put_off, app))
    return refuse ("“APP” was not allowed. To allow it: mcache access allow APP", app);
  *ask = self->askers->len > 0 || is_new (self);
  return *ask ? NULL : refuse_unasked (app);
}

static void set_limit (Waiting *waiting);

static gboolean
on_limit (gpointer user_data)
{
  Waiting *waiting = user_data;
  McAccess *self = waiting->owner;
  GPtrArray *others = g_hash_table_lookup (self->questions, waiting->app);
  gboolean asked = self->askers->len > 0;
  GError *refusal;

  if (asked && waiting->early)
    {
      waiting->early = FALSE;
      set_limit (waiting);
      return G_SOURCE_REMOVE;
    }
  refusal = asked ? refuse ("The person was asked about “APP” and has not answered: try again",
                            waiting->app)
                  : refuse_unasked (waiting->app);

  g_ptr_array_remove_fast (others, waiting);
  end_waiting (waiting, refusal);
  if (!asked)
    mc_access_judge_anew (self);
  return G_SOURCE_REMOVE;
}

static void
set_limit (Waiting *waiting)
{
  g_clear_pointer (&waiting->limit, g_source_unref);
  waiting->limit = g_timeout_source_new (waiting->early ? GRACE_MS : WAIT_MS);
  g_source_set_callback (waiting->limit, on_limit, waiting, NULL);
  g_source_attach (waiting->limit, g_main_context_get_thread_default ());
}

/* Once for each app, however many calls it makes. */
static void
wait_for_person (Waiting *waiting, const char *app)
{
  McAccess *self = waiting->owner;
  GPtrArray *others = g_hash_table_lookup (self->questions, app);
  gboolean is_new = others == NULL;

  if (is_new)
    {
      others = g_ptr_array_new ();
      g_hash_table_insert (self->questions, g_strdup (app), others);
    }
  waiting->app = g_strdup (app);
  waiting->early = self->askers->len == 0;
  set_limit (waiting);
  g_ptr_array_add (others, waiting);
  if (is_new)
    self->host.changed (self->host.user_data);
}

static void
settle (Waiting *waiting, const char *app)
{
  gboolean ask;
  GError *refusal = judge (waiting->owner, app, waiting->need, &ask);

  if (ask)
    wait_for_person (waiting, app);
  else
    end_waiting (waiting, refusal);
}

/* --- who it is --- */

static gboolean
is_outside (gpointer key, gpointer value, gpointer user_data)
{
  return ((Known *) value)->app[0] == '\0';
}

static void
on_known_gone (gpointer user_data)
{
  Known *known = user_data;

  known->watch = 0;
  g_hash_table_remove (known->owner->known, known->caller);
}

/* Names are never given twice, so what is known of one stays true. */
static void
remember (McAccess *self, const char *caller, const char *app)
{
  Known *known = g_new0 (Known, 1);

  if (g_hash_table_size (self->known) >= MOST_KNOWN)
    g_hash_table_foreach_remove (self->known, is_outside, NULL);
  known->owner = self;
  known->caller = g_strdup (caller);
  known->app = g_strdup (app);
  if (app[0] != '\0')
    known->watch = mc_callers_watch (self->callers, caller, on_known_gone, known);
  g_hash_table_replace (self->known, known->caller, known);
}

typedef struct
{
  McAccess *owner; /* borrowed: calls are held meanwhile, so it is there */
  char *caller;
} Search;

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Search *search = user_data;
  McAccess *self = search->owner;
  g_autofree char *caller = search->caller;
  g_autofree char *app = mc_callers_find_app_finish (result, NULL);
  g_autofree char *key = NULL;
  g_autoptr (GPtrArray) waiting = NULL;

  g_free (search);
  g_hash_table_steal_extended (self->looking, caller, (gpointer *) &key, (gpointer *) &waiting);
  if (app != NULL)
    remember (self, caller, app);
  for (guint i = 0; i < waiting->len; i++)
    if (app != NULL)
      settle (g_ptr_array_index (waiting, i), app);
    else
      end_waiting (g_ptr_array_index (waiting, i),
                   g_error_new_literal (MC_ERROR, MC_ERROR_NOT_ALLOWED, "The caller is gone"));
}

/* In the order in which they came. */
static void
find_out (Waiting *waiting)
{
  McAccess *self = waiting->owner;
  GPtrArray *others = g_hash_table_lookup (self->looking, waiting->caller);
  Search *search;

  if (others != NULL)
    {
      g_ptr_array_add (others, waiting);
      return;
    }
  others = g_ptr_array_new ();
  g_ptr_array_add (others, waiting);
  g_hash_table_insert (self->looking, g_strdup (waiting->caller), others);
  search = g_new0 (Search, 1);
  search->owner = self;
  search->caller = g_strdup (waiting->caller);
  mc_callers_find_app_async (self->callers, waiting->caller, found_cb, search);
}

gboolean
mc_access_is_free (McAccess *self, const char *caller)
{
  Known *known = caller == NULL ? NULL : g_hash_table_lookup (self->known, caller);

  return known != NULL && is_trusted (known->app);
}

void
mc_access_check (McAccess *self,
                 const char *caller,
                 McNeed need,
                 void (*done) (GError *refusal, gpointer data),
                 gpointer data)
{
  Known *known = g_hash_table_lookup (self->known, caller);
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->owner = self;
  waiting->caller = g_strdup (caller);
  waiting->need = need;
  waiting->done = done;
  waiting->data = data;
  self->host.held (TRUE, self->host.user_data);
  if (known != NULL)
    settle (waiting, known->app);
  else
    find_out (waiting);
}

/* --- the person --- */

static void
on_asker_gone (gpointer user_data)
{
  Asker *asker = user_data;
  McAccess *self = asker->owner;

  g_ptr_array_remove_fast (self->askers, asker);
  if (self->askers->len == 0)
    mc_access_judge_anew (self);
}

void
mc_access_add_asker (McAccess *self, const char *caller)
{
  Asker *asker;

  for (guint i = 0; i < self->askers->len; i++)
    if (strcmp (((Asker *) g_ptr_array_index (self->askers, i))->caller, caller) == 0)
      return;
  asker = g_new0 (Asker, 1);
  asker->owner = self;
  asker->caller = g_strdup (caller);
  asker->watch = mc_callers_watch (self->callers, caller, on_asker_gone, asker);
  g_ptr_array_add (self->askers, asker);
}

GPtrArray *
mc_access_list_questions (McAccess *self)
{
  GPtrArray *apps = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer app;

  g_hash_table_iter_init (&iter, self->questions);
  while (g_hash_table_iter_next (&iter, &app, NULL))
    g_ptr_array_add (apps, app);
  return apps;
}

void
mc_access_put_off (McAccess *self, const char *app)
{
  g_hash_table_add (self->put_off, g_strdup (app));
  mc_access_judge_anew (self);
}

void
mc_access_take_up (McAccess *self, const char *app)
{
  g_hash_table_remove (self->put_off, app);
}

/* A question whose answer is not here is asked on, even if nobody waits for it any more. */
static void
judge_question (McAccess *self, const char *app, GPtrArray *waiting)
{
  gboolean ask;
  GError *refusal = judge (self, app, MC_NEED_READ, &ask);

  g_clear_error (&refusal);
  if (ask && !g_hash_table_contains (self->questions, app))
    g_hash_table_insert (self->questions, g_strdup (app), g_ptr_array_new ());
  for (guint i = 0; i < waiting->len; i++)
    {
      Waiting *one = g_ptr_array_index (waiting, i);
      GPtrArray *others = g_hash_table_lookup (self->questions, app);

      if (ask && others != NULL)
        g_ptr_array_add (others, one);
      else
        settle (one, app);
    }
}

void
mc_access_judge_anew (McAccess *self)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->questions);
  GHashTableIter iter;
  gpointer app;
  gpointer waiting;

  self->questions =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &app, &waiting))
    judge_question (self, app, waiting);
  self->host.changed (self->host.user_data);
}

void
mc_access_find_barred (McAccess *self,
                       void (*barred) (const char *caller, gpointer user_data),
                       gpointer user_data)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->known);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Known *known = value;

      if (!is_trusted (known->app) && find_level (self, known->app) < MC_ACCESS_READ)
        barred (known->caller, user_data);
    }
}

void
mc_access_stop (McAccess *self)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->questions);
  GHashTableIter iter;
  gpointer waiting;

  g_ptr_array_set_size (self->askers, 0);
  self->questions =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, NULL, &waiting))
    for (guint i = 0; i < ((GPtrArray *) waiting)->len; i++)
      end_waiting (g_ptr_array_index ((GPtrArray *) waiting, i),
                   g_error_new_literal (MC_ERROR, MC_ERROR_NOT_ALLOWED,
                                        "The service ends before the person answered"));
}
