#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unpacks the source of a Debian package into a directory, with the machine's apt
# configuration: where it lists binary packages, there are sources beside them.
# The machine's own apt state is not touched.
#
#     scripts/debian-source.sh DIR PACKAGE
set -eu

if [ $# -ne 2 ]; then
    echo "usage: scripts/debian-source.sh DIR PACKAGE" >&2
    exit 2
fi
dir=$1 package=$2
[ ! -e "$dir/.unpacked" ] || exit 0
rm -rf "$dir"
mkdir -p "$dir"
state=$(cd "$dir" && pwd)/.apt
mkdir -p "$state/lists/partial" "$state/parts" "$state/cache/archives/partial"
: >"$state/status"
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ -r "$f" ] || continue
    case $f in
    *.sources) sed 's/^Types:.*/Types: deb-src/' "$f" >"$state/parts/$(basename "$f")" ;;
    *.list) sed -n 's/^deb /deb-src /p' "$f" >"$state/parts/$(basename "$f")" ;;
    esac
done
apt="apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$state/parts
    -o Dir::State=$state -o Dir::State::lists=$state/lists -o Dir::State::status=$state/status
    -o Dir::Cache=$state/cache -o APT::Sandbox::User=root -o Debug::NoLocking=1
    -o Acquire::Retries=3"
$apt update || echo "going on with the indexes that could be fetched"
(cd "$dir" && $apt --download-only source "$package")
for t in "$dir"/*.orig.tar.*; do
    case $t in
    *.asc) ;;
    *) tar -x -C "$dir" --strip-components=1 -f "$t" ;;
    esac
done
rm -rf "$state"
touch "$dir/.unpacked"
