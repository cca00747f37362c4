#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The completions of this tree are those of these tools; bash's complete what they should, zsh and fish (where they
# are installed) can read theirs.
#
# usage: completions.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

top=$(realpath "$(dirname "$0")/../..")
tools=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0
fail() {
  echo "FAILED: $*" >&2
  failed=1
}

"$top/scripts/make-completions" "$tools" made
diff -r "$top/completions" made >&2 || fail "completions/ is old: run scripts/make-completions $tools"
for name in "$top"/tools/*/; do
  grep -q "^complete -F _inxt .*\b$(basename "$name")\b" made/inxt.bash || fail "nothing completes $(basename "$name")"
done

# complete WORD...: what bash offers for the last word, on one line.
complete_words() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  INXT_HOSTS=$work/hosts bash --noprofile --norc -c '
    source "$1/inxt.bash"
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    "$(complete -p "$1" | sed "s/.*-F \([^ ]*\).*/\1/")"
    printf "%s\n" "${COMPREPLY[@]-}" | sort | paste -sd " "' bash "$work/made" "$@"
}
offers() { # offers "WORDS" WORD...
  local wanted=$1 got
  shift
  got=$(complete_words "$@")
  [[ $got == "$wanted" ]] || fail "$* offers \"$got\", not \"$wanted\""
}

mkdir folder
touch photos.inxt photos.tar
host=$(printf '%064d' 7)
echo "{\"type\":\"host\",\"host\":\"$host\",\"addresses\":[]}" >hosts

offers "get" inxt ge
offers "--recipient" inxt put --reci
offers "--receipts --recipient --recursive" inxt-put --rec
offers "photos.inxt photos.tar" inxt-put photos
offers "photos.inxt photos.tar" inxt-get -o photos
offers "photos.inxt photos.tar" inxt-get --output = photos
offers "folder" inxt-shard --join --dir fo
offers "plain" inxt-get --progress pl
offers "auto json never plain" inxt-get --progress =
offers "never" inxt-get --progress = ne
offers "" inxt-put --compress = ""
offers "photos.inxt photos.tar" inxt-put -z photos
offers "" inxt-put --jobs ""
offers "caretaker file-key new restore show uploader" inxt-key ""
offers "restore" inxt key re
offers "--recipient" inxt-key show --re
offers "" inxt-key new --reci
offers "$host" inxt-key show --for-host 0
offers "folder" inxt-host check fo
offers "--deep" inxt-host check --de
offers "photos.inxt photos.tar" inxt-get -- ph
offers "" inxt-get --no-such

for file in made/*.fish; do
  ! command -v fish >/dev/null || fish --no-execute "$file" || fail "fish cannot read $file"
done
if command -v zsh >/dev/null; then
  zsh -f -n made/_inxt || fail "zsh cannot read _inxt"
fi
exit $failed
