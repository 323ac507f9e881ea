/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-person.h"

#include "mc-test-wait.h"

#include <string.h>

/* Looks at the whole tree anew each time, and believes nothing that was seen before. */

#define ROOT "/org/a11y/atspi/accessible/root"
#define REGISTRY "org.a11y.atspi.Registry"
#define ACCESSIBLE "org.a11y.atspi.Accessible"
#define LIMIT_MS 60000
#define STATE_FOCUSED 12 /* of AT-SPI */
#define UP_TO 4          /* levels from a text to the control that it is part of */

static const char registry_xml[] =
    "<node>"
    "  <interface name='org.a11y.atspi.Socket'>"
    "    <method name='Embed'>"
    "      <arg type='(so)' direction='in'/><arg type='(so)' direction='out'/>"
    "    </method>"
    "  </interface>"
    "</node>";

typedef struct _Node Node;
struct _Node
{
  char *path;
  char *name;
  Node *parent;   /* borrowed (nullable) */
  int index;      /* among its parent's children */
  int n_children; /* so far */
};

/* One look at all that is there. */
typedef struct
{
  McTestPerson *person; /* borrowed */
  GPtrArray *nodes;     /* (owned): Node */
  guint pending;
} Look;

struct _McTestPerson
{
  GDBusConnection *bus; /* borrowed */
  GDBusNodeInfo *node;  /* (owned) */
  guint name;
  guint registration;
  char *program;     /* (owned) (nullable): its name on the bus */
  gint64 rest_until; /* monotonic time */
};

static void
node_free (gpointer data)
{
  Node *node = data;

  g_free (node->path);
  g_free (node->name);
  g_free (node);
}

static void
look_free (Look *look)
{
  g_ptr_array_unref (look->nodes);
  g_free (look);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Look, look_free)

/* --- the registry --- */

static void
on_call (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  McTestPerson *self = user_data;

  g_free (self->program);
  self->program = g_strdup (sender);
  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("((so))", g_dbus_connection_get_unique_name (bus), ROOT));
}

static const GDBusInterfaceVTable registry = { .method_call = on_call };

McTestPerson *
mc_test_person_new (GDBusConnection *bus)
{
  McTestPerson *self = g_new0 (McTestPerson, 1);
  g_autoptr (GError) error = NULL;

  self->bus = bus;
  self->node = g_dbus_node_info_new_for_xml (registry_xml, &error);
  g_assert_no_error (error);
  self->registration = g_dbus_connection_register_object (bus, ROOT, self->node->interfaces[0],
                                                          &registry, self, NULL, &error);
  g_assert_no_error (error);
  self->name = g_bus_own_name_on_connection (bus, REGISTRY, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL,
                                             NULL, NULL);
  return self;
}

void
mc_test_person_free (McTestPerson *self)
{
  g_bus_unown_name (self->name);
  g_dbus_connection_unregister_object (self->bus, self->registration);
  g_dbus_node_info_unref (self->node);
  g_free (self->program);
  g_free (self);
}

static gboolean
has_program (gpointer data)
{
  return ((McTestPerson *) data)->program != NULL;
}

void
mc_test_person_await_program (McTestPerson *self)
{
  g_assert_true (mc_test_wait_until (has_program, self, LIMIT_MS));
}

void
mc_test_person_forget_program (McTestPerson *self)
{
  g_clear_pointer (&self->program, g_free);
}

/* --- looking --- */

/* What is shown is what is among the children of what is shown. Names are told for everything at
 * once, for hidden things too. */

typedef struct
{
  Look *look; /* borrowed */
  Node *node; /* borrowed */
} Question;

static void visit (Look *look, const char *path, Node *parent);

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
visit (Look *look, const char *path, Node *parent)
{
  Node *node = g_new0 (Node, 1);
  Question *question = g_new (Question, 1);

  node->path = g_strdup (path);
  node->name = g_strdup ("");
  node->parent = parent;
  node->index = parent == NULL ? 0 : parent->n_children++;
  g_ptr_array_add (look->nodes, node);
  *question = (Question){ look, node };
  look->pending++;
  g_dbus_connection_call (look->person->bus, look->person->program, path, ACCESSIBLE, "GetChildren",
                          NULL, G_VARIANT_TYPE ("(a(so))"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          LIMIT_MS, NULL, children_cb, question);
}

static void
read_names (Look *look)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      look->person->bus, look->person->program, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache",
      "GetItems", NULL, G_VARIANT_TYPE ("(a((so)(so)(so)iiassusau))"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, LIMIT_MS, NULL, NULL);
  g_autoptr (GVariant) items = reply == NULL ? NULL : g_variant_get_child_value (reply, 0);

  for (gsize i = 0; items != NULL && i < g_variant_n_children (items); i++)
    {
      char *path, *name;

      g_variant_get_child (items, i, "((so)(so)(so)iiassusau)", NULL, &path, NULL, NULL, NULL, NULL,
                           NULL, NULL, NULL, &name, NULL, NULL, NULL);
      g_hash_table_insert (names, path, name);
    }
  for (guint i = 0; i < look->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (look->nodes, i);
      const char *name = g_hash_table_lookup (names, node->path);

      g_free (node->name);
      node->name = g_strdup (name == NULL ? "" : name);
    }
}

