#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A real Host under attack, while an honest client puts and gets pieces of 2 MiB: what is left for it, and what the
# Host's memory comes to.  Attacker, client and Host share this machine's cores, so that a part of what the client
# loses to a flood is only CPU time that another machine would have spent.
#
# usage: under-attack.sh FOLDER_OF_THE_TOOLS INXT-ATTACK [ATTACK...]
#
# INXT_ATTACK_SECONDS (3) for each attack; INXT_ATTACK_CONNECTIONS (1000) for those that only hold connections.
set -euo pipefail

host=$(realpath "$1")/inxt-host
attack=$(realpath "$2")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
shift 2
seconds=${INXT_ATTACK_SECONDS:-3}
many=${INXT_ATTACK_CONNECTIONS:-1000}
work=$(mktemp -d)
pid=
end() {
  [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
cd "$work"
unset INXT_STORE INXT_CAPACITY INXT_ACCEPT INXT_LISTEN INXT_ANNOUNCE NOTIFY_SOCKET
export XDG_CONFIG_HOME=$work/no-config

share_min=4                      # percent of what the client gets alone; floods of handshakes leave it 10 to 25
readonly rss_kib_base=$((192 * 1024))  # buffers for bodies (128 MiB) and the program itself
readonly rss_kib_each=40         # a connection, in whatever state
if grep -q __asan_init "$host"; then  # its allocator keeps what is freed, and it is slow: only what it says counts
  is_measured=no
  share_min=1
else
  is_measured=yes
fi
failures=0
fail() {
  echo "FAIL: $*" >&2
  failures=$((failures + 1))
}

# An address of its own, so that several of these may run side by side.
address=127.0.$((RANDOM % 200 + 20)).$((RANDOM % 250 + 2))
: >log
"$host" --store store --capacity 4GiB --accept any --listen "$address:0" 2>log &
pid=$!
for _ in $(seq 200); do
  grep -q 'listening on' log && break
  kill -0 "$pid" 2>/dev/null || { cat log; exit 1; }
  sleep 0.05
done
listening=$(sed -n 's/.*listening on \([0-9.:]*\) as .*/\1/p' log)
id=$(sed -n 's/.* as \([0-9a-f]*\)$/\1/p' log)
target=(--address "$listening" --host "$id")
paths=$("$attack" store "${target[@]}" --pieces 16)

honest() {  # honest SECONDS: MB/s of puts and gets together
  "$attack" honest "${target[@]}" --paths "$paths" --seconds "$1" 2>>honest.err >honest.json
  jq '((.gets + .puts) * 2.097152 / .seconds * 10 | round) / 10' honest.json
}
rss_max_kib() { awk '/^VmHWM/ {print $2}' "/proc/$pid/status"; }

# name, connections, sources, more arguments; each fills the limits it is about
attacks=(
  "idle $many 16" "silent $many 16" "slow-handshake 600 16" "slow-head 300 16" "slow-body 300 16" "slow-read 300 16"
  "handshakes 64 4" "hellos 64 4" "reconnect 64 4" "tiny 16 4" "heads 16 4" "ranges 16 4" "audits 16 4" "odd 1 1"
)
printf '%-16s %12s %13s %7s %13s  %s\n' attack 'alone MB/s' 'during MB/s' ratio 'Host MiB max' 'what the attacker did'
honest 1 >/dev/null  # warms up
for entry in "${attacks[@]}"; do
  read -r name connections sources <<<"$entry"
  [[ $# == 0 || " $* " == *" $name "* ]] || continue
  alone=$(honest 1)
  echo 5 >"/proc/$pid/clear_refs" 2>/dev/null || true  # VmHWM counts from here
  if [[ $name == odd ]]; then
    /usr/bin/python3 -W ignore "$here/../support/attack/odd.py" "$listening" "$seconds" >attack.json 2>attack.err &
  else
    "$attack" "$name" "${target[@]}" --connections "$connections" --sources "$sources" --account 666 \
      --paths "$paths" --seconds "$(jq -n "$seconds + 1")" >attack.json 2>attack.err &
  fi
  attacker=$!
  sleep 0.5
  during=$(honest "$seconds")
  attacked=0
  wait $attacker || attacked=$?
  kill -0 "$pid" 2>/dev/null || { tail -5 log >&2; fail "$name: the Host has died"; pid=; break; }
  rss=$(rss_max_kib)
  ratio=$(jq -n "if $alone == 0 then 0 else ($during * 100 / $alone | round) end")
  printf '%-16s %12s %13s %6s%% %13s  %s\n' "$name" "$alone" "$during" "$ratio" $((rss / 1024)) \
    "$(jq -r 'del(.kind, .seconds) | to_entries | map("\(.value) \(.key)") | join(", ")' attack.json 2>/dev/null)"
  [[ $attacked == 0 ]] || { cat attack.err attack.json >&2; fail "$name: exit $attacked"; }
  ((ratio >= share_min)) || { tail -3 honest.err >&2; fail "$name: the honest client gets $ratio %"; }
  [[ $is_measured == no ]] || ((rss <= rss_kib_base + rss_kib_each * connections)) || fail "$name: $rss KiB of memory"
done

# All of it is forgotten: the Host serves as before, and ends well.
if [[ -n $pid ]]; then
  [[ $(honest 1) != 0 ]] || fail "nothing is served when all is over"
  kill -TERM "$pid"
  got=0
  wait "$pid" || got=$?
  pid=
  [[ $got == 0 ]] || { tail -5 log >&2; fail "exit $got after SIGTERM"; }
  ! grep -E 'Sanitizer|runtime error' log || fail "a sanitizer spoke"
fi
((failures == 0))
