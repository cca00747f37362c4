#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A reader lies all the time about pieces that are where they should be.  What the Bridge lets Hosts show because of that
# leaves enough for its audits: no Host counts as silent, and nothing is made anew.
# usage: heal-lies.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=212
use_database sqlite
start_bridge 127.0.$subnet.250:0 --test-haste 20000  # an audit of each Host every 4 s
start_vouched_hosts 1 8

use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 8 mine
export INXT_BRIDGE=$work/mine
: >added
head -c 8000000 /dev/urandom >plain
expect 0 inxt-put -q -e 4+2 -s 2MiB -o m plain  # to show all of a piece is 3.3 MB of the 8 MiB that a Host has for the Bridge
expect 0 inxt-care add m
await 60 "the Bridge knows of one segment" knows 1
use_liar

audits() { healer .audits.done; }
await 60 "each Host was audited" eval '(($(audits) >= 6))'
before=$(audits)
end=$((SECONDS + 12))
while ((SECONDS < end)); do
  while read -r place; do say_bad "$place" >said; done < <(places_now)
  [[ $(cat said) == '{"noted":true}' ]] || wrong "a report is not noted: $(cat said)"
done
await 60 "audits go on" eval '(($(audits) >= before + 12))'
for n in "${!host_id[@]}"; do inxt-host status --json "store.$n"; done | jq -s 'map(.audits)' >asked
(($(jq 'map(.samples_proved) | add' asked) >= 6 * 489)) || wrong "no report was looked into: $(jq -c 'map(.samples_proved)' asked)"
[[ $(jq 'map(.refused) | add' asked) == 0 ]] || wrong "Hosts were asked for more than they show: $(jq -c 'map(.refused)' asked)"
[[ $(healer '|[.audits.unanswered, .repairs.begun, .audits.pieces_lost]') == '[0,0,0]' ]] || wrong "lies cost something: $(healer)"
[[ $(healer .storm) == false ]] || wrong "a storm: $(healer)"
reads "after the lies"
finish