static guint
get_depth (const Node *node)
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
  const Node *left = *(const Node *const *) a;
  const Node *right = *(const Node *const *) b;
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
  return ((Look *) data)->pending == 0;
}

static Look *
look_at_all (McTestPerson *self)
{
  Look *look = g_new0 (Look, 1);

  look->person = self;
  look->nodes = g_ptr_array_new_with_free_func (node_free);
  if (self->program == NULL)
    return look;
  visit (look, ROOT, NULL);
  g_assert_true (mc_test_wait_until (is_through, look, LIMIT_MS));
  read_names (look);
  g_ptr_array_sort (look->nodes, compare_places);
  return look;
}

/* --- finding --- */

/* GTK 4.8 calls a button with a mnemonic “_Delete Delete”. */
static gboolean
has_name (const Node *node, const char *pattern)
{
  gsize half = (strlen (node->name) + 1) / 2;

  if (g_pattern_match_simple (pattern, node->name))
    return TRUE;
  return strchr (node->name, '_') != NULL && g_str_has_suffix (node->name, pattern)
         && strlen (pattern) + 1 == half;
}

static gboolean
is_within (const Node *node, const char *pattern)
{
  if (pattern == NULL)
    return TRUE;
  for (node = node->parent; node != NULL; node = node->parent)
    if (has_name (node, pattern))
      return TRUE;
  return FALSE;
}

/* After: the node after which to look on, or NULL. */
static Node *
find_next (Look *look, guint *position, const char *within, const char *name)
{
  for (; *position < look->nodes->len; (*position)++)
    {
      Node *node = g_ptr_array_index (look->nodes, *position);

      if (has_name (node, name) && is_within (node, within))
        {
          (*position)++;
          return node;
        }
    }
  return NULL;
}

/* Whoever looks all the time keeps the window from its work: the rest is as long as the look. */
static Look *
look_again (McTestPerson *self)
{
  gint64 begin = g_get_monotonic_time ();
  Look *look;
  gint64 end;

  if (begin < self->rest_until)
    return NULL;
  look = look_at_all (self);
  end = g_get_monotonic_time ();
  self->rest_until = end + (end - begin);
  return look;
}

typedef struct
{
  McTestPerson *person;
  const char *within;
  const char *name;
  const char *text;
  char *seen; /* (owned) */
  gboolean looked;
  double value;
  int x;
  int y;
  gboolean (*deed) (McTestPerson *self, Node *node, gpointer data);
} Aim;

static gboolean
do_deed (gpointer data)
{
  Aim *aim = data;
  g_autoptr (Look) look = look_again (aim->person);
  guint position = 0;
  Node *node;

  aim->looked = look != NULL;
  if (look == NULL)
    return FALSE;

  while ((node = find_next (look, &position, aim->within, aim->name)) != NULL)
    if (aim->deed == NULL || aim->deed (aim->person, node, aim))
      {
        g_free (aim->seen);
        aim->seen = g_strdup (node->name);
        return TRUE;
      }
  return FALSE;
}

static void
reach (Aim *aim, const char *what)
{
  g_autofree char *all = NULL;

  if (mc_test_wait_until (do_deed, aim, LIMIT_MS))
    return;
  all = mc_test_person_describe (aim->person);
  g_test_message ("%s", all);
  g_test_message ("%s: “%s” in “%s”", what, aim->name, aim->within == NULL ? "*" : aim->within);
  g_assert_not_reached ();
}

void
mc_test_person_see (McTestPerson *self, const char *within, const char *name)
{
  g_free (mc_test_person_dup_seen (self, within, name));
}

char *
mc_test_person_dup_seen (McTestPerson *self, const char *within, const char *name)
{
  Aim aim = { .person = self, .within = within, .name = name };

  reach (&aim, "to see");
  return aim.seen;
}

static gboolean
is_missing (gpointer data)
{
  Aim *aim = data;

  return !do_deed (aim) && aim->looked;
}

