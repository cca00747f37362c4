#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Host that reports to a real Bridge: it registers, is reached and measured, holds an account to its voucher, tells
# what that account has, reports what rots, outlives a Bridge that is away, and takes its settings again.
# The account is curl and openssl, and so is the Bridge where it vouches.
#
# usage: host-bridge.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

tools=$(realpath "$1")
host=$tools/inxt-host
bridge=$tools/inxt-bridge
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
cd "$work"
source "$here/host_client.sh"
bridge_pid=
end() {
  kill_server
  [[ -z $bridge_pid ]] || kill -KILL "$bridge_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

start_bridge() {  # start_bridge LISTEN: sets bridge_pid, bridge_address, bridge_id
  : >bridge.log
  "$bridge" --data bridge --listen "$1" --allow-private-addresses --heartbeat 5s --probe-interval 10s 2>bridge.log &
  bridge_pid=$!
  for _ in $(seq 400); do
    if grep -q event=ready bridge.log; then
      bridge_address=$(sed -n 's/.*listening on \([0-9.:]*\) as .*/\1/p' bridge.log)
      bridge_id=$(sed -n 's/.* as \([0-9a-f]*\)$/\1/p' bridge.log)
      return
    fi
    kill -0 "$bridge_pid" 2>/dev/null || { cat bridge.log >&2; fail "the Bridge did not start"; }
    sleep 0.05
  done
  fail "the Bridge did not start in 20 s"
}
stop_bridge() {
  kill -KILL "$bridge_pid"
  wait "$bridge_pid" 2>/dev/null || true
  bridge_pid=
}
status() { "$host" status --json store; }
until_status() {  # until_status JQ [SECONDS]: a condition on the status
  for _ in $(seq $((2 * ${2:-90}))); do
    ! status | jq -e "$1" >/dev/null || return 0
    sleep 0.5
  done
  status | jq .bridges >&2
  fail "the status never became: $1"
}
refused() {  # refused STATUS PART ARGUMENT...: a start that ends
  local want=$1 part=$2 got=0
  shift 2
  timeout 30 "$host" --store other --capacity 1GB --accept any --listen 127.0.0.1:0 "$@" >out 2>err || got=$?
  [[ $got == "$want" ]] || { cat err >&2; fail "exit $got instead of $want: $*"; }
  grep -q -- "$part" err || fail "no word of $part: $(cat err)"
}
voucher() {  # voucher BYTES: by the Bridge, for the account
  local now
  now=$(date +%s)
  token inxt-voucher bridge.pem "$(printf '{"iss":"%s","account":"%s","aud":"%s","bytes":%d,"iat":%d,"exp":%d}' \
    "$bridge_id" "$account" "$id" "$1" "$now" $((now + 3600)))"
}
put_vouched() {  # put_vouched FILE BYTES: prints the status
  local made shown
  made=$(offer "$1")
  shown=$(voucher "$2")
  ask "/v1/pieces/$(piece_id "$1")" -T "$1" -H "Inxt-Offer: $made" -H "Inxt-Voucher: $shown"
}

start_bridge 127.0.0.1:0
"$bridge" descriptor bridge >bridge.file
# Its key as openssl has it, so that the test can vouch.
seed=$(sed -n 2p bridge/identity.key)
printf '302e020100300506032b657004220420%s' "$seed" | sed 's/../\\x&/g' >der.txt
printf '%b' "$(cat der.txt)" | openssl pkey -inform DER -out bridge.pem
[[ $(openssl pkey -in bridge.pem -pubout -outform DER | tail -c 32 | hex) == "$bridge_id" ]] || fail "another key than the Bridge's"

# ---- what is refused at the start
refused 4 no.file --bridge no.file
echo '{"type":"bridge"}' >bad.file
refused 8 bad.file --bridge bad.file
sed 's/127.0.0.1/127.0.0.2/' bridge.file >changed.file
refused 8 changed.file --bridge changed.file
refused 2 "named twice" --bridge bridge.file --bridge bridge.file
refused 2 -- --operator --bridge bridge.file --operator "$(printf 'x%.0s' {1..65})"
refused 2 -- --region --bridge bridge.file --region $'eu\nrope'
[[ ! -e other ]] || fail "a start that was refused made a store"

# ---- it registers, and is reached from outside
echo "bridge $bridge_id" >accept
printf '{"bridge": ["bridge.file"], "operator": "somebody", "region": "eu"}' >config.json
start --config config.json --capacity 100MB --accept accept --scrub-period 30s --local 127.0.0.1:0
until_status '.bridges[0].state == "registered" and .bridges[0].reachable == true and .bridges[0].accepted'
wait_for_log event=bridge-registered
"$host" doctor store >findings 2>/dev/null || true
jq -e 'select(.subject == "bridge") | .well and .reachable' findings >/dev/null || fail "doctor: $(cat findings)"
page=$(sed -n 's/.*event=page address=\([0-9.:]*\).*/\1/p' log)
curl -s "http://$page/metrics" | grep -F "inxt_host_bridge_reachable{bridge=\"$bridge_id\"} 1" >/dev/null || fail "metrics"
curl -s "http://$page/" | grep "Reachable from there" >/dev/null || fail "page"

# ---- an account is held to its voucher, and the Bridge hears what it has
noise a 5000
noise b 5000
each=$((2 * 4096 + 4096 + 8192))
[[ $(put_vouched a $((each - 1))) == 507 ]] || fail "a put past the voucher: $(cat body)"
limit_is voucher_bytes
grep -q "\"free_bytes\":$((each - 1))[,}]" body || fail "free_bytes: $(cat body)"
[[ $(put_vouched a $each) == 201 ]] || fail "a put within the voucher: $(cat body)"
[[ $(put_vouched b $each) == 507 ]] || fail "a second put past the voucher: $(cat body)"
[[ $(put_vouched b $((2 * each))) == 201 ]] || fail "a second put: $(cat body)"
has a || fail "the first piece"
# The Bridge's own, for its probes, and this one.
until_status '.bridges[0].accounts == 2'
until_status '.bridges[0].heartbeats >= 2'

# ---- what rots is reported
file=store/pieces/$(piece_id b | cut -c1-3)/$(piece_id b)-$account
printf x | dd of="$file" bs=1 seek=100 conv=notrunc status=none
wait_for_log "event=damaged .*$account"
until_status '.bridges[0].reports == 1 and .bridges[0].reports_waiting == 0'
grep -q 'event=report .*what=lost' bridge.log || fail "the Bridge had no report"
"$bridge" reports bridge >reported || fail "reports: status $?"
jq -se --arg host "$id" --arg piece "$(piece_id b)" --arg account "$account" 'length == 1 and (.[0] |
  .type == "report" and .host == $host and .piece == $piece and .account == $account and .what == "lost")' reported >/dev/null ||
  fail "the operator does not see the report: $(cat reported)"
