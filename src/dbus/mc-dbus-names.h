/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

/* MC_DBUS_NAME, the name of the service, is in config.h: the development profile has its own. */
#define MC_DBUS_PATH "/com/tabagent/ModelCache1"
#define MC_DBUS_INTERFACE_VERSION 6
#define MC_DBUS_ERROR_PREFIX "com.tabagent.ModelCache1.Error."

/* The first argument of Transfer.Finished. */
enum
{
  MC_DBUS_RESULT_DONE,
  MC_DBUS_RESULT_FAILED,
  MC_DBUS_RESULT_CANCELLED,
};
