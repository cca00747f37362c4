#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Files in a Bridge's care: entrusted, listed, ended; and that what deletes pieces ends their care first.
#
# usage: care.sh FOLDER_OF_THE_TOOLS
source "$(dirname "${BASH_SOURCE[0]}")/network.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bridge_network.sh"
begin_network "$1"
subnet=180
start_bridge 127.0.180.250:0
start_vouched_hosts 1 5
inxt-bridge grant "$(account_at)" bridge --quota 1GiB --term 30d >mine || wrong "no grant"
await_hosts 5 mine
export INXT_BRIDGE=$work/mine INXT_ALLOW_SAME=new
in_care() { inxt-care list --json "$@" 2>err | jq -rs length; }
files_in_care() {  # without the segments of the log, of which each change adds one
  echo $(($(in_care) - $(inxt-care list --json -R inxt:/ 2>err | jq -rs 'map(select(.name == "the log")) | length')))
}

echo "== a manifest"
head -c 3000000 /dev/urandom >plain
expect 0 inxt-put -q -e 2+1 --shard-size 256KiB -o m plain
expect 3 inxt-care list m
has err "not in care"
expect 0 inxt-care add m
has err "1 files are in care"
expect 0 inxt-care add --json m
jq -e '.complete == 1 and .segments == 0 and .places == 0' out >/dev/null || wrong "twice: $(cat out)"
expect 0 inxt-care list --json m
jq -e '.complete and .pieces == 18 and .segments == 6 and .short_segments == 0 and .name == "m"' out >/dev/null ||
  wrong "a line of the list: $(cat out)"
file=$(jq -r 'select(.type == "header") | .file' m)
expect 0 inxt-care list
has out "$file"
expect 0 inxt-care places m
[[ -s out ]] && wrong "places of a file that was not repaired: $(cat out)"

echo "== what is refused"
sed 's/"segment":1,/"segment":2,/' m >changed
expect 8 inxt-care add changed
head -3 m >cut
expect 8 inxt-care add cut
expect 4 inxt-care add absent
expect 4 inxt-care add inxt:/absent
expect 2 inxt-care add --caretaker "$XDG_CONFIG_HOME/inxt/key" m
has err "not a caretaker's key file"
expect 2 inxt-care
inxt-key uploader 1 -o delegated.key --until 300d 2>err || wrong "uploader: $(cat err)"
inxt-permit delegate --to "$(inxt-key show --for-host "$bridge_id" --key-file delegated.key)" >theirs 2>err || wrong "delegate: $(cat err)"
as_delegate() { env INXT_BRIDGE="$work/theirs" INXT_KEY_FILE="$work/delegated.key" XDG_STATE_HOME="$work/state.far" XDG_CACHE_HOME="$work/cache.far" "$@"; }
head -c 100000 /dev/urandom >far
as_delegate inxt-put -q -e 2+1 -o far.inxt far || wrong "a delegated put"
expect 2 as_delegate inxt-care add far.inxt
has err "makes no caretaker"
inxt-key caretaker -n 1 -o care.key 2>err || wrong "caretaker: $(cat err)"
expect 2 inxt-care add --key-file care.key m
expect 0 as_delegate inxt-care add --caretaker care.key far.inxt
expect 0 inxt-care list far.inxt  # all under one root permit are one owner's
expect 6 as_delegate inxt-care remove far.inxt

echo "== names"
mkdir -p src/sub
head -c 300000 /dev/urandom >src/a && head -c 3000 /dev/urandom >src/sub/b && : >src/empty
inxt-put -q -R -e 2+1 src inxt:/all || wrong "a folder"
expect 2 inxt-care add inxt:/all
expect 0 inxt-care add -q -R inxt:/all
[[ $(in_care -R inxt:/all) == 3 ]] || wrong "the files of a folder: $(in_care -R inxt:/all)"
expect 0 inxt-care add -q -R inxt:/
(($(in_care) >= 5)) || wrong "with the log: $(in_care)"
expect 0 inxt-care list -R inxt:/

echo "== what is put later"
expect 0 inxt-put -q -m 2 src/sub/b inxt:/later
expect 0 inxt-care add --json -R inxt:/
jq -e '.segments == 1' out >/dev/null || wrong "the log's new segment was not in care: $(cat out)"
unnamed=$(($(in_care) - $(in_care -R inxt:/)))
for i in {1..34}; do echo "$i" >small && inxt-put -q -m 2 small "inxt:/many/$i" || wrong "a small file"; done
expect 0 inxt-care add --json -R inxt:/
jq -e '.segments == 34' out >/dev/null || wrong "not all of the log was in care: $(cat out)"
[[ $(($(in_care) - $(in_care -R inxt:/))) == "$unnamed" ]] || wrong "segments that were joined are in care: $(in_care), $(in_care -R inxt:/)"

