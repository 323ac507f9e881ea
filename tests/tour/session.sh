# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# A Model Cache of its own, to be sourced: the sample Hub on loopback, a private session bus that
# starts the built service on demand, and a data folder, all inside one temporary folder. The
# person's own bus, service, models and token are never touched. Whoever sources this calls
# session_start BUILD-FOLDER, and session_end in a trap on EXIT.

SESSION=
# Options of the sample Hub besides.
hub_options=()
hub_pid=
bus_pid=
# Ctrl-C is not for what runs behind the scene, but whatever becomes of this shell, it ends as well.
leashed=(setsid)
command -v setpriv >/dev/null && leashed+=(setpriv --pdeathsig TERM)

# A folder whose name needs no quoting in bus addresses and configuration files, and leaves room for
# a socket's name.
session_folder() {
  local top=${TMPDIR-/tmp}
  [[ $top =~ ^/[A-Za-z0-9_./-]{0,50}$ ]] && [ -w "$top" ] || top=/tmp
  SESSION=$(mktemp -d "$top/model-cache-tour.XXXXXX") || return
  mkdir "$SESSION/services" "$SESSION/home" "$SESSION/runtime" && chmod 700 "$SESSION/runtime"
}

# Nothing of the person's own settings reaches the programs, and no proxy stands before loopback.
session_environment() {
  unset HF_TOKEN HF_TOKEN_PATH MC_FAULT MC_DEBUG G_MESSAGES_DEBUG DBUS_STARTER_ADDRESS
  unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
  export no_proxy=127.0.0.1,localhost GIO_USE_PROXY_RESOLVER=dummy
  export HF_HOME=$SESSION/home/huggingface MODEL_CACHE_DATA_DIR=$SESSION/data
  export XDG_DATA_HOME=$SESSION/home/data XDG_CACHE_HOME=$SESSION/home/cache
  export XDG_CONFIG_HOME=$SESSION/home/config XDG_RUNTIME_DIR=$SESSION/runtime
  export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
  export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
  export LC_ALL=C.UTF-8
  PATH=$1/src/cli:$PATH
}

# The value after "$2" at the beginning of a line of file $1, as soon as process $3 has written it.
session_await() {
  local line n
  for ((n = 0; n < 200; n++)); do
    line=$(grep -m1 "^$2" "$1" 2>/dev/null) && echo "${line#"$2"}" && return
    kill -0 "$3" 2>/dev/null || break
    sleep 0.05
  done
  echo "$4 did not start:" >&2
  cat "$1" >&2
  return 1
}

session_start_hub() {
  HUB_LOG=$SESSION/hub.log
  # Slow enough for progress to be seen.
  "${leashed[@]}" "$1/tests/support/mc-sample-hub" --rate "${TOUR_RATE-8000000}" --log "$HUB_LOG" \
    "${hub_options[@]}" >"$SESSION/hub.out" 2>&1 &
  hub_pid=$!
  HF_ENDPOINT=$(session_await "$SESSION/hub.out" URL= $hub_pid "The sample Hub") || return
  HUB_STORAGE=$(session_await "$SESSION/hub.out" STORAGE= $hub_pid "The sample Hub") || return
  export HF_ENDPOINT HUB_STORAGE HUB_LOG
}

# The bus gets the limits that session buses have: the built-in ones are those of a system bus.
session_start_bus() {
  cat >"$SESSION/bus.conf" <<CONFIG
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=$SESSION</listen>
  <auth>EXTERNAL</auth>
  <servicedir>$SESSION/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_incoming_bytes">1000000000</limit>
  <limit name="max_incoming_unix_fds">250000000</limit>
  <limit name="max_outgoing_bytes">1000000000</limit>
  <limit name="max_outgoing_unix_fds">250000000</limit>
  <limit name="max_message_size">1000000000</limit>
  <limit name="max_completed_connections">100000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
CONFIG
  # The service tells its process id on the way, because its parent is the bus.
  cat >"$SESSION/services/com.tabagent.ModelCache.Service.service" <<ACTIVATION
[D-BUS Service]
Name=com.tabagent.ModelCache.Service
Exec=$SESSION/start-service
ACTIVATION
  cat >"$SESSION/start-service" <<START
#!/bin/sh
echo \$\$ >>$SESSION/service.pids
exec $(printf %q "$1/src/service/model-cache-service") 2>>$SESSION/service.log
START
  chmod +x "$SESSION/start-service"
  "${leashed[@]}" dbus-daemon --config-file="$SESSION/bus.conf" --nofork --nopidfile \
    --print-address=1 \
    >"$SESSION/bus.out" 2>"$SESSION/bus.err" &
  bus_pid=$!
  DBUS_SESSION_BUS_ADDRESS=$(session_await "$SESSION/bus.out" "" $bus_pid "The private bus") || return
  export DBUS_SESSION_BUS_ADDRESS
}

session_start() {
  local build
  build=$(cd "$1" && pwd) || return
  session_folder && session_environment "$build" && session_start_hub "$build" && session_start_bus "$build"
}

# Ends the process, by force if it does not in five seconds.
session_stop() {
  local n
  kill "$1" 2>/dev/null || return 0
  for ((n = 0; n < 100; n++)); do
    # A zombie has no executable any more.
    [ -e "/proc/$1/exe" ] || return 0
    sleep 0.05
  done
  kill -KILL "$1" 2>/dev/null
}

session_end() {
  local pid
  trap '' INT TERM HUP
  [ -n "$SESSION" ] || return 0
  while read -r pid; do
    # A number may be someone else's by now.
    case $(readlink "/proc/$pid/exe") in */model-cache-service*) session_stop "$pid" ;; esac
  done < <(cat "$SESSION/service.pids" 2>/dev/null)
  [ -n "$bus_pid" ] && session_stop "$bus_pid"
  [ -n "$hub_pid" ] && session_stop "$hub_pid"
  mkdir -p _build/logs &&
    cp "$SESSION/service.log" _build/logs/session-service.txt 2>/dev/null
  cp "$SESSION/hub.log" _build/logs/session-hub.txt 2>/dev/null
  rm -rf "$SESSION"
  SESSION=
}
