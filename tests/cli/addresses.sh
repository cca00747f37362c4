#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Host with several addresses, of which the first ones are dead (one refuses, one swallows what is sent), by IPv4 and
# IPv6: put, get and audit find one that lives, and soon.
#
# usage: addresses.sh FOLDER_OF_THE_TOOLS
source "$(dirname "$0")/network.sh"
begin_network "$1"

# 127.0.9.9 answers no SYN: its queue is full and nobody accepts.
python3 - >hole <<'HOLE' &
import socket, time
server = socket.create_server(("127.0.9.9", 0), backlog=0)
print(server.getsockname()[1], flush=True)
clients = []
for _ in range(4):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(server.getsockname())
    clients.append(client)
time.sleep(300)
HOLE
started+=($!)
for ((i = 0; i < 200; ++i)); do [[ ! -s hole ]] || break; sleep 0.05; done
hole=127.0.9.9:$(cat hole)
refuses=127.0.9.8:1

listen=(--listen 127.0.1.1:0)
[[ ! -e /proc/net/if_inet6 ]] || listen=(--listen '[::1]:0')
: >log.1
inxt-host --store store.1 --capacity 1GiB --accept any "${listen[@]}" 2>log.1 &
host_pid[1]=$!
for ((i = 0; i < 400; ++i)); do ! grep -q 'listening on' log.1 || break; sleep 0.05; done
living=$(sed -n 's/.*listening on \(.*\) as .*/\1/p' log.1)
[[ -n $living ]] || { echo "the Host did not start"; cat log.1; exit 1; }
[[ $(jq -r '.addresses | join(" ")' store.1/descriptor.jsonl) == "$living" ]] || wrong "what is announced: $(cat store.1/descriptor.jsonl)"
head -c 3000000 /dev/urandom >file
expect 0 inxt-put -m 1 --hosts store.1/descriptor.jsonl -o one.inxt file
expect 0 inxt-get --hosts store.1/descriptor.jsonl -o back one.inxt
same file back "one address ($living)"

# ---- the same Host with dead addresses before the living one
kill "${host_pid[1]}"; wait "${host_pid[1]}"
: >log.1
inxt-host --store store.1 --capacity 1GiB --accept any --listen "$living" --announce "$hole" --announce "$refuses" \
  --announce "$living" 2>log.1 &
host_pid[1]=$!
for ((i = 0; i < 400; ++i)); do ! grep -q 'listening on' log.1 || break; sleep 0.05; done
cp store.1/descriptor.jsonl hosts
[[ $(jq -r '.addresses | join(" ")' hosts) == "$hole $refuses $living" ]] || wrong "what is announced: $(cat hosts)"
soon() {  # soon COMMAND...: without waiting for a connection's whole time (5 s)
  local began=$EPOCHREALTIME
  expect 0 "$@"
  (( (${EPOCHREALTIME/./} - ${began/./}) < 4500000 )) || wrong "$((${EPOCHREALTIME/./} - ${began/./})) us: $*"
}
soon inxt-put -m 1 --hosts hosts -o two.inxt file
[[ $(jq -r 'select(.type == "place") | .address' two.inxt | sort -u) == "$living" ]] || wrong "the place is not where it was put"
rm -f back
soon inxt-get --hosts hosts -o back two.inxt
same file back "dead addresses first"
soon inxt-audit --hosts hosts two.inxt

# ---- the address in the manifest is dead, the hosts file knows a living one
sed "/\"type\":\"place\"/s/\"${living//[/\\[}\"/\"$hole\"/" two.inxt >moved.inxt
grep -q "\"$hole\"" moved.inxt || wrong "the manifest was not changed"
rm -f back
soon inxt-get --hosts store.1/descriptor.jsonl -o back moved.inxt
same file back "a dead address in the manifest"
finish
