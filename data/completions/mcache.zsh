#compdef mcache
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# mcache's words for zsh. Verbs and options are read from its own help, repos and variants from what
# is here; where there is no service to ask, there are none.

_mcache() {
  local verb=$words[2]
  local -a lines

  if [[ $words[CURRENT] == -* ]]; then
    lines=(${(f)"$(mcache $verb --help 2>/dev/null |
      sed -n 's/^  \(-., \)\{0,1\}\(--[a-z-]*\)[^ ]* *\(.*\)/\2:\3/p')"})
    _describe option lines
  elif (( CURRENT == 2 )); then
    lines=(${(f)"$(mcache --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  *\(.*\)/\1:\2/p')"})
    _describe verb lines
  elif (( CURRENT == 3 )); then
    case $verb in
      settings)
        lines=(${(f)"$(mcache settings --json 2>/dev/null | sed -n 's/^ *"\([a-z-]*\)" :.*/\1/p')"})
        _describe setting lines
        ;;
      import | move | mount) _files -/ ;;
      browser) compadd allow deny ;;
      service) compadd status stop ;;
      scan | show | plan | download | outdated | update | cat | open | checkout | verify | delete | usage | pin | unpin)
        lines=(${(f)"$(mcache list --json 2>/dev/null | sed -n 's/^    "repo" : "\([^"]*\)".*/\1/p')"})
        compadd -a lines
        ;;
    esac
  elif (( CURRENT == 4 )); then
    case $verb in
      queue) compadd now next last ;;
      show | plan | download | update | checkout | verify | delete | pin | unpin)
        lines=(${(f)"$(mcache show $words[3] --json 2>/dev/null | sed -n 's/^ *"key" : "\([^"]*\)".*/\1/p')"})
        compadd -a lines
        ;;
    esac
  fi
}

_mcache "$@"
