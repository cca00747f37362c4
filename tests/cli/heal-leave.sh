#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Host that retires is emptied, by the Bridge that cares for what it has: each piece is proved elsewhere before it goes.
# usage: heal-leave.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=80
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

leaves=$(holders | head -1)
held=$(held_by "$leaves")
expect 0 inxt-host retire "store.$leaves"
await 120 "$held pieces handed over" proved "$held"
emptied() { [[ $(find "store.$leaves/pieces" -type f ! -name "*-${bridge_id:0:16}*" | wc -l) == 0 ]]; }
await 120 "the Host has nothing of the owner's any more" emptied
await 60 "$held pieces are released" released "$held"
[[ $(stored) == $((6 * segments)) ]] || wrong "$(stored) pieces are stored for $segments segments"
[[ $(repairs | jq -s --arg host "${host_id[$leaves]}" 'map(.pieces[] | select(.from == $host and .state == "proved")) | length') == "$held" ]] ||
  wrong "$(repairs)"
# The manifest still says where they were: entrusted again, it brings nothing back there.
expect 0 inxt-care add m
sleep 6  # more than one audit
[[ $(pieces_proved) == "$held" ]] || wrong "$(pieces_proved) pieces were made for $held"
take_places
kill_host "$leaves"
{ grep -v '"type":"place"' m; places_now; } >m-now
expect 0 inxt-audit -q m-now
finish