void
mc_test_person_miss (McTestPerson *self, const char *within, const char *name)
{
  Aim aim = { .person = self, .within = within, .name = name };

  g_assert_true (mc_test_wait_until (is_missing, &aim, LIMIT_MS));
  g_free (aim.seen);
}

/* --- acting --- */

static GVariant *
call (McTestPerson *self,
      Node *node,
      const char *interface,
      const char *method,
      GVariant *arguments,
      const char *type)
{
  return g_dbus_connection_call_sync (self->bus, self->program, node->path, interface, method,
                                      arguments, G_VARIANT_TYPE (type),
                                      G_DBUS_CALL_FLAGS_NO_AUTO_START, LIMIT_MS, NULL, NULL);
}

typedef struct
{
  int x;
  int y;
  int width;
  int height;
} Extents;

static Extents
get_extents (McTestPerson *self, Node *node)
{
  g_autoptr (GVariant) reply = call (self, node, "org.a11y.atspi.Component", "GetExtents",
                                     g_variant_new ("(u)", 1u), "((iiii))");
  Extents extents = { 0 };

  if (reply != NULL)
    g_variant_get (reply, "((iiii))", &extents.x, &extents.y, &extents.width, &extents.height);
  return extents;
}

/* What was never shown has no size. */
static gboolean
has_size (McTestPerson *self, Node *node)
{
  Extents extents = get_extents (self, node);

  return extents.width > 0 && extents.height > 0;
}

/* -1: none of these. */
static int
find_action (GVariant *actions, const char *const *names)
{
  g_autoptr (GVariant) list = g_variant_get_child_value (actions, 0);

  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      const char *name;

      g_variant_get_child (list, i, "(&s&s&s)", &name, NULL, NULL);
      if (g_strv_contains (names, name))
        return (int) i;
    }
  return -1;
}

/* FALSE: it has none of these. */
static gboolean
do_action (McTestPerson *self, Node *node, const char *const *names)
{
  g_autoptr (GVariant) actions =
      call (self, node, "org.a11y.atspi.Action", "GetActions", NULL, "(a(sss))");
  g_autoptr (GVariant) done = NULL;
  int action = actions == NULL ? -1 : find_action (actions, names);
  gboolean success = FALSE;

  if (action < 0)
    return FALSE;
  done =
      call (self, node, "org.a11y.atspi.Action", "DoAction", g_variant_new ("(i)", action), "(b)");
  if (done != NULL)
    g_variant_get (done, "(b)", &success);
  return success;
}

/* A label has no such action: it is what it lies on that is pressed. */
static gboolean
press (McTestPerson *self, Node *node, gpointer data)
{
  static const char *const pressing[] = { "Click", "Toggle", "row.open", "row.choose", NULL };
  gboolean pressed = FALSE;

  if (!has_size (self, node))
    return FALSE;
  for (; node != NULL && !pressed; node = node->parent)
    pressed = do_action (self, node, pressing);
  return pressed;
}

void
mc_test_person_press (McTestPerson *self, const char *within, const char *name)
{
  Aim aim = { .person = self, .within = within, .name = name, .deed = press };

  reach (&aim, "to press");
  g_free (aim.seen);
}

static gboolean
do_by_name (McTestPerson *self, Node *node, gpointer data)
{
  Aim *aim = data;

  return do_action (self, node, (const char *const[]){ aim->text, NULL });
}

void
mc_test_person_do (McTestPerson *self, const char *name, const char *action)
{
  Aim aim = { .person = self, .name = name, .text = action, .deed = do_by_name };

  reach (&aim, "to do");
  g_free (aim.seen);
}

static gboolean
type (McTestPerson *self, Node *node, gpointer data)
{
  Aim *aim = data;
  g_autoptr (GVariant) done = call (self, node, "org.a11y.atspi.EditableText", "SetTextContents",
                                    g_variant_new ("(s)", aim->text), "(b)");

  return done != NULL;
}

void
mc_test_person_type (McTestPerson *self, const char *name, const char *text)
{
  Aim aim = { .person = self, .name = name, .text = text, .deed = type };

  reach (&aim, "to type into");
  g_free (aim.seen);
}

static gboolean
read_value (McTestPerson *self, Node *node, gpointer data)
{
  Aim *aim = data;
  g_autoptr (GVariant) reply =
      call (self, node, "org.freedesktop.DBus.Properties", "Get",
            g_variant_new ("(ss)", "org.a11y.atspi.Value", "CurrentValue"), "(v)");
  g_autoptr (GVariant) value = NULL;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(v)", &value);
  aim->value = g_variant_get_double (value);
  return TRUE;
}

