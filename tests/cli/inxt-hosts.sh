#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A real Bridge and real Hosts: they register, beat, are measured and audited, and inxt-hosts lists them; one announces
# another's address, one loses the Bridge's piece, one dies.
#
# usage: inxt-hosts.sh FOLDER_OF_THE_TOOLS
source "$(dirname "${BASH_SOURCE[0]}")/network.sh"
begin_network "$1"
unset INXT_BRIDGE INXT_DATA INXT_OPERATOR INXT_DOMAIN INXT_REGION

start_bridge() {
  : >log.bridge
  inxt-bridge --data bridge.d --listen "${bridge_at:-127.0.1.100:0}" --allow-private-addresses --heartbeat 1s \
    --probe-interval 1s --speed-interval 3s 2>log.bridge &
  bridge_pid=$!
  started+=("$bridge_pid")
  local i
  for ((i = 0; i < 400; ++i)); do
    if grep -q 'event=ready' log.bridge; then
      bridge_at=$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' log.bridge)
      return
    fi
    kill -0 "$bridge_pid" 2>/dev/null || break
    sleep 0.05
  done
  echo "the Bridge did not start:"; cat log.bridge; exit 1
}
until_holds() {  # until_holds TEXT COMMAND...: for a minute at most
  local what=$1 i
  shift
  for ((i = 0; i < 240; ++i)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.25
  done
  wrong "it never came to: $what"
  inxt-hosts --bridge mine --all
  tail -20 log.bridge
}
ids() { jq -r .host out | sort; }
ids_of() { for n in "$@"; do echo "${host_id[$n]}"; done | sort; }
lists() { diff <(ids) <(ids_of "$@") >diff.out || { wrong "not Hosts $*:"; cat diff.out out; }; }
of() { jq -se --arg id "${host_id[$1]}" ".[] | select(.host == \$id) | $2"; }  # of N FILTER: of Host N's line

start_bridge
inxt-bridge descriptor bridge.d >bridge
id=$(jq -r .bridge bridge)
inxt-bridge grant --quota 1GiB --term 30d "$(inxt-key show --for-host "$id")" bridge.d >mine
start_host 1 --bridge bridge --region eu-west --operator Ann --domain "rack 1"
start_host 2 --bridge bridge --region us --operator Bob
echo "account $(printf 'a%.0s' {1..64})" >nobody
start_host 3 --bridge bridge --accept nobody --price 5
start_host 4 --bridge bridge --announce "${host_at[1]}" --region eu

echo "== live Hosts are listed with what was measured, another's address is not"
ready() {
  inxt-hosts --bridge mine >out &&
    [[ $(jq -s '[.[] | select(.measured.audits_passed >= 1)] | length' out) == 2 ]] && [[ $(grep -c . out) == 3 ]]
}
until_holds "two audited Hosts of three" ready
expect 0 inxt-hosts --bridge mine
lists 1 2 3
of 1 '.measured | .reachable and .rtt_us > 0 and .uptime_30d == 10000 and .up_bytes_per_s > 0 and .down_bytes_per_s > 0 and .network == "127.0.1.0/24" and .audits_failed == 0' <out >/dev/null ||
  wrong "measured: $(cat out)"
of 1 '.declared == {"operator":"Ann","domain":"rack 1","region":"eu-west"}' <out >/dev/null || wrong "declared"
of 1 '.heartbeat | .capacity_bytes == 1073741824 and .processors > 0 and .memory_bytes > 0 and .free_bytes > 0' <out >/dev/null ||
  wrong "heartbeat"
of 3 '.measured | .reachable and (has("up_bytes_per_s") | not) and .audits_passed == 0' <out >/dev/null ||
  wrong "Host 3 takes nothing from the Bridge"
expect 0 inxt-hosts --bridge mine --all
lists 1 2 3 4
of 4 '.measured.reachable == false' <out >/dev/null || wrong "Host 4 is reachable at another's address"
until_holds "Host 4 hears why" grep -q 'event=not-reachable' log.4
inxt-bridge status bridge.d | jq -e '.hosts | .registered == 4 and .live == 3 and .probes.wrong_key > 0 and .audits.failed == 0' >/dev/null ||
  wrong "status: $(inxt-bridge status bridge.d)"

echo "== filters, orders, tables"
expect 0 inxt-hosts --bridge mine --region eu
lists 1
expect 0 inxt-hosts --bridge mine --operator Bob
lists 2
expect 0 inxt-hosts --bridge mine --max-price 0
lists 1 2
expect 0 inxt-hosts --bridge mine --min-audits 1 --min-uptime 99% --min-free 1MiB --max-rtt 30s
lists 1 2
expect 0 inxt-hosts --bridge mine --min-free 100TiB
[[ ! -s out ]] || wrong "a Host has room for 100 TiB"
has err "none of 3 Hosts fits"
expect 0 inxt-hosts --bridge mine --sort price
[[ $(jq -r .host out | tail -1) == "${host_id[3]}" ]] || wrong "the dearest is not last"
expect 0 inxt-hosts --bridge mine --limit 2
[[ $(grep -c . out) == 2 ]] || wrong "--limit"
expect 0 inxt-hosts --bridge mine --table --sort rtt
has out "100.00%"
has out "Ann"
expect 0 inxt-hosts --bridge mine --measure
lists 1 2 3
for off in "--min-uptime 101%" "--min-uptime 99" "--max-rtt 50" "--sort name" "--limit 0"; do
  # shellcheck disable=SC2086
  expect 2 inxt-hosts --bridge mine $off
done

echo "== what it prints feeds inxt-put"
head -c 300000 /dev/urandom >data
inxt-hosts --bridge mine --min-audits 1 | inxt-put --hosts - -m 2 data >m || wrong "put"
[[ $(jq -r 'select(.type == "place") | .host' m | sort -u) == "$(ids_of 1 2)" ]] || wrong "other Hosts than those listed"
inxt-get m >back || wrong "get"
same data back "after a put on listed Hosts"

echo "== who may not list, does not"
expect 2 inxt-hosts
inxt-bridge grant --quota 1GiB --term 30d --can create "$(inxt-key show --for-host "$id")" bridge.d >puts-only
expect 6 inxt-hosts --bridge puts-only
expect 6 inxt-hosts --bridge bridge
inxt-key new --no-passphrase --words-out other.words -o other.key 2>/dev/null
expect 12 inxt-hosts --bridge mine --key-file other.key
expect 4 inxt-hosts --bridge absent
INXT_BRIDGE=mine expect 0 inxt-hosts
mkdir -p "$XDG_CONFIG_HOME/inxt" && cp mine "$XDG_CONFIG_HOME/inxt/bridge"
expect 0 inxt-hosts

echo "== a Host that loses the Bridge's piece fails its audit"
kill_host 1
find store.1/pieces -type f -size +1000k -delete
start_host 1 --bridge bridge --region eu-west --operator Ann
failed_audit() { inxt-hosts --bridge mine >out && of 1 '.measured.audits_failed >= 1' <out; }
until_holds "a failed audit of Host 1" failed_audit
grep -q 'event=audit-not-passed' log.bridge || wrong "the log does not tell of the audit"

echo "== a Host that died is left out at once with --measure, and soon by the Bridge"
kill_host 2
expect 0 inxt-hosts --bridge mine --measure
lists 1 3
two_left() { inxt-hosts --bridge mine >out && [[ $(grep -c . out) == 2 ]]; }
until_holds "two Hosts are left" two_left

echo "== a Bridge that is killed knows what it knew, and goes on"
kill -KILL "$bridge_pid"
wait "$bridge_pid" 2>/dev/null
expect 5 inxt-hosts --bridge mine
start_bridge
until_holds "two Hosts are listed again" two_left
of 1 '.measured.audits_failed >= 1 and .measured.audits_passed >= 1' <out >/dev/null || wrong "it forgot the audits"

[[ $failed == 0 ]] && echo "inxt-hosts: all is well"
exit "$failed"
