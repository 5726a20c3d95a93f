#!/bin/bash
# Tries a package, as root on Debian: `bash scripts/package/debian/try.sh release/peerpid_VERSION_amd64.deb`. lintian(1)
# finds nothing that is not explained in `overrides`; in a new system by mmdebstrap(1) it is installed, used, upgraded,
# removed and purged, and nothing of it is left.
set -euo pipefail

deb=$(realpath "$1")
lintian --fail-on error,warning "$deb"

work=$(mktemp -d)
trap 'umount "$work/root/proc" "$work/root/sys" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT
chmod 755 "$work"
mmdebstrap --quiet --variant=apt --dpkgopt=force-unsafe-io bookworm "$work/root"
mount -t proc proc "$work/root/proc"
mount -t sysfs sys "$work/root/sys"
inside() { chroot "$work/root" "$@"; }
as_nobody() { chroot --userspec=nobody:nogroup "$work/root" "$@"; }
files() { (cd "$work/root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache -o -path ./var/lib/apt \) -prune -o -print | sort); }

# Another version of the same
dpkg-deb --raw-extract "$deb" "$work/next"
version=$(dpkg-deb --field "$deb" Version)
sed -i "s/^Version: .*/Version: $version+next/" "$work/next/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$work/next" "$work/root/next.deb" >/dev/null
rm -r "$work/next"
cp "$deb" "$work/root/first.deb"

# What it depends on, and what it recommends, which is to stay
inside apt-get update --quiet=2
depends=$(dpkg-deb --field "$deb" Depends | sed 's/([^)]*)//g; s/,/ /g')
# shellcheck disable=SC2086 -- a list
inside apt-get install --quiet=2 --yes $depends libbpf1 >/dev/null 2>&1
mkdir -p "$work/root/etc/systemd/system/timers.target.wants"
files >"$work/before"

inside dpkg --install /first.deb
used() {
  [[ "$("$1" peerpid --version)" == "peerpid/"* ]]
  # PID 1 of the machine, or nothing: whatever is there, it looks
  "$1" peerpid inspect @peerpid-nobody && return 1 || [[ $? == 1 ]]
  "$1" peerpid doctor so-peerpidfd
}
used inside
used as_nobody
inside peerpid doctor trace
[[ -e $work/root/usr/share/man/man1/peerpid.1.gz && -e $work/root/lib/systemd/system/peerpid-scan.timer ]]
# Installed, and disabled
[[ -z "$(find "$work/root/etc/systemd" -name 'peerpid*')" ]]

# What the administrator has enabled stays so over an upgrade, and is gone with the package
wants=$work/root/etc/systemd/system/timers.target.wants
ln -s /lib/systemd/system/peerpid-scan.timer "$wants"
inside dpkg --install /next.deb
[[ "$(inside dpkg-query -W -f '${Version}' peerpid)" == "$version+next" ]]
[[ -L $wants/peerpid-scan.timer ]]
used inside
inside dpkg --remove peerpid
inside dpkg --purge peerpid
files >"$work/after"
diff "$work/before" "$work/after"
echo "$(basename "$deb"): installed, used, upgraded, removed, and nothing is left"
