#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-repair between real Hosts: what it finds lost, remakes, leaves and refuses; that two at once and one that is killed
# at any instant pay nothing twice; and that owners read, renew and delete what a caretaker stored.
# usage: repair.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
begin_network "$1"
rates=(--audit-rate 20MiB/s --audit-rate-per-peer 20MiB/s)  # every run checks every piece
start_hosts 1 10 "${rates[@]}"
hosts_file 1 2 3 4 5 6 >first
hosts_file 1 2 3 4 5 6 7 8 9 10 >hosts
inxt-key caretaker -o caretaker 2>err || wrong "caretaker: $(cat err)"
repair=(inxt-repair --key-file caretaker --hosts hosts)
head -c 5000000 /dev/urandom >plain  # 5 segments of 1 MiB
inxt-put -q -e 4+2 -s 256KiB --hosts first plain >m || wrong "put"

summary() { jq -c "[.$(sed 's/ /,./g' <<<"$*")]" out; }
placed() { jq -r "select(.type == \"place\" and .uploader == 1073741824) | [.segment, .shard, .host] | @tsv" "$1"; }
id_at() { jq -r --argjson at "$2" 'select(.type == "piece" and [.segment, .shard] == $at).id' "$1"; }

# ---- nothing is lost: the manifest comes out as it went in
expect 0 "${repair[@]}" m
same out m "a whole file's manifest was changed"
has err "30 pieces: 30 held, 0 lost"

# ---- one Host is gone: what it had is due with 4+2
kill_host 2
expect 11 "${repair[@]}" -n --json m
[[ $(summary pieces held silent lacking due least_margin) == '[30,25,5,5,5,1]' ]] || wrong "a dry run: $(cat out)"
before=$(pieces_on_disk)
expect 0 "${repair[@]}" --json -o repaired m
[[ $(summary repaired stored found read_bytes written_bytes) == '[5,5,0,5000000,1250000]' ]] || wrong "a repair: $(cat out)"
[[ $(pieces_on_disk) == $((before + 5)) ]] || wrong "it stored more than was lost"
head -c "$(stat -c %s m)" repaired | cmp -s - m || wrong "lines of the manifest were changed"
[[ $(placed repaired | wc -l) == 5 ]] || wrong "five places of the caretaker's: $(tail -5 repaired)"
for id in ${host_id[1]} ${host_id[2]} ${host_id[3]} ${host_id[4]} ${host_id[5]} ${host_id[6]}; do
  placed repaired | grep -q "$id" && wrong "a piece went to a Host that has one of the segment"
done
expect 0 "${repair[@]}" -n repaired
has err "0 segments lack pieces"

# ---- two more Hosts are gone, and the repaired is all that can be read: readers find the new places
kill_host 3
kill_host 4
inxt-get -q repaired 2>err | cmp -s - plain || wrong "get after a repair: $(cat err)"
expect 10 inxt-get -o never m
# From K of it, again, and again read without the Hosts that were first.
expect 0 "${repair[@]}" --json -o again repaired
[[ $(summary repaired stored) == '[5,10]' ]] || wrong "a second repair: $(cat out)"
kill_host 5
inxt-get -q again 2>err | cmp -s - plain || wrong "get after a second repair: $(cat err)"
start_hosts 2 5 "${rates[@]}"

# ---- the owner renews and deletes what the caretaker stored
expect 0 inxt-renew --term 366d --if-less 366d again
has err "renewed 45 contracts"
expect 0 inxt-rm again
[[ $(pieces_on_disk) == 0 ]] || wrong "$(pieces_on_disk) pieces are left"

# ---- a lost and an altered piece: each is remade as it was; the altered one is not read as another's
inxt-put -q -e 4+2 -s 256KiB --hosts first plain >m || wrong "put"
altered=$(id_at m '[1,0]')
lost=$(id_at m '[1,5]')
for n in 1 2 3 4 5 6; do
  file=$(file_of_piece $n "$altered") && [[ -n $file ]] && flip_byte "$file" 5000
  file=$(file_of_piece $n "$lost") && [[ -n $file ]] && rm "$file"
done
expect 0 "${repair[@]}" --json --sample 64 -o repaired m
[[ $(summary held lost silent repaired stored) == '[28,2,0,1,2]' ]] || wrong "lost and altered: $(cat out err)"
[[ $(placed repaired | cut -f 1,2 | sort | tr '\t\n' '/ ') == '1/0 1/5 ' ]] || wrong "which: $(placed repaired)"
jq -c 'select(.type != "place" or .segment != 1 or (.shard != 0 and .shard != 5) or .uploader)' repaired >true
expect 0 inxt-audit true
for n in 7 8 9 10; do
  for id in $altered $lost; do
    file=$(file_of_piece $n "$id")
    [[ -z $file ]] || inxt-host check --deep "store.$n" >out 2>err || wrong "a piece that was stored is damaged: $(cat err)"
  done
done
inxt-get -q repaired 2>err | cmp -s - plain || wrong "get: $(cat err)"

