#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Bridge that is told to end does so within seconds, also while it repairs from and to Hosts that do not answer; and the
# next process goes on.
# usage: heal-stop.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=204
use_database sqlite
start_bridge 127.0.$subnet.250:0 --test-haste 20000
start_vouched_hosts 1 8

use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 8 mine
export INXT_BRIDGE=$work/mine
put_plain
expect 0 inxt-care add m
await 60 "the Bridge knows of $segments segments" knows "$segments"

# One has lost a piece of each of its segments; those that could get them hang, and two that have the others.
mapfile -t have < <(holders)
spare=()
for n in 1 2 3 4 5 6 7 8; do [[ " ${have[*]} " == *" $n "* ]] || spare+=("$n"); done
lost=$(held_by "${have[0]}")
hang=("${spare[@]}" "${have[1]}")
for n in "${hang[@]}"; do kill -STOP "${host_pid[$n]}"; done
find "store.${have[0]}/pieces" -type f ! -name "*-${bridge_id:0:16}*" -delete
is_repairing() { [[ $(healer .under_way) -gt 0 ]]; }
await 60 "a repair is under way" is_repairing
sleep 0.2
begun=$(date +%s%N)
kill -TERM "$bridge_pid"
wait "$bridge_pid" || wrong "status $? of the Bridge"
took=$((($(date +%s%N) - begun) / 1000000))
echo "ended after $took ms"
# A connection alone may take 5 seconds, an answer a minute, a put ten.
((took < 3000)) || wrong "the Bridge took $took ms to end"
has log.bridge event=stopped
for n in "${hang[@]}"; do kill -CONT "${host_pid[$n]}"; done

start_bridge_in bridge "$bridge_at" --test-haste 20000
await 120 "$lost pieces made anew" proved "$lost"
await 60 "nothing is due" all_done
take_places
{ grep -v '"type":"place"' m; places_now; } >m-now
expect 0 inxt-audit -q m-now
finish
