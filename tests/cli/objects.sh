#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Objects, with a real Bridge and real Hosts: made, written at offsets, cut, described, listed, read back in all their
# versions, purged down to what the versions that are left need; two writers at once.
# usage: objects.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
begin_network "$1"
subnet=160
start_bridge 127.0.160.250:0
start_vouched_hosts 1 6
use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 500MB --term 30d >mine || wrong "no grant"
await_hosts 6 mine
export INXT_BRIDGE=$work/mine

# overwrite FILE OFFSET PATCH: what a write does to a file
overwrite() { dd of="$1" if="$3" bs=4096 oflag=seek_bytes seek="$2" conv=notrunc status=none; }

head -c 1000000 /dev/urandom >model
cp model v1
expect 0 inxt-object create -e 2+1 -s 64KiB --metadata kind=disk --metadata owner=me model
id=$(cat out)
[[ $id =~ ^[0-9a-f]{64}$ ]] || wrong "an id is $id"
expect 0 inxt-object get -o back "$id"
same model back "as it was made"
has err verified
none "$XDG_STATE_HOME/inxt/unfinished/"*.inxt "after it was made"

# A write in the middle stores the segments that it touches: one of 128 KiB, in three pieces.
head -c 5000 /dev/urandom >patch
before=$(pieces_of_accounts)
expect 0 inxt-object write "${id:0:8}" --offset 300000 patch
overwrite model 300000 patch
cp model v2
expect 0 inxt-object get -o back "$id"
same model back "after a write"
# The log's segment has three mirrors.
[[ $(pieces_of_accounts) == $((before + 6)) ]] || wrong "$(pieces_of_accounts) pieces, there were $before"
expect 0 inxt-object get "$id" --range 290000-309999
cmp -s out <(tail -c +290001 model | head -c 20000) || wrong "a range over three manifests"

# From a pipe, over the end, behind the end; cuts.
head -c 700000 /dev/urandom >more
cat more | inxt-object write "$id" --offset 900KB - 2>err || wrong "a pipe: $(cat err)"
overwrite model 900000 more
cp model v3
expect 0 inxt-object write "$id" --offset 2000000 patch
overwrite model 2000000 patch
expect 0 inxt-object get -o back "$id"
same model back "behind a hole"
expect 0 inxt-object truncate "$id" 250000
truncate -s 250000 model
expect 0 inxt-object get -o back "$id"
same model back "cut"
expect 0 inxt-object truncate "$id" 300KB
truncate -s 300000 model
expect 0 inxt-object get -o back "$id"
same model back "with zeros behind"
expect 0 inxt-object write "$id" --offset 7 /dev/null
has err "no new version"

# All versions are there, and read back as they were.
expect 0 inxt-object versions --json "$id"
[[ $(wc -l <out) == 6 && $(jq -r .state out | sort | uniq -c | tr -s ' ' | tr '\n' ';') == " 1 current; 5 overwritten;" ]] ||
  wrong "versions: $(cat out)"
mapfile -t records < <(jq -r .record out)
for i in 1 2 3; do
  expect 0 inxt-object get -o back --kept "${records[6 - i]:0:12}" "$id"
  same "v$i" back "version $i"
done
expect 4 inxt-object get --kept 0123456789 "$id"

# Metadata and lists; the Bridge has none of it.
expect 0 inxt-object meta "$id" --set kind=image --set place=plughxyzzy --unset owner
expect 0 inxt-object meta "$id"
[[ $(jq -c .metadata out) == '{"kind":"image","place":"plughxyzzy"}' ]] || wrong "$(cat out)"
expect 0 inxt-object get -o back "$id"
same model back "described otherwise"
echo small >small
expect 0 inxt-object create --metadata kind=note - <small
note=$(cat out)
expect 0 inxt-object ls
[[ $(wc -l <out) == 2 ]] || wrong "ls: $(cat out)"
expect 0 inxt-object ls --metadata kind=image --metadata place=plughxyzzy --json
[[ $(jq -r .object out) == "$id" ]] || wrong "$(cat out)"
expect 0 inxt-object ls --prefix /photos
[[ ! -s out ]] || wrong "$(cat out)"
! grep -rqaF plughxyzzy bridge/ || wrong "metadata lie at the Bridge"

# A file of the tree that was written at an offset is one for every tool.
cp v1 file
expect 0 inxt-put -q -e 2+1 -s 64KiB --term 30d file inxt:/dir/file
for offset in 300000 990000; do
  expect 0 inxt-object write inxt:/dir/file --offset "$offset" patch
  overwrite file "$offset" patch
