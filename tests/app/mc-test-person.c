/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-person.h"

#include "mc-test-look.h"
#include "mc-test-wait.h"

#include <string.h>

/* Looks at the whole tree anew each time, and believes nothing that was seen before. */

#define REGISTRY "org.a11y.atspi.Registry"
#define LIMIT_MS 60000
/* Of AT-SPI. */
#define STATE_CHECKED (1u << 4)
#define STATE_FOCUSABLE (1u << 11)
#define STATE_FOCUSED (1u << 12)
#define STATE_PRESSED (1u << 20)
#define STATE_SELECTED (1u << 23)
#define STATE_SENSITIVE (1u << 24)

#define UP_TO 4 /* levels from a text to the control that it is part of */

static const char registry_xml[] =
    "<node>"
    "  <interface name='org.a11y.atspi.Socket'>"
    "    <method name='Embed'>"
    "      <arg type='(so)' direction='in'/><arg type='(so)' direction='out'/>"
    "    </method>"
    "  </interface>"
    "  <interface name='" REGISTRY "'>"
    "    <method name='GetRegisteredEvents'><arg type='a(ss)' direction='out'/></method>"
    "  </interface>"
    "</node>";

struct _McTestPerson
{
  GDBusConnection *bus; /* borrowed */
  GDBusNodeInfo *node;  /* (owned) */
  guint name;
  guint registration;
  guint listeners;   /* the registration of who wants to hear what */
  char *program;     /* (owned) (nullable): its name on the bus */
  gint64 rest_until; /* monotonic time */
};

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

  /* Newer GTK says nothing that nobody wants to hear. */
  if (strcmp (method, "GetRegisteredEvents") == 0)
    {
      g_dbus_method_invocation_return_value (
          invocation,
          g_variant_new_parsed ("([(%s, 'object:')],)", g_dbus_connection_get_unique_name (bus)));
      return;
    }
  g_free (self->program);
  self->program = g_strdup (sender);
  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("((so))", g_dbus_connection_get_unique_name (bus), MC_TEST_ROOT));
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
  self->registration = g_dbus_connection_register_object (
      bus, MC_TEST_ROOT, self->node->interfaces[0], &registry, self, NULL, &error);
  g_assert_no_error (error);
  self->listeners = g_dbus_connection_register_object (
      bus, "/org/a11y/atspi/registry", self->node->interfaces[1], &registry, self, NULL, &error);
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
  g_dbus_connection_unregister_object (self->bus, self->listeners);
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

/* Whoever looks all the time keeps the window from its work: the rest is as long as the look. */
static McTestLook *
look_again (McTestPerson *self)
{
  gint64 begin = g_get_monotonic_time ();
  McTestLook *look;
  gint64 end;

  if (begin < self->rest_until)
    return NULL;
  look = mc_test_look_new (self->bus, self->program);
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
  gboolean (*deed) (McTestPerson *self, McTestNode *node, gpointer data);
} Aim;

