#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# fetch-and-hash.sh REPO PATH: the SHA-256 of a file of a model, which is downloaded if need be.
#
# gdbus prints descriptors but does not hand them over, so the bytes come from mcache.
set -eu

[ $# -eq 2 ] || { echo "Usage: $0 REPO PATH" >&2; exit 2; }
name=com.tabagent.ModelCache.Service
root=/com/tabagent/ModelCache1

# A string as gdbus reads it, whatever is in it.
quote() {
  printf "'%s'" "$(printf %s "$1" | sed "s/[\\\\']/\\\\&/g")"
}

# call OBJECT METHOD ARGUMENT...: the answer, as gdbus prints it. A call may have to wait for the
# Hub; gdbus gives up after 25 seconds if it is not told otherwise.
call() {
  object=$1 method=$2
  shift 2
  gdbus call --session --timeout 600 --dest $name --object-path "$object" --method "$method" "$@"
}

# property TRANSFER NAME: a string.
property() {
  call "$1" org.freedesktop.DBus.Properties.Get com.tabagent.ModelCache1.Transfer "$2" |
    sed "s/^(<['\"]\(.*\)['\"]>,)\$/\1/"
}

repo=$(quote "$1")
path=$(quote "$2")

has=$(call $root com.tabagent.ModelCache1.Manager.HasFile "$repo" "$path")
if [ "$has" != '(true,)' ]; then
  # (objectpath '/com/tabagent/ModelCache1/transfer/1',)
  answer=$(call $root com.tabagent.ModelCache1.Manager.DownloadFile "$repo" "$path" '{}')
  transfer=${answer#*\'}
  transfer=${transfer%\'*}
  while state=$(property "$transfer" State); do
    case $state in
    done) break ;;
    failed | cancelled)
      echo "The download has $state: $(property "$transfer" Message)" >&2
      exit 1
      ;;
    *) sleep 1 ;;
    esac
  done
fi

# In a file first: a pipe would hide that mcache failed.
bytes=$(mktemp)
trap 'rm -f "$bytes"' EXIT
mcache cat "$1" "$2" >"$bytes"
hash=$(sha256sum <"$bytes")
printf '%s  %s\n' "${hash%% *}" "$2"
