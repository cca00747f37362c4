#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Logs at a Bridge under fire: three inxt-bridge processes on one database, an owner's machines that append to one log at
# once, kill -9 in the middle.  Afterwards the log is one chain, and what was acknowledged stands where it was said to.
#
# usage: bridge-logs.sh FOLDER_OF_THE_TOOLS INXT_LOG_LOAD sqlite|postgresql
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
  "$bridge" --data "$1" --listen "$host:$2" --announce 192.0.2.1:4243 --workers 4 --database "$database" \
    >/dev/null 2>"log.$1" &
  pids[$1]=$!
  for _ in $(seq 600); do
    if grep -q 'event=ready' "log.$1" 2>/dev/null; then
      address=$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' "log.$1" | tail -1)
      id=$(sed -n 's/.* as \([0-9a-f]*\)$/\1/p' "log.$1" | tail -1)
      return
    fi
    kill -0 "${pids[$1]}" 2>/dev/null || fail "$1 did not start"
    sleep 0.05
  done
  fail "$1 did not start in 30 s"
}
crash() {  # crash NAME: in the middle of the writing
  [[ $(entries_acknowledged) -lt $((all * 3 / 4)) ]] || fail "$(entries_acknowledged) of $all were written: too late"
  kill -KILL "${pids[$1]}"
  wait "${pids[$1]}" 2>/dev/null || true
  unset "pids[$1]"
}
entries_acknowledged() { wc -l <acks; }
wait_for_acks() {  # until there are so many more
  local goal=$(($(entries_acknowledged) + $1))
  for _ in $(seq 1200); do
    [[ $(entries_acknowledged) -lt $goal ]] || return 0
    sleep 0.05
  done
  fail "no $1 more entries in 60 s"
}
member() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$2"; }

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
for name in b c; do
  mkdir -m 0700 "$name"
  cp -p a/identity.key "$name/"
  start "$name" 0
  addresses+=,$address
done
permit=$("$load" permit --key a/identity.key --owner 7)
touch acks
ask() { timeout 200 "$load" "$1" --bridge "$id" --permit "$permit" --owner 7 --addresses "$addresses" --acks acks "${@:2}"; }

# ---- many machines, one log; processes die under them
writers=6 each=150
all=$((writers * each))
ask append --writers $writers --entries $each --record-bytes 2000 >appended 2>append.err &
writing=$!
wait_for_acks 30
crash b
wait_for_acks 30
crash c
start c "${addresses##*:}"  # and comes back where it was
wait "$writing" || { cat append.err >&2; fail "not all was appended"; }
cat appended
[[ $(entries_acknowledged) -eq $all ]] || fail "$(entries_acknowledged) entries were acknowledged instead of $all"
[[ $(member conflicts appended) -gt 0 ]] || fail "nobody was slower than another: they did not write at once"
addresses=${addresses%%,*}
ask check --record-bytes 2000 >checked || fail "what was acknowledged is not all there"
cat checked
[[ $(member entries checked) -eq $all ]] || fail "$(member entries checked) entries instead of $all"
echo "bridge-logs: ok ($kind)"
