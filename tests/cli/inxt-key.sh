#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-key and inxt: exit statuses, what goes to which stream, refusals.
# usage: inxt-key.sh FOLDER_OF_THE_TOOLS
set -u
PATH=$1:$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export XDG_CONFIG_HOME=$folder/config
unset INXT_KEY_FILE CREDENTIALS_DIRECTORY INXT_PROGRESS INXT_NO_INPUT INXT_LOG
failed=0

# expect STATUS COMMAND...: runs it with out and err as files, and compares the exit status.
expect() {
  local wanted=$1
  shift
  "$@" >out 2>err
  local status=$?
  if [ $status -ne "$wanted" ]; then
    echo "FAILED (status $status, not $wanted): $*"
    cat out err
    failed=1
  fi
}
# has FILE TEXT: the text stands in the file.
has() {
  grep -qF -- "$2" "$1" || { echo "FAILED: no \"$2\" in $1:"; cat "$1"; failed=1; }
}
# same A B
same() { [ "$1" = "$2" ] || { echo "FAILED: \"$1\" is not \"$2\""; failed=1; }; }
empty() { [ ! -s "$1" ] || { echo "FAILED: $1 is not empty:"; cat "$1"; failed=1; }; }

# No key yet.
expect 4 inxt-key show
has err "inxt-key new"
empty out

# Usage errors, as text and as JSON.
expect 2 inxt-key
expect 2 inxt-key frob
expect 2 inxt-key show --recipint
has err "hint: did you mean --recipient?"
expect 2 inxt-key show --id --recipient
expect 2 inxt-key show --for-host xyz
expect 2 inxt-key new --words 13
expect 2 inxt-key new --words
expect 2 inxt-key uploader
expect 2 inxt-key uploader 0
expect 2 inxt-key uploader 1 2
expect 2 inxt-key show --json --nonsense
same "$(jq -r '.error + " " + (.status|tostring)' err)" "usage 2"
empty out

# A new key without a passphrase.
expect 0 inxt-key new --no-passphrase --words-out words
empty out
same "$(stat -c %a config/inxt/key words | tr '\n' ' ')" "600 600 "
same "$(wc -w < words)" 24
grep -rqF "$(cut -d' ' -f1-3 words)" config && { echo "FAILED: the words are stored"; failed=1; }
cp config/inxt/key first
expect 2 inxt-key new --no-passphrase --words-out words2
cmp -s first config/inxt/key || { echo "FAILED: the key file was overwritten"; failed=1; }
[ ! -e words2 ] || { echo "FAILED: words of a key that was not made"; failed=1; }
expect 4 inxt-key new --no-passphrase -o no/such/folder/key --words-out words2
[ ! -e words2 ] || { echo "FAILED: words of a key that was not made"; failed=1; }
expect 0 inxt-key new --no-passphrase --words 12 -o short --words-out -
same "$(wc -w < out)" 12
expect 2 inxt-key new --no-passphrase -o - --words-out -

# A recovery card has the words and is nobody else's.
expect 0 inxt-key new --no-passphrase -o carded --recovery-card card --json
same "$(stat -c %a card)" 600
has card "24. "
has card "$(jq -r .recipient out)"

# What is shown.
expect 0 inxt-key show
has out "sealed no"
empty err
expect 0 inxt-key show --recipient
recipient=$(cat out)
case $recipient in inxtr1*) ;; *) echo "FAILED: $recipient"; failed=1 ;; esac
expect 0 inxt-key show --json
same "$(jq -r .recipient out)" "$recipient"
expect 0 inxt-key show --for-host "$(printf '11%.0s' {1..32})"
account=$(cat out)
expect 0 inxt key show --for-host "$(printf '22%.0s' {1..32})"
[ "$account" != "$(cat out)" ] || { echo "FAILED: two Hosts see one account"; failed=1; }

# The words bring it back; mistakes are said.
expect 0 inxt-key restore --no-passphrase -o back < words
cmp -s back config/inxt/key || { echo "FAILED: restored another key"; failed=1; }
sed 's/ [a-z]*$/ zzzap/' words > wrong
expect 2 inxt-key restore --no-passphrase -o no1 < wrong
has err 'word 24 is not in the list: "zzzap"'
tr ' ' '\n' < words | tac | tr '\n' ' ' > reversed
inxt-key restore --no-passphrase -o no2 < reversed >out 2>err
status=$?  # one in 256 reversed phrases has a good checksum
case $status in 8) has err checksum; [ ! -e no2 ] || failed=1 ;; 0) ;; *) echo "FAILED: reversed words: $status"; failed=1 ;; esac
expect 2 inxt-key restore --no-passphrase -o no3 < /dev/null
[ ! -e no1 ] && [ ! -e no3 ] || { echo "FAILED: a key from wrong words"; failed=1; }

# Sealed under a passphrase from a descriptor; never from argv or the environment.
expect 0 inxt-key restore -o sealed --passphrase-fd 3 < words 3< <(echo "open sesame")
expect 0 inxt-key show --key-file sealed
has out "sealed yes"
host=$(printf '11%.0s' {1..32})
expect 0 inxt-key show --key-file sealed --for-host "$host" --passphrase-fd 3 3< <(echo "open sesame")
same "$(cat out)" "$account"
expect 12 inxt-key show --key-file sealed --for-host "$host" --passphrase-fd 3 3< <(echo wrong)
expect 2 inxt-key show --key-file sealed --for-host "$host" --passphrase-fd 3 3< /dev/null
expect 2 inxt-key show --key-file sealed --for-host "$host" --no-input
expect 2 setsid inxt-key show --key-file sealed --for-host "$host"
has err "--passphrase-fd"

