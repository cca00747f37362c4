#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Bridge keeps an entrusted file whole: Hosts die, pieces are lost and rot, a Host comes back, the Bridge is killed.
# usage: heal.sh FOLDER_OF_THE_TOOLS sqlite|postgresql
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=40
[[ $2 == sqlite ]] || subnet=60
use_database "$2"
haste=(--test-haste 20000)  # a grace of 2 s, an audit every 4 s
start_bridge 127.0.$subnet.250:0 "${haste[@]}"
start_vouched_hosts 1 11

use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 11 mine
export INXT_BRIDGE=$work/mine

put_plain
used=$(used_at_bridge "$(account_at)")
expect 0 inxt-care add m
used_for_care=$(($(used_at_bridge "$(account_at)") - used))
await 60 "the Bridge knows of $segments segments" knows "$segments"

# A Host dies: all that it held is made anew elsewhere, once.
dead=$(holders | head -1)
lost=$(held_by "$dead")
kill_host "$dead"
await 120 "$lost pieces made anew" proved "$lost"
await 60 "nothing is due" all_done
repairs >records
count() { jq -s --arg host "${host_id[$dead]}" "$1" records; }
[[ $(count 'map(.pieces[] | select(.from == $host and .state == "proved")) | length') == "$lost" ]] || wrong "$(cat records)"
[[ $(count 'map(.pieces[] | select(.to == $host)) | length') == 0 ]] || wrong "something went to the dead: $(cat records)"
[[ $(count 'map(.attempts) | max') == 1 ]] || wrong "tried twice: $(cat records)"
take_places
[[ $(wc -l <added) == "$lost" ]] || wrong "$(wc -l <added) places for $lost pieces"
[[ $(places_now | jq -s 'group_by(.segment) | map(map(.host) | unique | length) | unique') == $'[\n  6\n]' ]] || wrong "pieces share Hosts"
charged=$(($(used_at_bridge "$(account_at)") - used - used_for_care))
((charged >= lost * 128 * 1024 - 40000 && charged <= lost * 144 * 1024 + 1000)) || wrong "$charged bytes are charged for $lost pieces"

# A piece goes from a disk, another rots: audits find both, and they are made anew.
# One of the two is what a repair stored.
again=$(jq -r .host added | head -1)
for n in "${!host_pid[@]}"; do [[ ${host_id[$n]} != "$again" ]] || again_at=$n; done
again_id=$(jq -r --argjson at "$(head -1 added)" 'select(.type == "piece" and .segment == $at.segment and .shard == $at.shard) | .id' m)
mapfile -t left < <(for n in $(holders); do [[ $(piece_at "$n") == "" ]] || echo "$n"; done)
rm "$(file_of_piece "$again_at" "$again_id")"
head -c 100000 /dev/urandom | dd of="$(file_of_piece "${left[0]}" "$(piece_at "${left[0]}")")" conv=notrunc status=none
await 120 "what two Hosts lost made anew" proved $((lost + 2))
await 60 "nothing is due" all_done
take_places

# The Host comes back with its store: of two Hosts with one piece the one is let go that the caretaker stored.
before=$(stored)
launch_host "$dead" --accept bridge.accept --bridge bridge.line
await_host "$dead"
await 120 "$lost surplus pieces are let go" released "$lost"
[[ $(stored) == $((before - lost)) ]] || wrong "$(stored) pieces are stored, before $before"
take_places
[[ $(held_by "$dead") == "$lost" ]] || wrong "places that were let go are told: $(cat added)"
reads "after a Host came back"

# The process is killed while it repairs: the next one goes on, and stores nothing twice.
gone=$(holders | tail -1)
more=$(held_by "$gone")
proved=$(pieces_proved)
before=$(stored)
kill_host "$gone"
for pause in 3 1 2; do
  sleep "$pause"
  kill_bridge
  start_bridge_in bridge "$bridge_at" "${haste[@]}"
done
await 120 "$more pieces made anew" proved $((proved + more))
await 60 "nothing is due" all_done
[[ $(stored) == $((before + more)) ]] || wrong "$(stored) pieces are stored, not $before and $more: $(repairs)"
take_places
[[ $(repairs | jq -s 'map(select(.state != "proved")) | length') == 0 ]] || wrong "$(repairs)"
# Every piece is where it was said to be.
{ grep -v '"type":"place"' m; places_now; } >m-now
expect 0 inxt-audit -q m-now
finish
