# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# mcache's words for fish. Verbs and options are read from its own help, repos and variants from what
# is here; where there is no service to ask, there are none.

function __mcache_verb
    set -l words (commandline -opc)
    test (count $words) -ge 2; and echo $words[2]
end

function __mcache_place
    count (commandline -opc)
end

function __mcache_at --argument-names place
    test (__mcache_place) = $place; and contains -- (__mcache_verb) $argv[2..]
end

function __mcache_options
    mcache (__mcache_verb) --help 2>/dev/null |
        string match -r -g '^  (?:-., )?(--[a-z-]+)\S* +(.*)' | paste - -
end

complete -c mcache -n 'test (__mcache_place) = 1' -f -a "(mcache --help 2>/dev/null | string match -r -g '^  ([a-z]+)  +(.*)' | paste - -)"
complete -c mcache -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__mcache_options)'
set -l repo scan show plan download outdated update cat open checkout verify delete usage pin unpin
complete -c mcache -n "__mcache_at 2 $repo" -f -a "(mcache list --json 2>/dev/null | string match -r -g '^    \"repo\" : \"([^\"]*)\"')"
set -l variant show plan download update checkout verify delete pin unpin
complete -c mcache -n "__mcache_at 3 $variant" -f -a "(mcache show (commandline -opc)[3] --json 2>/dev/null | string match -r -g '^ *\"key\" : \"([^\"]*)\"')"
complete -c mcache -n '__mcache_at 2 settings' -f -a "(mcache settings --json 2>/dev/null | string match -r -g '^ *\"([a-z-]+)\" :')"
complete -c mcache -n '__mcache_at 2 browser' -f -a 'allow deny'
complete -c mcache -n '__mcache_at 2 service' -f -a 'status stop'
complete -c mcache -n '__mcache_at 3 queue' -f -a 'now next last'
