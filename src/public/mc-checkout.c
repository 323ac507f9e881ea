/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-checkout-private.h"

/**
 * McCheckout:
 *
 * The files of a variant under their own names in a folder, for programs that want paths.
 *
 * They are there as long as this object is, or until [method@ModelCache.Checkout.release]: keep it
 * while the paths are used. Where a [class@ModelCache.SharedCache] shows its store as a folder,
 * they are files of that folder ([property@ModelCache.Checkout:is-view]), and nothing is copied.
 * Otherwise they are plain copies, which take their size on the disk of the cache while they are
 * there. They are read-only; nothing that happens to them changes the cache.
 */
struct _McCheckout
{
  GObject parent_instance;
  char *folder;
  gboolean is_view;
  char **paths;
  GDestroyNotify release; /* (nullable): NULL once it was released */
  gpointer data;
};

enum
{
  PROP_FOLDER = 1,
  PROP_IS_VIEW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McCheckout, mc_checkout, G_TYPE_OBJECT)

static void
mc_checkout_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McCheckout *self = MC_CHECKOUT (object);

  switch (id)
    {
    case PROP_FOLDER:
      g_value_set_string (value, self->folder);
      break;
    case PROP_IS_VIEW:
      g_value_set_boolean (value, self->is_view);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_checkout_dispose (GObject *object)
{
  mc_checkout_release (MC_CHECKOUT (object));
  G_OBJECT_CLASS (mc_checkout_parent_class)->dispose (object);
}

static void
mc_checkout_finalize (GObject *object)
{
  McCheckout *self = MC_CHECKOUT (object);

  g_free (self->folder);
  g_strfreev (self->paths);
  G_OBJECT_CLASS (mc_checkout_parent_class)->finalize (object);
}

static void
mc_checkout_class_init (McCheckoutClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = mc_checkout_get_property;
  object_class->dispose = mc_checkout_dispose;
  object_class->finalize = mc_checkout_finalize;
  /**
   * McCheckout:folder: (getter get_folder)
   *
   * Where the files are, by their paths in the repo.
   */
  properties[PROP_FOLDER] = g_param_spec_string ("folder", NULL, NULL, NULL, flags);
  /**
   * McCheckout:is-view: (getter get_is_view)
   *
   * Whether they are files of the folder that the cache is shown as, and nothing was copied.
   */
  properties[PROP_IS_VIEW] = g_param_spec_boolean ("is-view", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_checkout_init (McCheckout *self)
{
}

McCheckout *
mc_checkout_new (
    const char *folder, gboolean is_view, char **paths, GDestroyNotify release, gpointer data)
{
  McCheckout *self = g_object_new (MC_TYPE_CHECKOUT, NULL);

  self->folder = g_strdup (folder);
  self->is_view = is_view;
  self->paths = paths;
  self->release = release;
  self->data = data;
  return self;
}

/**
 * mc_checkout_get_folder: (get-property folder)
 * @self: a checkout
 *
 * Where the files are, by their paths in the repo.
 *
 * Returns: (type filename): the whole path of a folder
 */
const char *
mc_checkout_get_folder (McCheckout *self)
{
  g_return_val_if_fail (MC_IS_CHECKOUT (self), NULL);
  return self->folder;
}

/**
 * mc_checkout_get_is_view: (get-property is-view)
 * @self: a checkout
 *
 * Whether they are files of the folder that a [class@ModelCache.SharedCache] is shown as. Nothing
 * was copied then; other files of the repo may be in the folder, too; and reading fails when the
 * service is ended by force.
 *
 * Returns: %FALSE if they are plain copies
 */
gboolean
mc_checkout_get_is_view (McCheckout *self)
{
  g_return_val_if_fail (MC_IS_CHECKOUT (self), FALSE);
  return self->is_view;
}

/**
 * mc_checkout_dup_paths:
 * @self: a checkout
 *
 * Which files there are.
 *
 * Returns: (transfer full): their paths in the repo, which are those in the folder
 */
char **
mc_checkout_dup_paths (McCheckout *self)
{
  g_return_val_if_fail (MC_IS_CHECKOUT (self), NULL);
  return g_strdupv (self->paths);
}

/**
 * mc_checkout_dup_path:
 * @self: a checkout
 * @path: of one of its files in the repo
 *
 * Where one of its files is.
 *
 * Returns: (transfer full) (nullable) (type filename): its whole path; %NULL if it is none of them
 */
char *
mc_checkout_dup_path (McCheckout *self, const char *path)
{
  g_return_val_if_fail (MC_IS_CHECKOUT (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  if (!g_strv_contains ((const char *const *) self->paths, path))
    return NULL;
  return g_build_filename (self->folder, path, NULL);
}

/**
 * mc_checkout_release:
 * @self: a checkout
 *
 * Says that the paths are not used any more, without waiting for the object to go. More often than
 * once does no harm.
 */
void
mc_checkout_release (McCheckout *self)
{
  GDestroyNotify release;

  g_return_if_fail (MC_IS_CHECKOUT (self));
  release = g_steal_pointer (&self->release);
  if (release != NULL)
    release (g_steal_pointer (&self->data));
}
