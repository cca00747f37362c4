#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Bridge is killed at any instant of its repairs, again and again, while Hosts die.  Afterwards each piece lies at one Host
# that lives, and at no second one; nothing was stored or charged twice; nothing is due.
# usage: heal-kills.sh FOLDER_OF_THE_TOOLS [KILLS [SEED]]
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
. "$(dirname "$0")/care_network.sh"
kills=${2-16} seed=${3-$RANDOM}
RANDOM=$seed
begin_network "$1"
subnet=240
use_database sqlite
haste=(--test-haste 20000 --repair-grace 48h)  # 9 s: a machine may be busy
start_bridge 127.0.$subnet.250:0 "${haste[@]}"
start_vouched_hosts 1 12

use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 100MB --term 30d >mine || wrong "no grant"
await_hosts 12 mine
export INXT_BRIDGE=$work/mine
: >added
head -c 3500000 /dev/urandom >plain
expect 0 inxt-put -q -e 4+2 -s 16KiB -o m plain
segments=$(jq -s '[.[] | select(.type == "piece") | .segment] | unique | length' m)
used=$(used_at_bridge "$(account_at)")
expect 0 inxt-care add m
used_with_care=$(used_at_bridge "$(account_at)")
await 60 "the Bridge knows of $segments segments" knows "$segments"

pieces() { find store.*/pieces -type f ! -name "*-${bridge_id:0:16}*" | sort; }
pieces >before
# Which Hosts repairs meant to store at, one a line; a later attempt of the same repair forgets those of the earlier one.
note_plans() {
  /usr/bin/python3 - bridge/bridge.sqlite >>planned <<'PY'
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=20) as database:
    for repair, place, host in database.execute("SELECT repair, place, host FROM repair_pieces"):
        print(repair, place, host.hex())
PY
}
# What a dead process held is free when its time is over, which this does not wait for.
end_leases() {
  /usr/bin/python3 - bridge/bridge.sqlite <<'PY'
import sqlite3, sys, time
with sqlite3.connect(sys.argv[1], timeout=20) as database:
    for table in ("healers", "repair_leases"):
        database.execute(f"UPDATE {table} SET until = min(until, ?)", (int(time.time()) - 1,))
PY
}
# A piece counts for each dead Host that it was lost with, also where it had been made anew there.
lost=0 killed=0
left() { (($(pieces_proved) < lost)); }
is_due() { [[ $(healer .due) -gt 0 ]] || ! left; }
mapfile -t victims < <(holders | shuf -n 3 --random-source=<(yes "$seed"))
for victim in "${victims[@]}"; do
  take_places
  lost=$((lost + $(held_by "$victim")))
  kill_host "$victim"
  while ((killed < kills)); do
    await 60 "a repair is due" is_due
    left || break
    sleep "0.$((RANDOM % 2))$((RANDOM % 10))"
    kill_bridge
    cat log.bridge >>log.killed
    note_plans
    end_leases
    start_bridge_in bridge "$bridge_at" "${haste[@]}"
    ((++killed))
  done
  await 120 "$lost pieces made anew" proved "$lost"
done
again=$(repairs | jq -s 'map(select(.attempts > 1)) | length')
echo "seed $seed: $killed kills, $lost pieces lost, $again of $(repairs | wc -l) repairs were begun again"
await 120 "nothing is due" all_done

# Each piece of the manifest lies at one Host that lives.  On a machine that is busy a Host may have seemed dead: when it is
# back, what was made anew for it is let go again.
jq -r 'select(.type == "piece") | .id' m | sort >due
each_once() {
  for n in "${!host_pid[@]}"; do find "store.$n/pieces" -type f ! -name "*-${bridge_id:0:16}*" -printf '%f\n'; done | cut -d - -f 1 | sort >there
  cmp -s due there
}
await 120 "each piece lies at one Host that lives" each_once
take_places
# No more was stored than repairs made anew.  What a Host was shown a voucher for is charged, once, as long as the voucher lives;
# also where it did not take the piece, or another Host was meant to after a kill, because it seemed dead then.
made_anew=$(pieces_proved)
pieces | comm -13 before - >made
made=$(wc -l <made)
((made >= lost && made <= made_anew)) || wrong "$made pieces were stored; $lost were lost, $made_anew were made anew"
made_bytes=$(xargs stat -c %s <made | jq -s add)
charged=$(($(used_at_bridge "$(account_at)") - used_with_care))
refused=$(cat log.killed log.bridge | grep -c event=repair-failed)
piece_bytes=$(xargs stat -c %s <made | sort -n | tail -n 1)
note_plans
meant=$(sort -u planned | wc -l)
((charged >= made_bytes && charged <= made_bytes + (meant - made + refused) * piece_bytes)) ||
  wrong "$charged bytes are charged for $made_bytes; $meant pieces of $piece_bytes were meant for a Host, $refused repairs failed"
((used_with_care > used)) || wrong "care is charged"
{ grep -v '"type":"place"' m; places_now; } >m-now
expect 0 inxt-audit -q m-now
reads "after the kills"
finish
