#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Evidence for two sides: what real Hosts and a real owner sign is verified by npm's jose, a JWT library that knows
# nothing of inxt.  A Host shows what it was asked to keep and what it delivered, an owner what its Hosts promised.
# usage: evidence.sh FOLDER_OF_THE_TOOLS BUILD_FOLDER      (the library is installed into BUILD_FOLDER)
here=$(dirname "$(realpath "$0")")
tests=$(dirname "$here")
command -v node >/dev/null && command -v npm >/dev/null || { echo "no node and npm (scripts/packages --all)"; exit 77; }
mkdir -p "$2"
library=$(realpath "$2")
cp "$here"/package.json "$here"/package-lock.json "$here"/verify.mjs "$library"
cmp -s "$here/package-lock.json" "$library/installed.json" || {
  (cd "$library" && npm ci --no-audit --no-fund --loglevel=error) || { echo "FAILED: npm ci"; exit 1; }
  cp "$here/package-lock.json" "$library/installed.json"
}
. "$tests/cli/network.sh"
begin_network "$1"

jose() { # jose WANTED MODE ARGUMENT...: its answer begins with what is wanted
  local wanted=$1
  shift
  node "$library/verify.mjs" "$@" >said 2>&1 || { wrong "jose: $*: $(cat said)"; return; }
  has said "$wanted"
}

# ---- every type of token
jose "types: inxt-acceptance inxt-capability inxt-certificate inxt-deletion inxt-heartbeat inxt-lease inxt-offer inxt-permit \
inxt-receipt inxt-release inxt-renewal inxt-renewal-acceptance inxt-report inxt-succession inxt-transfer inxt-voucher" vectors "$tests/vectors/token.json"

# ---- a file is put, read, renewed
start_hosts 1 4
hosts_file 1 2 3 4 >hosts
export INXT_HOSTS=$work/hosts
jose "verified" descriptors hosts
head -c 5000000 /dev/urandom >plain
inxt-put -q -e 2+2 --receipts promised plain >m || wrong "put"
inxt-get -q -o back m || wrong "get"
same plain back "what was put and what came"
inxt-renew -q --term 366d --if-less 366d --receipts renewed m || wrong "renew"
all_hosts=$(IFS=,; echo "${host_id[*]}")
pieces=$(jq -r 'select(.type == "place")' m | jq -s length)
jose "promises $pieces" owner promised "$all_hosts"
jose "verified" renewals renewed "$all_hosts"

# ---- each Host's side: all that it was asked to keep, each renewed, and every piece that was read
read_pieces=4  # two of each of two segments
kept=0 delivered=0
collect() {
  delivered=0
  for n in 1 2 3 4; do delivered=$((delivered + $(cat store.$n/transfers/*.jsonl 2>/dev/null | wc -l))); done
  ((delivered >= read_pieces))
}
for _ in {1..100}; do collect && break; sleep 0.1; done
collect || wrong "$delivered receipts for $read_pieces pieces that were read"
shown=0
for n in 1 2 3 4; do
  : >evidence
  for piece in $(ls store.$n/pieces/* | sed -n 's/^\([0-9a-f]\{64\}\)-[0-9a-f]\{64\}$/\1/p'); do
    inxt-host evidence "$piece" store.$n >>evidence 2>err || wrong "evidence: $(cat err)"
    kept=$((kept + 1))
  done
  jose "contracts $(jq -c 'select(.type == "contract")' evidence | wc -l)" host evidence "${host_id[$n]}"
  [[ $(jq -c 'select(.type == "renewal")' evidence | wc -l) == $(jq -c 'select(.type == "contract")' evidence | wc -l) ]] ||
    wrong "Host $n has contracts without their renewals"
  shown=$((shown + $(jq -c 'select(.type == "transfer")' evidence | wc -l)))
done
((kept == pieces)) || wrong "$kept contracts at the Hosts, $pieces places in the manifest"
((shown == delivered)) || wrong "$shown of $delivered receipts are in the evidence"

# ---- evidence that somebody has changed is none
cp evidence good
jq -c 'if .type == "contract" then .until += 1 else . end' good >evidence
node "$library/verify.mjs" host evidence "${host_id[4]}" >said && wrong "a longer term in the line passed"
jq -c 'if .type == "contract" then .receipt = .acceptance else . end' good >evidence
node "$library/verify.mjs" host evidence "${host_id[4]}" >said && wrong "an acceptance as a receipt passed"
node "$library/verify.mjs" host good "${host_id[3]}" >said && wrong "another Host's evidence passed"
node "$library/verify.mjs" owner promised "${host_id[1]}" >said && wrong "promises of unknown Hosts passed"

# ---- what was deleted is not shown any more; that it was delivered, and the order to delete it, are
piece=$(jq -r 'select(.type == "transfer") | .piece' good | sed -n 1p)
[[ -n $piece ]] || piece=$(cat store.*/transfers/*.jsonl | jq -r .piece | sed -n 1p)
inxt-rm -q m || wrong "rm"
deleted() { grep -qs '"type":"deletion"' store.*/transfers/*.jsonl; }
for _ in {1..100}; do deleted && break; sleep 0.1; done
sleep 1.5
for n in 1 2 3 4; do
  grep -qs "$piece" store.$n/transfers/*.jsonl || continue
  expect 0 inxt-host evidence "$piece" store.$n
  [[ $(jq -r .type out | sort -u | tr '\n' ' ') == "deletion transfer " ]] ||
    wrong "after the deletion: $(cut -c1-100 out)"
  jose "contracts 0, renewals 0, deletions 1, transfers" host out "${host_id[$n]}"
done

# ---- a Host that has rotated its key: the old one's word for the new one
kill -TERM "${host_pid[1]}"
wait "${host_pid[1]}"
inxt-host rotate-key store.1 >rotated 2>err || wrong "rotate-key: $(cat err)"
start_host 1
cp store.1/descriptor.jsonl hosts.1
jose "verified" descriptors hosts.1
[[ $(jq -r .token hosts.1 | cut -d. -f2 | tr '_-' '/+' | base64 -d 2>/dev/null | jq '.succession | length') == 1 ]] ||
  wrong "no succession in the descriptor"

exit $failed
