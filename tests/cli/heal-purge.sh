#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Segments that no version needs any more are purged, while others of their file stay in care: nothing of them is missed.
# usage: heal-purge.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
begin_network "$1"
subnet=212
use_database sqlite
start_bridge 127.0.$subnet.250:0 --test-haste 20000
start_vouched_hosts 1 6

use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 6 mine
export INXT_BRIDGE=$work/mine
head -c 600000 /dev/urandom >file
head -c 5000 /dev/urandom >patch
expect 0 inxt-put -q -e 2+1 -s 64KiB file inxt:/dir/file
expect 0 inxt-object write inxt:/dir/file --offset 300000 patch
dd of=file if=patch bs=4096 oflag=seek_bytes seek=300000 conv=notrunc status=none
expect 0 inxt-care add inxt:/dir/file
in_care=$(inxt-care list --json inxt:/dir/file | jq -s 'map(.segments) | add')
await 60 "the Bridge knows of $in_care segments" knows "$in_care"

expect 0 inxt-object purge -v inxt:/dir/file
has err "3 pieces"
await 60 "the care of one segment has ended" knows $((in_care - 1))
# Audits come every four seconds; each looks at all pieces.
audits=$(healer .audits.done)
audited() { [[ $(healer .audits.done) -ge $((audits + 12)) ]]; }
await 60 "all Hosts are audited, twice" audited
[[ $(healer .audits.pieces_lost) == 0 && $(healer .unreadable) == 0 && $(healer .due) == 0 ]] || wrong "pieces are missed: $(healer)"
[[ -z $(repairs) ]] || wrong "repairs: $(repairs)"
[[ $(inxt-care list --json inxt:/dir/file | jq -s 'map(.short_segments) | add') == 0 ]] || wrong "segments are short: $(inxt-care list --json)"
# Told again it is not missed, either, and the others are still repaired.
expect 0 inxt-care add inxt:/dir/file
for n in 1 2 3 4 5 6; do [[ -z $(find "store.$n/pieces" -type f -size +60k ! -name "*-${bridge_id:0:16}*") ]] || dead=$n; done
kill_host "$dead"
was_repaired() { (($(pieces_proved) > 0)) && all_done; }
await 120 "pieces made anew" was_repaired
[[ $(inxt-care list --json inxt:/dir/file | jq -s 'map(.short_segments) | add') == 0 ]] || wrong "segments are short: $(inxt-care list --json)"
expect 0 inxt-get -o back inxt:/dir/file
same file back "after a purge and repairs"

# What lies at the dead Host cannot be deleted: the version stays, until its owner leaves it to the Host.
expect 5 inxt-rm --purge --keep-versions 1s inxt:/dir/file
has err "could not be ended"
sleep 2
expect 5 inxt-rm --expired
expect 0 inxt-rm --expired --leave-silent -v
has err "are left to Hosts that do not answer"
expect 0 inxt-rm --expired -v
has err "ended 0 versions"
finish
