#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# test-install.sh BUILD: what `meson install` puts where, all of it (installed.txt) and nothing else; the
# library: what it shows, and whether programs in C, Python and JavaScript that know nothing of the tree
# find it and work; and that nothing is left when it is uninstalled. Prints TAP.
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tour/session.sh
. tests/tour/session.sh

n=0
# Whether the command works; what it says is shown if it does not.
check() {
  local name=$1 said
  n=$((n + 1))
  if said=$("${@:2}" 2>&1); then
    echo "ok $n /install/$name"
  else
    echo "not ok $n /install/$name"
    # shellcheck disable=SC2001
    sed 's/^/# /' <<<"$said"
  fi
}

skip() {
  n=$((n + 1))
  echo "ok $n /install/$1 # SKIP $2"
}

# Where it has to be taken for installed in another place than it was made for.
relocate() {
  library=$(dirname "$(find "$root" -name libmodelcache.so)")
  sed -i "s|^prefix=.*|prefix=$root/usr/local|" "$library/pkgconfig/model-cache-1.pc"
  export PKG_CONFIG_PATH=$library/pkgconfig LD_LIBRARY_PATH=$library
  export GI_TYPELIB_PATH=$library/girepository-1.0
}

put() {
  meson install --no-rebuild --quiet --destdir "$root" -C "$build" && relocate
}

# What installed.txt tells for how this was built; pages about the library are as many as there are.
expected() {
  local when path language
  while read -r when path; do
    case $when in
      always) ;;
      introspection) [ -d "$GI_TYPELIB_PATH" ] || continue ;;
      docs) [ -d "$root/usr/local/share/doc/model-cache-1" ] || continue ;;
      systemd) [ -d "$root/usr/local/lib/systemd" ] || continue ;;
      *) continue ;;
    esac
    case $path in
      *LANGUAGE*) while read -r language; do echo "${path/LANGUAGE/$language}"; done <po/LINGUAS ;;
      LIB/*) echo "${library#"$root/usr/local/"}/${path#LIB/}" ;;
      *) echo "$path" ;;
    esac
  done <tests/bindings/installed.txt | sort
}

complete() {
  diff <(expected) <(cd "$root/usr/local" && find . ! -type d | sed 's|^\./||; s|^\(share/doc/model-cache-1\)/.*|\1|' |
    sort -u)
}

# Everything that was written is gone again, and so are the folders that were made for it.
uninstall() {
  ninja -C "$build" uninstall >/dev/null || return
  [ ! -e "$root" ] || { find "$root" && return 1; }
}

# What the headers promise, and not a symbol more.
symbols() {
  diff <(nm -D --defined-only "$library/libmodelcache.so" | awk '{ print $3 }' | sort) \
    <({
      cat "$root"/usr/local/include/model-cache-1/*.h | tr '\n' ' ' | sed 's/;/;\n/g; s/)/)\n/g' |
        grep -oE 'MC_PUBLIC [^(]*\b(mc_[a-z0-9_]+) \(' | grep -oE 'mc_[a-z0-9_]+ ' | tr -d ' '
      cat "$root"/usr/local/include/model-cache-1/*.h | tr '\n' ' ' |
        grep -oE 'MC_PUBLIC G_DECLARE_[A-Z_]+ \([A-Za-z]+, mc_[a-z_]+' | sed 's/.*, \(.*\)/\1_get_type/'
    } | sort)
}

soname() {
  objdump -p "$library/libmodelcache.so" | grep -E 'SONAME +libmodelcache\.so\.1$' || {
    objdump -p "$library/libmodelcache.so"
    return 1
  }
}

compile() {
  local flags
  read -ra flags < <(pkg-config --cflags --libs model-cache-1) || return
  "${CC:-cc}" -Wall -Wextra -Wno-unused-parameter -Werror -o "$SESSION/cache-and-hash" \
    data/examples/cache-and-hash.c "${flags[@]}"
}

# Does its job: what is not here, the same again, what does not exist; and once more on its own.
works() {
  local first second
  first=$("$@" sample/tiny-embed config.json 2>/dev/null) || return
  second=$("$@" sample/tiny-embed config.json) || return
  if [ "$first" != "$second" ] || ! [[ $first =~ ^[0-9a-f]{64}\ \ config.json$ ]]; then
    echo "it printed: $first, $second"
    return 1
  fi
  ! "$@" sample/tiny-embed none && "$@" --private "$SESSION/own" sample/tiny-embed config.json
}

# The log of what was installed is of the last time, which may have been a person's.
log=$build/meson-logs/install-log.txt
leave() {
  if [ -e "$SESSION/install-log.txt" ]; then mv "$SESSION/install-log.txt" "$log"; else rm -f "$log"; fi
  session_end
}
trap leave EXIT
session_start "$build" >/dev/null || exit 1
[ ! -e "$log" ] || cp "$log" "$SESSION/install-log.txt"
root=$SESSION/root
check put put
# Not in a subshell, for its variables.
relocate
check complete complete
check symbols symbols
check soname soname
check compile compile
check c works "$SESSION/cache-and-hash"
if [ -d "$GI_TYPELIB_PATH" ]; then
  check python works /usr/bin/python3 data/examples/cache_and_hash.py
  if command -v gjs >/dev/null; then
    check javascript works gjs -m data/examples/cache-and-hash.js
  else
    skip javascript "gjs is not installed"
  fi
else
  skip python "it was built without introspection"
  skip javascript "it was built without introspection"
fi
check uninstall uninstall
echo "1..$n"