# Sources and their order.
expect 0 inxt-key show --id --key-fd 3 3< short
short_id=$(cat out)
expect 0 inxt-key show --id --key-command "cat short"
same "$(cat out)" "$short_id"
expect 1 inxt-key show --id --key-command "exit 7"
INXT_KEY_FILE=short expect 0 inxt-key show --id
same "$(cat out)" "$short_id"
mkdir credentials && cp short credentials/inxt-key && chmod 440 credentials/inxt-key
CREDENTIALS_DIRECTORY=credentials expect 0 inxt-key show --id
same "$(cat out)" "$short_id"
expect 2 inxt-key show --key-file short --key-fd 3 3< short

# A key file that others can read, damaged ones, hostile ones.
cp short open && chmod 644 open
expect 6 inxt-key show --key-file open
has err "hint: chmod 600"
head -c 100 short > cut && chmod 600 cut
expect 8 inxt-key show --key-file cut
head -c 1000000 /dev/zero > huge && chmod 600 huge
expect 8 inxt-key show --key-file huge
expect 4 inxt-key show --key-file absent
expect 2 inxt-key show --key-file .
esc=$(printf 'x\033[2Jy')
expect 4 inxt-key show --key-file "$esc"
grep -q "$(printf '\033')" err && { echo "FAILED: an escape sequence came through"; failed=1; }

# A delegated machine.
expect 0 inxt-key uploader 3 -o machine --until 30d
same "$(stat -c %a machine)" 600
expect 0 inxt-key show --key-file machine --json
same "$(jq -r '.kind + " " + (.uploader|tostring) + " " + .recipient' out)" "uploader 3 $recipient"
expect 6 inxt-key uploader 4 --key-file machine
expect 2 inxt-key uploader 4 --until 2001-01-01
expect 2 inxt-key uploader 4 --until never
expect 0 inxt-key uploader 4
same "$(jq -r .kind out)" uploader
expect 0 inxt-key uploader 5 -o machine5 --new-passphrase-fd 3 3< <(echo secret)
same "$(jq -r .sealed machine5)" true
expect 2 inxt-key uploader 4 -o machine
expect 2 inxt-key uploader 1073741824

# ---- caretakers: a number of their own, and no certificate
expect 0 inxt-key caretaker -n 2 -o caretaker
same "$(stat -c %a caretaker)" 600
expect 0 inxt-key show --json --key-file caretaker
same "$(jq -r '.kind + " " + (.uploader|tostring) + " " + .recipient' out)" "caretaker 1073741826 $recipient"
same "$(jq -r .secret caretaker | tr _- /+ | base64 -d 2>/dev/null | jq -r 'keys | join(" ")')" uploader_key
expect 0 inxt-key caretaker
same "$(jq -r .public.uploader out)" 1073741824
expect 2 inxt-key caretaker -n 1073741824
expect 6 inxt-key caretaker --key-file caretaker
echo text >to-encrypt
expect 6 inxt-encrypt --key-file caretaker to-encrypt
has err "caretaker"

# file-key: the data key is what plain openssl needs; other keys do not open it.
head -c 100001 "$1/inxt" > data
expect 0 inxt-encrypt data
mv out manifest
expect 0 inxt-key file-key manifest
openssl enc -d -aes-256-ctr -K "$(cat out)" -iv 0 -in data.enc 2>/dev/null | cmp -s - data ||
  { echo "FAILED: openssl does not decrypt with the file's key"; failed=1; }
expect 12 inxt-key file-key --key-file short manifest
expect 12 inxt-key file-key --key-file machine manifest
# Hostile manifests.
expect 8 inxt-key file-key /dev/null
echo '{"type":"header"}' > bad
expect 8 inxt-key file-key bad
expect 4 inxt-key file-key absent

# Standard output that is closed or full is a failure; a reader that leaves is none of our business.
inxt-key show >&- 2>err
same $? 1
inxt-key show >/dev/full 2>err
[ $? -ne 0 ] || { echo "FAILED: a full standard output went unnoticed"; failed=1; }
{ sleep 0.2; inxt-key --help 2>err; echo $? > status; } | true
same "$(cat status)" 141
empty err

# Settings: the flag before the variable before the file.
mkdir -p config/inxt && printf '{ // progress\n "progress": "sideways" /* other tools: */, "x": [1] }' > config/inxt/config.json
expect 2 inxt-key show
has err config.json
INXT_PROGRESS=never expect 0 inxt-key show
INXT_PROGRESS=sideways expect 2 inxt-key show
has err INXT_PROGRESS
INXT_PROGRESS=sideways expect 0 inxt-key show --progress=plain
rm config/inxt/config.json

# The rest.
expect 0 inxt-key --version
expect 0 inxt-key --help
expect 0 inxt-key new --help
expect 0 inxt-key --inxt-options
same "$(jq -r '.commands | map(.name) | join(" ")' out)" "new restore show uploader caretaker file-key"
expect 0 inxt --help
expect 2 inxt
expect 2 inxt nonsense
expect 2 inxt ../inxt-key
expect 2 inxt key frob

[ $failed -eq 0 ] && echo "inxt-key: all as expected"
exit $failed
