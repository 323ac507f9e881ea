/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* One thread that runs functions in the order they were given: what owns a database connection. */
typedef struct _McWorker McWorker;

/* A plain function over values, callable directly from a test. It sees no GTask and no GObject. */
typedef gboolean (*McWork) (gpointer data, GError **error);

McWorker *mc_worker_new (const char *name);

/* Runs @work with the task's data on the thread, then completes the task with its boolean or error
 * in the task's own context; there the task and what it holds are released too. */
void mc_worker_run (McWorker *self, GTask *task, McWork work);

/* Runs @step on the thread, in order with all other work; it must see to its data itself. */
void mc_worker_push (McWorker *self, void (*step) (gpointer data), gpointer data);

/* From any thread: completes the task in its own context, with TRUE or with the error; there the
 * task and what it holds are released too. Takes both. */
void mc_worker_send_home (GTask *task, GError *error);

/* Lets the thread end after the work that is queued, and waits for that. */
void mc_worker_join (McWorker *self);

G_END_DECLS
