/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-look.h"

#include "mc-test-wait.h"

#include <string.h>

/* The whole tree, anew each time. */

#define LIMIT_MS 60000
/* Of AT-SPI. */
#define ROLE_CHECK_MENU_ITEM 8
#define ROLE_MENU_ITEM 35
#define ROLE_RADIO_MENU_ITEM 45
#define RELATION_LABELLED_BY 2

static void
node_free (gpointer data)
{
  McTestNode *node = data;

  g_free (node->path);
  g_free (node->name);
  g_free (node);
}

void
mc_test_look_free (McTestLook *self)
{
  g_ptr_array_unref (self->nodes);
  g_free (self);
}

/* What is shown is what is among the children of what is shown. Names are told for everything at
 * once, for hidden things too. */

typedef struct
{
  McTestLook *look; /* borrowed */
  McTestNode *node; /* borrowed */
} Question;

static void visit (McTestLook *look, const char *path, McTestNode *parent);

static void
children_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr (GVariantIter) iter = NULL;
  const char *path;

  question->look->pending--;
  if (reply == NULL)
    return; /* it went while it was looked at */
  g_variant_get (reply, "(a(so))", &iter);
  while (g_variant_iter_next (iter, "(&s&o)", NULL, &path))
    visit (question->look, path, question->node);
}

static void
visit (McTestLook *look, const char *path, McTestNode *parent)
{
  McTestNode *node = g_new0 (McTestNode, 1);
  Question *question = g_new (Question, 1);

  node->path = g_strdup (path);
  node->name = g_strdup ("");
  node->parent = parent;
  node->index = parent == NULL ? 0 : parent->n_children++;
  g_ptr_array_add (look->nodes, node);
  *question = (Question){ look, node };
  look->pending++;
  g_dbus_connection_call (look->bus, look->program, path, MC_TEST_ACCESSIBLE, "GetChildren", NULL,
                          G_VARIANT_TYPE ("(a(so))"), G_DBUS_CALL_FLAGS_NO_AUTO_START, LIMIT_MS,
                          NULL, children_cb, question);
}

/* What the program tells of each of its things at once. */
static void
take_item (GHashTable *nodes, GVariant *item)
{
  g_autoptr (GVariantIter) states = NULL;
  const char *path, *name;
  McTestNode *node;

  g_variant_get_child (item, 0, "(&s&o)", NULL, &path);
  node = g_hash_table_lookup (nodes, path);
  if (node == NULL)
    return;
  g_variant_get_child (item, 6, "&s", &name);
  g_free (node->name);
  node->name = g_strdup (name);
  g_variant_get_child (item, 7, "u", &node->role);
  g_variant_get_child (item, 9, "au", &states);
  g_variant_iter_next (states, "u", &node->states);
}

static void
read_items (McTestLook *look)
{
  g_autoptr (GHashTable) nodes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      look->bus, look->program, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems", NULL,
      G_VARIANT_TYPE ("(a((so)(so)(so)iiassusau))"), G_DBUS_CALL_FLAGS_NO_AUTO_START, LIMIT_MS,
      NULL, NULL);
  g_autoptr (GVariant) items = reply == NULL ? NULL : g_variant_get_child_value (reply, 0);

  for (guint i = 0; i < look->nodes->len; i++)
    {
      McTestNode *node = g_ptr_array_index (look->nodes, i);

      g_hash_table_insert (nodes, node->path, node);
    }
  for (gsize i = 0; items != NULL && i < g_variant_n_children (items); i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (items, i);

      take_item (nodes, item);
    }
}

/* --- items of menus --- */

/* GTK 4.18 has no names for them: one has to read what they are labelled by. */
static gboolean
is_unnamed_item (const McTestNode *node)
{
  return node->name[0] == '\0'
         && (node->role == ROLE_MENU_ITEM || node->role == ROLE_CHECK_MENU_ITEM
             || node->role == ROLE_RADIO_MENU_ITEM);
}

static void
text_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  question->look->pending--;
  if (reply == NULL)
    return;
  g_free (question->node->name);
  g_variant_get (reply, "(s)", &question->node->name);
}

