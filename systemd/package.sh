#!/bin/sh
# Makes the Debian package from the templates in systemd/debian/ and from what was built; the argument is the version. The result: build/deb/*.deb
set -eu
cd "$(dirname "$0")/.."
tree=$PWD
version=$1
dir=build/deb/driftd-$version
rm -rf build/deb
mkdir -p "$dir"
cp -R systemd/debian "$dir/debian"
date=$(git log -1 --format=%cD 2>/dev/null || date -R)
sed "s|@VERSION@|$version|; s|@DATE@|$date|" systemd/debian/changelog.in >"$dir/debian/changelog"
rm "$dir/debian/changelog.in"
cp CHANGELOG.md "$dir/"
chmod 755 "$dir/debian/rules"
cd "$dir"
DRIFTD_TREE=$tree dpkg-buildpackage -us -uc -b --no-check-builddeps >../build.log 2>&1 || {
	tail -n 40 ../build.log
	exit 1
}
cd ..
rm -rf "driftd-$version"
lintian --fail-on error ./*.changes
ls -1 "$PWD"/*.deb
