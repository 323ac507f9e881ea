# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# The blocks of data/examples/recipes.md, and models for them to use; to be sourced, after session.sh.

# Writes the blocks to files FOLDER/NUMBER, and prints of each: NUMBER LINE LANGUAGE WHAT-IT-NEEDS...
recipe_blocks() {
  awk -v folder="$1" '
    /^```/ && !file { file = folder "/" ++n; print n, NR, substr($0, 4); printf "" >file; next }
    /^```/ { close(file); file = ""; next }
    file { print >file }' data/examples/recipes.md
}

# The models, as options of the sample Hub: before session_start.
recipe_models() {
  local file
  mkdir -p "$1"
  while read -r file; do hub_options+=(--file "$file"); done < <(tests/programs/tiny-models.py "$1")
}
