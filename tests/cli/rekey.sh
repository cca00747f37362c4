#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-rekey on manifests' files: a new secret, the old pieces gone, recipients kept or dropped; killed at many instants, the
# file is whole under one secret, and the next call leaves nothing behind.
# usage: rekey.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
begin_network "$1"
start_hosts 1 6
hosts_file 1 2 3 4 5 6 >hosts
export INXT_HOSTS=$work/hosts
mkdir keys
for name in anna eve; do inxt-key new --no-passphrase --words-out "keys/$name.words" -o "keys/$name" 2>/dev/null; done
anna=$(inxt-key show --recipient --key-file keys/anna) eve=$(inxt-key show --recipient --key-file keys/eve)
head -c 7000000 /dev/urandom >plain
expect 0 inxt-put -q -e 4+2 -s 64KiB -r "$anna" -r "$eve" -o m plain
file_id() { head -1 "$1" | jq -r .file; }
old=$(file_id m) writer=$(head -1 m | jq -r .writer) pieces=$(pieces_on_disk)
cp m m-before

expect 0 inxt-rekey --drop "$eve" m
has err "under a new secret"
[[ $(file_id m) != "$old" ]] || wrong "the same generation"
expect 0 inxt-get -q -o back m
same plain back "under a new secret"
[[ $(pieces_on_disk) == "$pieces" ]] || wrong "$(pieces_on_disk) pieces, before $pieces"
[[ $(jq -rs 'map(select(.type == "stanza") | .recipient) | sort | join(" ")' m) == \
   "$(printf '%s\n' "$anna" "$(inxt-key show --recipient)" | sort | xargs)" ]] || wrong "other recipients"
[[ $(jq -cs '.[] | select(.type == "layout") | [.k, .m, .shard_bytes]' m) == "$(jq -cs '.[] | select(.type == "layout") | [.k, .m, .shard_bytes]' m-before)" ]] ||
  wrong "another layout"
# Who has the old manifest and its secret reads nothing any more.
expect 10 inxt-get -q -o no m-before
none no "of the old pieces"
expect 12 inxt-get -q --key-file keys/eve --signer "$writer" -o no m

# Compressed and padded, empty, of a pipe: the same comes back with the same facts.
: >empty
seq 200000 >text
for file in "-z text" "--pad plain" "empty" "-z --pad text"; do
  # shellcheck disable=SC2086
  expect 0 inxt-put -q -m 2 -o m-other $file
  expect 0 inxt-rekey -q m-other
  expect 0 inxt-get -q -o back m-other
  same "${file##* }" back "$file"
done
inxt-put -q -m 2 -o m-pipe - <text 2>err || wrong "$(cat err)"
expect 0 inxt-rekey -q m-pipe
expect 0 inxt-get -q -o back m-pipe
same text back "of a pipe"

# What it refuses, leaving everything as it was.
expect 2 inxt-rekey -
expect 2 inxt-rekey -R m
expect 4 inxt-rekey absent
expect 2 inxt-rekey --drop nobody m
cp m m-changed
sed -i '/"type":"piece"/s/"size":/"size":1/' m-changed
expect 8 inxt-rekey m-changed
hosts_file 1 2 >two
before=$(sha256sum <m)
expect 2 inxt-rekey --hosts two m
[[ $(sha256sum <m) == "$before" ]] || wrong "it was changed"
[[ -z $(ls | grep rekey-) ]] || wrong "it left $(ls | grep rekey-)"

# Killed at many instants: one of the two is whole, and calling it again ends with one.
pieces=$(pieces_on_disk)
inxt-rekey -q m & pid=$!
begun=$(date +%s%N)
wait $pid || wrong "status $?"
took_ms=$((($(date +%s%N) - begun) / 1000000))
for ((i = 1; i <= 12; ++i)); do
  inxt-rekey -q m 2>err & pid=$!
  sleep "$(printf '%d.%03d' $((took_ms * i / 10 / 1000)) $((took_ms * i / 10 % 1000)))"
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
  expect 0 inxt-get -q -o back m
  same plain back "after a kill at $((i * 10)) % of the time"
done
expect 0 inxt-rekey -q m
expect 0 inxt-get -q -o back m
same plain back "at last"
[[ -z $(ls | grep rekey-) ]] || wrong "it left $(ls | grep rekey-)"
# A piece that was on its way when its put was killed may be stored without a line about it: inxt-rm(1).
left=$(($(pieces_on_disk) - pieces))
((left <= 12 * 12)) || wrong "$left pieces more than before"

# A Host that fails in the middle of it: the file stays as it was, or is whole under the new secret.
kill_host 6
got=0
inxt-rekey -q m 2>err || got=$?
[[ $got == 0 || $got == 3 || $got == 5 || $got == 10 || $got == 11 ]] || wrong "status $got: $(cat err)"
expect 0 inxt-get -q -o back m
same plain back "with five of six Hosts"
exit $failed
