/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-verbs.h"

#include <glib/gi18n.h>
#include <string.h>

/* The table of verbs, in the order of the help: what people meet first comes first. */

const McCliVerb mc_cli_verbs[] = {
  { "search", mc_cli_search, "TEXT...", N_ ("Look for models on the Hub"), NULL, 1, G_MAXUINT,
    FALSE, FALSE },
  { "scan", mc_cli_scan, "REPO", N_ ("Read a repo's variants and files from the Hub"),
    N_ ("REPO is owner/name, owner/name@revision, or whatever names a repo where you found it: the "
        "address of its page, hf.co/owner/name:Q4_K_M, or a command such as hf download "
        "owner/name."),
    1, 1, TRUE, FALSE },
  { "show", mc_cli_show, "REPO [VARIANT]", N_ ("Show what is known of a scanned repo"),
    N_ ("Of one variant (owner/name:Q4_K_M, or a key, or any unambiguous end of it) all is told: "
        "what loads it, whether it fits this computer and why, and its files."),
    1, 2, TRUE, FALSE },
  { "list", mc_cli_list, "", N_ ("List the repos with something on this computer"), NULL, 0, 0,
    FALSE, FALSE },
  { "plan", mc_cli_plan, "REPO [VARIANT]", N_ ("Tell what a download would fetch"), NULL, 1, 2,
    TRUE, FALSE },
  { "download", mc_cli_download, "REPO [VARIANT]", N_ ("Download a variant, or one file"),
    N_ ("VARIANT is a key such as onnx:q4f16, or any unambiguous end of it. Without it, the one "
        "that "
        "REPO names (owner/name:Q4_K_M) or the repo's default is taken. The service downloads: "
        "Ctrl-C ends only the watching."),
    1, 2, TRUE, FALSE },
  { "outdated", mc_cli_outdated, "[REPO]", N_ ("Show what is newer on the Hub"), NULL, 0, 1, TRUE,
    FALSE },
  { "update", mc_cli_update, "REPO [VARIANT]", N_ ("Go over to what is newer on the Hub"),
    N_ ("The old one stays, and is what programs get, until the new one is here and verified. "
        "Without "
        "VARIANT all that was downloaded of REPO is updated. The service does it: Ctrl-C ends only "
        "the watching."),
    1, 2, TRUE, FALSE },
  { "import", mc_cli_import, "[PATH [REPO]]", N_ ("Adopt files that other programs downloaded"),
    N_ ("PATH is a folder or a file: a cache of huggingface_hub, the models of Ollama or LM "
        "Studio, "
        "or any other. What has the hash of a file of a repo (of REPO, else of any that was "
        "scanned, "
        "or that a name in PATH tells) is copied into the store; all else is left alone, and "
        "nothing "
        "in PATH is changed. Without PATH, the usual places on this computer are told."),
    0, 2, FALSE, FALSE },
  { "status", mc_cli_status, "", N_ ("Show the transfers"), NULL, 0, 0, FALSE, FALSE },
  { "pause", mc_cli_pause, "[TRANSFER...]", N_ ("Pause transfers"),
    N_ ("TRANSFER is a number as shown by mcache status, or the name of a repo."), 0, G_MAXUINT,
    FALSE, FALSE },
  { "resume", mc_cli_resume, "[TRANSFER...]", N_ ("Let paused transfers go on"),
    N_ ("TRANSFER is a number as shown by mcache status, or the name of a repo."), 0, G_MAXUINT,
    FALSE, FALSE },
  { "cancel", mc_cli_cancel, "[TRANSFER...]", N_ ("End transfers"),
    N_ ("TRANSFER is a number as shown by mcache status, or the name of a repo. What was fetched "
        "is "
        "kept, and a new download goes on from it, unless --discard is given."),
    0, G_MAXUINT, FALSE, FALSE },
  { "retry", mc_cli_retry, "[TRANSFER...]", N_ ("Try failed or waiting transfers again now"),
    N_ ("TRANSFER is a number as shown by mcache status, or the name of a repo."), 0, G_MAXUINT,
    FALSE, FALSE },
  { "queue", mc_cli_queue, "[TRANSFER WHERE]", N_ ("Show or change the order of transfers"),
    N_ ("WHERE is now, next, last or a position. TRANSFER is a number as shown by mcache status, "
        "or "
        "the name of a repo."),
    0, 2, FALSE, FALSE },
  { "limit", mc_cli_limit, "TRANSFER RATE", N_ ("Limit how fast one transfer is"),
    N_ ("RATE is a number of bytes a second such as 2MB, or none. For all of them together: mcache "
        "settings bandwidth-limit RATE."),
    2, 2, FALSE, FALSE },
  { "serve", mc_cli_serve, "", N_ ("Let programs that speak to the Hub take their files from here"),
    N_ ("Shows the address that HF_ENDPOINT is to be for them. It goes on until it is switched "
        "off."),
    0, 0, FALSE, FALSE },
  { "browser", mc_cli_browser, "[allow ID|deny ID]",
    N_ ("Show or change which extensions of browsers may ask"),
    N_ ("An extension that is allowed can list, scan and download models, and read them. ID is as "
        "the browser shows it: 32 letters for Chromium and its kin, name@example.org or {UUID} for "
        "Firefox."),
    0, 2, FALSE, FALSE },
  { "access", mc_cli_access, "[allow APP|read-only APP|refuse APP|forget APP]",
    N_ ("Show or change which sandboxed apps may use what is here"),
    N_ ("APP is the id of a Flatpak, as org.example.App. Programs that run in no sandbox may "
        "always."),
    0, 2, FALSE, FALSE },
  { "mount", mc_cli_mount, "[FOLDER]", N_ ("Show what is here as a folder, without copying it"),
    N_ ("Files are in OWNER/NAME/ there, and once more as in a cache of huggingface_hub, which "
        "HF_HUB_CACHE can be set to. Nothing can be written. It stays until it is switched off."),
    0, 1, FALSE, FALSE },
  { "allow", mc_cli_allow, "", N_ ("Let transfers go on that wait for another network or hour"),
    N_ ("Until what they wait for has come."), 0, 0, FALSE, FALSE },
  { "history", mc_cli_history, "", N_ ("Show what became of transfers"), NULL, 0, 0, FALSE, FALSE },
  { "cat", mc_cli_cat, "REPO PATH", N_ ("Write a downloaded file to standard output"),
    N_ ("N is a count of bytes; 64KiB and 5MB are understood too."), 2, 2, TRUE, FALSE },
  { "open", mc_cli_open, "REPO PATH [-- COMMAND [ARGUMENT...]]",
    N_ ("Run a command on a downloaded file"),
    N_ ("COMMAND gets the file as an open descriptor: each {} in its arguments becomes a path of "
        "it. Without any {} the file is its standard input. The exit status is that of COMMAND. "
        "Without COMMAND, tell what would be opened."),
    2, 2, TRUE, TRUE },
  { "checkout", mc_cli_checkout, "REPO [VARIANT] [-- COMMAND [ARGUMENT...]]",
    N_ ("Give a command a folder with a variant's files"),
    N_ ("Each {} in COMMAND becomes the folder; without any {} it runs there. Without COMMAND the "
        "folder is printed, and is there until Ctrl-C. It is the one of mcache mount where that is "
        "on, else a "
        "folder of copies, which are removed afterwards."),
    1, 2, TRUE, TRUE },
  { "verify", mc_cli_verify, "REPO [VARIANT]|--all|--deep",
    N_ ("Read downloaded files back and compare their hashes"), NULL, 0, 2, TRUE, FALSE },
  { "delete", mc_cli_delete, "REPO [VARIANT]|--unnamed", N_ ("Delete a variant, or a whole repo"),
    NULL, 0, 2, TRUE, FALSE },
  { "usage", mc_cli_usage, "[REPO]", N_ ("Show what takes how much space"), NULL, 0, 1, TRUE,
    FALSE },
  { "reclaim", mc_cli_reclaim, "[SIZE]", N_ ("Delete what was used least recently"),
    N_ ("Until SIZE is given back, such as 20GB; without it, until the size limit is kept. What is "
        "pinned, open or being downloaded stays."),
    0, 2, FALSE, FALSE },
  { "pin", mc_cli_pin, "REPO [VARIANT]", N_ ("Keep the size limit from taking it"), NULL, 1, 2,
    TRUE, FALSE },
  { "unpin", mc_cli_unpin, "REPO [VARIANT]", N_ ("Let the size limit take it again"), NULL, 1, 2,
    TRUE, FALSE },
  { "doctor", mc_cli_doctor, "", N_ ("Find out where a download fails"),
    N_ ("Tries name resolution, the connection and its encryption, the Hub's API, the token, the "
        "resolver of files, the storage host and the disk, in this order, and prints a report "
        "without secrets. The exit status is 1 if any of them fails."),
    0, 0, FALSE, FALSE },
  { "login", mc_cli_login, "[ENDPOINT]", N_ ("Sign in to the Hub with a token"),
    N_ ("The token is read from standard input, or asked for without showing it, and kept in your "
        "keyring. ENDPOINT is the address of a Hub, if it is not the usual one."),
    0, 1, FALSE, FALSE },
  { "logout", mc_cli_logout, "[ENDPOINT]", N_ ("Forget that token"), NULL, 0, 1, FALSE, FALSE },
  { "whoami", mc_cli_whoami, "", N_ ("Show whose token it is"), NULL, 0, 0, FALSE, FALSE },
  { "settings", mc_cli_settings, "[NAME [VALUE]]", N_ ("Show or change what the service does"),
    N_ ("Without NAME, all settings are shown; with VALUE, that one is changed. A VALUE is on or "
        "off, "
        "a number, a size such as 200GB, a text, a list of words, or none."),
    0, 9, FALSE, FALSE },
  { "move", mc_cli_move, "FOLDER", N_ ("Move the store to another folder or disk"),
    N_ ("FOLDER must be empty or not there yet. Programs can read meanwhile. The service remembers "
        "where the store is; while its disk is away nothing is lost."),
    1, 1, FALSE, FALSE },
  { "variants", mc_cli_variants, "REPO|-", N_ ("Group a listing of files into variants"),
    N_ ("With -, read a listing {\"files\": [{\"path\", \"size\"}]} from standard input; this "
        "needs "
        "neither network nor service, and writes JSON where the output is no terminal."),
    1, 1, TRUE, FALSE },
  { "service", mc_cli_service, "[status|stop]", N_ ("Show or end the service"),
    N_ ("The service starts when it is needed and ends by itself. Transfers go on at its next "
        "start."),
    0, 1, FALSE, FALSE },
  { NULL },
};

const McCliVerb *
mc_cli_find_verb (const char *name)
{
  for (const McCliVerb *verb = mc_cli_verbs; verb->name != NULL; verb++)
    if (strcmp (verb->name, name) == 0)
      return verb;
  return NULL;
}

char **
mc_cli_list_verb_names (void)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (const McCliVerb *verb = mc_cli_verbs; verb->name != NULL; verb++)
    g_strv_builder_add (names, verb->name);
  g_strv_builder_add (names, "help");
  return g_strv_builder_end (names);
}
