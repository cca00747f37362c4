#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Host that goes: a pause costs it nothing within the allowance and something past it, it comes back with its store and is
# counted again, it retires, and is released from its contracts one by one while it is killed again and again.  A real
# Bridge; its word in releases is openssl's, with its key.
#
# usage: retire.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

tools=$(realpath "$1")
host=$tools/inxt-host
bridge=$tools/inxt-bridge
here=$(dirname "$(realpath "$0")")
reference=$here/../reference/verify_transcript.py
work=$(mktemp -d)
cd "$work"
PATH=$tools:$PATH
export XDG_CACHE_HOME=$work/cache XDG_STATE_HOME=$work/state
source "$here/host_client.sh"
bridge_pid=
end() {
  kill_server
  [[ -z $bridge_pid ]] || kill -KILL "$bridge_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

run_host() { start --capacity 100MB --accept accept --bridge bridge.file; }
until_lists() {  # until_lists JQ: a condition on the Host's line at the Bridge
  for _ in $(seq 600); do
    inxt-hosts --bridge mine --all >lines 2>/dev/null || true
    [[ $(jq -r "select(.host == \"$id\") | $1" lines) != true ]] || return 0  # of no line jq -e says yes
    sleep 0.1
  done
  jq -c '[.measured, .heartbeat]' lines >&2
  fail "the Bridge never had: $1"
}
say() {  # say STATUS inxt-host's ARGUMENT...: what it prints is in `said`
  local want=$1 got=0
  shift
  "$host" "$@" store >said 2>err || got=$?
  [[ $got == "$want" ]] || { cat said err >&2; fail "exit $got instead of $want: $*"; }
}
prints() { jq -es ".[0] | $1" said >/dev/null || { cat said err >&2; fail "not printed: $1"; }; }
voucher() {
  local now
  now=$(date +%s)
  token inxt-voucher bridge.pem "$(printf '{"iss":"%s","account":"%s","aud":"%s","iat":%d,"exp":%d}' \
    "$bridge_id" "$account" "$id" "$now" $((now + 3600)))"
}
put_vouched() {  # put_vouched FILE: prints the status
  local made
  made=$(offer "$1")
  ask "/v1/pieces/$(piece_id "$1")" -T "$1" -H "Inxt-Offer: $made" -H "Inxt-Voucher: $shown"
}
contract_of() {  # contract_of ACCEPTANCE: inxt-token(5)
  python3 - "$1" <<'PY'
import hashlib, sys
print(hashlib.sha256(b"inxt/v1/contract-hash\0" + sys.argv[1].encode()).hexdigest())
PY
}
make_release() {  # make_release PIECE CONTRACT [KEY]
  local now by
  now=$(date +%s)
  by=$(openssl pkey -in "${3:-bridge}.pem" -pubout -outform DER | tail -c 32 | hex)
  token inxt-release "${3:-bridge}.pem" "$(printf '{"iss":"%s","aud":"%s","piece":"%s","account":"%s","contract":"%s","successor":"%s","successor_contract":"%s","iat":%d,"exp":%d}' \
    "$by" "$id" "$1" "$account" "$2" "$account" "$control" "$now" $((now + 3600)))"
}
gone() { [[ $(get "$1") == 403 ]] && grep -q "keeps no such piece" body || fail "$1 is still there: $(head -c 300 body)"; }
release() { ask /v1/releases -X POST -H "Inxt-Release: $1"; }  # release TOKEN: prints the status

"$bridge" --data bridge --listen 127.0.0.1:0 --allow-private-addresses --heartbeat 4s --probe-interval 1s --new-audits 0 2>bridge.log &
bridge_pid=$!
for _ in $(seq 600); do
  ! grep -q event=ready bridge.log || break
  kill -0 "$bridge_pid" 2>/dev/null || fail "the Bridge did not start: $(cat bridge.log)"
  sleep 0.05
done
bridge_id=$(sed -n 's/.* as \([0-9a-f]*\)$/\1/p' bridge.log)
"$bridge" descriptor bridge >bridge.file
printf '302e020100300506032b657004220420%s' "$(sed -n 2p bridge/identity.key)" | sed 's/../\\x&/g' >der.txt
printf '%b' "$(cat der.txt)" | openssl pkey -inform DER -out bridge.pem
export INXT_KEY_FILE=$work/key
inxt-key new --no-passphrase --words-out words -o key 2>/dev/null
"$bridge" grant --quota 1GiB --term 30d "$(inxt-key show --for-host "$bridge_id")" bridge >mine
echo "bridge $bridge_id" >accept
run_host
until_lists '.measured.reachable'
shown=$(voucher)

# ---- a pause: the Bridge hears it at once, and the Host is away at no cost
say 2 pause
say 2 pause --until 2d --off
say 2 pause --until 500d
say 0 pause --until 1h
prints '.away_until > now + 3000 and (.bridges | length == 1) and .bridges[0].told and .bridges[0].paused_until == .away_until'
until_lists '.heartbeat.away_until > now and .measured.paused_until == .heartbeat.away_until'
stop
until_lists '.measured.reachable == false and .measured.uptime_1d == 10000'
sleep 3
until_lists '.measured.uptime_1d == 10000'
run_host
"$host" status --json store | jq -es '.[0].away_until > now' >/dev/null || fail "a restart ended the pause"
say 0 pause --off
prints '(has("away_until") | not) and .bridges[0].told'
until_lists '.measured.reachable and (.measured | has("paused_until") | not)'

# ---- without one it costs; and a Host that comes back with its store is counted again
noise kept 5000
[[ $(put_vouched kept) == 201 ]] || fail "a put: $(cat body)"
kill_server
until_lists '.measured.reachable == false and .measured.uptime_1d < 10000'
! inxt-hosts --bridge mine | grep -q "$id" || fail "a Host that is silent is listed"
run_host
until_lists '.measured.reachable'
inxt-hosts --bridge mine | grep -q "$id" || fail "a Host that is back is not listed"
has kept || fail "what it had is gone"

# ---- past the allowance
say 0 pause --until 60h
prints '.bridges[0].paused_until < .away_until'
grep -q "grants it until" err || fail "no word that less is granted: $(cat err)"
say 0 pause --off

# ---- nothing is let go by a Host that stays
for n in $(seq 12); do
  noise "p$n" $((3000 + n))
  [[ $(put_vouched "p$n") == 201 ]] || fail "put: $(cat body)"
  piece[n]=$(piece_id "p$n")
  contract[n]=$(contract_of "$(jq -r .acceptance body)")
  order[n]=$(make_release "${piece[n]}" "${contract[n]}")
done
# Killed at once, it knows who was vouched for: new accounts, so that nothing else had it written down.
mkdir first
cp account.pem account.crt first/
for n in 1 2 3; do
  account=$(make_key account)
  shown=$(voucher)
  noise "late$n" $((4000 + n))
  [[ $(put_vouched "late$n") == 201 ]] || fail "put: $(cat body)"
  kill_server
  late[n]=$(make_release "$(piece_id "late$n")" "$(contract_of "$(jq -r .acceptance body)")")
  run_host
done
cp first/* .
account=$(openssl pkey -in account.pem -pubout -outform DER | tail -c 32 | hex)
shown=$(voucher)
[[ $(release "${order[1]}") == 403 ]] || fail "a Host that stays let go: $(cat body)"
left=$((3600 - $(date +%s) % 3600))
[[ $left -gt 100 ]] || sleep "$left"  # so that one head lists all, till the end
curl -sk "https://$address/v1/inventory" | jq -es '.[0].pieces >= 16' >/dev/null || fail "no head"

# ---- it retires: nothing new, and the Bridge knows
say 0 retire --by 7d
prints '.retiring > now + 600000 and .pieces >= 13 and .bridges[0].told'
until_lists '.heartbeat.retiring > now and .heartbeat.draining and .heartbeat.free_bytes == 0 and .measured.reachable'
inxt-hosts --bridge mine --table | grep -q ' retiring ' || fail "the table does not say that it retires"
noise new 5000
[[ $(put_vouched new) == 503 ]] || fail "a Host that retires took a piece: $(cat body)"
make_key stranger >/dev/null
[[ $(release "$(make_release "${piece[1]}" "${contract[1]}" stranger)") == 403 ]] || fail "released by a stranger: $(cat body)"
[[ $(release "$(make_release "${piece[1]}" "${contract[2]}")") == 404 ]] || fail "released by another contract: $(cat body)"
has p1 || fail "a piece has gone without a release"
[[ $(release "${order[1]}") == 200 ]] || fail "released: $(cat body)"
jq -es --arg piece "${piece[1]}" '.[0] | .type == "released" and .piece == $piece and (.release | length > 100)' body >/dev/null ||
  fail "no released line: $(cat body)"
gone p1
[[ $(release "${order[1]}") == 200 ]] || fail "the same again: $(cat body)"

for n in 1 2 3; do
  [[ $(release "${late[n]}") == 200 ]] || fail "the Host forgot who vouched for account $n: $(cat body)"
done

# ---- killed at any instant, it has the piece or says why not
kills=0
for n in $(seq 2 12); do
  if ((n % 3 == 0)); then
    release "${order[n]}" >status.out 2>/dev/null &
    asking=$!
    sleep "0.0$((RANDOM % 60 / 10))$((RANDOM % 10))"
    kill_server
    kills=$((kills + 1))
    wait "$asking" || true
    run_host
  fi
  got=$(release "${order[n]}")
  [[ $got == 200 ]] || fail "piece $n after $kills kills: $got $(cat body)"
done
"$host" status --json store | jq -es '.[0] | .retiring > now and .draining' >/dev/null || fail "it retires no more"
"$host" check --deep store >checked 2>/dev/null || fail "the store is not whole: $(cat checked)"
for n in $(seq 12); do
  gone "p$n"
done
has kept || fail "what nobody released has gone"
is_shown() {
  "$host" evidence "${piece[12]}" store >shown.lines 2>/dev/null || return 1
  jq -se --arg order "${order[12]}" 'any(.[]; .type == "release" and .release == $order)' shown.lines >/dev/null
}
for _ in $(seq 100); do ! is_shown || break; sleep 0.2; done
is_shown || fail "no evidence of a release: $(cat shown.lines)"

# ---- whoever audits it finds nothing missing, and whose word that is
"$host" descriptor store >described
printf '{"randomness":"%s","time":%d}\n' "$(printf 5a%.0s {1..32})" $(($(date +%s) + 60)) >beacon.json
inxt-audit --host described --beacon beacon.json --samples 4096 --proofs proofs >report 2>err ||
  fail "audit: status $?: $(cat report err)"
jq -se --arg bridge "$bridge_id" 'any(.[]; .type == "host" and .failed == 0 and .released == 15 and
  .released_by == [{"bridge": $bridge, "samples": 15}] and .blocks_bad_max >= 15)' report >/dev/null || fail "report: $(cat report)"
env XDG_STATE_HOME="$work/nothing" inxt-audit --verify proofs >again 2>err || fail "verify: status $?: $(cat again err)"
[[ $(jq -r 'select(.type == "host").released' again) == 15 ]] || fail "another report: $(cat again)"
if /usr/bin/python3 -c 'import cryptography, nacl.bindings' 2>/dev/null; then
  /usr/bin/python3 "$reference" proofs >third || fail "the reference: $(cat third)"
  [[ $(jq -r .released third) == 15 ]] || fail "the reference says something else: $(cat third)"
fi

# ---- it stays after all
say 0 retire --off
[[ $(put_vouched new) == 201 ]] || fail "a Host that stays takes nothing: $(cat body)"
until_lists '(.heartbeat | has("retiring") | not) and .heartbeat.free_bytes > 0'
echo "retire: all is well, after $kills kills"