# ---- a segment of which fewer than K are true: said, nothing of it is stored, the others are repaired
cp m short
for shard in 1 2; do
  id=$(id_at m "[1,$shard]")
  for n in 1 2 3 4 5 6; do rm -f "$(file_of_piece $n "$id")"; done
done
id=$(id_at m '[3,3]')
for n in 1 2 3 4 5 6; do rm -f "$(file_of_piece $n "$id")"; done
before=$(pieces_on_disk)
expect 10 "${repair[@]}" --sample 64 -o short.out <(grep -v '"type":"place","segment":1,.*"uploader"' short)
has err "segment 1: 2 shards could be read, 4 are needed"
[[ $(pieces_on_disk) == $((before + 1)) ]] || wrong "stored: $(($(pieces_on_disk) - before))"
grep -q '"segment":3.*"uploader"' short.out || wrong "what could be repaired has no place in the output"
# The caretaker's own pieces of the repair before bring it over.
expect 0 "${repair[@]}" --sample 64 -o repaired repaired
inxt-get -q repaired 2>err | cmp -s - plain || wrong "get: $(cat err)"
expect 0 inxt-rm repaired

# ---- waiting: with 4+4 one lost piece is none to hurry for, and two are
inxt-put -q -e 4+4 -s 256KiB --hosts <(hosts_file 1 2 3 4 5 6 7 8) plain >wide || wrong "put 4+4"
kill_host 1
expect 0 "${repair[@]}" -o wide.out wide
has err "5 segments lack pieces and are not near to loss"
same wide.out wide "a manifest that was not repaired was changed"
kill_host 2
expect 11 "${repair[@]}" -n wide
start_host 1 "${rates[@]}"
start_host 2 "${rates[@]}"
expect 0 inxt-rm wide

# ---- two at once, of one number: each piece is paid once, and both know where it lies
inxt-put -q -e 4+2 -s 256KiB --hosts first plain >m || wrong "put"
kill_host 6
before=$(pieces_on_disk)
"${repair[@]}" -q -o one m 2>err.one &
first=$!
"${repair[@]}" -q -o two m 2>err.two || wrong "the second of two: $(cat err.two)"
wait $first || wrong "the first of two: $(cat err.one)"
[[ $(pieces_on_disk) == $((before + 5)) ]] || wrong "two at once stored $(($(pieces_on_disk) - before)) pieces"
[[ $(placed one | sort) == "$(placed two | sort)" ]] || wrong "two at once found other places"
start_host 6 "${rates[@]}"
expect 0 inxt-rm one

# ---- killed at any instant and run again: nothing twice, nothing lost
inxt-put -q -e 4+2 -s 64KiB --hosts first plain >m || wrong "put"
kill_host 1
before=$(pieces_on_disk)
for ms in 400 1020 1030 1040 1050 1060 1070 1080 1100 1130; do  # Host 1 is asked a second time after a second
  "${repair[@]}" -q -o killed m 2>/dev/null &
  victim=$!
  sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
  kill -KILL $victim 2>/dev/null
  wait $victim 2>/dev/null
done
expect 0 "${repair[@]}" --json -o killed m
[[ $(jq '.stored + .found' out) == 20 ]] || wrong "after kills: $(cat out)"
echo "killed ten times: $(jq -c '[.stored,.found]' out) stored by the last, found"
[[ $(pieces_on_disk) == $((before + 20)) ]] || wrong "$(($(pieces_on_disk) - before)) pieces for 20 lost ones"
[[ $(jq -r 'select(.type == "place" and .uploader) | [.segment, .shard] | @tsv' killed | sort -u | wc -l) == 20 ]] ||
  wrong "places of all that were lost"
kill_host 2
kill_host 3
inxt-get -q killed 2>err | cmp -s - plain || wrong "get after kills: $(cat err)"
start_hosts 2 3 "${rates[@]}"

# ---- too few Hosts, none said, and keys
expect 11 inxt-repair --key-file caretaker --hosts <(hosts_file 2 3 4 5 6) -o never m
expect 2 inxt-repair --key-file caretaker m
start_host 1 "${rates[@]}"
expect 0 inxt-repair -n m
expect 8 inxt-repair -n <(head -n -60 m)
XDG_CONFIG_HOME=$work/stranger inxt-key new --no-passphrase --words-out stranger.words 2>/dev/null
XDG_CONFIG_HOME=$work/stranger expect 6 inxt-repair -n m
# A stranger's caretaker cannot make the owner's tags.
XDG_CONFIG_HOME=$work/stranger inxt-key caretaker -o stranger.caretaker 2>/dev/null
kill_host 1
before=$(pieces_on_disk)
expect 8 inxt-repair --key-file stranger.caretaker --hosts hosts -o never m
has err "no stanza"
[[ $(pieces_on_disk) == "$before" ]] || wrong "a stranger's caretaker stored"
# The owner's own key repairs, too, and its places need no number.
expect 0 inxt-repair --hosts hosts -o own m
grep -q '"uploader":1073741824' own && wrong "the owner's own repair names a caretaker"
inxt-get -q own 2>err | cmp -s - plain || wrong "get after the owner's repair: $(cat err)"

finish