[[ $(jq -r .token reported | cut -d. -f2 | { tr '_-' '/+'; printf ===; } | base64 -d 2>/dev/null | jq -r .iss) == "$id" ]] ||
  fail "the report's token is not the Host's"

# ---- a Bridge that is away: the Host goes on; nobody is forgotten
stop_bridge
until_status '.bridges[0].state == "failing"'
wait_for_log event=bridge-failed
status | jq -e '.notices[] | select(.level == "warning") | .text | contains("does not hear")' >/dev/null || fail "no notice"
! "$host" doctor store >findings 2>/dev/null || fail "doctor finds nothing"
jq -e 'select(.subject == "bridge") | .well | not' findings >/dev/null || fail "doctor: $(cat findings)"
has a || fail "a read while the Bridge is away"
[[ $(put_vouched b $((2 * each))) == 201 ]] || fail "a put while the Bridge is away: $(cat body)"
stop
grep -q "account $account" store/vouched || fail "it is not kept who was vouched for"
start --config config.json --capacity 100MB --accept accept --scrub-period 30s
has a || fail "a read after a restart without the Bridge"
until_status '.bridges[0].accounts == 2'
start_bridge "$bridge_address"
until_status '.bridges[0].state == "registered" and .bridges[0].heartbeats >= 1'

# ---- settings are taken again, all or none
cp bad.file bridge.file
kill -HUP "$pid"
wait_for_log event=settings-kept
status | jq -e '.bridges | length == 1' >/dev/null || fail "settings that are off were taken"
printf '{}' >config.json
kill -HUP "$pid"
wait_for_log event=reloaded
until_status '(.bridges // []) == []' 10
has a || fail "a read after all"
echo "host-bridge: all is well"
