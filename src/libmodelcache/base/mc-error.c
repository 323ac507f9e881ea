/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"

/* The one table of error names: the bus, JSON and the exit codes of mcache all start from it. */

/* The formatter would put blanks into the name. */
/* clang-format off */
G_DEFINE_QUARK (mc-error-quark, mc_error)
/* clang-format on */

static const char *const names[] = {
  [MC_ERROR_FAILED] = "Failed",
  [MC_ERROR_INVALID_NAME] = "InvalidName",
  [MC_ERROR_NOT_FOUND] = "NotFound",
  [MC_ERROR_UNKNOWN_FILE] = "UnknownFile",
  [MC_ERROR_UNKNOWN_VARIANT] = "UnknownVariant",
  [MC_ERROR_NOT_SCANNED] = "NotScanned",
  [MC_ERROR_NOT_DOWNLOADED] = "NotDownloaded",
  [MC_ERROR_SIGN_IN] = "SignIn",
  [MC_ERROR_GATED] = "Gated",
  [MC_ERROR_ACCESS_PENDING] = "AccessPending",
  [MC_ERROR_ACCESS_REFUSED] = "AccessRefused",
  [MC_ERROR_TOKEN_REFUSED] = "TokenRefused",
  [MC_ERROR_GONE] = "Gone",
  [MC_ERROR_OFFLINE] = "Offline",
  [MC_ERROR_RATE_LIMITED] = "RateLimited",
  [MC_ERROR_NETWORK] = "Network",
  [MC_ERROR_BAD_RESPONSE] = "BadResponse",
  [MC_ERROR_CORRUPT] = "Corrupt",
  [MC_ERROR_NO_SPACE] = "NoSpace",
  [MC_ERROR_IN_USE] = "InUse",
  [MC_ERROR_BUSY] = "Busy",
  [MC_ERROR_STORE] = "Store",
  [MC_ERROR_STORE_ABSENT] = "StoreAbsent",
  [MC_ERROR_CHANGED] = "Changed",
  [MC_ERROR_NOT_ALLOWED] = "NotAllowed",
  [MC_ERROR_NO_SERVICE] = "NoService",
};
G_STATIC_ASSERT (G_N_ELEMENTS (names) == MC_N_ERRORS);

const char *
mc_error_get_name (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return "Cancelled";
  if (error->domain == MC_ERROR && error->code >= 0 && error->code < MC_N_ERRORS)
    return names[error->code];
  return names[MC_ERROR_FAILED];
}

gboolean
mc_error_from_name (const char *name, McError *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i], name) == 0)
      {
        *code = i;
        return TRUE;
      }
  return FALSE;
}
