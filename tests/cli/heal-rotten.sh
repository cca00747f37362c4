#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Host has pieces in its books and cannot show them: they are made anew elsewhere; and when they are lost there, too, that
# Host is tried in vain once, and no more.
# usage: heal-rotten.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=188
start_bridge 127.0.$subnet.250:0 --test-haste 20000
start_vouched_hosts 1 4
use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 4 mine
export INXT_BRIDGE=$work/mine
: >added
segments=60
head -c $((segments * 8192)) /dev/urandom >plain
expect 0 inxt-put -q -e 2+1 -s 4KiB -o m plain
expect 0 inxt-care add m
await 60 "the Bridge knows of $segments segments" knows $segments

# One of the four is spare: it gets what another cannot show.
first=$(holders | head -1)
mapfile -t rotten < <(find "store.$first/pieces" -type f ! -name "*-${bridge_id:0:16}*")
for piece in "${rotten[@]}"; do flip_byte "$piece" 1000; done
await 120 "${#rotten[@]} rotten pieces made anew" proved ${#rotten[@]}
await 60 "nothing is due" all_done
take_places
(($(held_by "$first") == 0)) || wrong "Host $first is believed: $(held_by "$first") pieces"
second=$(for n in 1 2 3 4; do echo "$(jq -r --arg host "${host_id[$n]}" 'select(.host == $host) | .host' added | wc -l) $n"; done | sort -n | tail -1)
second=${second#* }

# Some of what the second has since then the first has in its books.
start_vouched_hosts 5 5
await_hosts 5 mine
lost=$(held_by "$second")
kill_host "$second"
await 180 "$lost pieces of a dead Host made anew" proved $((${#rotten[@]} + lost))
await 60 "nothing is due any more" all_done
repairs | jq -se 'any(.attempts > 1)' >/dev/null || wrong "Host $first was never tried: this shows nothing"
repairs | jq -se 'all(.attempts < 6)' >/dev/null || wrong "tried again and again: $(repairs | jq -s 'map(.attempts) | max')"
take_places
reads "from Hosts that can show it"
finish
