/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-public.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define MC_ERROR (mc_error_quark ())

/**
 * McError:
 * @MC_ERROR_FAILED: none of the others: a fault of this program or of the system under it
 * @MC_ERROR_INVALID_NAME: a name or argument was malformed: correct it
 * @MC_ERROR_NOT_FOUND: the Hub has no such repo or revision, or it is private: check the name or
 *   sign in
 * @MC_ERROR_UNKNOWN_FILE: the repo has no such file: list its files
 * @MC_ERROR_UNKNOWN_VARIANT: the repo has no such variant, or the name fits several: list them
 * @MC_ERROR_NOT_SCANNED: the repo is not in the library: scan it first
 * @MC_ERROR_NOT_DOWNLOADED: the bytes are not here: download, or ask with `fetch`
 * @MC_ERROR_SIGN_IN: the Hub wants a token, and there is none: sign in
 * @MC_ERROR_GATED: the repo's conditions must be accepted first: open its page
 * @MC_ERROR_ACCESS_PENDING: the repo's owner was asked for access and has not answered: wait
 * @MC_ERROR_ACCESS_REFUSED: the owner said no, or the token lacks the right: ask the owner, or use
 *   another account or token
 * @MC_ERROR_TOKEN_REFUSED: the Hub does not accept the token, which expired or was revoked: sign in
 *   with a new one. What is public can be had all the same
 * @MC_ERROR_GONE: what was there is no longer: removed, disabled, or made private
 * @MC_ERROR_OFFLINE: offline mode is on, and this needs the network: turn it off
 * @MC_ERROR_RATE_LIMITED: too many requests: wait
 * @MC_ERROR_NETWORK: the Hub could not be reached or fell silent: check the connection, retry
 * @MC_ERROR_BAD_RESPONSE: an answer made no sense (wrong type, length, range, HTML): retry later or
 *   report it
 * @MC_ERROR_CORRUPT: bytes do not have the hash they should have: they were discarded; retry
 * @MC_ERROR_NO_SPACE: the disk is full: free space, then retry
 * @MC_ERROR_IN_USE: a lease or a running transfer holds it: wait, or end the holder
 * @MC_ERROR_BUSY: too much at once: retry shortly
 * @MC_ERROR_STORE: the store cannot be read or written: see the message
 * @MC_ERROR_STORE_ABSENT: the store was moved to a folder that is not there now: connect its disk
 * @MC_ERROR_CHANGED: what the Hub gives is no longer what was listed: scan again
 * @MC_ERROR_NOT_ALLOWED: the program is sandboxed, and the person has not allowed it this: ask the
 *   person
 * @MC_ERROR_NO_SERVICE: the service does not answer on the bus
 *
 * What went wrong, by what can be done about it. Cancellation stays %G_IO_ERROR_CANCELLED.
 */
typedef enum
{
  MC_ERROR_FAILED,
  MC_ERROR_INVALID_NAME,
  MC_ERROR_NOT_FOUND,
  MC_ERROR_UNKNOWN_FILE,
  MC_ERROR_UNKNOWN_VARIANT,
  MC_ERROR_NOT_SCANNED,
  MC_ERROR_NOT_DOWNLOADED,
  MC_ERROR_SIGN_IN,
  MC_ERROR_GATED,
  MC_ERROR_ACCESS_PENDING,
  MC_ERROR_ACCESS_REFUSED,
  MC_ERROR_TOKEN_REFUSED,
  MC_ERROR_GONE,
  MC_ERROR_OFFLINE,
  MC_ERROR_RATE_LIMITED,
  MC_ERROR_NETWORK,
  MC_ERROR_BAD_RESPONSE,
  MC_ERROR_CORRUPT,
  MC_ERROR_NO_SPACE,
  MC_ERROR_IN_USE,
  MC_ERROR_BUSY,
  MC_ERROR_STORE,
  MC_ERROR_STORE_ABSENT,
  MC_ERROR_CHANGED,
  MC_ERROR_NOT_ALLOWED,
  MC_ERROR_NO_SERVICE,
} McError;
#define MC_N_ERRORS (MC_ERROR_NO_SERVICE + 1)

MC_PUBLIC GQuark mc_error_quark (void);

/**
 * mc_error_get_name:
 * @error: (type GLib.Error): an error
 *
 * The short name of an error, as it appears on the bus and in JSON: “NotFound”.
 *
 * Returns: its name; “Failed” for any error of another domain, “Cancelled” for a cancellation
 */
MC_PUBLIC const char *mc_error_get_name (const GError *error);

/**
 * mc_error_from_name:
 * @name: a short name
 * @code: (out): the code of that name
 *
 * The code that has a short name.
 *
 * Returns: %FALSE if there is none
 */
MC_PUBLIC gboolean mc_error_from_name (const char *name, McError *code);

G_END_DECLS
