# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# Results as TAP, to be sourced.

tap_number=0

# tap RESULT NAME: 0 is good.
tap() {
  tap_number=$((tap_number + 1))
  if [ "$1" = 0 ]; then echo "ok $tap_number $2"; else echo "not ok $tap_number $2"; fi
}

# passes NAME COMMAND...
passes() {
  local name=$1
  shift
  "$@"
  tap $? "$name"
}

# is NAME FOUND EXPECTED
is() {
  [ "$2" = "$3" ] || echo "# found: $2; expected: $3"
  [ "$2" = "$3" ]
  tap $? "$1"
}

skip() {
  tap_number=$((tap_number + 1))
  echo "ok $tap_number $1 # SKIP $2"
}

tap_end() { echo "1..$tap_number"; }
