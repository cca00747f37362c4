#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-encrypt | inxt-shard and back: round trips, recovery with openssl, and what bad input and dead stages get.
# usage: pipe.sh FOLDER_OF_THE_TOOLS
set -u
PATH=$1:$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export XDG_CONFIG_HOME=$folder/config XDG_CACHE_HOME=$folder/cache XDG_STATE_HOME=$folder/state
unset INXT_KEY_FILE CREDENTIALS_DIRECTORY
failed=0
spool=$XDG_CACHE_HOME/inxt/spool

wrong() { echo "FAILED: $*"; failed=1; }
# expect STATUS COMMAND...
expect() {
  local wanted=$1
  shift
  "$@" >out 2>err
  local status=$?
  if [ $status -ne "$wanted" ]; then wrong "status $status, not $wanted: $*"; cat err; fi
}
has() { grep -qF -- "$2" "$1" || { wrong "no \"$2\" in $1:"; cat "$1"; }; }
same() { cmp -s "$1" "$2" || wrong "$1 and $2 differ: $3"; }
no_chunks() { ! ls "$spool" 2>/dev/null | grep ciphertext >/dev/null || wrong "chunks are left in the spool: $1"; }

expect 0 inxt-key new --no-passphrase --words-out words

# Round trips over sizes at the edges, layouts, compression and padding.  A shard of 4 KiB makes many segments.
for size in 0 1 15 16 17 4095 4096 4097 16383 16384 16385 100000; do
  head -c $size /dev/urandom >plain
  for options in "-e 4+2 -s 4KiB" "-m 3 -s 8KiB" "-e 1+0" "-e 3+2"; do
    rm -rf pieces
    # shellcheck disable=SC2086
    inxt-encrypt <plain | inxt-shard $options --dir pieces >manifest 2>err || wrong "shard $options of $size: $(cat err)"
    inxt-shard --join manifest --dir pieces >joined 2>err || wrong "join $options of $size: $(cat err)"
    openssl enc -d -aes-256-ctr -K "$(inxt-key file-key manifest)" -iv 00000000000000000000000000000000 <joined >back
    same plain back "openssl, $options of $size"
    inxt-encrypt --decrypt manifest --ciphertext joined >back 2>err || wrong "decrypt $options of $size: $(cat err)"
    same plain back "decrypt, $options of $size"
  done
  for content in -z -z=9 --pad "-z --pad"; do
    # shellcheck disable=SC2086
    inxt-encrypt $content <plain 2>err | inxt-encrypt --decrypt >back 2>>err || wrong "decrypt $content of $size: $(cat err)"
    same plain back "$content of $size"
  done
done
no_chunks "round trips"

# A file's ciphertext lies beside it, and pieces in the spool are found again.
head -c 20000000 /dev/urandom >plain
inxt-encrypt plain | inxt-shard >manifest || wrong "encrypt plain | shard"
[ "$(stat -c %s plain.enc)" = 20000000 ] || wrong "plain.enc"
expect 0 inxt-encrypt --decrypt manifest -o back
same plain back "pieces in the spool"

# Any two of six may be lost; of three the error says what is missing.
inxt-encrypt plain | inxt-shard -e 4+2 --dir six >manifest
for shard in 0 5; do
  for id in $(jq -r "select(.type == \"piece\" and .shard == $shard) | .id" manifest); do rm "six/$id"; done
done
expect 0 inxt-encrypt --decrypt manifest --dir six -o back
same plain back "two shards lost"
id=$(jq -r 'select(.type == "piece" and .shard == 2 and .segment == 1) | .id' manifest)
mv "six/$id" kept
expect 10 inxt-shard --join manifest --dir six -o never
has err "segment 1 lacks 1 of the 4"
[ ! -e never ] || wrong "half a file was left"
expect 10 inxt-encrypt --decrypt manifest --dir six -o never
[ ! -e never ] || wrong "half a file was left"
# A damaged one is proven damage.
{ printf x; tail -c +2 kept; } >"six/$id"
expect 8 inxt-shard --join manifest --dir six -o never
has err "damaged"
mv kept "six/$id"

