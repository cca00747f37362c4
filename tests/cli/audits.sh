#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What audits may cost a Host, and what it keeps of audits and of what it delivered: rates that are changed while it
# runs, records that outlive kill -9, receipts of readers, evidence about a piece.
# usage: audits.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
schemas=$(realpath "$(dirname "$0")/../../man/schemas")
begin_network "$1"

fits() { # fits SCHEMA FILE: every line
  python3 - "$schemas/$1.json" "$2" <<'PY' || wrong "$2 is not as $1.json says"
import json, sys
from jsonschema import Draft202012Validator
check = Draft202012Validator(json.load(open(sys.argv[1])))
lines = open(sys.argv[2]).read().splitlines()
assert lines, "no line"
for line in lines:
    errors = [error.message for error in check.iter_errors(json.loads(line))]
    assert not errors, (errors, line)
PY
}
within() { # within TENTHS COMMAND...: until it is true
  local tenths=$1
  shift
  for ((; tenths > 0; --tenths)); do
    "$@" && return
    sleep 0.1
  done
  wrong "never: $*"
}
records() { inxt-host audits "store.${1:-1}" >records 2>err || wrong "audits: $(cat err)"; }
kept() { records && [[ $(jq -c "select($1)" records | wc -l) == "$2" ]]; }
receipts_at() { jq -s 'length' <(cat "store.$1"/transfers/*.jsonl 2>/dev/null); }

jq -n '{"audit-rate": "64KiB"}' >config.json
start_host 1 --config config.json
start_hosts 2 3
hosts_file 1 2 3 >hosts
export INXT_HOSTS=$work/hosts
head -c 3000000 /dev/urandom >plain
inxt-put -q -m 3 --receipts promised plain >m || wrong "put"
none store.1/audits "before any audit"
expect 0 inxt-host audits store.1
[[ ! -s out ]] || wrong "audits before there were any"

# ---- an auditor is answered, and the Host keeps what was asked and answered
expect 0 inxt-audit --samples 300 --proofs proofs m
within 50 kept '.type == "audit-record"' 2
fits host-audit records
jq -r '.request' records >asked
jq -r 'select(.type == "request") | select(.host == "'"${host_id[1]}"'" or true) | .body' proofs >sent
for n in 1 2; do
  line=$(sed -n ${n}p asked)
  grep -qxF -- "$line" sent || wrong "the request in the record is not what the auditor sent"
  answer=$(sed -n ${n}p <(jq -r .answer records))
  grep -qxF -- "$answer" proofs || wrong "the answer in the record is not what the auditor got"
done
[[ $(jq -s 'map(.outcomes | length) | add' records) == 300 ]] || wrong "300 outcomes"
[[ $(jq -s 'map(.outcomes[]) | unique | join(" ")' records) == '"proved"' ]] || wrong "all were proved"

# ---- kill -9: what was written stays
cp records before
kill_host 1
start_host 1 --config config.json
records
same before records "records after kill -9"

# ---- over the rate: 429, and the auditor is told when to come again; the other Hosts are as before
jq -n '{"audit-rate": "2KiB"}' >config.json
kill -HUP "${host_pid[1]}"
within 100 grep -q 'event=reloaded' log.1
ask() { # ask N: one audit of 256 samples that never were here, by a new key
  openssl req -x509 -newkey ed25519 -nodes -keyout key.pem -out crt.pem -subj /CN=x 2>/dev/null
  curl -sk --max-time 20 --cert crt.pem --key key.pem -D headers -o answer -w '%{http_code}' --data-binary @question \
    "https://${host_at[1]}/v1/audit"
}
python3 - >question <<'PY'
print('{"type":"challenge","challenge":"%s","samples":[%s]}' % ("00" * 32, ",".join('["%s",0]' % ("ab" * 32) for _ in range(256))), end="")
PY
refused=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
  code=$(ask)
  [[ $code == 200 || $code == 429 ]] || wrong "an audit was answered with $code: $(cat answer)"
  [[ $code != 429 ]] || { refused=1; break; }
done
[[ $refused == 1 ]] || wrong "twelve large audits passed at 2 KiB/s"
grep -qi '^retry-after: [0-9]' headers || wrong "no Retry-After: $(cat headers)"
[[ $(jq -r .limit answer) == audit_rate ]] || wrong "the limit is not named: $(cat answer)"
expect 0 inxt-get -o back m
same plain back "read while audits are refused"
jq -n '{"audit-rate": "1GiB", "audit-rate-per-peer": "1GiB"}' >config.json
: >log.1
kill -HUP "${host_pid[1]}"
within 100 grep -q 'event=reloaded' log.1
[[ $(ask) == 200 ]] || wrong "new rates did not take effect: $(cat answer)"
inxt-host status store.1 >status || wrong "status"
(($(jq .audits.refused status) > 0)) || wrong "refusals are not counted"

# ---- readers' receipts: one for each piece, as the Host served it
# A piece of each of two segments was read, at one of three mirrors.
all=0
transfers_kept() { (($(receipts_at 1) + $(receipts_at 2) + $(receipts_at 3) >= pieces_read)); }
pieces_read=2
within 50 transfers_kept
for n in 1 2 3; do
  [[ ! -d store.$n/transfers ]] || fits host-evidence <(cat store.$n/transfers/*.jsonl)
  all=$((all + $(receipts_at $n)))
done
before=$all
expect 0 inxt-get --no-receipts -o back m
sleep 1
((before == $(receipts_at 1) + $(receipts_at 2) + $(receipts_at 3))) || wrong "receipts in spite of --no-receipts"

# ---- evidence: what was asked, promised and delivered
shown=0
for n in 1 2 3; do
  for piece in $(cd store.$n/pieces && ls */ | sed -n 's/^\([0-9a-f]\{64\}\)-[0-9a-f]\{64\}$/\1/p'); do
    expect 0 inxt-host evidence "$piece" store.$n
    fits host-evidence out
    jq -e -s --arg piece "$piece" 'all(.piece == $piece)' out >/dev/null || wrong "evidence about another piece"
    offer=$(jq -r 'select(.type == "contract") | .offer' out)
    acceptance=$(jq -r 'select(.type == "contract") | .acceptance' out)
    jq -c --arg offer "$offer" --arg acceptance "$acceptance" 'select(.offer == $offer and .acceptance == $acceptance)' \
      promised | grep . >/dev/null || wrong "the Host's evidence is not what the owner was promised"
    shown=$((shown + $(jq -c 'select(.type == "transfer")' out | wc -l)))
  done
done
((shown == before)) || wrong "$shown transfers in the evidence, $before receipts"
inxt-renew -q --term 366d --if-less 366d m 2>err || wrong "renew: $(cat err)"
piece=$(cd store.1/pieces && ls */ | sed -n 's/^\([0-9a-f]\{64\}\)-.*\.renewal$/\1/p' | sed -n 1p)
expect 0 inxt-host evidence "$piece" store.1
[[ $(jq -r 'select(.type == "renewal") | .piece' out) == "$piece" ]] || wrong "no renewal in the evidence"
fits host-evidence out
expect 4 inxt-host evidence "$(printf 'ab%.0s' {1..32})" store.1
expect 2 inxt-host evidence nonsense store.1

# ---- bounds: the records never pass what they may
kill_host 1
start_host 1 --keep-audits 300KB --audit-rate 1GiB --audit-rate-per-peer 1GiB
for _ in {1..40}; do [[ $(ask) == 200 ]] || wrong "an audit was refused"; done
sleep 1.5
bytes=$(cat store.1/audits/*.jsonl | wc -c)
((bytes <= 300000)) || wrong "$bytes bytes of records, 300000 may be"
((bytes > 50000)) || wrong "$bytes bytes of records: the latest are gone"
stop_host() { kill -TERM "${host_pid[$1]}"; wait "${host_pid[$1]}"; }
stop_host 1
records
fits host-audit records

exit $failed