double
mc_test_person_read (McTestPerson *self, const char *within, const char *name)
{
  Aim aim = { .person = self, .within = within, .name = name, .deed = read_value };

  reach (&aim, "to read");
  g_free (aim.seen);
  return aim.value;
}

/* --- places --- */

static gboolean
take_place (McTestPerson *self, Node *node, gpointer data)
{
  Aim *aim = data;
  Extents extents = get_extents (self, node);

  if (extents.width <= 0 || extents.height <= 0)
    return FALSE;
  aim->x = extents.x + extents.width / 2;
  aim->y = extents.y + extents.height / 2;
  return TRUE;
}

void
mc_test_person_find_place (McTestPerson *self, const char *within, const char *name, int *x, int *y)
{
  Aim aim = { .person = self, .within = within, .name = name, .deed = take_place };

  reach (&aim, "to point at");
  g_free (aim.seen);
  *x = aim.x;
  *y = aim.y;
}

static gboolean
is_focused (McTestPerson *self, Node *node)
{
  g_autoptr (GVariant) reply = call (self, node, ACCESSIBLE, "GetState", NULL, "(au)");
  g_autoptr (GVariantIter) states = NULL;
  guint32 low = 0;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(au)", &states);
  g_variant_iter_next (states, "u", &low);
  return (low >> STATE_FOCUSED & 1) != 0;
}

gboolean
mc_test_person_has_focus (McTestPerson *self, const char *within, const char *name)
{
  g_autoptr (Look) look = look_at_all (self);
  guint position = 0;
  Node *node;

  while ((node = find_next (look, &position, within, name)) != NULL)
    for (guint i = 0; i < UP_TO && node != NULL; i++, node = node->parent)
      if (is_focused (self, node))
        return TRUE;
  return FALSE;
}

static gboolean
read_description (McTestPerson *self, Node *node, gpointer data)
{
  Aim *aim = data;
  g_autoptr (GVariant) reply = call (self, node, "org.freedesktop.DBus.Properties", "Get",
                                     g_variant_new ("(ss)", ACCESSIBLE, "Description"), "(v)");
  g_autoptr (GVariant) value = NULL;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(v)", &value);
  aim->text = g_intern_string (g_variant_get_string (value, NULL));
  return aim->text[0] != '\0';
}

char *
mc_test_person_dup_description (McTestPerson *self, const char *within, const char *name)
{
  Aim aim = { .person = self, .within = within, .name = name, .deed = read_description };

  reach (&aim, "to be described");
  g_free (aim.seen);
  return g_strdup (aim.text);
}

/* --- the whole --- */

static char *
dup_role (McTestPerson *self, Node *node)
{
  g_autoptr (GVariant) reply = call (self, node, ACCESSIBLE, "GetRoleName", NULL, "(s)");
  char *role = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(s)", &role);
  return role != NULL ? role : g_strdup ("");
}

static gboolean
is_announced (McTestPerson *self, Node *node, gpointer data)
{
  g_autofree char *role = dup_role (self, node);

  return strcmp (role, "alert") == 0;
}

void
mc_test_person_hear (McTestPerson *self, const char *text)
{
  Aim aim = { .person = self, .name = text, .deed = is_announced };

  reach (&aim, "to hear");
  g_free (aim.seen);
}

char *
mc_test_person_list_unnamed (McTestPerson *self)
{
  static const char *const roles[] = { "button",    "push button",  "toggle button", "check box",
                                       "switch",    "search box",   "text",          "entry",
                                       "combo box", "progress bar", "list",          "spin button",
                                       NULL };
  g_autoptr (Look) look = look_at_all (self);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < look->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (look->nodes, i);
      g_autofree char *role = dup_role (self, node);

      if (g_strv_contains (roles, role)
          && (node->name[0] == '\0' || g_str_has_prefix (node->name, "Gtk")
              || g_str_has_prefix (node->name, "Adw")))
        g_string_append_printf (text, "%s “%s” in “%s”\n", role, node->name,
                                node->parent == NULL ? "" : node->parent->name);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
mc_test_person_describe (McTestPerson *self)
{
  g_autoptr (Look) look = look_at_all (self);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < look->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (look->nodes, i);
      Node *named = node->parent;

      while (named != NULL && named->name[0] == '\0')
        named = named->parent;
      if (node->name[0] != '\0' && !g_str_has_prefix (node->name, "Gtk")
          && !g_str_has_prefix (node->name, "Adw"))
        g_string_append_printf (text, "“%s” in “%s”\n", node->name,
                                named == NULL ? "" : named->name);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
