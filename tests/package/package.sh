#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The Debian packages, as a machine meets them: installed into a fresh Debian 12 (debootstrap), a Host that stores a file
# there, an upgrade under it, removal, purge (the pieces stay), and a program built against the library's package.
#
# usage: package.sh SOURCE_TREE BUILD_TREE      status 77: cannot be tried here
set -euo pipefail

tree=$(realpath "$1")
built=$(realpath "$2")
skip() {
  echo "package: SKIPPED: $*"
  exit 77
}
fail() {
  echo "FAIL: $*" >&2
  exit 1
}

# ---- what it takes
[[ $(id -u) == 0 ]] || skip "not root, so there is no chroot"
for tool in debootstrap dpkg-deb apt-get unshare pkg-config; do
  command -v "$tool" >/dev/null || skip "no $tool (apt-get install debootstrap dpkg-dev)"
done
[[ -e $built/CPackConfig.cmake ]] || skip "$built is not configured with INXT_SHARED"
if [[ ${INXT_PACKAGE_NAMESPACE-} != own ]]; then # what is mounted below ends with this script
  unshare -m true 2>/dev/null || skip "no mount namespaces"
  INXT_PACKAGE_NAMESPACE=own exec unshare -m "$0" "$@"
fi
# The mirror that this machine's own packages come from.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
  awk '$2 == "bookworm" && $3 == "main" && $1 !~ /security/ { print $1; exit }')
[[ -n $mirror ]] || skip "this machine has no source of Debian 12 packages"

