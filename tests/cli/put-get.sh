#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-put and inxt-get between real Hosts: sizes at the edges, layouts, ranges, Hosts that die and disks that rot.
# usage: put-get.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
begin_network "$1"
start_hosts 1 6
hosts_file 1 2 3 4 5 6 >hosts
export INXT_HOSTS=$work/hosts

round_trip() {  # round_trip FILE PUT_OPTION...: from the file and through pipes
  local file=$1
  shift
  inxt-put "$@" -q "$file" >m 2>err || wrong "put $*: $(cat err)"
  inxt-get -q -o back m 2>err || wrong "get $*: $(cat err)"
  same "$file" back "$* of $(stat -c %s "$file") bytes"
  rm -f back
}
through_pipes() {
  local file=$1
  shift
  # shellcheck disable=SC2002
  cat "$file" | inxt-put -q "$@" - 2>err | cat >m || wrong "put $* of a pipe: $(cat err)"
  # shellcheck disable=SC2002
  cat m | inxt-get -q 2>err | cat >back || wrong "get $* to a pipe: $(cat err)"
  same "$file" back "$* of $(stat -c %s "$file") bytes through pipes"
}

# Sizes around blocks, shards and segments.  -e 4+2 with shards of 2 MiB has segments of 8 MiB.
segment=$((8 * 1024 * 1024))
head -c $((segment + 1)) /dev/urandom >most
for size in 0 1 15 16 17 4095 4096 4097 2097151 2097152 2097153 $((segment - 1)) $segment $((segment + 1)); do
  head -c "$size" most >plain
  round_trip plain -e 4+2
  [[ $(wc -l <m) == $((4 + 2 * 6 * (1 + (size > segment)))) ]] || wrong "$(wc -l <m) lines for $size bytes"
  through_pipes plain -e 4+2
done
# The same edges with small shards, and other layouts.
for size in 0 1 4096 12287 12288 12289 100000; do
  head -c "$size" most >plain
  round_trip plain -e 3+2 -s 4KiB
  round_trip plain -m 3 -s 4KiB
  round_trip plain -e 1+0 -s 4KiB
  round_trip plain -e 1+5
done
head -c 3000000 most >plain
yes "the same line again" | head -c 3000000 >text
round_trip plain -m 6
for content in -z -z=19 --pad "-z --pad"; do
  for file in plain text; do
    # shellcheck disable=SC2086
    round_trip $file $content -e 4+2
    # shellcheck disable=SC2086
    through_pipes $file $content -e 4+2
  done
done
[[ $(jq -s 'map(select(.type == "seal"))[0].bytes' m) -lt 100000 ]] || wrong "text was not compressed"

# What stands in the header comes back only with the key, and says nothing of folders.
mkdir -p deep/er && cp plain deep/er/name-of-mine
expect 0 inxt-put -e 4+2 deep/er/name-of-mine
lacks out name-of-mine
has err "any 4 of 6 Hosts"

