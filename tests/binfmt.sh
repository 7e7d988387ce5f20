#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ferry binfmt: the files for the boot, and registration in a user name space,
# which has a binfmt_misc of its own since Linux 6.7.
. tests/lib.sh

# has NAME TEXT FILE, lacks NAME TEXT FILE
has() {
    if grep -q -e "$2" "$3"; then ok "$1"; else sed 's/^/  /' "$3" && not_ok "$1" "no '$2'"; fi
}
lacks() {
    if grep -q -e "$2" "$3"; then sed 's/^/  /' "$3" && not_ok "$1" "has '$2'"; else ok "$1"; fi
}
# status NAME WANT COMMAND...
status() {
    local name=$1 want=$2 got=0
    shift 2
    "$@" >"$work/out" 2>&1 || got=$?
    if [ "$got" = "$want" ]; then
        ok "$name"
    else
        sed 's/^/  /' "$work/out"
        not_ok "$name" "exit status $got, not $want"
    fi
}

# ---- a system in a directory ----
root=$work/system conf=$work/system/etc/binfmt.d/zz-ferry.conf
mkdir -p "$root/etc/init.d" "$root/usr/bin"
status binfmt.root.no-ferry 1 "$FERRY" binfmt install --root "$root"
cp "$FERRY" "$root/usr/bin/ferry"
status binfmt.root.install 0 "$FERRY" binfmt install --root "$root"
has binfmt.root.line '^:ferry-aarch64:M::.*:/usr/bin/ferry:F' "$conf"
has binfmt.root.init '/usr/bin/ferry binfmt boot' "$root/etc/init.d/ferry-binfmt"
status binfmt.root.init-link 0 test -x "$root/etc/rc2.d/S01ferry-binfmt"
status binfmt.root.credentials 0 "$FERRY" binfmt install --root "$root" --arch aarch64 --credentials
has binfmt.root.flags ':FP\?OC$' "$conf"
status binfmt.root.once 0 test "$(grep -c aarch64 "$conf")" = 1
status binfmt.root.remove 0 "$FERRY" binfmt remove --root "$root"
status binfmt.root.empty 0 test -z "$(cd "$root" && find etc ! -type d)"
mkdir -p "$root/lib/systemd/system"
touch "$root/lib/systemd/system/sysinit.target"
status binfmt.root.unit 0 "$FERRY" binfmt install --root "$root"
has binfmt.root.unit-start '^ExecStart=/usr/bin/ferry binfmt boot' "$root/etc/systemd/system/ferry-binfmt.service"
"$FERRY" binfmt remove --root "$root" >/dev/null
touch "$root/lib/systemd/system/systemd-binfmt.service"
status binfmt.root.systemd 0 "$FERRY" binfmt install --root "$root"
status binfmt.root.systemd-only 0 test "$(cd "$root" && find etc ! -type d)" = etc/binfmt.d/zz-ferry.conf
status binfmt.arch.unknown 2 "$FERRY" binfmt install --root "$root" --arch aarch64,vax
status binfmt.verb.unknown 2 "$FERRY" binfmt toast

# ---- the kernel ----
if ! unshare -Urm mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null; then
    skip binfmt.kernel "no binfmt_misc in a user name space"
    exit 0
