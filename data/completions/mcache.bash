# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# mcache's words for bash. Verbs and options are read from its own help, repos and variants from what
# is here; where there is no service to ask, there are none.

_mcache_verbs() {
  LC_ALL=C mcache --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'
}

# The long options of verb $1.
_mcache_options() {
  LC_ALL=C mcache "$1" --help 2>/dev/null | grep -o -- '^  \(-., \)\?--[a-z-]*' | grep -o -- '--[a-z-]*'
}

_mcache_repos() {
  mcache list --json 2>/dev/null | sed -n 's/^    "repo" : "\([^"]*\)".*/\1/p'
}

# Without what is before the colon, which parts words for bash: mcache takes any end of a key.
_mcache_variants() {
  mcache show "$1" --json 2>/dev/null | sed -n 's/^ *"key" : "[^":]*:*\([^"]*\)".*/\1/p'
}

_mcache_settings() {
  mcache settings --json 2>/dev/null | sed -n 's/^ *"\([a-z-]*\)" :.*/\1/p'
}

_mcache() {
  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]-} words
  case $word in
    -*) words=$(_mcache_options "$verb") ;;
    *)
      case $COMP_CWORD:$verb in
        1:*) words=$(_mcache_verbs) ;;
        2:settings) words=$(_mcache_settings) ;;
        2:help) words=$(_mcache_verbs) ;;
        2:import | 2:move | 2:mount) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
        2:browser) words='allow deny' ;;
        2:service) words='status stop' ;;
        3:queue) words='now next last' ;;
        2:scan | 2:show | 2:plan | 2:download | 2:outdated | 2:update | 2:cat | 2:open | 2:checkout | \
          2:verify | 2:delete | 2:usage | 2:pin | 2:unpin) words=$(_mcache_repos) ;;
        3:show | 3:plan | 3:download | 3:update | 3:checkout | 3:verify | 3:delete | 3:pin | 3:unpin)
          words=$(_mcache_variants "${COMP_WORDS[2]}")
          ;;
      esac
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "${words-}" -- "$word")
}

complete -F _mcache -o bashdefault mcache