echo "== put with --care"
expect 0 inxt-put --care -e 2+1 -o cared src/a
has err "1 files are in care"
expect 0 inxt-care list cared
expect 2 inxt-put --caretaker care.key -e 2+1 -o none src/a
has err "--care"
expect 2 as_delegate inxt-put --care -e 2+1 -o none far
has err "makes no caretaker"
none none "a put whose care could not be"
expect 0 as_delegate inxt-put --care --caretaker care.key -e 2+1 -o far2 far
expect 0 inxt-care list far2
expect 6 as_delegate inxt-put --care --caretaker care.key -e 2+1 far inxt:/far
before=$(in_care)
expect 0 inxt-put -q -R --care -e 2+1 src inxt:/cared
[[ $(in_care) == $((before + 3 + 1)) ]] || wrong "three files, and the log: $(in_care) of $before"
expect 0 inxt-put -q --care cared inxt:/cared/named
expect 0 inxt-care list inxt:/cared/named
head -c 2500000 /dev/urandom >long
before=$(in_care)
expect 0 inxt-put -q --care -e 2+1 -s 4KiB long inxt:/cared/long
[[ $(in_care) == $((before + 2 + 1)) ]] || wrong "a file, its manifest's, and the log: $(in_care) of $before"

echo "== what is removed meanwhile is not left in care"
inxt-put -q -e 2+1 src/a inxt:/race || wrong "race"
inxt-put -q m inxt:/same.1 && inxt-put -q m inxt:/same.2 || wrong "one manifest, two names"
inxt-care remove -q m 2>err || wrong "remove: $(cat err)"
mkfifo fifo
inxt-care add --json inxt:/race inxt:/same.1 fifo >raced 2>raced.err &
adding=$!
exec 9>fifo  # opens when what stands before it was read
inxt-rm -q --purge inxt:/race inxt:/same.1 || wrong "rm"
after=$(files_in_care)
cat cared >&9
exec 9>&-
wait "$adding" || wrong "add: $(cat raced.err)"
jq -e '.removed == 1' raced >/dev/null || wrong "what was removed: $(cat raced raced.err)"
expect 0 inxt-care list inxt:/same.2  # has the pieces of the name that was removed
[[ $(files_in_care) == $((after + 1)) ]] || wrong "a purged file is in care: $(files_in_care) of $after"

echo "== and neither is what is entrusted while it is deleted"
inxt-put -q -e 2+1 src/a inxt:/race || wrong "race"
for n in 1 2 3 4 5; do [[ -z $(find "store.$n/pieces" -newer raced.err -type f -size +100k) ]] || holders=(${holders[@]-} "$n"); done
pieces_of_race() { find store.*/pieces -newer raced.err -type f -size +100k | wc -l; }
(($(pieces_of_race) == 3)) || wrong "pieces: $(pieces_of_race)"
inxt-care add --json inxt:/race fifo >raced 2>raced.err2 &
adding=$!
exec 9>fifo
kill -STOP "${host_pid[${holders[0]}]}"
inxt-rm -q --purge inxt:/race 2>rm.err 9>&- &
removing=$!
for ((i = 0; i < 600 && $(pieces_of_race) > 1; ++i)); do sleep 0.1; done
cat cared >&9
exec 9>&-
wait "$adding" || wrong "add: $(cat raced.err2)"
kill -CONT "${host_pid[${holders[0]}]}"
wait "$removing" || wrong "rm: $(cat rm.err)"
(($(pieces_of_race) == 0)) || wrong "pieces are left: $(pieces_of_race)"
[[ $(files_in_care) == $((after + 1)) ]] || wrong "what was purged is in care: $(files_in_care) of $after"

echo "== removing ends care"
before=$(files_in_care)
expect 0 inxt-rm m
[[ $(files_in_care) == $((before - 1)) ]] || wrong "a removed manifest is in care: $(files_in_care) of $before"
expect 3 inxt-care list m
expect 0 inxt-rm -q inxt:/all/a
[[ $(files_in_care) == $((before - 1)) ]] || wrong "what inxt-restore brings back is not in care"
expect 0 inxt-rm -q --purge inxt:/all/a
[[ $(files_in_care) == $((before - 2)) ]] || wrong "a purged file is in care"
expect 0 inxt-rekey -q inxt:/all/sub/b
[[ $(files_in_care) == $((before - 3)) ]] || wrong "what a rekeyed file was is in care"
expect 3 inxt-care list -R inxt:/all
expect 0 inxt-care add -q inxt:/all/sub/b
expect 0 inxt-care remove inxt:/all/sub/b
has err "of 1 files has ended"
expect 0 inxt-get -q -o back inxt:/all/sub/b
same src/sub/b back "a file whose care has ended"

echo "== without the Bridge nothing that it may care for is deleted, and what was put stands"
start_host 6 --accept any
hosts_file 6 >six
kill_bridge
expect 5 inxt-put --hosts six -m 1 --care -o late src/a
has err "stored, and not in care"
expect 0 env -u INXT_BRIDGE inxt-get -q -o late.back late
same src/a late.back "what was put without care"
expect 5 inxt-rm far.inxt
expect 0 env -u INXT_BRIDGE inxt-rm far.inxt
finish
