#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What is stored beside the files is as safe as they are: the log of names, and the files in which long manifests lie, are
# repaired with them.  All Hosts that they were put at die one after the other, then the Bridge, and the words alone bring back every name.
#
# usage: repair-log.sh FOLDER_OF_THE_TOOLS
source "$(dirname "${BASH_SOURCE[0]}")/network.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bridge_network.sh"
begin_network "$1"
subnet=200
start_bridge 127.0.200.250:0
rates=(--audit-rate 20MiB/s --audit-rate-per-peer 20MiB/s)
# They report to the Bridge, and take pieces from anybody.
for n in 1 2 3 4 5 6; do
  host_at[$n]=127.0.$((subnet + n)).1:0
  launch_host "$n" --bridge bridge.line "${rates[@]}"
done
for n in 1 2 3 4 5 6; do await_host "$n"; done
inxt-bridge grant "$(account_at)" bridge --quota 1GiB --term 30d >mine || wrong "no grant"
export INXT_BRIDGE=$work/mine INXT_ALLOW_SAME=new
await_hosts 6 mine

echo "== names, one of them of a long manifest: all of it at three Hosts"
hosts_file 1 2 3 >three
three=(--hosts three)
mkdir -p src/sub
for i in 1 2 3 4; do echo "file $i" >"src/sub/$i"; done
: >src/nothing  # has no piece, so that only the log's first segment ever names it
inxt-put -q "${three[@]}" -R -e 2+1 src inxt:/all || wrong "a folder"
head -c 2500000 /dev/urandom >long && inxt-put -q "${three[@]}" -e 2+1 -s 4KiB long inxt:/long || wrong "a long manifest"
for i in 1 2; do echo "more $i" >more && inxt-put -q "${three[@]}" -e 2+1 more "inxt:/more.$i" || wrong "more"; done
inxt-ls --json -R inxt:/ | jq -r 'select(.type == "file").path' | sort >names

echo "== a dry run checks the log, too, and the pieces of the long manifest"
expect 0 inxt-repair -n --json -R inxt:/all
of_files=$(jq .pieces out)
expect 0 inxt-repair -n --json inxt:/long
of_long=$(jq .pieces out)
expect 0 inxt-repair -n --json -R inxt:/
more=$(($(jq .pieces out) - of_files - of_long))
((more >= 2 * 3 + 3 * 3)) || wrong "the log's pieces are not checked: $more more"
((of_long > 3 * 306)) || wrong "pieces of the long file and of its manifest: $of_long"

repair_without() {  # repair_without N: Host N is gone for good
  kill_host "$1"
  for ((i = 0; i < 300; ++i)); do
    [[ $(inxt-hosts --bridge mine 2>/dev/null | grep -c "${host_id[$1]}") == 0 ]] && break
    sleep 0.1
  done
  expect 0 inxt-repair --all --json -R inxt:/
  jq -e '.stored > 0 and .repaired == .lacking and .below == 0 and .beyond == 0' out >/dev/null || wrong "repaired: $(cat out err)"
  expect 0 inxt-repair --all --json -R inxt:/
  jq -e '.lacking == 0 and .stored == 0' out >/dev/null || wrong "repaired, and again: $(cat out err)"
}

echo "== Hosts die, one after the other"
repair_without 1
has err "Connection refused"
repair_without 2
expect 0 inxt-ls --versions --json inxt:/long
[[ $(wc -l <out) == 3 ]] || wrong "a version for each repair: $(cat out)"
kill_host 3
inxt-get -q -o back inxt:/long || wrong "a file whose Hosts and whose manifest's Hosts have died"
same long back "a file with a long manifest"

echo "== the Bridge is gone: the words bring every name"
kill_bridge
hosts_file 1 2 3 4 5 6 >hosts
rm -rf bridge state cache config mine
unset INXT_BRIDGE
expect 3 inxt-recover --hosts hosts --words-fd 3 --dry-run --json 3<words
jq -r 'select(.type == "would-recover").path' out | sort | diff names - || wrong "other names: $(cat err)"
lacks err "were not found"
expect 3 inxt-recover --hosts hosts --words-fd 3 --files -o recovered 3<words
same long recovered/tree/long "a recovered file with a long manifest"
finish
