#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Hosts at a Bridge under fire: three inxt-bridge processes on one database, hundreds of Hosts that register and beat, kill -9
# in the middle.  Afterwards what was acknowledged is there, at every process, and the work of measuring was shared.
#
# usage: bridge-hosts.sh FOLDER_OF_THE_TOOLS INXT_HOST_LOAD sqlite|postgresql
set -euo pipefail

bridge=$(realpath "$1")/inxt-bridge
load=$(realpath "$2")
kind=$3
postgresql=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../support/postgresql")
[[ $kind == sqlite ]] || "$postgresql" available
work=$(mktemp -d)
chmod 755 "$work"  # the server runs as another user
server=
declare -A pids=()
end() {
  for name in "${!pids[@]}"; do kill -KILL "${pids[$name]}" 2>/dev/null || true; done
  [[ -z $server ]] || { kill -QUIT "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
cd "$work"
unset INXT_DATA INXT_DATABASE INXT_LISTEN INXT_ANNOUNCE INXT_LOCAL NOTIFY_SOCKET STATE_DIRECTORY CREDENTIALS_DIRECTORY
export XDG_CONFIG_HOME=$work/no-config

fail() {
  echo "FAIL: $*" >&2
  tail -n 5 log.* >&2 2>/dev/null || true
  exit 1
}
# Addresses of this test's own, so that a process that starts again finds its port free.
host=127.$((RANDOM % 200 + 20)).$((RANDOM % 250 + 1)).1

start() {  # start NAME PORT: port 0 for any; sets address, id
  : >"log.$1"
  "$bridge" --data "$1" --listen "$host:$2" --announce 192.0.2.1:4243 --workers 4 --allow-private-addresses --heartbeat 1s \
    --hosts-per-network 10000 --registrations-per-hour 10000 --requests-per-peer 1000 --connections-per-peer 4000 --database "$database" \
    >/dev/null 2>"log.$1" &
  pids[$1]=$!
  for _ in $(seq 600); do
    if grep -q 'event=ready' "log.$1" 2>/dev/null; then
      address=$(jq -r '.listening[0]' "$1/run.json")
      id=$(jq -r .bridge "$1/run.json")
      return
    fi
    kill -0 "${pids[$1]}" 2>/dev/null || fail "$1 did not start"
    sleep 0.05
  done
  fail "$1 did not start in 30 s"
}

database=sqlite:$work/shared.sqlite
if [[ $kind == postgresql ]]; then
  mkdir cluster
  "$postgresql" init "$work/cluster"
  "$postgresql" serve "$work/cluster" >/dev/null 2>&1 </dev/null &
  server=$!
  "$postgresql" wait "$work/cluster"
  database=$("$postgresql" address "$work/cluster")
fi

# ---- one Bridge of three processes
start a 0
addresses=$address
declare -A port=([a]=${address##*:})
for name in b c; do
  mkdir -m 0700 "$name"
  cp -p a/identity.key "$name/"
  start "$name" 0
  addresses+=,$address
  port[$name]=${address##*:}
done
hosts=600
run() { timeout 200 "$load" "$1" --bridge "$id" --addresses "${at:-$addresses}" --hosts "$hosts" --acks acks "${@:2}"; }
crash() {  # crash NAME: when about a third of what is under way is done
  local goal=$1 name=$2
  for _ in $(seq 1200); do
    [[ $(done_so_far) -lt $goal ]] || break
    sleep 0.02
  done
  kill -KILL "${pids[$name]}"
  wait "${pids[$name]}" 2>/dev/null || true
  unset "pids[$name]"
}
status_of() { curl -s --max-time 20 --unix-socket "$1/control" http://localhost/status.json; }

# ---- registrations, one process killed
done_so_far() { status_of a | jq '[.requests[] | select(.action == "register") | .requests] | add // 0'; }
run register --at-once 12 >out.register &
running=$!
crash $((hosts / 12)) b
wait "$running" || fail "registering: $(cat out.register)"
start b "${port[b]}"
sleep 3  # of what the others took a process knows two seconds later
run check >out || fail "registered Hosts are missing: $(cat out)"
[[ $(jq .listed out) == "$hosts" ]] || fail "$(cat out)"

# ---- heartbeats, another one killed
[[ $(jq .repeated out.register) -gt 0 ]] || fail "b was killed too late"
done_so_far() { status_of a | jq .hosts.heartbeats.taken; }
before=$(done_so_far)
run beat --at-once 12 --rounds 6 >out.beat &
running=$!
crash $((before + hosts / 6)) c
wait "$running" || fail "beating: $(cat out.beat)"
start c "${port[c]}"
sleep 3
for name in a b c; do
  at=$host:${port[$name]} run check >out || fail "$name has forgotten heartbeats: $(cat out)"
done

# ---- nobody answers at 127.0.0.1:1: each Host was looked at, whoever was killed meanwhile, and none is listed.
# What the two that were killed had claimed, 16 Hosts each at most, is the others' when the claims run out, after 30 s.
for _ in $(seq 480); do
  run check >out || fail "it has forgotten heartbeats: $(cat out)"
  [[ $(jq .probed out) -lt $hosts ]] || break
  sleep 0.25
done
[[ $(jq .probed out) == "$hosts" ]] || fail "not every Host was looked at: $(cat out)"
[[ $(status_of a | jq .hosts.live) == 0 ]] || fail "a Host is listed that never answered"
echo "bridge-hosts $kind: $(jq -c '{registered: .done, repeated}' out.register) $(jq -c '{beats: .done, repeated}' out.beat), all is well"
