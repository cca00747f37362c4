#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What a Bridge is told of bad pieces, long before an audit would find them: by a Host whose scrub found one, by a reader
# who got one, and by a reader who lies.  Afterwards the owner reads what his own contracts keep and what the Bridge's do.
# usage: heal-reports.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=230
use_database sqlite
start_bridge 127.0.$subnet.250:0 --test-haste 20  # a grace of 36 minutes, an audit in 72
start_vouched_hosts 1 4 --scrub-period 2s  # of each segment a piece or more lies here, and two or more lie elsewhere
start_vouched_hosts 5 9

use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 9 mine
export INXT_BRIDGE=$work/mine
put_plain
expect 0 inxt-care add m
await 60 "the Bridge knows of $segments segments" knows "$segments"
before=$(stored)

id_of() { jq -r --argjson at "$1" 'select(.type == "piece" and .segment == $at.segment and .shard == $at.shard) | .id' m; }
at_hosts() {  # at_hosts N...: the owner's places there, those of data first
  local n
  for n; do places_now | jq -c --arg host "${host_id[$n]}" 'select(.host == $host and .uploader == null)'; done | jq -sc 'sort_by(.shard) | .[]'
}
# damage N...: a byte of the first piece of these Hosts; sets at, its place line.
damage() {
  local n
  at=$(at_hosts "$@" | head -1)
  for n; do [[ ${host_id[$n]} != "$(jq -r .host <<<"$at")" ]] || flip_byte "$(file_of_piece "$n" "$(id_of "$at")")" 70000; done
}
made_anew() {  # of the piece at the place in $at, and only there
  repairs | jq -se --argjson at "$at" \
    'map(select(.segment == $at.segment) | .pieces[] | select(.from == $at.host and .state == "proved")) | length == 1' >/dev/null
}

# ---- a Host's scrub finds a piece rotten
damage 1 2 3 4
told() { inxt-bridge reports bridge | grep -qF "$(id_of "$at")"; }
await 60 "the Host's report" told
await 60 "what a scrub found made anew" made_anew
[[ $(pieces_proved) == 1 ]] || wrong "more than that was made anew: $(repairs)"
take_places
[[ $(wc -l <added) == 1 ]] || wrong "places: $(cat added)"

# ---- a reader lies: of each piece that is where it should be, and of Hosts that never had one
use_liar
places_now >all
while read -r place; do
  [[ $(say_bad "$place") == '{"noted":true}' ]] || wrong "not noted: $place"
done <all
[[ $(say_bad "$(head -1 all | jq -c --arg host "$bridge_id" '.host = $host')") == '{"noted":false}' ]] || wrong "a Host that is none was noted"
[[ $(say_bad "$(head -1 all | jq -c '.segment = 1000')") == '{"noted":false}' ]] || wrong "a segment that is none was noted"

# ---- a reader gets a wrong piece.  Its report stands behind those that are false.
first=$(head -1 added)
damage 5 6 7 8 9
for ((i = 0; i < 20; ++i)); do  # four of six pieces are read, most often this one among them
  expect 0 inxt-get -q -o back m
  same plain back "with a wrong piece"
  grep -q event=doubt-confirmed log.bridge && break
  sleep 0.5
done
await 60 "the reader's report is confirmed" grep -q event=doubt-confirmed log.bridge
await 60 "what a reader found made anew" made_anew
[[ $(grep -o 'event=doubt-confirmed .*' log.bridge | sort -u | wc -l) == 1 ]] || wrong "a lie was believed: $(grep doubt-confirmed log.bridge)"
[[ $(pieces_proved) == 2 ]] || wrong "a lie cost something: $(repairs)"
await 60 "nothing is due" all_done
take_places
[[ $(wc -l <added) == 2 ]] || wrong "places: $(cat added)"

[[ $(stored) == $((before + 1)) ]] || wrong "$(stored) pieces are stored, before $before, and one is in quarantine"

# ---- the owner renews both: each account shows its own voucher
expect 0 inxt-renew -v --term 366d --if-less 366d m
has err "renewed $((6 * segments + 1)) contracts, 0 ran long enough"
has err "1 old places of pieces that others keep were not renewed"
{ grep -v '"type":"place"' m; places_now; } >m-now
expect 0 inxt-renew m-now
has err "renewed 0 contracts, $((6 * segments)) ran long enough"

# ---- two Hosts go that have pieces under the owner's contracts: what is left is read under both
mapfile -t going < <(places_now | jq -r --argjson at "$first" 'select(.segment == $at.segment and .uploader == null) | .host' | head -2)
for n in "${!host_id[@]}"; do
  [[ " ${going[*]} " != *" ${host_id[$n]} "* ]] || kill_host "$n"
done
reads "from the Hosts alone, by all places"
expect 0 timeout 120 inxt-get -q -o back m
same plain back "with the places that the Bridge tells"
finish
