#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-repair where a Bridge says which Hosts get the pieces, and of names in a tree: Hosts know accounts by its word only.
# usage: repair-bridge.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
begin_network "$1"
subnet=176
start_bridge 127.0.176.250:0
rates=(--audit-rate 20MiB/s --audit-rate-per-peer 20MiB/s)
start_vouched_hosts 1 5 "${rates[@]}"
inxt-bridge grant "$(account_at)" bridge --quota 1GiB --term 30d >mine || wrong "no grant"
export INXT_BRIDGE=$work/mine
await_hosts 5 mine
head -c 300000 /dev/urandom >plain

# ---- a manifest: the lost piece goes where the Bridge says, and is read there
expect 0 inxt-put -e 2+1 -o m plain
lost=$(jq -r 'select(.type == "place").host' m | head -1)
for n in 1 2 3 4 5; do [[ ${host_id[$n]} != "$lost" ]] || victim=$n; done
kill_host "$victim"
expect 0 inxt-repair --json -o repaired m
[[ $(jq -c '[.silent, .repaired, .stored, .found]' out) == '[1,1,1,0]' ]] || wrong "a repair: $(cat out err)"
new=$(tail -1 repaired | jq -r .host)
grep -q "$new" m && wrong "the piece went to a Host that has one of the segment"
for n in 1 2 3 4 5; do [[ ${host_id[$n]-} != "$new" ]] || kept=$n; done
expect 0 inxt-get -o back repaired
same plain back "what was read after a repair"
# Without the new place in the manifest the same Hosts are given, and nothing is stored twice.
before=$(pieces_of_accounts)
expect 0 inxt-repair --json -o again m
[[ $(jq -c '[.stored, .found]' out) == '[0,1]' ]] || wrong "a second repair: $(cat out err)"
[[ $(pieces_of_accounts) == "$before" ]] || wrong "it was stored twice"
[[ $(tail -1 again | jq -r .host) == "$new" ]] || wrong "another Host"
launch_host "$victim" --accept bridge.accept --bridge bridge.line "${rates[@]}"
await_host "$victim"
expect 0 inxt-rm repaired

# ---- a name: its new version has the new place, shares the others, and both end with their pieces
expect 0 inxt-put -e 2+1 plain inxt:/dir/
for n in 1 2 3 4 5; do
  find "store.$n/pieces" -type f -size +100k ! -name "*-${bridge_id:0:16}*" | grep -q . && victim=$n
done
kill_host "$victim"
expect 0 inxt-repair -R --json inxt:/dir
[[ $(jq -c '[.repaired, .stored]' out) == '[1,1]' ]] || wrong "a name: $(cat out err)"
expect 0 inxt-ls --versions --json inxt:/dir/plain
[[ $(wc -l <out) == 2 ]] || wrong "versions: $(cat out)"
expect 0 inxt-repair -R --json inxt:/dir
[[ $(jq -c '[.lacking, .stored]' out) == '[0,0]' ]] || wrong "repaired, and again: $(cat out err)"
expect 0 inxt-get -o back inxt:/dir/plain
same plain back "a name after its repair"
launch_host "$victim" --accept bridge.accept --bridge bridge.line "${rates[@]}"
await_host "$victim"
inxt-hosts --bridge mine >hosts 2>err || wrong "hosts: $(cat err)"
large() { find store.*/pieces -type f -size +100k ! -name "*-${bridge_id:0:16}*" | wc -l; }
[[ $(large) == 4 ]] || wrong "three pieces, and the one that was stored anew: $(large)"
expect 0 inxt-rm --hosts hosts --purge inxt:/dir/plain
[[ $(large) == 0 ]] || wrong "pieces of the versions that were purged are left: $(large)"

# ---- two versions with as many places each, at other Hosts: both end with all their pieces
expect 0 inxt-put -e 2+1 -o two plain
start_vouched_hosts 6 7 "${rates[@]}"
await_hosts 7 mine
victim=$(for n in 1 2 3 4 5 6 7; do grep -q "\"host\":\"${host_id[$n]}\"" two && echo "$n"; done | head -1)
kill_host "$victim"
expect 0 inxt-repair -o two-a two
for n in 1 2 3 4 5 6 7; do [[ ${host_id[$n]} == "$(tail -1 two-a | jq -r .host)" ]] && other=$n; done
kill_host "$other"
expect 0 inxt-repair -o two-b two
for n in "$victim" "$other"; do launch_host "$n" --accept bridge.accept --bridge bridge.line "${rates[@]}" && await_host "$n"; done
expect 0 inxt-put two-a inxt:/two
expect 0 inxt-put two-b inxt:/two
[[ $(large) == 5 ]] || wrong "three pieces, and two that were stored anew: $(large)"
inxt-hosts --bridge mine >hosts 2>err || wrong "hosts: $(cat err)"
expect 0 inxt-rm --hosts hosts --purge inxt:/two
[[ $(large) == 0 ]] || wrong "pieces of two versions are left: $(large)"
finish
