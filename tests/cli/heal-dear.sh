#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Hosts that ask for more than the owner's do get no pieces by repairs, unless the Bridge's operator allows it.
# usage: heal-dear.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=190
use_database sqlite
start_bridge 127.0.$subnet.250:0 --test-haste 20000
start_vouched_hosts 1 6

use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 6 mine
export INXT_BRIDGE=$work/mine
put_plain
expect 0 inxt-care add m
await 60 "the Bridge knows of $segments segments" knows "$segments"

# Where only dear Hosts are left, nothing is repaired, and it is said why.
start_vouched_hosts 7 8 --price 5
await_hosts 8 mine
kill_host 1
says_why() { repairs | jq -es --arg why "the others ask for more (--repair-price)" 'map(select((.note // "") | contains($why))) | length > 0' >/dev/null; }
await 120 "too few Hosts that are cheap enough" says_why
has log.bridge "ask for more (--repair-price)"
[[ $(pieces_proved) == 0 ]] || wrong "repaired: $(repairs)"
[[ $(repairs | jq -s 'map(.attempts) | max') == 0 ]] || wrong "tried: $(repairs)"
[[ $(find store.7/pieces store.8/pieces -type f ! -name "*-${bridge_id:0:16}*" | wc -l) == 0 ]] || wrong "a dear Host has pieces"

# One that asks for no more than the others gets all.
lost=$(held_by 1)
start_vouched_hosts 9 9
await 120 "$lost pieces made anew" proved "$lost"
await 60 "nothing is due" all_done
[[ $(repairs | jq -s --arg host "${host_id[9]}" 'map(.pieces[] | select(.to != $host)) | length') == 0 ]] || wrong "$(repairs)"
[[ $(repairs | jq -s 'map(select(has("note"))) | length') == 0 ]] || wrong "a note stays: $(repairs)"
take_places

# The operator may allow more.
more=$(held_by 2)
kill_bridge
start_bridge_in bridge "$bridge_at" --test-haste 20000 --repair-price 5
await_hosts 8 mine
kill_host 2
await 120 "$more pieces made anew" proved $((lost + more))
await 60 "nothing is due" all_done
reads "after repairs"
finish