done
expect 0 inxt-get -o back inxt:/dir/file
same file back "by its name"
expect 0 inxt-get --range 299990-994999 inxt:/dir/file
cmp -s out <(tail -c +299991 file | head -c 695010) || wrong "a range by its name"
expect 2 inxt-get --range 1000000- inxt:/dir/file
expect 0 inxt-audit --samples 20 inxt:/dir/file
[[ $(jq -s 'map(select(.type == "summary")) | length' out) == 3 ]] || wrong "an audit of three manifests: $(cat out)"
expect 2 inxt-audit --proofs proofs inxt:/dir/file
expect 0 inxt-share -q --link -o link inxt:/dir/file
expect 0 inxt-get -q --link link -o back
same file back "shared"
expect 0 inxt-get -q --link link --range 299990-994999
cmp -s out <(tail -c +299991 file | head -c 695010) || wrong "a range of what is shared"
# What the version before alone used goes; what is left is proved, renewed and read.
before=$(pieces_of_accounts)
expect 0 inxt-object purge -v inxt:/dir/file
has err "2 versions"
# Of the first version segments 2, and 7, of 6 KB, went.
has err "6 pieces"
expect 0 inxt-audit --samples 20 inxt:/dir/file
# The first manifest has 6 segments left; the Hosts take the owner for a voucher only.
expect 0 inxt-renew --term 60d inxt:/dir/file
has err "renewed 18 contracts"
expect 0 inxt-get -o back inxt:/dir/file
same file back "after a purge"
expect 0 inxt-object truncate inxt:/dir/file 300KiB
truncate -s 300KiB file
expect 0 inxt-get -o back inxt:/dir/file
same file back "cut"
expect 0 inxt-rekey inxt:/dir/file
expect 0 inxt-get -o back inxt:/dir/file
same file back "under a new secret"
expect 0 inxt-object versions inxt:/dir/file
[[ $(wc -l <out) == 2 ]] || wrong "versions after a new secret: $(cat out)"
expect 0 inxt-rm --purge inxt:/dir/file
# A copy at every Host there is: what is stored anew needs no more of them than before.
expect 0 inxt-put -q -m 6 patch inxt:/dir/copies
expect 0 inxt-rekey inxt:/dir/copies
expect 0 inxt-get -o back inxt:/dir/copies
same patch back "six copies under a new secret"
expect 0 inxt-rm --purge inxt:/dir/copies

# What cannot be.
expect 4 inxt-object get 0123456789abcdef
expect 2 inxt-object get 0123
expect 4 inxt-object get inxt:/nothing
expect 2 inxt-object write "$id" patch
expect 2 inxt-object create --metadata kind patch
expect 0 inxt-object create -z v1
packed=$(cat out)
expect 2 inxt-object write "$packed" --offset 10 patch
has err "--rewrite"
expect 0 inxt-object write "$packed" --offset 10 --rewrite patch
overwrite v1 10 patch
expect 0 inxt-object get -o back "$packed"
same v1 back "rewritten"
before=$(pieces_of_accounts)
truncate -s 600000000 big
expect 7 inxt-object write "$note" --offset 0 big
[[ $(pieces_of_accounts) == "$before" ]] || wrong "pieces of a write over quota are left"
expect 0 inxt-object get "$note"
same out small "after a write over quota"

# Two writers at once: one is told, and nothing of it is left.
mkfifo slow
before=$(pieces_of_accounts)
inxt-object write "$note" --offset 3 - <slow >/dev/null 2>slow.err &
writer=$!
exec 9>slow
head -c 20000000 /dev/zero >&9 &
feeder=$!
# Once it has stored something, it has read what there was.
for ((i = 0; i < 600; ++i)); do
  (($(pieces_of_accounts) == before)) || break
  sleep 0.1
done
((i < 600)) || wrong "the first writer stores nothing: $(cat slow.err)"
expect 0 inxt-object meta "$note" --set seen=yes
wait "$feeder"
exec 9>&-
status=0
wait "$writer" || status=$?
[[ $status == 5 ]] || wrong "the second writer's status is $status: $(cat slow.err)"
has slow.err "another machine has changed"
expect 0 inxt-object get "$note"
same out small "after a conflict"
expect 0 inxt-object meta "$note"
[[ $(jq -r .metadata.seen out) == yes ]] || wrong "the first writer's change is lost"
[[ $(pieces_of_accounts) == $((before + 3)) ]] || wrong "$(pieces_of_accounts) pieces after a conflict, there were $before"

# A write that is killed in the middle leaves the object as it was; what it had stored is taken back.
before=$(pieces_of_accounts)
inxt-object write "$note" --offset 3 - <slow >/dev/null 2>slow.err &
writer=$!
exec 9>slow
head -c 20000000 /dev/zero >&9 2>/dev/null &
feeder=$!
for ((i = 0; i < 600; ++i)); do
  (($(pieces_of_accounts) == before)) || break
  sleep 0.1