# The tags beside the pieces are whole.
for tag in six/*.tag; do [ "$(stat -c %s "$tag")" = 2048 ] || wrong "$tag"; done

# Truncated anywhere by a line, changed, or with lines of another manifest: refused.
inxt-encrypt <words >described
lines=$(wc -l <described)
for ((n = 0; n < lines; n++)); do
  head -n $n described >cut
  expect 8 inxt-shard --dir p2 cut
  expect 8 inxt-encrypt --decrypt cut
done
lines=$(wc -l <manifest)
for ((n = 0; n < lines; n += 5)); do
  head -n $n manifest >cut
  expect 8 inxt-shard --join --dir six cut
done
sed 's/"length":\([0-9]\)/"length":1\1/' described >changed
expect 8 inxt-shard --dir p2 changed
sed "s#$spool#/etc#" described >changed
expect 8 inxt-shard --dir p2 changed
sed 's/"size":/"size":-/' manifest >changed
expect 8 inxt-shard --join --dir six changed
# Paths that nobody signs lead nowhere else.
for path in /etc/passwd ../words "$folder/words" /dev/zero; do
  sed "s#\"path\":\"[^\"]*\"#\"path\":\"$path\"#" manifest >changed
  expect 6 inxt-shard --join --dir six changed
done
# A signed chunk whose file was changed.  (Reading took the first one away.)
inxt-encrypt <words >described
chunk=$(jq -r 'select(.type == "ciphertext") | .path' described)
printf x | dd of="$chunk" conv=notrunc status=none
expect 8 inxt-encrypt --decrypt described
has err "not what was signed"
rm "$chunk"
expect 4 inxt-encrypt --decrypt described

# Ciphertext of another file.
inxt-encrypt plain --ciphertext other.enc >other.manifest
expect 8 inxt-encrypt --decrypt manifest --ciphertext other.enc -o never
expect 8 inxt-encrypt --decrypt other.manifest --ciphertext plain.enc -o never
[ ! -e never ] || wrong "plaintext of a foreign ciphertext"

# Other people: denied as writers, wrong key as readers; a recipient reads.
XDG_CONFIG_HOME=$folder/friend inxt-key new --no-passphrase --words-out friend.words 2>/dev/null
friend=$(XDG_CONFIG_HOME=$folder/friend inxt-key show --recipient)
writer=$(head -1 manifest | jq -r .writer)
XDG_CONFIG_HOME=$folder/friend expect 6 inxt-encrypt --decrypt manifest --dir six
XDG_CONFIG_HOME=$folder/friend expect 12 inxt-encrypt --decrypt manifest --dir six --signer "$writer"
inxt-encrypt -r "$friend" <words >for.friend
XDG_CONFIG_HOME=$folder/friend expect 0 inxt-encrypt --decrypt for.friend --signer "$writer"
same words out "for a friend"

# A delegated machine encrypts and cuts, and reads nothing; its owner reads.
inxt-key uploader 1 >machine.key 2>/dev/null && chmod 600 machine.key
inxt-encrypt --key-file machine.key <plain | inxt-shard --key-file machine.key --dir by.machine >machine.manifest ||
  wrong "a delegated machine"
expect 6 inxt-encrypt --key-file machine.key --decrypt machine.manifest --dir by.machine
expect 0 inxt-encrypt --decrypt machine.manifest --dir by.machine -o back
same plain back "by a delegated machine"

# Failures upstream come through with the first cause's status, and leave nothing half-written.
inxt-encrypt /nonexistent 2>/dev/null | inxt-shard --dir p3 >cut 2>err
[ "${PIPESTATUS[*]}" = "4 4" ] || wrong "status of a missing file"
[ "$(jq -r '.type + " " + .tool' cut)" = "error inxt-encrypt" ] || wrong "the error line was not passed on"
expect 4 inxt-shard --join --dir p3 cut
(head -c 20000000 plain; sleep 5) | timeout -s KILL 2 inxt-encrypt 2>/dev/null | inxt-shard --dir p3 >cut 2>err
[ "${PIPESTATUS[2]}" = 8 ] || wrong "status behind a killed stage"
has err "cut short"
expect 8 inxt-shard --join --dir p3 cut
(head -c 20000000 plain; sleep 5) | timeout 2 inxt-encrypt --ciphertext half.enc 2>/dev/null | inxt-shard --dir p3 >cut 2>err
[ "${PIPESTATUS[2]}" = 1 ] || wrong "status behind a stopped stage"
[ ! -e half.enc ] || wrong "half a ciphertext was left"
no_chunks "stopped stages"

# Usage.
expect 2 inxt-shard -e 4+2 -m 3 manifest
expect 2 inxt-shard manifest
has err "pieces already"
expect 2 inxt-shard -e 65+1 manifest
expect 2 inxt-encrypt -z=20 plain
expect 2 inxt-encrypt -r inxtr1nonsense plain
expect 2 inxt-encrypt --ciphertext plain plain
expect 2 inxt-encrypt --decrypt --ciphertext - -
cmp -s plain back || wrong "the source was touched"

exit $failed