static void
relations_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr (GVariantIter) relations = NULL;
  GVariantIter *targets;
  guint32 relation;
  const char *path;

  question->look->pending--;
  if (reply == NULL)
    return;
  g_variant_get (reply, "(a(ua(so)))", &relations);
  while (g_variant_iter_loop (relations, "(ua(so))", &relation, &targets))
    if (relation == RELATION_LABELLED_BY && g_variant_iter_next (targets, "(&s&o)", NULL, &path))
      {
        question->look->pending++;
        g_dbus_connection_call (question->look->bus, question->look->program, path,
                                "org.a11y.atspi.Text", "GetText", g_variant_new ("(ii)", 0, -1),
                                G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, LIMIT_MS,
                                NULL, text_cb, g_memdup2 (question, sizeof *question));
      }
}

static void
read_items_of_menus (McTestLook *look)
{
  for (guint i = 0; i < look->nodes->len; i++)
    {
      McTestNode *node = g_ptr_array_index (look->nodes, i);
      Question question = { look, node };

      if (!is_unnamed_item (node))
        continue;
      look->pending++;
      g_dbus_connection_call (look->bus, look->program, node->path, MC_TEST_ACCESSIBLE,
                              "GetRelationSet", NULL, G_VARIANT_TYPE ("(a(ua(so)))"),
                              G_DBUS_CALL_FLAGS_NO_AUTO_START, LIMIT_MS, NULL, relations_cb,
                              g_memdup2 (&question, sizeof question));
    }
}

static guint
get_depth (const McTestNode *node)
{
  guint depth = 0;

  for (; node->parent != NULL; node = node->parent)
    depth++;
  return depth;
}

/* As one reads: what is inside after what it is in. */
static int
compare_places (gconstpointer a, gconstpointer b)
{
  const McTestNode *left = *(const McTestNode *const *) a;
  const McTestNode *right = *(const McTestNode *const *) b;
  guint left_depth = get_depth (left);
  guint right_depth = get_depth (right);
  int deeper = (left_depth > right_depth) - (left_depth < right_depth);

  for (; left_depth > right_depth; left_depth--)
    left = left->parent;
  for (; right_depth > left_depth; right_depth--)
    right = right->parent;
  if (left == right)
    return deeper;
  while (left->parent != right->parent)
    {
      left = left->parent;
      right = right->parent;
    }
  return (left->index > right->index) - (left->index < right->index);
}

static gboolean
is_through (gpointer data)
{
  return ((McTestLook *) data)->pending == 0;
}

McTestLook *
mc_test_look_new (GDBusConnection *bus, const char *program)
{
  McTestLook *self = g_new0 (McTestLook, 1);

  self->bus = bus;
  self->program = program;
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  if (program == NULL)
    return self;
  visit (self, MC_TEST_ROOT, NULL);
  g_assert_true (mc_test_wait_until (is_through, self, LIMIT_MS));
  read_items (self);
  read_items_of_menus (self);
  g_assert_true (mc_test_wait_until (is_through, self, LIMIT_MS));
  g_ptr_array_sort (self->nodes, compare_places);
  return self;
}

/* --- finding --- */

/* GTK 4.8 calls a button with a mnemonic “_Delete Delete”. */
static gboolean
has_name (const McTestNode *node, const char *pattern)
{
  gsize half = (strlen (node->name) + 1) / 2;

  if (g_pattern_match_simple (pattern, node->name))
    return TRUE;
  return strchr (node->name, '_') != NULL && g_str_has_suffix (node->name, pattern)
         && strlen (pattern) + 1 == half;
}

static gboolean
is_within (const McTestNode *node, const char *pattern)
{
  if (pattern == NULL)
    return TRUE;
  for (node = node->parent; node != NULL; node = node->parent)
    if (has_name (node, pattern))
      return TRUE;
  return FALSE;
}

McTestNode *
mc_test_look_find (McTestLook *self, guint *position, const char *within, const char *name)
{
  for (; *position < self->nodes->len; (*position)++)
    {
      McTestNode *node = g_ptr_array_index (self->nodes, *position);

      if (has_name (node, name) && is_within (node, within))
        {
          (*position)++;
          return node;
        }
    }
  return NULL;
}
