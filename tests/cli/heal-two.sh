#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Two processes of one Bridge: one decides about repairs; when it is killed, the other goes on, and stores nothing twice.
# usage: heal-two.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=100
use_database postgresql
start_bridge 127.0.$subnet.250:0 --test-haste 20000
first_pid=$bridge_pid
mkdir second
cp bridge/identity.key second/
start_bridge_in second 127.0.$subnet.251:0 --test-haste 20000
start_vouched_hosts 1 9

use_key owner
inxt-bridge grant "$(account_at)" second --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 9 mine
export INXT_BRIDGE=$work/mine
put_plain
expect 0 inxt-care add m
await 60 "the Bridge knows of $segments segments" knows "$segments"
decides() { inxt-bridge status "$1" | jq -e .healer.decides >/dev/null; }
decides bridge || wrong "the first process does not decide"
! decides second || wrong "both processes decide"

dead=$(holders | head -1)
lost=$(held_by "$dead")
before=$(stored)
kill_host "$dead"
sleep 3
{ kill -KILL "$first_pid"; wait "$first_pid"; } 2>/dev/null
repairs() { inxt-bridge repairs second; }
healer() { inxt-bridge status second | jq -cr ".healer${1-}"; }
await 120 "the second process decides" decides second
await 120 "$lost pieces made anew" proved "$lost"
await 60 "nothing is due" all_done
[[ $(stored) == $((before + lost)) ]] || wrong "$(stored) pieces are stored, not $before and $lost: $(repairs)"
take_places
{ grep -v '"type":"place"' m; places_now; } >m-now
expect 0 inxt-audit -q m-now
finish