# Ranges, where they could go wrong.
for options in "-e 4+2 -s 4KiB" "-e 4+2 -s 4KiB -z" "-m 2 -s 64KiB --pad"; do
  head -c 100000 most >plain
  # shellcheck disable=SC2086
  inxt-put -q $options plain >m || wrong "put for ranges"
  for range in 0-0 0-15 1-16 15-17 16383-16384 16384-16384 16384-32767 4095-4096 99999-99999 0-99999 50000-999999 77777- 0-; do
    first=${range%-*} last=${range#*-}
    [[ -n $last && $last -lt 99999 ]] || last=99999
    inxt-get -q --range $range m >back 2>err || wrong "--range $range: $(cat err)"
    tail -c +$((first + 1)) plain | head -c $((last - first + 1)) | cmp -s - back || wrong "--range $range of $options"
  done
  expect 2 inxt-get --range 100000- m
  has err "100000"
  [[ ! -s out ]] || wrong "bytes from behind the end"
done
# A range of compressed data comes from its own frames: with the first segments gone on every Host, the end is still there.
head -c 3000000 most >plain
inxt-put -q -e 4+2 -s 64KiB -z plain >m || wrong "put for ranges of frames"
for range in 1048575-1048576 1048576-1048576 2097151-2097160 2999999-2999999 1500000-2999999; do
  first=${range%-*} last=${range#*-}
  inxt-get -q --range $range m >back 2>err || wrong "--range $range: $(cat err)"
  tail -c +$((first + 1)) plain | head -c $((last - first + 1)) | cmp -s - back || wrong "--range $range of frames"
done
for id in $(jq -r 'select(.type == "piece" and .segment == 0).id' m); do rm -f store.*/pieces/"${id:0:3}/$id"-*; done
tail -c 800000 plain >end
inxt-get -q --range 2200000- m 2>err | cmp -s - end || wrong "the last frame alone: $(cat err)"
expect 10 inxt-get --range 0-0 m

for range in 5-4 -5 x 1-2-3 1 18446744073709551616- ''; do expect 2 inxt-get --range "$range" m; done
: >empty && inxt-put -q -e 4+2 empty >m && inxt-get -q --range 0- m >back && [[ ! -s back ]] || wrong "a range of nothing"

# A second recipient reads it with a key of its own, and nobody else does.
export XDG_CONFIG_HOME=$work/friend
inxt-key new --no-passphrase --words-out friend.words 2>/dev/null
friend=$(inxt-key show --recipient)
export XDG_CONFIG_HOME=$work/stranger
inxt-key new --no-passphrase --words-out stranger.words 2>/dev/null
export XDG_CONFIG_HOME=$work/config
me=$(inxt-key show --id)
head -c 300000 most >plain
inxt-put -q -e 4+2 -r "$friend" plain >m || wrong "put for a friend"
[[ $(grep -c '"type":"stanza"' m) == 2 ]] || wrong "two stanzas"
XDG_CONFIG_HOME=$work/friend expect 6 inxt-get m
has err "--signer"
writer=$(jq -r 'select(.type == "header").writer' m)
for signer in "$writer"; do
  XDG_CONFIG_HOME=$work/friend expect 0 inxt-get --signer "$signer" m
  same plain out "a friend's"
  XDG_CONFIG_HOME=$work/stranger expect 12 inxt-get --signer "$signer" -o never m
  none never "a stranger's"
done
expect 2 inxt-put -e 4+2 -r inxtr1notarecipient plain
: "$me"

# Any two of six Hosts die; the third is one too many, and the error names segments.
head -c 20000000 /dev/urandom >plain
inxt-put -q -e 4+2 plain >m || wrong "put before the deaths"
inxt-put -q -e 4+2 -z text >m2
inxt-put -q -m 3 -s 256KiB text >m3
for dead in "1 2" "2 5"; do
  for n in $dead; do kill_host "$n"; done
  inxt-get -o back m 2>err || wrong "get without Hosts $dead: $(cat err)"
  has err "verified; 2 Hosts replaced"
  same plain back "without Hosts $dead"
  inxt-get -q m2 2>err | cmp -s - text || wrong "compressed, without Hosts $dead: $(cat err)"
  inxt-get -q m3 2>err | cmp -s - text || wrong "mirrors, without Hosts $dead: $(cat err)"
  [[ $dead == "2 5" ]] || start_hosts 1 2
done
kill_host 3
expect 10 inxt-get -o never m
none never "below K"
has err "segment 0 lacks 1 of 4, segment 1 lacks 1 of 4, segment 2 lacks 1 of 4"
has err "Host ${host_id[3]:0:8}"
expect 10 inxt-get m
[[ ! -s out ]] || wrong "bytes below K"
for n in 1 4 6; do kill_host $n; done
expect 10 inxt-get m
expect 10 inxt-put -e 4+2 text
expect 5 inxt-rm m
start_hosts 1 6
expect 0 inxt-get m
same plain out "when all are back"

# Rot on two disks changes nothing; on three it is proven damage.
for n in 2 4; do
  for id in $(jq -r "select(.type == \"place\" and .host == \"${host_id[$n]}\") | \"\(.segment)/\(.shard)\"" m); do
    piece=$(jq -r "select(.type == \"piece\" and .segment == ${id%/*} and .shard == ${id#*/}).id" m)
    flip_byte "$(file_of_piece $n "$piece")" 1234
  done
done
expect 0 inxt-get m
same plain out "with two rotten disks"
has err "2 Hosts replaced"
id=$(jq -r "select(.type == \"place\" and .host == \"${host_id[6]}\" and .segment == 1).shard" m)
piece=$(jq -r "select(.type == \"piece\" and .segment == 1 and .shard == $id).id" m)
flip_byte "$(file_of_piece 6 "$piece")" 0
expect 8 inxt-get -o never m
none never "of rotten pieces"
has err "segment 1 lacks 1 of 4"
has err "sent a false piece"
# Pieces that are gone from a disk.
flip_byte "$(file_of_piece 6 "$piece")" 0
for n in 2 4; do find store.$n/pieces -type f -delete; done
expect 0 inxt-get m
same plain out "with two empty disks"

finish
