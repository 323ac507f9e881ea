/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Shows notifications, as a desktop does: keeps them in mind. */
typedef struct _McTestDesk McTestDesk;

/* bus: borrowed. */
McTestDesk *mc_test_desk_new (GDBusConnection *bus);
void mc_test_desk_free (McTestDesk *self);
/* All that came: "[title][body][buttons]" and a line's end each. */
const char *mc_test_desk_get_text (McTestDesk *self);
/* Waits until all that came matches. */
void mc_test_desk_await (McTestDesk *self, const char *pattern);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTestDesk, mc_test_desk_free)

G_END_DECLS
