#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# host-keys.sh FOLDER_OF_THE_TOOLS: backup and rotation of a Host's identity, with real Hosts: an old manifest still
# works after rotations, a backup brings a Host back, and a rotation that is killed leaves a Host that starts.
. "$(dirname "$0")/network.sh"
begin_network "$1"
passphrase='correct horse battery staple'

stop_host() { kill -TERM "${host_pid[$1]}"; wait "${host_pid[$1]}" || wrong "Host $1 ended with $?"; unset "host_pid[$1]"; }
# Lines of every time in one file, as whoever only appends to it has them.
gather() { hosts_file 1 2 3 4 5 6 7 >>hosts; }
rotate() {  # rotate N: stops it, gives it a new key, starts it
  stop_host "$1"
  inxt-host rotate-key "store.$1" >rotated 2>>err || wrong "rotate-key: $?"
  start_host "$1"
}

start_hosts 1 7
gather
head -c 9000000 /dev/urandom >data
expect 0 inxt-put --hosts hosts -e 4+2 --shard-size 256KiB -o file.inxt data
[[ $(pieces_on_disk) -gt 6 ]] || wrong "few pieces"
first=${host_id[1]}

# ---- a backup, and what refuses it
expect 0 inxt-host backup store.1 -o backup --passphrase-fd 3 3<<<"$passphrase"
has err "$first"
[[ $(stat -c %a backup) == 600 ]] || wrong "others can read the backup"
lacks backup "$(sed -n 2p store.1/identity.key)"
expect 2 inxt-host backup store.1 -o backup --passphrase-fd 3 3<<<"$passphrase"
expect 2 inxt-host --no-input backup store.1
expect 13 inxt-host restore store.1 --passphrase-fd 3 3<<<"$passphrase" <backup
has err "stop it first"
expect 13 inxt-host rotate-key store.1
has err "stop it first"
expect 4 inxt-host rotate-key nowhere
none nowhere "it is no store"

# ---- the disk with the key is lost: the pieces are in a copy, the key in the backup
stop_host 1
cp -a store.1 copy
rm copy/identity.key
mv store.1 lost
mv copy store.1
expect 12 inxt-host restore store.1 --passphrase-fd 3 3<<<"wrong" <backup
expect 8 inxt-host restore store.1 --passphrase-fd 3 3<<<"$passphrase" < <(head -c 200 backup)
none store.1/identity.key "nothing was restored"
expect 0 inxt-host restore store.1 --passphrase-fd 3 3<<<"$passphrase" <backup
[[ $(stat -c %a store.1/identity.key) == 600 ]] || wrong "the restored identity is readable by others"
start_host 1
[[ ${host_id[1]} == "$first" ]] || wrong "it is another Host after a restore"
expect 0 inxt-host check --deep store.1
# Over another identity only by force; into an empty folder it makes a store; nowhere else.
stop_host 2
expect 2 inxt-host restore store.2 --passphrase-fd 3 3<<<"$passphrase" <backup
has err "another identity"
cp store.2/identity.key second
expect 0 inxt-host restore store.2 --force --passphrase-fd 3 3<<<"$passphrase" <backup
cmp -s store.1/identity.key store.2/identity.key || wrong "--force did not restore"
expect 0 inxt-host backup store.2 --no-passphrase
cp out clear
cp second store.2/identity.key
chmod 600 store.2/identity.key
start_host 2
mkdir other && touch other/thing
expect 2 inxt-host restore other <clear
expect 0 inxt-host restore empty <clear
cmp -s store.1/identity.key empty/identity.key || wrong "not restored into an empty folder"
rm -r empty lost

