#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Accounts at a Bridge: grants, quotas, delegation and revoking, and puts through the Bridge, between real Hosts that take
# only whom it vouches for.
# usage: bridge-accounts.sh FOLDER_OF_THE_TOOLS sqlite|postgresql
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
begin_network "$1"
subnet=120
[[ $2 == sqlite ]] || subnet=220
use_database "$2"
start_bridge 127.0.$subnet.250:0 --test-seed
start_vouched_hosts 1 8

use_key owner
owner=$(account_at)
inxt-bridge grant "$owner" bridge --quota 60MB --term 30d --note "the owner" >mine || wrong "no grant"
await_hosts 8 mine
export INXT_BRIDGE=$work/mine

# What may be granted, and how it is said.
expect 2 inxt-bridge grant "$owner" bridge --quota 60MB
expect 2 inxt-bridge grant "$owner" bridge --quota 60MB --term 30d --can fly
has err "fly"
expect 8 inxt-bridge grant 00 bridge --quota 60MB --term 30d
expect 2 inxt-bridge revoke x bridge --quota 1
expect 0 inxt-permit show
[[ $(jq -c '[.quota_bytes, .used_bytes]' out) == "[60000000,0]" ]] || wrong "$(cat out)"

# A file goes where the Bridge says, and comes back without it.
head -c 3000000 /dev/urandom >plain
expect 0 inxt-put -e 4+2 -o m plain
has err "stored plain on 6 Hosts"
expect 0 env -u INXT_BRIDGE inxt-get -o back m
same plain back "put through a Bridge"
[[ $(jq -r 'select(.type == "place") | .host' m | sort -u | wc -l) == 6 ]] || wrong "pieces share Hosts"
# 4+2 with 3,000,000 bytes: six files of 750,000 bytes, rounded up.
used=$(used_at_bridge "$owner")
((used > 4500000 && used < 4800000)) || wrong "$used bytes are used"

# The Bridge decides the layout where nothing is said, the same from the same seed; -n stores and reserves nothing.
before=$(pieces_of_accounts)
expect 0 inxt-put -n --explain plain
[[ $(jq -r .type out) == plan && $(jq -r .bytes out) == 3000000 ]] || wrong "$(cat out)"
has err "weight"
[[ $(pieces_of_accounts) == "$before" && $(used_at_bridge "$owner") == "$used" ]] || wrong "-n left something"
expect 0 inxt-put -o m-own plain
expect 0 inxt-get -o back m-own
same plain back "in a layout of the Bridge's"

# Empty files, pipes, manifests, other layouts.
: >empty
for file in empty plain; do
  for layout in "-m 3" "-e 2+1 -s 64KiB" "-z"; do
    # shellcheck disable=SC2086
    inxt-put -q $layout - <$file 2>err >m-pipe || wrong "$layout < $file: $(cat err)"
    inxt-get -q m-pipe 2>err >back || wrong "get: $(cat err)"
    same $file back "$layout through a pipe"
  done
done
inxt-encrypt plain 2>/dev/null | inxt-shard -e 3+1 2>/dev/null | inxt-put -q >m-stages 2>err || wrong "stages: $(cat err)"
expect 0 inxt-get -q -o back m-stages
same plain back "through stages"

# --hosts goes without the Bridge: these Hosts take no account that shows no voucher.
hosts_file 1 2 3 4 5 6 7 8 >hosts
expect 6 env -u INXT_BRIDGE inxt-put --hosts hosts plain
expect 2 inxt-put --hosts hosts --bridge mine plain

# Over quota: status 7, nothing is stored, nothing more is in use.
before=$(pieces_of_accounts) used=$(used_at_bridge "$owner")
head -c 60000000 /dev/zero >big
expect 7 inxt-put -e 4+2 -o m-big big
has err "over quota"
none m-big "after a put that was over quota"
[[ $(pieces_of_accounts) == "$before" ]] || wrong "pieces were stored"
[[ $(used_at_bridge "$owner") == "$used" ]] || wrong "used $(used_at_bridge "$owner"), before $used"
# In the middle of a stream: what was stored is taken back.
cat big | inxt-put -q -e 4+2 -o m-big - >out 2>err
[[ ${PIPESTATUS[1]} == 7 ]] || wrong "a stream over quota: $(cat err)"
has err "taken back"
[[ $(pieces_of_accounts) == "$before" ]] || wrong "$(pieces_of_accounts) pieces are left, not $before"
none m-big "after a stream that was over quota"

# A Host that dies: another stands in.
kill_host 3
use_key second
second=$(account_at)
inxt-bridge grant "$second" bridge --quota 1GB --term 1d >theirs
expect 0 inxt-put -o m --bridge theirs -e 3+3 --allow-same new plain
expect 0 inxt-get -o back m
same plain back "with a Host that died"

# Handed on: less than one has, to a key of its own; the one who gave it pays, too.
use_key helper
helper=$(account_at)
use_key second
export INXT_BRIDGE=$work/theirs
expect 0 inxt-permit delegate --to "$helper" --quota 20MB --until 2h
cp out helpers
expect 6 inxt-permit delegate --to "$helper" --quota 2GB
expect 6 inxt-permit delegate --to "$helper" --until 30d
expect 2 inxt-permit delegate --to 00
expect 12 inxt-permit show --bridge helpers
use_key helper
export INXT_BRIDGE=$work/helpers
expect 0 inxt-permit show
[[ $(jq -s length out) == 2 && $(jq -sc '.[1].can' out) == '["audit","create","list"]' ]] || wrong "$(cat out)"
before=$(used_at_bridge "$second")
expect 0 inxt-put -o m-helper -e 2+1 plain
(($(used_at_bridge "$second") > before + 4000000)) || wrong "who handed it on does not pay"
expect 7 inxt-put -e 2+1 big
expect 6 inxt-permit delegate --to "$helper" --can delete
# A permit of another key is not used.
expect 12 inxt-put -e 2+1 --bridge "$work/mine" plain

# Taken back by who gave it; what is stored stays readable.
use_key second
expect 0 inxt-permit revoke --bridge theirs helpers
use_key helper
expect 6 inxt-put -e 2+1 plain
has err "revoked"
expect 0 inxt-get -o back m-helper
same plain back "after the permit was revoked"

# By the operator: nothing that was handed on from it counts either.
expect 0 inxt-bridge revoke "$(inxt-bridge accounts bridge | jq -r --arg h "$second" 'select(.holder == $h).permit')" bridge
use_key second
expect 6 inxt-put --bridge theirs -e 2+1 plain
[[ $(inxt-bridge accounts bridge | jq -r --arg h "$second" 'select(.holder == $h).revoked') == true ]] || wrong "not listed as revoked"

# The Bridge ends and starts again: permits and what is used are as they were.
used=$(used_at_bridge "$owner")
kill_bridge
start_bridge "$bridge_at" --test-seed
[[ $(used_at_bridge "$owner") == "$used" ]] || wrong "used $(used_at_bridge "$owner") after a kill, not $used"
use_key owner
expect 0 inxt-put --bridge mine -m 2 -o m plain
# Without it: status 5, nothing stored.
kill_bridge
before=$(pieces_of_accounts)
expect 5 inxt-put --bridge mine -m 2 plain
[[ $(pieces_of_accounts) == "$before" ]] || wrong "pieces were stored without the Bridge"
finish
