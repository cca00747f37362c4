#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# No more Hosts than a segment has pieces: what one of them lost is made anew there, once.
# usage: heal-few.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=212
start_bridge 127.0.$subnet.250:0 --test-haste 20000
start_vouched_hosts 1 3
use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 3 mine
export INXT_BRIDGE=$work/mine
head -c 100000 /dev/urandom >plain
: >added
expect 0 inxt-put -q -e 2+1 -o m plain
expect 0 inxt-care add m
await 60 "the Bridge knows of 1 segment" knows 1
rm "$(file_of_piece 2 "$(piece_at 2)")"
await 120 "the piece made anew" proved 1
await 60 "nothing is due" all_done
sleep 12  # turns, and audits
[[ $(repairs | wc -l) == 1 ]] || wrong "repaired $(repairs | wc -l) times: $(repairs | tail -2)"
[[ $(repairs | jq .attempts) == 1 ]] || wrong "tried again: $(repairs)"
take_places
[[ $(jq -r .host added) == "${host_id[2]}" ]] || wrong "at another Host: $(cat added)"
finish
