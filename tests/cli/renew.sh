#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-renew between real Hosts: what it makes longer, leaves alone and reports; that a renewal outlives kill -9; and
# that a piece whose first term is over is still served, put again, and deleted.
# usage: renew.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
begin_network "$1"
start_hosts 1 6
hosts_file 1 2 3 4 5 6 >hosts
export INXT_HOSTS=$work/hosts

renewals() { find store.*/pieces -name '*.renewal' | wc -l; }
day() { date -u -d "@$1" +%F; }
near() { # near SECONDS WANTED WHAT: give or take ten minutes
  local off=$(($1 - $2))
  ((off > -600 && off < 600)) || wrong "$3: $1 instead of $2"
}
now=$(date +%s)
head -c 100000 /dev/urandom >plain

# ---- a contract that is about to end is the first thing: its term passes while the rest is tested
soon_s=20
inxt-put -q -m 2 -s 64KiB --term ${soon_s}s --hosts <(hosts_file 1 2) plain >soon || wrong "put for seconds"
inxt-encrypt <plain 2>err | inxt-shard -m 2 -s 64KiB --dir pieces >local 2>>err || wrong "shard: $(cat err)"
inxt-put -q --term ${soon_s}s --dir pieces --hosts <(hosts_file 1 2) local >soon2 || wrong "put for seconds, in stages"
inxt-put -q -m 2 -s 64KiB --term ${soon_s}s --hosts <(hosts_file 1 2) plain >never || wrong "put for seconds, not renewed"
over=$(($(date +%s) + soon_s))
for manifest in soon soon2; do expect 0 inxt-renew --term 30d $manifest; done
has err "renewed 4 contracts, 0 ran long enough; everything is kept until $(day $((now + 30 * 86400)))"
[[ ! -s out ]] || wrong "data on standard output without a problem"

# ---- one file, all its contracts; run again, nothing is renewed twice
inxt-put -q -e 4+2 plain >m || wrong "put"
cp m m.before
renewed=$(renewals)
expect 0 inxt-renew -n --term 8772h m
has err "would renew 0 contracts, 6 ran long enough"  # 365d is near enough to 365.5d: no more than a day sooner
expect 0 inxt-renew -n --json --if-less 0s m
near "$(jq .until out)" $((now + 365 * 86400)) "the end of the term that put asked for"
inxt-put -q -e 4+2 --term 1h plain >m || wrong "put for an hour"
expect 0 inxt-renew -n m
has err "would renew 6 contracts, 0 ran long enough; everything would be kept until $(day $((now + 365 * 86400)))"
[[ $(renewals) == "$renewed" ]] || wrong "a dry run renewed"
expect 0 inxt-renew --if-less 30min m
has err "renewed 0 contracts, 6 ran long enough"
expect 0 inxt-renew --if-less 2h --receipts receipts m
has err "renewed 6 contracts, 0 ran long enough"
[[ $(renewals) == $((renewed + 6)) ]] || wrong "six renewals on disk"
[[ $(jq -r 'select(.type == "renewal" and (.renewal | test("^eyJ")) and (.acceptance | test("^eyJ"))).type' receipts | wc -l) == 6 ]] ||
  wrong "six receipts: $(cat receipts)"
expect 0 inxt-renew --json m
near "$(jq .until out)" $((now + 365 * 86400)) "the end of the renewed term"
[[ $(jq -c '[.renewed, .kept, .failed, .unplaced]' out) == '[0,6,0,0]' ]] || wrong "the summary: $(cat out)"

# ---- what was acknowledged outlives kill -9 of all Hosts
for n in 1 2 3 4 5 6; do kill_host $n; done
start_hosts 1 6
expect 0 inxt-renew m
has err "renewed 0 contracts, 6 ran long enough"
expect 0 inxt-renew --term 366d --if-less 366d m
has err "renewed 6 contracts"
[[ $(renewals) == $((renewed + 6)) ]] || wrong "a renewal takes the place of the one before"

# ---- the first terms are over: renewed, a piece is read, and a put is answered with it; else a put is told
while (($(date +%s) <= over)); do sleep 0.2; done
for manifest in soon soon2; do
  inxt-get -q $manifest 2>err | cmp -s - plain || wrong "get after the first term: $(cat err)"
  expect 0 inxt-audit $manifest