fi
cp tests/demo/hello.elf "$work/cache" # also a command's name
cp "$BUILD/tests/loader/start.static" "$work/start"
cat >"$work/inside" <<'END'
ferry=$1 work=$2
shift 2
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
cd "$work" || exit
"$ferry" binfmt status >status.none; echo $? >>status.none
"$ferry" binfmt install --no-boot >install
"$ferry" binfmt status >status.ours; echo $? >>status.ours
PATH=: cache 'two words' >run
(exec -a 'own name' ./start) >argv0
chroot . /cache chroot >chroot
echo ":qemu-aarch64:M:18:\xb7\x00::/bin/false:" >/proc/sys/fs/binfmt_misc/register
"$ferry" binfmt status >status.theirs; echo $? >>status.theirs
"$ferry" binfmt install --no-boot 2>refused; echo $? >>refused
"$ferry" binfmt install --no-boot --force >/dev/null
ls /proc/sys/fs/binfmt_misc >forced
echo 0 >/proc/sys/fs/binfmt_misc/ferry-aarch64
"$ferry" binfmt status --arch aarch64 >status.off
"$ferry" binfmt remove --no-boot >/dev/null
ls /proc/sys/fs/binfmt_misc >removed
"$ferry" binfmt install --no-boot --wait >waiting &
until [ -s waiting ]; do sleep 0.05; done
ls /proc/sys/fs/binfmt_misc >waited
kill $!; wait $!
ls /proc/sys/fs/binfmt_misc >ended
# An image of nothing but ferry, as binfmt/Dockerfile makes it.
mkdir -p image/usr/bin image/proc
cp "$ferry" image/usr/bin/ferry
mount --rbind /proc image/proc
chroot image /usr/bin/ferry binfmt install --no-boot >/dev/null
umount -l image/proc
./start >container
# A container's /proc is a new one, on which nothing is mounted.
unshare -mpf --mount-proc "$ferry" binfmt remove --no-boot >gone
ls /proc/sys/fs/binfmt_misc >>gone
END
unshare -Urm bash "$work/inside" "$FERRY" "$work" >"$work/out" 2>&1 || cat "$work/out"
has binfmt.status.none 'aarch64: does not run: nothing is registered' "$work/status.none"
has binfmt.status.none-exit '^1$' "$work/status.none"
has binfmt.install 'aarch64: registered' "$work/install"
has binfmt.status.ours "aarch64: runs, by $FERRY" "$work/status.ours"
has binfmt.run '^argument 1: two words$' "$work/run"
has binfmt.argv0 '^argument 0: own name$' "$work/argv0"
has binfmt.chroot '^argument 1: chroot$' "$work/chroot"
has binfmt.status.theirs 'does not run, by /bin/false\|runs, by /bin/false' "$work/status.theirs"
has binfmt.refused 'by qemu-aarch64; --force' "$work/refused"
has binfmt.refused-exit '^1$' "$work/refused"
lacks binfmt.forced qemu "$work/forced"
has binfmt.status.off 'ferry-aarch64 is switched off' "$work/status.off"
lacks binfmt.removed ferry "$work/removed"
has binfmt.wait ferry-aarch64 "$work/waited"
lacks binfmt.wait.end ferry "$work/ended"
has binfmt.container '^argument 0: ' "$work/container"
has binfmt.container.remove '^aarch64: removed' "$work/gone"
lacks binfmt.container.removed '^ferry-' "$work/gone"

# ---- flag C ----
if [ "$(id -u)" != 0 ]; then
    skip binfmt.credentials "not root"
    exit 0
fi
cp "$BUILD/tests/loader/identity" "$work/setuid"
cp "$BUILD/tests/loader/identity" "$work/plain"
chmod 755 "$work" "$work/plain"
chmod 4755 "$work/setuid"
cat >"$work/inside" <<'END'
ferry=$1 work=$2
read -r _
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
cd "$work" || exit
user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
evil=(env "FERRY_LOG_FILE=$work/evil" FERRY_LOG=in)
"$ferry" binfmt install --no-boot >/dev/null
user ./setuid >without
"$ferry" binfmt install --no-boot --credentials >/dev/null
user "${evil[@]}" ./setuid >with
user ./plain ./setuid >by-guest
user "${evil[@]}" ./setuid ./plain >to-guest
ls evil* >evil 2>/dev/null
END
rm -f "$work/go" && mkfifo "$work/go"
unshare -U -m bash "$work/inside" "$FERRY" "$work" <"$work/go" >"$work/out" 2>&1 &
pid=$!
exec 9>"$work/go"
for _ in {1..50}; do
    [ "$(readlink /proc/$pid/ns/user)" = "$(readlink /proc/self/ns/user)" ] || break
    sleep 0.1
done
echo "0 0 4294967295" >/proc/$pid/uid_map
echo "0 0 4294967295" >/proc/$pid/gid_map
echo >&9
wait $pid || cat "$work/out"
has binfmt.credentials.without '^real 65534 effective 65534 secure 0 ' "$work/without"
has binfmt.credentials.with '^real 65534 effective 0 secure 1 FERRY_LOG (null)$' "$work/with"
has binfmt.credentials.by-guest '^real 65534 effective 0 secure 1' "$work/by-guest"
has binfmt.credentials.to-guest '^real 65534 effective 0 secure 1 FERRY_LOG (null)$' "$work/to-guest"
lacks binfmt.credentials.variables evil "$work/evil"
