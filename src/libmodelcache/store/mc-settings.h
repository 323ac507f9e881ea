/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What the person can choose: a name, a type, a default and limits for each. Pure. A new setting is
 * a line here and one in the table of mc-settings.c; it is then kept in the catalog, on the bus and
 * in mcache. Names and types are promised to callers of the bus for good. */

typedef enum
{
  MC_SETTING_COMPRESSION, /* flag: new contents are compressed where that saves space */
  MC_SETTING_SIZE_LIMIT,  /* bytes that the store may take on disk; 0: no limit */
  MC_SETTING_SCRUB_DAYS,  /* contents are verified again after so many days; 0: never by itself */
  MC_SETTING_ACTIVE_TRANSFERS, /* how many transfers fetch at once */
  MC_SETTING_BANDWIDTH_LIMIT,  /* bytes a second of all transfers together; 0: no limit */
  MC_SETTING_SCHEDULE_FROM,    /* hour of the day; see MC_SETTING_SCHEDULE_TO */
  MC_SETTING_SCHEDULE_TO,      /* transfers run up to this hour; the same hour: always */
  MC_SETTING_METERED,          /* McWhen: transfers on a metered network */
  MC_SETTING_POWER_SAVER,      /* McWhen: transfers while the computer saves power */
  MC_SETTING_INHIBIT_SUSPEND,  /* flag: the computer does not suspend while something is fetched */
  MC_SETTING_OFFLINE,          /* flag: the network is never touched */
  MC_SETTING_HOSTS_MATCH,      /* flag: bytes come from the endpoint's own hosts alone */
  MC_SETTING_SERVE,            /* flag: programs that speak to the Hub are answered on loopback */
  MC_SETTING_SERVE_PORT,       /* there; 0: any that is free */
  MC_SETTING_MOUNT,            /* flag: the store is shown as a folder */
  MC_SETTING_COPIES_LIMIT,     /* bytes of plain copies that are lent to programs; 0: no limit */
  /* From here on they are texts. */
  MC_SETTING_ENDPOINTS, /* list: where the Hub is asked, in this order; empty: at its one address */
  MC_SETTING_CA_FILE,   /* the path of a file with certificates to trust, too; "": none */
  MC_SETTING_SERVE_ORIGINS, /* list: of pages that may ask there, such as "https://example.org" */
  MC_SETTING_SERVE_KEY,     /* the secret part of that address; "": none was made yet */
  MC_SETTING_MOUNT_FOLDER,  /* the whole path of that folder; "": the usual one */
  MC_SETTING_APPS,          /* list: "APP=WORD", what sandboxed apps may do: none, read or all */
  MC_N_SETTINGS,
} McSetting;

#define MC_N_TEXT_SETTINGS (MC_N_SETTINGS - MC_SETTING_ENDPOINTS)
#define MC_SETTING_MAX_TEXT 1023 /* bytes */

/* Settings of words: "ask", "wait", "go-on". */
typedef enum
{
  MC_WHEN_ASK,
  MC_WHEN_WAIT,
  MC_WHEN_GO_ON,
} McWhen;

/* Flags are 0 or 1, words their numbers; items of lists are parted by blanks. By value. */
typedef struct
{
  guint64 values[MC_SETTING_ENDPOINTS];
  char texts[MC_N_TEXT_SETTINGS][MC_SETTING_MAX_TEXT + 1];
} McSettings;

void mc_settings_init (McSettings *self); /* all have their defaults */

gboolean mc_settings_get_flag (const McSettings *self, McSetting setting);
guint64 mc_settings_get_number (const McSettings *self, McSetting setting);

const char *mc_settings_get_text (const McSettings *self, McSetting setting);
char **mc_settings_dup_list (const McSettings *self, McSetting setting);

const char *mc_setting_get_name (McSetting setting);

/* Whether it has the value that it has by itself. */
gboolean mc_settings_is_default (const McSettings *self, McSetting setting);

/* Changes those in the a{sv}, or none of them: MC_ERROR_INVALID_NAME if one is unknown, or its
 * value has the wrong type or is out of its limits. */
gboolean mc_settings_change (McSettings *self, GVariant *changes, GError **error);

/* An a{sv} of all. Floating. */
GVariant *mc_settings_describe (const McSettings *self);

/* As they are kept. FALSE if there is no such setting or that is no value of it: nothing is changed
 * then. */
gboolean mc_settings_take_text (McSettings *self, const char *name, const char *text);
char *mc_settings_dup_text (const McSettings *self, McSetting setting);

G_END_DECLS