done
expect 0 inxt-put --dir pieces --hosts <(hosts_file 1 2) local
expect 0 inxt-renew --json never  # within the grace time it is not too late
[[ $(jq .renewed out) == 4 ]] || wrong "renewed late: $(cat out)"

# ---- problems: one JSON line a piece, and the rest is renewed
kill_host 3
piece=$(jq -r "select(.type == \"place\" and .host == \"${host_id[4]}\") | [.segment, .shard, .mirror] | @json" m)
rm "$(file_of_piece 4 "$(jq -r --argjson at "$piece" 'select(.type == "piece" and [.segment, .shard, .mirror] == $at).id' m)" | grep -v renewal)"
expect 3 inxt-renew --term 366d --if-less 367d m
has err "renewed 4 contracts, 0 ran long enough, 2 were not renewed"
[[ $(jq -r .type out | sort | uniq -c | tr -s ' ') == ' 2 not-renewed' ]] || wrong "lines: $(cat out)"
[[ $(jq -r "select(.host == \"${host_id[3]}\").error" out) == try_again ]] || wrong "a dead Host: $(cat out)"
[[ $(jq -r "select(.host == \"${host_id[4]}\").error" out) == not_found ]] || wrong "a lost piece: $(cat out)"
[[ $(jq -c "select(.host == \"${host_id[4]}\") | [.segment, .shard, .mirror]" out) == "$piece" ]] || wrong "which piece: $(cat out)"

# ---- prices and terms: what the descriptor says, what the Host says where there is none
kill_host 5
start_host 5 --price 5 --term-max 100d
hosts_file 5 >priced
inxt-put -q -m 1 -s 128KiB --price 5 --term 1h --hosts priced plain >p || wrong "put at a price"
expect 6 inxt-renew --hosts priced p
has out "it asks for 5, more than the 0 of --price"
unset INXT_HOSTS
expect 6 inxt-renew --term 99d p
has out "price"
expect 6 inxt-renew --term 200d --price 9 p
has out "term_seconds_max"
expect 0 inxt-renew --term 50d --price 9 p
expect 0 inxt-renew --json --price 9 --term 2000d --hosts priced p
near "$(jq .until out)" $((now + 100 * 86400)) "the Host's longest term"
export INXT_HOSTS=$work/hosts

# ---- who may, and what it makes of manifests
head -n -1 m >cut
expect 8 inxt-renew cut
XDG_CONFIG_HOME=$work/stranger inxt-key new --no-passphrase --words-out stranger.words 2>/dev/null
XDG_CONFIG_HOME=$work/stranger expect 6 inxt-renew m
inxt-key uploader 1 -o delegated 2>err || wrong "uploader: $(cat err)"
inxt-put -q --key-file delegated -m 2 -s 128KiB --term 1h --hosts <(hosts_file 1 2) plain >by-delegate || wrong "put by a delegate"
expect 6 inxt-renew --key-file delegated by-delegate
has err "delegated"
expect 0 inxt-renew by-delegate  # the owner renews what its uploaders put
expect 4 inxt-renew absent
expect 2 inxt-renew --term soon m

# ---- deleted, nothing is left; nothing that is gone is renewed
for manifest in soon soon2 never by-delegate p; do expect 0 inxt-rm $manifest; done
expect 4 inxt-renew soon
[[ $(jq -r .error out | sort -u) == not_found ]] || wrong "gone: $(cat out)"
for n in 1 2 4 5 6; do kill_host $n; done
expect 5 inxt-renew --term 366d --if-less 367d m
[[ $(wc -l <out) == 6 ]] || wrong "six lines: $(cat out)"

# ---- nobody answers any more: what they have is theirs until its term ends, once the owner says so
expect 5 inxt-rm m
expect 0 inxt-rm --leave-silent m
has err "deleted 0 pieces, 0 were gone already, 6 are left to Hosts that do not answer"
start_hosts 1 6
for manifest in m m.before; do expect 0 inxt-rm $manifest; done
[[ $(pieces_on_disk) == 0 ]] || wrong "left behind: $(find store.*/pieces -type f)"
finish
