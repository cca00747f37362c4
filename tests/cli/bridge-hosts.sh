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
bridge_options=(--allow-private-addresses --heartbeat 1s --hosts-per-network 10000 --registrations-per-hour 10000
  --requests-per-peer 1000 --connections-per-peer 4000)
# shellcheck source=tests/cli/bridge_processes.sh
. "$(dirname "${BASH_SOURCE[0]}")/bridge_processes.sh"

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
