/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

#define MC_TEST_ACCESSIBLE "org.a11y.atspi.Accessible"
#define MC_TEST_ROOT "/org/a11y/atspi/accessible/root"

/* Something that a program shows. */
typedef struct _McTestNode McTestNode;
struct _McTestNode
{
  char *path;
  char *name;
  McTestNode *parent; /* borrowed (nullable) */
  int index;          /* among its parent's children */
  int n_children;     /* so far */
  guint32 role;       /* of AT-SPI */
  guint32 states;     /* the first 32 of AT-SPI, as bits */
};

/* One look at all that is there. */
typedef struct
{
  GDBusConnection *bus; /* borrowed */
  const char *program;  /* borrowed: its name on the bus */
  GPtrArray *nodes;     /* (owned): McTestNode, as one reads: what is inside after what it is in */
  guint pending;
} McTestLook;

/* program: (nullable): there is nothing to be seen then; it must outlive the look. */
McTestLook *mc_test_look_new (GDBusConnection *bus, const char *program);
void mc_test_look_free (McTestLook *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTestLook, mc_test_look_free)

/* The next node of that name from a position on, which is moved behind it; borrowed (nullable).
 * Names are glob patterns; within: (nullable). */
McTestNode *
mc_test_look_find (McTestLook *self, guint *position, const char *within, const char *name);

G_END_DECLS