done
((i < 600)) || wrong "the writer stores nothing: $(cat slow.err)"
kill -KILL "$writer"
wait "$writer" "$feeder" 2>/dev/null
exec 9>&-
expect 0 inxt-object get "$note"
same out small "after a write was killed"
expect 0 inxt-rm "$XDG_STATE_HOME"/inxt/unfinished/*.inxt
rm "$XDG_STATE_HOME"/inxt/unfinished/*.inxt
[[ $(pieces_of_accounts) == "$before" ]] || wrong "$(pieces_of_accounts) pieces after a write was killed, there were $before"

# What a delegated machine put lies under its accounts; its owner reads it, writes it and ends it.
inxt-key uploader 1 -o delegated.key --until 300d 2>err || wrong "uploader: $(cat err)"
inxt-permit delegate --to "$(inxt-key show --for-host "$bridge_id" --key-file delegated.key)" >theirs 2>err || wrong "delegate: $(cat err)"
expect 6 inxt-object create --bridge theirs --key-file delegated.key v2
expect 0 inxt-put -q -e 2+1 -s 64KiB --term 30d --bridge theirs --key-file delegated.key v2 inxt:/from/far
expect 0 inxt-object ls --prefix /from/
far=$(cut -d' ' -f1 out)
expect 6 inxt-object get --bridge theirs --key-file delegated.key "$far"
expect 6 inxt-object write --bridge theirs --key-file delegated.key "$far" --offset 0 patch
expect 6 inxt-object purge --bridge theirs --key-file delegated.key "$far"
expect 0 inxt-object get -o back "$far"
same v2 back "of a delegated machine"
expect 0 inxt-object write "$far" --offset 131000 patch
overwrite v2 131000 patch
expect 0 inxt-object get -o back "$far"
same v2 back "of two machines"
expect 0 inxt-object purge -v "$far"
has err "6 pieces"
expect 0 inxt-object get -o back "$far"
same v2 back "of two machines, after a purge"
expect 0 inxt-get -o back inxt:/from/far
same v2 back "of two machines, by its name"
expect 0 inxt-audit --samples 20 inxt:/from/far
expect 0 inxt-renew --term 60d inxt:/from/far
has err "renewed 18 contracts"
expect 0 inxt-rekey inxt:/from/far
expect 0 inxt-get -o back inxt:/from/far
same v2 back "of two machines, under a new secret"
expect 0 inxt-rm inxt:/from/far
expect 0 inxt-object purge -v "$far"

# Metadata that cannot be.
expect 2 inxt-object create --metadata $'name=\xff' patch
expect 2 inxt-object meta "$note" --set $'\xc0\xaf=1'
expect 2 inxt-object meta "$note" --set "long=$(head -c 17000 /dev/zero | tr '\0' x)"
many=()
for ((i = 0; i < 65; ++i)); do many+=(--set "n$i=1"); done
expect 2 inxt-object meta "$note" "${many[@]}"
expect 2 inxt-object meta "$note" --set =1
expect 4 inxt-object meta "$note" --unset nothing
expect 0 inxt-object meta "$note" --set $'line=a\nb\e[31m' --set $'\xc3\xbc={"a":[[[1]]]}'
expect 0 inxt-object ls --metadata $'\xc3\xbc={"a":[[[1]]]}'
[[ $(cut -d' ' -f1 out) == "$note" ]] || wrong "by odd metadata: $(cat out)"
expect 0 inxt-object meta "$note" --unset line --unset $'\xc3\xbc' --unset seen

# Purging old versions frees what the current one does not share.
before=$(pieces_of_accounts)
expect 0 inxt-object purge -n "$id"
[[ $(pieces_of_accounts) == "$before" ]] || wrong "-n deleted something"
expect 0 inxt-object purge
has err "0 versions"
expect 0 inxt-object purge -v "$id"
expect 0 inxt-object get -o back "$id"
same model back "after a purge"
(($(pieces_of_accounts) < before)) || wrong "a purge freed nothing"
expect 0 inxt-object versions "$id"
[[ $(wc -l <out) == 1 ]] || wrong "versions after a purge: $(cat out)"

# Removed; had back until it is purged; then nothing is left of it.
expect 0 inxt-object rm "$id" "$packed" "$note"
expect 4 inxt-object get "$id"
expect 0 inxt-object get -o back --kept "$(inxt-object versions --json "$id" | jq -r .record)" "$id"
same model back "removed"
expect 0 inxt-object purge -v "$id" "$packed" "$note"
expect 0 inxt-object ls
[[ ! -s out ]] || wrong "$(cat out)"
# The log's segments are all that there is now.
segments=$(pieces_of_accounts)
((segments % 3 == 0)) || wrong "$segments pieces are left"
expect 4 inxt-object versions "$id"
none "$XDG_STATE_HOME/inxt/unfinished/"*.inxt "at the end"
finish
