/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-private-cache.h"

#include "mc-cache-private.h"
#include "mc-private-host.h"

/**
 * McPrivateCache:
 *
 * A cache in a folder of your own, with everything that happens to it in this process: no service,
 * no bus. It is for programs that run where there is none, and for those that must not share.
 *
 * One process at a time can have a folder open. Downloads run as long as somebody waits for them;
 * what was fetched of one that was interrupted is kept, and used by the next. A thread of its own
 * does the work, so that the main loop of the program may stand still meanwhile.
 *
 * Let go of it by [method@ModelCache.PrivateCache.close]; languages that collect garbage do so
 * late.
 */
struct _McPrivateCache
{
  McCache parent_instance;
  McPrivateHost *host; /* (owned) */
};

enum
{
  PROP_FOLDER = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

typedef struct
{
  McCacheClass parent_class;
} McPrivateCacheClass;

G_DEFINE_FINAL_TYPE (McPrivateCache, mc_private_cache, MC_TYPE_CACHE)

static void
mc_private_cache_start (McCache *cache, McRequest *request)
{
  mc_private_host_begin (MC_PRIVATE_CACHE (cache)->host, request);
}

static void
mc_private_cache_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FOLDER)
    g_value_set_string (value, mc_private_cache_get_folder (MC_PRIVATE_CACHE (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* Nothing is under way: it would hold the cache. */
static void
mc_private_cache_finalize (GObject *object)
{
  McPrivateCache *self = MC_PRIVATE_CACHE (object);

  if (self->host != NULL)
    mc_private_host_close (self->host, FALSE);
  g_clear_pointer (&self->host, mc_private_host_unref);
  G_OBJECT_CLASS (mc_private_cache_parent_class)->finalize (object);
}

static void
mc_private_cache_class_init (McPrivateCacheClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_private_cache_get_property;
  object_class->finalize = mc_private_cache_finalize;
  MC_CACHE_CLASS (klass)->start = mc_private_cache_start;
  /**
   * McPrivateCache:folder: (getter get_folder)
   *
   * Where it is, as a whole path.
   */
  properties[PROP_FOLDER] =
      g_param_spec_string ("folder", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_private_cache_init (McPrivateCache *self)
{
}

/**
 * mc_private_cache_new: (constructor)
 * @folder: (type filename): where it is, or is to be; its files are not an interface
 * @endpoint: (nullable): the address of the Hub; %NULL: that of `HF_ENDPOINT`, else of Hugging Face
 * @token: (nullable): what the Hub knows this account by; %NULL: none with an @endpoint, else that
 * of the environment (`HF_TOKEN`) or of the Hub's own tools; empty: none
 * @error: (nullable): why it failed
 *
 * Opens the cache in a folder, or makes one there. This blocks, for milliseconds as a rule.
 *
 * The token goes to the Hub's own address and nowhere else. What an interrupted process left to be
 * downloaded is not gone on with by itself.
 *
 * %MC_ERROR_BUSY if another process, or another cache of this one, has the folder; %MC_ERROR_STORE
 * if it cannot be made or read; %MC_ERROR_INVALID_NAME if @endpoint is no address.
 *
 * Returns: (transfer full): a cache; %NULL with an error
 */
McPrivateCache *
mc_private_cache_new (const char *folder, const char *endpoint, const char *token, GError **error)
{
  McPrivateHost *host;
  McPrivateCache *self;

  g_return_val_if_fail (folder != NULL, NULL);
  host = mc_private_host_open (folder, endpoint, token, error);
  if (host == NULL)
    return NULL;
  self = g_object_new (MC_TYPE_PRIVATE_CACHE, NULL);
  self->host = host;
  return self;
}

/**
 * mc_private_cache_get_folder: (get-property folder)
 * @self: a cache
 *
 * Where it is.
 *
 * Returns: (type filename): a whole path
 */
const char *
mc_private_cache_get_folder (McPrivateCache *self)
{
  g_return_val_if_fail (MC_IS_PRIVATE_CACHE (self), NULL);
  return mc_private_host_get_folder (self->host);
}

/**
 * mc_private_cache_close:
 * @self: a cache
 *
 * Gives up what is under way, which then ends as cancelled, and lets go of the folder: another
 * process can have it afterwards. Waits until that is done. Bytes, streams and checkouts that were
 * given out stay good. More often than once does no harm.
 */
void
mc_private_cache_close (McPrivateCache *self)
{
  g_return_if_fail (MC_IS_PRIVATE_CACHE (self));
  mc_private_host_close (self->host, TRUE);
}
