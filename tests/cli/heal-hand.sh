#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What was repaired under another number of the owner's before a file was entrusted is read as that number's, at Hosts that
# know accounts by the Bridge's word only.
# usage: heal-hand.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=230
use_database sqlite
start_bridge 127.0.$subnet.250:0 --test-haste 20000
start_vouched_hosts 1 9

use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 9 mine
export INXT_BRIDGE=$work/mine
put_plain
expect 0 inxt-care add --number 3 m
await 60 "the Bridge knows of $segments segments" knows "$segments"
mapfile -t first < <(holders)
lost=$(held_by "${first[0]}")
kill_host "${first[0]}"
await 120 "$lost pieces made anew" proved "$lost"
take_places
cat added >>m
[[ $(jq -s 'map(select(.type == "place") | .uploader // 0) | unique' -c m) == '[0,1073741827]' ]] || wrong "places: $(grep place m)"
expect 0 inxt-care remove m

# Entrusted again under another number: of six pieces four are left, and one of these is the first caretaker's.
expect 0 inxt-care add m
: >added
await 60 "the Bridge knows of $segments segments" knows "$segments"
more=$(($(held_by "${first[1]}") + $(held_by "${first[2]}")))
kill_host "${first[1]}"
kill_host "${first[2]}"
await 120 "$more pieces made anew" proved $((lost + more))
await 60 "nothing is due" all_done
take_places
# Those of the care that has ended are told, too.
[[ $(jq -s "map(select(.uploader == 1073741824)) | length" added) == "$more" ]] || wrong "places for $more pieces: $(cat added)"
{ grep -v '"type":"place"' m; places_now; } >m-now
expect 0 inxt-audit -q m-now
finish
