/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-worker.h"

#include "mc-error.h"
#include "mc-task.h"
#include "mc-test-wait.h"

/* Work in order on one thread, and its end at home. */

typedef struct
{
  GString *log; /* borrowed */
  char letter;
  GThread *done_on;
  GThread **freed_on; /* borrowed (nullable) */
  gboolean fail;
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;

  if (note->freed_on != NULL)
    *note->freed_on = g_thread_self ();
  g_free (note);
}

static gboolean
write_note (gpointer data, GError **error)
{
  Note *note = data;

  g_string_append_c (note->log, note->letter);
  note->done_on = g_thread_self ();
  if (note->fail)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_NO_SPACE, "no");
  return !note->fail;
}

static GTask *
make_task (GString *log, char letter, GAsyncResult **result)
{
  GTask *task =
      mc_task_new (NULL, NULL, result == NULL ? NULL : mc_test_store_result, result, make_task);
  Note *note = g_new0 (Note, 1);

  note->log = log;
  note->letter = letter;
  g_task_set_task_data (task, note, note_free);
  return task;
}

static void
test_order (void)
{
  McWorker *worker = mc_worker_new ("test");
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Note *note;

  for (char letter = 'a'; letter <= 'z'; letter++)
    {
      g_autoptr (GTask) task = make_task (log, letter, letter == 'z' ? &result : NULL);

      mc_worker_run (worker, task, write_note);
    }
  mc_test_await (&result);
  g_assert_true (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_no_error (error);
  g_assert_cmpstr (log->str, ==, "abcdefghijklmnopqrstuvwxyz");
  note = g_task_get_task_data (G_TASK (result));
  g_assert_true (note->done_on != g_thread_self ());
  mc_worker_join (worker);
}

static void
test_error (void)
{
  McWorker *worker = mc_worker_new ("test");
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask) task = make_task (log, 'a', &result);
  g_autoptr (GError) error = NULL;

  ((Note *) g_task_get_task_data (task))->fail = TRUE;
  mc_worker_run (worker, task, write_note);
  mc_test_await (&result);
  g_assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NO_SPACE);
  mc_worker_join (worker);
}

/* The context is not the default one, which nobody runs here, and is itself run only after all work
 * is done. */
static void
test_home (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  McWorker *worker = mc_worker_new ("test");
  GThread *freed_on = NULL;
  GTask *task;

  g_main_context_push_thread_default (context);
  task = make_task (log, 'a', &result);
  ((Note *) g_task_get_task_data (task))->freed_on = &freed_on;
  mc_worker_run (worker, task, write_note);
  g_object_unref (task);
  mc_worker_join (worker);
  g_assert_cmpstr (log->str, ==, "a");
  g_assert_null (result);
  mc_test_await (&result);
  g_assert_null (freed_on);
  g_clear_object (&result);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_true (freed_on == g_thread_self ());
  g_main_context_pop_thread_default (context);
}

static void
test_join (void)
{
  McWorker *worker = mc_worker_new ("test");
  g_autoptr (GString) log = g_string_new (NULL);

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GTask) task = make_task (log, 'x', NULL);

      mc_worker_run (worker, task, write_note);
    }
  mc_worker_join (worker);
  g_assert_cmpuint (log->len, ==, 1000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/order", test_order);
  g_test_add_func ("/worker/error", test_error);
  g_test_add_func ("/worker/ends-at-home", test_home);
  g_test_add_func ("/worker/join-waits", test_join);
  return g_test_run ();
}
