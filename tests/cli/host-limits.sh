#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The limits that an operator sets, as a peer meets them: bandwidth, traffic, connections, price, term, lists,
# capacity, reserve, drain.  What is stored stays readable under each.
#
# usage: host-limits.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

host=$(realpath "$1")/inxt-host
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
end() {
  kill_server
  rm -rf "$work"
}
trap end EXIT
cd "$work"
. "$here/host_client.sh"
now_ms() { date +%s%3N; }

# ---- what is no limit
for bad in '--limit 0' '--limit lots' '--limit 1MiB@8-18' '--limit 1MiB/s@08:00-08:00' '--scrub-hours noon' \
  '--scrub-rate 1MiB/s@08:00-09:00' '--connections 0' '--deny absent' '--grace soon'; do
  status=0
  # shellcheck disable=SC2086
  "$host" --store store --capacity 1MB --accept any --listen 127.0.0.1:0 $bad >out 2>err || status=$?
  [[ $status == 2 || $status == 4 ]] || fail "$bad: exit $status"
done
[[ ! -e store ]] || fail "a bad option made a store"

# ---- bandwidth: 3 pieces of 2 MiB in, and out, at 2 MiB/s
for i in 1 2 3; do noise "big$i" 2097152; done
start --capacity 100MB --reserve 0 --accept any --limit 2MiB/s
began=$(now_ms)
for i in 1 2 3; do [[ $(put "big$i") == 201 ]] || fail "put: $(cat body)"; done
took_in=$(($(now_ms) - began))
began=$(now_ms)
for i in 1 2 3; do has "big$i" || fail "get"; done
took_out=$(($(now_ms) - began))
echo "host-limits: 6 MiB at 2 MiB/s: $took_in ms in, $took_out ms out"
# 3,000 ms; never faster by more than 20 %, slower only as far as the machine is busy.
for took in "$took_in" "$took_out"; do
  ((took >= 2400)) || fail "6 MiB passed in $took ms at 2 MiB/s"
  ((took <= 30000)) || fail "6 MiB took $took ms at 2 MiB/s"
done
stop
minute=$(date -d '2 hours' +%H:%M)-$(date -d '4 hours' +%H:%M)
start --capacity 100MB --reserve 0 --accept any --limit "100KiB/s@$minute" --limit-out 500KiB/s
began=$(now_ms)
noise big4 2097152
[[ $(put big4) == 201 ]] || fail "put: $(cat body)"
(($(now_ms) - began <= 15000)) || fail "a limit of other hours was applied"
stop

# ---- price and term: which limit it was stands in the answer
noise one 100
start --capacity 100MB --reserve 0 --accept any --price 5 --term-max 1h
[[ $(put one 1800 4) == 403 ]] || fail "price: $(cat body)"
limit_is price_min
[[ $(put one 86400 5) == 403 ]] || fail "term: $(cat body)"
limit_is term_seconds_max
[[ $(put one 1800 5) == 201 ]] || fail "put: $(cat body)"
stop

# ---- traffic of a month: over it nothing new, and the count outlives the process
noise two 60000
start --capacity 100MB --reserve 0 --accept any --traffic 10GB
[[ $(put two) == 201 ]] || fail "put: $(cat body)"
sleep 1.2
stop
counted=$(sed 's/.*"in_bytes":\([0-9]*\).*/\1/' store/traffic.json)
((counted > 60000)) || fail "traffic.json counts $counted bytes"
noise three 50000
start --capacity 100MB --reserve 0 --accept any --traffic 100KB
[[ $(put three) == 429 ]] || fail "traffic: $(cat body)"
limit_is traffic_bytes_per_month
grep -qi '^Retry-After: [0-9]' headers || fail "no Retry-After"
has two || fail "over the traffic's limit what is stored is not readable"
stop

# ---- lists: read again on SIGHUP; what is stored stays readable and deletable
echo "account $account" >accounts
: >denied
start --capacity 100MB --reserve 0 --accept accounts --deny denied
noise four 100
[[ $(put four) == 201 ]] || fail "put: $(cat body)"
echo "account $account  # does not pay" >denied
kill -HUP "$pid"
wait_for_log 'event=accept-list '
noise five 100
[[ $(put five) == 403 ]] || fail "denied: $(cat body)"
has four || fail "a denied account cannot read what it has"
[[ $(ask /v1/contracts) == 200 ]] || fail "a denied account cannot list what it has"
[[ $(delete four) == 200 ]] || fail "a denied account's piece cannot be deleted: $(cat body)"
stop

# ---- capacity and reserve
rm -rf store
start --capacity 20000 --reserve 0 --accept any
[[ $(put one) == 201 ]] || fail "put: $(cat body)"
[[ $(put five) == 507 ]] || fail "full: $(cat body)"
limit_is capacity_bytes
grep -q '"free_bytes":3616' body || fail "free_bytes: $(cat body)"
has one || fail "a full Host does not give what it has"
stop
start --capacity 100MB --reserve 8000TB --accept any
[[ $(put five) == 507 ]] || fail "reserve: $(cat body)"
limit_is reserve_bytes
has one || fail "a Host at its reserve does not give what it has"
! grep -q "$work" body || fail "the answer names a folder"
stop

# ---- connections: of one peer, and in all
start --capacity 100MB --reserve 0 --accept any --connections-per-peer 2
python3 - "$address" <<'PY' || fail "connections per peer"
import socket, sys, time
host, port = sys.argv[1].rsplit(":", 1)
held = [socket.create_connection((host, int(port))) for _ in range(2)]
time.sleep(0.5)
more = socket.create_connection((host, int(port)))
more.settimeout(20)
try:
    closed = more.recv(1) == b""
except ConnectionResetError:
    closed = True
assert closed, "a third connection stays"
PY
for _ in $(seq 100); do  # the two are gone, an honest peer is served
  [[ $(get one) != 200 ]] || break
  sleep 0.1
done
has one || fail "after the connections were closed nobody is served"
stop

# ---- drain: nothing new, everything else; also after a restart
start --capacity 100MB --reserve 0 --accept any
"$host" drain store >out || fail "drain"
[[ $(cat out) == '{"draining":true}' ]] || fail "drain: $(cat out)"
[[ $(put five) == 503 ]] || fail "drain: $(cat body)"
stop
status=0
"$host" drain store >out 2>err || status=$?
[[ $status == 5 ]] || fail "drain without a Host: exit $status"
start --capacity 100MB --reserve 0 --accept any
[[ $(put five) == 503 ]] || fail "drain: $(cat body)"
grep -q draining body || fail "drain: $(cat body)"
has one || fail "a draining Host does not give what it has"
curl -sk "https://$address/v1/descriptor" | grep . >/dev/null || fail "no descriptor"
[[ $(delete one) == 200 ]] || fail "a draining Host does not delete: $(cat body)"
"$host" drain --off store >out || fail "drain --off"
[[ $(put five) == 201 ]] || fail "after the drain: $(cat body)"
stop
echo "host-limits: ok"
