#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# open_stores.sh FOLDER_OF_THE_TOOLS: the promise on upgrades.  This release's Host opens the golden store of every release,
# serves, audits, renews and deletes from it: as it was left, without its index, with a damaged index, and with the marks of
# a crash; what it then leaves, it opens again.
golden=$(cd "$(dirname "$0")" && pwd)
. "$golden/../cli/network.sh"
begin_network "$1"
n=0

stop_host() { kill -TERM "${host_pid[$1]}"; wait "${host_pid[$1]}" || wrong "Host $1 ended with $?"; unset "host_pid[$1]"; }
fresh_host() {  # fresh_host STORE: Host n on a copy of it
  n=$((n + 1))
  cp -r "$1" "store.$n"
  chmod -R u+w,go= "store.$n"  # a checkout knows no such modes
}
serve() { start_host "$n" --term-max 36500d; cp "store.$n/descriptor.jsonl" hosts; }
must_get() {
  rm -f back
  expect 0 inxt-get --hosts hosts -o back "$1/kept.inxt"
  same "$1/kept" back "$2"
}

for stored in "$golden"/stores/*; do
  export INXT_KEY_FILE=$work/key
  install -m 600 "$stored/key" key
  tail -c +1 "$stored/kept.inxt" >kept.inxt
  for state in left damaged-index cut-index without-index other-boot; do
    # Where there was no index yet, that is all.
    [[ -s $stored/store/index || $state == left || $state == damaged-index ]] || continue
    what="$(basename "$stored"), $state"
    fresh_host "$stored/store"
    folder=store.$n
    case $state in
      left) ;;
      without-index) rm -f "$folder/index" ;;
      damaged-index) if [[ -s $folder/index ]]; then flip_byte "$folder/index" 100; else echo damaged >"$folder/index"; fi ;;
      cut-index) truncate -s -1000 "$folder/index" ;;
      other-boot) echo "00000000-0000-0000-0000-000000000000" >"$folder/boot" ;;
    esac
    expect 0 inxt-host check --deep "$folder"
    serve
    must_get "$stored" "$what"
    expect 0 inxt-audit --hosts hosts "$stored/kept.inxt"
    has out '"verdict":"unanchored"'
    # What it said that it holds stands, and a new head goes on from there.
    curl -sk "https://$(grep -o 'listening on [^ ]*' "log.$n" | cut -d' ' -f3)/v1/inventory" >head
    grep -q '"type":"inventory"' head || wrong "$what: no head of its inventory: $(cat head)"
    if [[ -s $stored/store/heads.jsonl ]]; then
      old=$(tail -1 "$stored/store/heads.jsonl")
      [[ $(head -1 "$folder/heads.jsonl") == "$(head -1 "$stored/store/heads.jsonl")" ]] || wrong "$what: its heads have changed"
      [[ $(cat head) == "$old" ]] || grep '"previous":"' head >/dev/null || wrong "$what: its heads began anew"
    fi
    expect 0 inxt-renew --hosts hosts --term 36300d "$stored/kept.inxt"
    before=$(find "$folder/pieces" -type f ! -name '*.renewal' | wc -l)
    expect 0 inxt-rm --hosts hosts "$stored/gone.inxt"
    after=$(find "$folder/pieces" -type f ! -name '*.renewal' | wc -l)
    [[ $before == 4 && $after == 3 ]] || wrong "$what: $before pieces, then $after"
    # New pieces go in once the folders are listed, and everything is there after a restart.
    for ((i = 0; i < 400; ++i)); do ! grep -q index-ready "log.$n" || break; sleep 0.05; done
    expect 0 inxt-put --data --hosts hosts -m 1 --term 1d -o new.inxt "$stored/gone.inxt"
    stop_host "$n"
    serve
    must_get "$stored" "$what, after a restart"
    expect 0 inxt-get --hosts hosts -o back new.inxt
    same "$stored/gone.inxt" back "$what: what was put in"
    expect 0 inxt-rm --hosts hosts "$stored/kept.inxt"
    stop_host "$n"
    expect 0 inxt-host check --deep "$folder"
    [[ $(find "$folder/pieces" -type f | wc -l) == 1 ]] || { wrong "$what: not all was deleted"; find "$folder/pieces" -type f; }
    has out '"pieces":1,'
    if grep level=error "log.$n" | grep -v -e 'index:' -e clock-doubtful; then wrong "$what: errors in the log"; fi
  done
done

# The first store of all, from before Hosts had users: one piece of a made-up account, no key.  Anyone may audit it.
for state in left damaged-index; do
  fresh_host "$golden/store-v1"
  [[ $state == left ]] || echo damaged >"store.$n/index"
  serve
  id=$(find "store.$n/pieces" -type f -printf '%f\n' | cut -c1-64)
  size=$(/usr/bin/python3 -c 'import json, sys
data = open(sys.argv[1], "rb").read()[-8192:]
print(json.loads(data[:int.from_bytes(data[8156:8160], "big")])["size"])' store.$n/pieces/*/*)
  /usr/bin/python3 -B - "$golden/../reference" "${host_id[$n]}" "$id" "$size" >extract <<'P'
import sys
sys.path.insert(0, sys.argv[1])
from inxt_reference import notation, proofs
host, piece, size = sys.argv[2], sys.argv[3], int(sys.argv[4])
print(notation.to_json({"type": "extract", "version": 1, "host": host, "addresses": [], "pieces": 1,
                        "set_hash": proofs.set_hash([(bytes.fromhex(piece), size)]).hex()}))
print(notation.to_json({"type": "set", "piece": piece, "size": size}))
P
  expect 0 inxt-audit --hosts hosts extract
  has out '"verdict":"unanchored"'
  stop_host "$n"
done
finish