work=$(mktemp -d)
pid=
end() {
  [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
  umount "$work/root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap end EXIT
started=$SECONDS
step() { printf 'package: %3d s: %s\n' $((SECONDS - started)) "$1"; }

# ---- the packages, twice
step "packages"
INXT_BUILD_TREE=$built "$tree/scripts/package" --no-build --revision 1 "$work/debs" >"$work/names"
INXT_BUILD_TREE=$built "$tree/scripts/package" --no-build --revision 2 "$work/debs" >>"$work/names"
deb() { echo "$work"/debs/"$1"_*-"$2"_*.deb; } # deb NAME REVISION
for name in inxt-tools inxt-host inxt-bridge libinxt0 libinxt-dev; do
  [[ -e $(deb $name 1) && -e $(deb $name 2) ]] || fail "no package $name among: $(cat "$work/names")"
done
has() { # has PACKAGE PATH...
  local name=$1 path
  shift
  dpkg-deb -c "$(deb "$name" 1)" | awk '{print $6}' >"$work/list"
  for path in "$@"; do grep -qx "\./$path" "$work/list" || fail "$name does not have $path"; done
}
multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
has inxt-tools usr/bin/inxt usr/bin/inxt-put usr/share/man/man1/inxt-put.1 usr/share/man/man7/inxt.7 \
  usr/share/bash-completion/completions/inxt-put usr/share/zsh/site-functions/_inxt usr/share/doc/inxt-tools/copyright
has inxt-host usr/bin/inxt-host usr/share/man/man8/inxt-host.8 usr/lib/systemd/system/inxt-host.service \
  usr/lib/systemd/system/inxt-host@.service usr/lib/systemd/system/inxt-host.socket usr/lib/sysusers.d/inxt-host.conf \
  usr/share/bash-completion/completions/inxt-host usr/share/fish/vendor_completions.d/inxt-host.fish
has inxt-bridge usr/bin/inxt-bridge usr/share/man/man8/inxt-bridge.8 usr/lib/systemd/system/inxt-bridge.service \
  usr/lib/systemd/system/inxt-bridge.socket usr/lib/sysusers.d/inxt-bridge.conf \
  usr/share/bash-completion/completions/inxt-bridge
has libinxt0 "usr/lib/$multiarch/libinxt.so.0"
has libinxt-dev usr/include/inxt/base/result.h "usr/lib/$multiarch/libinxt.so" "usr/lib/$multiarch/pkgconfig/inxt.pc"
depends() { dpkg-deb -f "$(deb "$1" 1)" Depends; }
[[ $(depends inxt-host) == *libssl3* && $(depends inxt-host) == *systemd* ]] || fail "inxt-host depends on: $(depends inxt-host)"
[[ $(depends inxt-bridge) == *libsqlite3* && $(depends inxt-bridge) == *libpqxx* ]] ||
  fail "inxt-bridge depends on: $(depends inxt-bridge)"
for name in inxt-tools inxt-host libinxt0; do
  [[ $(depends $name) != *sqlite* && $(depends $name) != *pqxx* ]] || fail "$name needs a database: $(depends $name)"
done
[[ $(depends libinxt-dev) == *"libinxt0 (= "* ]] || fail "libinxt-dev depends on: $(depends libinxt-dev)"

# ---- a program against the library's package
step "a program with pkg-config"
sysroot=$work/sysroot
for name in libinxt0 libinxt-dev; do dpkg-deb -x "$(deb $name 1)" "$sysroot"; done
export PKG_CONFIG_PATH=$sysroot/usr/lib/$multiarch/pkgconfig
boost=$(sed -n 's/^INXT_BOOST_DIR:PATH=//p' "$built/CMakeCache.txt") # where scripts/packages had to unpack it
# shellcheck disable=SC2046
g++ $(pkg-config --cflags inxt) ${boost:+-idirafter "$boost"} "$tree/tests/package/program.cpp" -o "$work/program" \
  $(pkg-config --libs inxt)
readelf -d "$work/program" | grep 'NEEDED.*\[libinxt\.so\.0\]' >/dev/null || fail "the program does not need libinxt.so.0"
printf 'a piece' >"$work/piece"
LD_LIBRARY_PATH=$sysroot/usr/lib/$multiarch "$work/program" "$work/piece" >"$work/said"
grep -qx "the same Host" "$work/said" || fail "the program said: $(cat "$work/said")"
unset PKG_CONFIG_PATH

# ---- a fresh Debian
step "debootstrap"
root=$work/root
if ! debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/log" 2>&1; then
  grep -qiE 'retrieving|download|resolve|connect' "$work/log" && skip "debootstrap cannot reach a mirror: $(tail -n 2 "$work/log")"
  fail "debootstrap: $(tail -n 5 "$work/log")"
fi
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
  HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
apt() { in_root apt-get -y -qq -o Dpkg::Use-Pty=0 -o DPkg::Path=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --no-install-recommends "$@" >"$work/log" 2>&1 || fail "apt-get $*: $(tail -n 20 "$work/log")"; }
mkdir "$root/debs"
cp "$work"/debs/*.deb "$root/debs/"
# systemd is not running there: what would be asked of it is written down.
mkdir -p "$root/usr/local/bin" "$root/run/systemd/system"
printf '#!/bin/sh\necho "$*" >>/systemctl.log\n' >"$root/usr/local/bin/systemctl"
chmod 755 "$root/usr/local/bin/systemctl"
asked() { grep -q -- "$1" "$root/systemctl.log" 2>/dev/null || fail "systemctl was not asked to $1: $(cat "$root/systemctl.log" 2>&1)"; }

step "install"
apt update
debs() { for name in "${@:2}"; do basename "$(deb "$name" "$1")" | sed 's|^|/debs/|'; done; } # debs REVISION NAME...
# shellcheck disable=SC2046
apt install $(debs 1 inxt-tools inxt-host libinxt0)
grep -q "systemctl enable --now inxt-host" "$work/log" || fail "the operator is not told how to start it"
in_root getent passwd inxt-host >/dev/null || fail "no user inxt-host"
! grep -q -- "start inxt-host" "$root/systemctl.log" || fail "it was started without settings"
cp "$work/program" "$work/piece" "$root/root/"
in_root /root/program /root/piece | cmp -s - "$work/said" || {
  in_root /root/program /root/piece | sed -n 1p | cmp -s - <(head -n 1 "$work/said") || fail "the program does not run there"
}
in_root apt-get -s -qq install "$(debs 1 libinxt-dev)" >/dev/null || fail "libinxt-dev's dependencies are not in Debian"

# ---- a Host there
step "a Host"
printf '{"capacity": "50MB", "accept": "any", "listen": ["127.0.0.1:0"]}\n' >"$root/etc/inxt/host.json"
install -d -m 0755 "$root/var/lib/inxt-host"
# What systemd makes of StateDirectory=.
in_root install -d -o inxt-host -g inxt-host -m 0700 /var/lib/inxt-host/host
start_host() {
  chroot --userspec=inxt-host:inxt-host "$root" /usr/bin/env -i STATE_DIRECTORY=/var/lib/inxt-host/host \
    /usr/bin/inxt-host check --quick --config /etc/inxt/host.json >"$work/log" 2>&1 || fail "check: $(cat "$work/log")"
  : >"$work/host.log" # or the Host before this one is seen to be ready
  chroot --userspec=inxt-host:inxt-host "$root" /usr/bin/env -i STATE_DIRECTORY=/var/lib/inxt-host/host \
    /usr/bin/inxt-host --config /etc/inxt/host.json 2>"$work/host.log" &
  pid=$!
  for _ in $(seq 400); do
    ! grep -q event=ready "$work/host.log" || return 0
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  fail "the Host did not start: $(cat "$work/host.log")"
}
stop_host() {
  local got=0
  kill -TERM "$pid"
  wait "$pid" || got=$?
  pid=
  [[ $got == 0 ]] || fail "the Host ended with $got: $(cat "$work/host.log")"
}
get_back() {
  in_root inxt-host descriptor /var/lib/inxt-host/host >"$root/root/hosts"
  in_root inxt-get -q --hosts /root/hosts -o /root/back /root/file.inxt 2>"$work/log" || fail "inxt-get: $(cat "$work/log")"
  cmp -s "$root/root/file" "$root/root/back" || fail "other bytes came back"
  rm "$root/root/back"
}
pieces() { find "$root/var/lib/inxt-host/host/pieces" -type f | sort; }
start_host
head -c 3000000 /dev/urandom >"$root/root/file"
in_root inxt-key new --no-passphrase --words-out /root/words --no-input >"$work/log" 2>&1 || fail "inxt-key: $(cat "$work/log")"
in_root inxt-host descriptor /var/lib/inxt-host/host >"$root/root/hosts"
in_root inxt-put -q -m 1 --hosts /root/hosts -o /root/file.inxt /root/file 2>"$work/log" || fail "inxt-put: $(cat "$work/log")"
get_back
before=$(pieces)
[[ -n $before ]] || fail "no pieces were stored"

step "upgrade"
stop_host # systemd would: the new version's postinst restarts it
: >"$root/systemctl.log"
# shellcheck disable=SC2046
apt install $(debs 2 inxt-tools inxt-host libinxt0)
asked daemon-reload
asked "try-restart inxt-host.service inxt-host@\*.service"
[[ $(in_root dpkg-query -W -f '${Version}' inxt-host) == *-2 ]] || fail "it was not upgraded"
start_host
get_back

step "remove"
stop_host
: >"$root/systemctl.log"
apt remove inxt-host
asked "stop inxt-host.socket inxt-host.service inxt-host@\*.service"
[[ ! -e $root/usr/bin/inxt-host && ! -e $root/usr/lib/systemd/system/inxt-host.service ]] || fail "something was not removed"
[[ -e $root/etc/inxt/host.json ]] || fail "removing took the settings"
grep -q "the pieces stay in /var/lib/inxt-host" "$work/log" || fail "remove does not say where the pieces are"

step "purge"
apt purge inxt-host
[[ ! -e $root/etc/inxt ]] || fail "a purge left the settings"
grep -q "stay in /var/lib/inxt-host" "$work/log" || fail "purge does not say where the pieces are: $(cat "$work/log")"
[[ $(pieces) == "$before" ]] || fail "a purge took pieces"
[[ -e $root/var/lib/inxt-host/host/identity.key ]] || fail "a purge took the Host's key"

step "installed again"
# shellcheck disable=SC2046
apt install $(debs 2 inxt-host)
printf '{"capacity": "50MB", "accept": "any", "listen": ["127.0.0.1:0"]}\n' >"$root/etc/inxt/host.json"
start_host
get_back
stop_host
step "ok"
