#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A name whose manifest is too long for its record, in a Bridge's care: when all Hosts that it was stored at are gone,
# tools read it, and the file, where the Bridge has put them since.
# usage: heal-names.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=200
start_bridge 127.0.$subnet.250:0 --test-haste 20000
start_vouched_hosts 1 8
use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 8 mine
export INXT_BRIDGE=$work/mine

head -c 1100000 /dev/urandom >plain
expect 0 inxt-put -q -e 2+2 -s 4KiB plain inxt:/plain
expect 0 inxt-care add inxt:/plain
has err "2 files are in care"
segments=$(inxt-care list --json | jq -s 'map(.segments) | add')
await 60 "the Bridge knows of $segments segments" knows "$segments"
# Host after Host dies of those three that the long manifest was stored at: its pieces are the largest.
first=()
for n in 1 2 3 4 5 6 7 8; do [[ -z $(find "store.$n/pieces" -type f ! -name "*-${bridge_id:0:16}*" -size +40k) ]] || first+=("$n"); done
[[ ${#first[@]} == 3 ]] || wrong "the long manifest lies at Hosts ${first[*]}"
copies() { inxt-care list --json | jq -s 'min_by(.segments) | .repaired'; }
made_anew() { [[ $(copies) == "$1" ]] && all_done; }
for i in 0 1 2; do
  kill_host "${first[i]}"
  await 120 "the copy of Host ${first[i]} made anew" made_anew $((i + 1))
done
expect 0 inxt-get -q -o back inxt:/plain
same plain back "a long manifest that was moved"
# All of it is renewed: a piece at a Host that is gone has one elsewhere.
expect 0 inxt-renew -v --term 366d --if-less 366d inxt:/plain
has err "old places of pieces that others keep were not renewed"
# A repair by hand stores nothing once more, and the manifest says where the pieces are.
expect 0 inxt-repair --all --json inxt:/plain
[[ $(jq -c '[.lacking, .stored]' out) == '[0,0]' ]] || wrong "a repair by hand: $(cat out err)"
expect 0 inxt-ls --versions --json inxt:/plain
[[ $(wc -l <out) == 2 ]] || wrong "versions: $(cat out)"
# Whoever ends care is told where the pieces lie, and has some days to store the file anew.
expect 0 inxt-care remove inxt:/plain
has err "needs inxt-rekey"
(($(jq -s 'map(select(.type == "place" and .uploader != null)) | length' out) >= 3)) || wrong "places: $(head -3 out)"
expect 3 inxt-care list inxt:/plain
expect 0 inxt-rekey -q inxt:/plain
expect 0 inxt-get -q -o back inxt:/plain
same plain back "after a rekey"
finish