# ---- rotations: one Host twice, another once; the manifest is the old one
rotate 1
[[ $(jq -r .former[0] rotated) == "$first" && $(jq -r .host rotated) == "${host_id[1]}" ]] || wrong "rotate-key said otherwise"
[[ ${host_id[1]} != "$first" ]] || wrong "the same id after a rotation"
rotate 1
rotate 2
cp hosts hosts.before
gather
# Before anybody has the new lines, six of seven Hosts are enough no more than that.
expect 0 inxt-get --hosts hosts -o back file.inxt
same data back "the old manifest with new lines"
grep -qF replaced err && wrong "a Host was replaced: $(cat err)"
expect 0 inxt-audit --hosts hosts file.inxt
jq -se --arg id "${host_id[1]}" 'any(.[]; .host == $id and .verdict == "unanchored")' out >/dev/null || { wrong "Host 1 was not audited under its new id"; cat out; }
expect 0 inxt-audit --hosts hosts --proofs proofs file.inxt
expect 0 inxt-audit --verify proofs
expect 0 inxt-audit --hosts hosts --extract "$first" file.inxt
[[ $(head -1 out | jq -r .host) == "${host_id[1]}" ]] || wrong "the extract is not for the new id"
expect 0 inxt-host check --deep store.1

# Renewed under the old manifest, by the new key; and once more after one rotation more.
expect 0 inxt-renew --hosts hosts --term 366d file.inxt
rotate 1
gather
expect 0 inxt-renew --hosts hosts --term 8784h --if-less 367d --json file.inxt
expect 0 inxt-get --hosts hosts -o back file.inxt
same data back "after a renewal and a rotation"
expect 0 inxt-host check --deep store.1

# New pieces are put under the new id only.
expect 0 inxt-put --hosts hosts -e 4+3 --shard-size 256KiB -o new.inxt data
has new.inxt "${host_id[1]}"
lacks new.inxt "$first"
expect 0 inxt-get -o back new.inxt
same data back "put after the rotation"

# Without the new lines the old manifest's Host 1 is a stranger with another key: it is passed over.
rm back
expect 0 inxt-get -o back file.inxt
same data back "without new lines"
has err replaced

# ---- two successors of one key
stop_host 3
cp -a store.3 twin
inxt-host rotate-key store.3 >/dev/null 2>&1
inxt-host rotate-key twin >/dev/null 2>&1
start_host 3
cat hosts store.3/descriptor.jsonl twin/descriptor.jsonl >disputed
expect 0 inxt-get --hosts disputed -o back file.inxt
same data back "with a disputed Host"
has err "named two successors"
expect 2 inxt-put --hosts disputed -e 4+3 -o never.inxt data
has err "6 Hosts can be used"
none never.inxt "too few Hosts"
rm -r twin
gather

# ---- deleting by the old manifest, also at the Hosts that were rotated
before=$(pieces_on_disk)
expect 0 inxt-rm --hosts hosts file.inxt
lacks err "may still be there"
[[ $(pieces_on_disk) == "$(grep -c '"type":"place"' new.inxt)" ]] || wrong "$before pieces, $(pieces_on_disk) after deleting"
expect 0 inxt-get -o back new.inxt
same data back "the other file after a delete"

# ---- killed while it rotates: it starts, as itself or as its successor, and is had under the old manifest
for i in 1 2 3 4 5 6 7 8; do
  stop_host 4
  old=$(jq -r .host store.4/descriptor.jsonl)
  inxt-host rotate-key store.4 >rotated 2>err &
  pid=$!
  sleep "0.0$((i * 3 % 10))$i"
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
  start_host 4
  if [[ ${host_id[4]} != "$old" ]]; then
    [[ $(sed -n '1s/.* //p' store.4/identity.key) == 2 ]] || wrong "a new key without its succession"
  else
    [[ ! -s rotated ]] || wrong "told of a rotation that was not"
  fi
  none store.4/identity.key.new "left over"
done
gather
expect 0 inxt-get --hosts hosts -o back new.inxt
same data back "after killed rotations"
grep -qF replaced err && wrong "a Host was replaced: $(cat err)"

# ---- no more than eight
stop_host 5
for i in 1 2 3 4 5 6 7 8; do inxt-host rotate-key store.5 >/dev/null 2>&1 || wrong "rotation $i failed"; done
expect 2 inxt-host rotate-key store.5
has err kSuccessionsMax
start_host 5
gather
expect 0 inxt-get --hosts hosts -o back new.inxt
same data back "after eight rotations"
expect 0 inxt-rm --hosts hosts new.inxt
[[ $(pieces_on_disk) == 0 ]] || wrong "$(pieces_on_disk) pieces are left"
finish