static gboolean
do_deed (gpointer data)
{
  Aim *aim = data;
  g_autoptr (McTestLook) look = look_again (aim->person);
  guint position = 0;
  McTestNode *node;

  aim->looked = look != NULL;
  if (look == NULL)
    return FALSE;

  while ((node = mc_test_look_find (look, &position, aim->within, aim->name)) != NULL)
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
      McTestNode *node,
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
get_extents (McTestPerson *self, McTestNode *node)
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
has_size (McTestPerson *self, McTestNode *node)
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
do_action (McTestPerson *self, McTestNode *node, const char *const *names)
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
press (McTestPerson *self, McTestNode *node, gpointer data)
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
do_by_name (McTestPerson *self, McTestNode *node, gpointer data)
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
type (McTestPerson *self, McTestNode *node, gpointer data)
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
read_value (McTestPerson *self, McTestNode *node, gpointer data)
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
take_place (McTestPerson *self, McTestNode *node, gpointer data)
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
has_state (McTestPerson *self, const char *within, const char *name, guint32 states)
{
  g_autoptr (McTestLook) look = mc_test_look_new (self->bus, self->program);
  guint position = 0;
  McTestNode *node;

  while ((node = mc_test_look_find (look, &position, within, name)) != NULL)
    for (guint i = 0; i < UP_TO && node != NULL; i++, node = node->parent)
      if ((node->states & states) != 0)
        return TRUE;
  return FALSE;
}

gboolean
mc_test_person_has_focus (McTestPerson *self, const char *within, const char *name)
{
  return has_state (self, within, name, STATE_FOCUSED);
}

gboolean
mc_test_person_is_chosen (McTestPerson *self, const char *within, const char *name)
{
  return has_state (self, within, name, STATE_CHECKED | STATE_PRESSED | STATE_SELECTED);
}

static gboolean
read_description (McTestPerson *self, McTestNode *node, gpointer data)
{
  Aim *aim = data;
  g_autoptr (GVariant) reply =
      call (self, node, "org.freedesktop.DBus.Properties", "Get",
            g_variant_new ("(ss)", MC_TEST_ACCESSIBLE, "Description"), "(v)");
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
dup_role (McTestPerson *self, McTestNode *node)
{
  g_autoptr (GVariant) reply = call (self, node, MC_TEST_ACCESSIBLE, "GetRoleName", NULL, "(s)");
  char *role = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(s)", &role);
  return role != NULL ? role : g_strdup ("");
}

static gboolean
is_announced (McTestPerson *self, McTestNode *node, gpointer data)
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

/* --- where the keyboard gets --- */

/* "button “Close” /path": two with the same name are two. */
static char *
describe (McTestPerson *self, McTestNode *node)
{
  g_autofree char *role = dup_role (self, node);

  return g_strdup_printf ("%s “%s” %s", role, node->name, strrchr (node->path, '/') + 1);
}

char *
mc_test_person_dup_focus (McTestPerson *self)
{
  g_autoptr (McTestLook) look = mc_test_look_new (self->bus, self->program);

  for (guint i = look->nodes->len; i > 0; i--)
    {
      McTestNode *node = g_ptr_array_index (look->nodes, i - 1);

      if ((node->states & STATE_FOCUSED) != 0 && has_size (self, node))
        return describe (self, node);
    }
  return NULL;
}

static gboolean
is_control (McTestPerson *self, McTestNode *node)
{
  const guint32 wanted = STATE_FOCUSABLE | STATE_SENSITIVE;

  return (node->states & wanted) == wanted && has_size (self, node);
}

char **
mc_test_person_list_controls (McTestPerson *self, const char *within)
{
  g_autoptr (McTestLook) look = mc_test_look_new (self->bus, self->program);
  g_autoptr (GHashTable) frames = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) controls = g_ptr_array_new ();
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint position = 0;
  McTestNode *node;

  while ((node = mc_test_look_find (look, &position, within, "*")) != NULL)
    if (is_control (self, node))
      {
        g_ptr_array_add (controls, node);
        for (McTestNode *frame = node->parent; frame != NULL; frame = frame->parent)
          g_hash_table_add (frames, frame);
      }
  for (guint i = 0; i < controls->len; i++)
    {
      g_autofree char *text = describe (self, controls->pdata[i]);

      if (!g_hash_table_contains (frames, controls->pdata[i]))
        g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}

char *
mc_test_person_list_unnamed (McTestPerson *self)
{
  static const char *const roles[] = { "button",    "push button",  "toggle button", "check box",
                                       "switch",    "search box",   "text",          "entry",
                                       "combo box", "progress bar", "list",          "spin button",
                                       NULL };
  g_autoptr (McTestLook) look = mc_test_look_new (self->bus, self->program);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < look->nodes->len; i++)
    {
      McTestNode *node = g_ptr_array_index (look->nodes, i);
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
  g_autoptr (McTestLook) look = mc_test_look_new (self->bus, self->program);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < look->nodes->len; i++)
    {
      McTestNode *node = g_ptr_array_index (look->nodes, i);
      McTestNode *named = node->parent;

      while (named != NULL && named->name[0] == '\0')
        named = named->parent;
      if (node->name[0] != '\0' && !g_str_has_prefix (node->name, "Gtk")
          && !g_str_has_prefix (node->name, "Adw"))
        g_string_append_printf (text, "“%s” in “%s”\n", node->name,
                                named == NULL ? "" : named->name);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
