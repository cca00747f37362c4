#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Bridge that lies about shares and leases (tests/support/evil_bridge), to the owner who makes them and to readers: what
# inxt-threats(7) says is what happens, and no reader has a byte that the owner did not share.
# usage: malicious-bridge-shares.sh FOLDER_OF_THE_TOOLS FOLDER_OF_THE_TEST_PROGRAMS
subnet=154
. "$(dirname "$0")/malicious_bridge.sh"
start_bridge 127.0.$subnet.250:0
start_evil
start_vouched_hosts 1 3
use_key anna
anna=$(inxt-key show --recipient)
use_key owner
bridge_file "$(account_at)" >mine
export INXT_BRIDGE=$work/mine INXT_ALLOW_SAME=new
await_hosts 3 mine
head -c 300000 /dev/urandom >plain
head -c 300000 /dev/urandom >older
id_of() { sed 's|.*/s/\([0-9a-f]*\)#.*|\1|' "$1"; }
by_link=(env -u INXT_BRIDGE -u INXT_KEY_FILE "XDG_STATE_HOME=$work/reader" inxt-get -o never --link)  # without key and Bridge
by_file=(env -u INXT_BRIDGE "INXT_KEY_FILE=$work/anna" "XDG_STATE_HOME=$work/reader" inxt-get -o never --share)
reads() {  # reads FILE SHARED_AS...: honestly
  expect 0 "${@:2}"
  same "$1" never "of a share"
  rm -f never
}
expect 0 inxt-put -q -e 2+1 older inxt:/d/a
expect 0 inxt-put -q -e 2+1 plain inxt:/secret
expect 0 inxt-share --link -o link inxt:/d/a
expect 0 inxt-share --link -o folder inxt:/d
expect 0 inxt-share -r "$anna" -o for-anna inxt:/d/a
share=$(id_of link)
[[ ! -s hits ]] || wrong "an honest Bridge lied"
# Each bundle passes the lying Bridge once, and is kept by it.
lie old-bundle$'\n'any-lease
reads older "${by_link[@]}" link
reads older "${by_link[@]}" folder a
reads older "${by_file[@]}" for-anna

echo "== bundles ($SECONDS s)"
bundles() {  # bundles STATUS TEXT: readers of all kinds
  against "$1" "$2" "${by_link[@]}" link
  against "$1" "$2" "${by_link[@]}" folder a
  against "$1" "$2" "${by_file[@]}" for-anna
  against "$1" "$2" env -u INXT_BRIDGE -u INXT_KEY_FILE inxt-get -R -o never --link folder
  against "$1" "$2" env -u INXT_BRIDGE -u INXT_KEY_FILE inxt-ls --link folder
  [[ ! -s out ]] || wrong "names were printed ($(cat control))"
  none never "of a false bundle ($(cat control))"
}
lie alter-bundle
bundles 8 ""
lie cut-bundle
bundles 8 ""
lie noise share
bundles 8 ""
lie empty share
bundles 8 ""
lie other-bundle "$(id_of folder)"
against 8 "" "${by_link[@]}" link
lie other-bundle "$share"
against 8 "" "${by_link[@]}" folder a
against 8 "" "${by_file[@]}" for-anna
none never "of another share's bundle"
lie status 404 share
bundles 6 "revoked, or has ended"
lie status 500 share
bundles 1 "500"
lie redirect share
bundles 1 "302"

echo "== leases ($SECONDS s)"
leases() {
  against "$1" "$2" "${by_link[@]}" link
  against "$1" "$2" "${by_file[@]}" for-anna
  none never "without a lease ($(cat control))"
}
json_against leases "${by_link[@]}" link
lie false-lease
leases 8 ""
for what in noise empty; do
  lie $what leases
  leases 8 ""
done
for kind in other-account other-host other-reader other-pieces other-bridge other-capability; do
  lie lease $kind
  leases 8 ""
done
lie lease over
leases 6 "expired"
lie status 403 leases
leases 6 "403"
lie status 404 leases
leases 6 "revoked, or has ended"
lie status 500 leases
leases 1 "500"
lie redirect leases
leases 1 "302"

echo "== for ever busy, cut, without end ($SECONDS s)"
busy() {  # busy NUMBER COMMAND...: it gives up, and shows nothing
  local status=0 i=$1
  timeout 100 "${@:2}" >"out.$i" 2>"err.$i" || status=$?
  echo "$status" >"status.$i"
}
gave_up() {
  local i
  for i in "$@"; do
    [[ $(cat "status.$i") == 5 && ! -s out.$i ]] || { wrong "status $(cat "status.$i") ($(cat control), $i)"; cat "err.$i"; }
  done
  none never "of a Bridge that is busy or odd"
}
for what in "status 503" "end cut" "end endless"; do
  lie "$what share"$'\n'"$what share_list"
  busy 1 "${by_link[@]}" link & first=$!
  busy 2 "${by_file[@]}" for-anna & second=$!
  busy 3 inxt-share --list
  wait $first $second
  gave_up 1 2 3
done
lie status 503 leases
busy 1 "${by_link[@]}" link & first=$!
busy 2 "${by_file[@]}" for-anna
wait $first
gave_up 1 2
lie
reads older "${by_link[@]}" link
reads older "${by_link[@]}" folder a
reads older "${by_file[@]}" for-anna

# An earlier bundle of the same share: the owner's own words, to a reader who has seen no later ones.
expect 0 inxt-put -q -e 2+1 plain inxt:/d/a
reads plain "${by_link[@]}" folder a
lie old-bundle$'\n'any-lease
against 8 "older bundle of the share than this machine has read" "${by_link[@]}" folder a
none never "of an older bundle"
rm -rf reader
reads older "${by_link[@]}" folder a
[[ -s hits ]] || wrong "nobody was lied to"
lie

echo "== the owner's side ($SECONDS s)"
json_against share_list inxt-share --list
lie no-shares
against 0 "" inxt-share --list --json
[[ $(jq -rs 'map(select(.state == "not at the Bridge")) | length' out) == 3 ]] || wrong "the log's shares: $(cat out)"
for line in "inxt-share --link -o never inxt:/d/a" "inxt-share --list"; do
  about=$([[ $line == *list ]] && echo share_list || echo share_put)
  for what in "redirect:1:302" "status 500:1:500" "status 403:6:403"; do
    IFS=: read -r attack status text <<<"$what"
    lie "$attack" $about
    # shellcheck disable=SC2086
    against "$status" "$text" $line
    none never "of a share that was not made"
  done
done
# A share that is said to be made, or ended, and is not: the next list shows it.
lie share-not-stored
against 0 "" inxt-share --link -o unmade inxt:/d/a
lie
expect 6 "${by_link[@]}" unmade
expect 0 inxt-share --list --json
[[ $(jq -r --arg id "$(id_of unmade)" 'select(.id == $id) | .state' out) == "not at the Bridge" ]] || wrong "$(cat out)"
expect 0 inxt-share --refresh
reads plain "${by_link[@]}" unmade
lie share-not-ended
against 0 "" inxt-share --revoke "$(id_of unmade)"
lie
expect 0 inxt-share --list --json
[[ $(jq -r --arg id "$(id_of unmade)" 'select(.id == $id) | .state' out) == shared ]] || wrong "$(cat out)"
expect 0 inxt-share --revoke "$(id_of unmade)"
expect 6 "${by_link[@]}" unmade
finish
