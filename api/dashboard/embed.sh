#!/bin/sh
# Turns the frame and the files that pages load into C: embed.sh FRAME ASSET... > assets.c
# Their bytes as numbers (any compiler takes them, whatever the length), plain and compressed, and one hash of them all.
set -eu
export LC_ALL=C

bytes_of() {
	od -An -v -tu1 | sed 's/\([0-9][0-9]*\)/\1,/g'
}

type_of() {
	case $1 in
	*.css) echo 'text/css; charset=utf-8' ;;
	*.js) echo 'text/javascript; charset=utf-8' ;;
	*.svg) echo 'image/svg+xml; charset=utf-8' ;;
	*) echo "embed.sh: $1: of which media type is that?" >&2; return 1 ;;
	esac
}

frame=$1
shift
echo '/* Made from api/dashboard/ by embed.sh: do not edit. */'
echo '#include "api/dashboard/assets.h"'
echo 'const char assets_frame[] = {'
bytes_of <"$frame"
echo '0};'
number=0
table=
for file; do
	type=$(type_of "$file")
	[ -s "$file" ] || { echo "embed.sh: $file is empty" >&2; exit 1; }
	number=$((number + 1))
	echo "static const unsigned char plain_$number[] = {"
	bytes_of <"$file"
	echo "};"
	echo "static const unsigned char gzip_$number[] = {"
	gzip -9nc "$file" | bytes_of
	echo "};"
	table="$table	{\"${file##*/}\", \"$type\", plain_$number, sizeof(plain_$number), gzip_$number, sizeof(gzip_$number)},
"
done
echo 'const struct asset assets[] = {'
printf '%s' "$table"
echo '	{0},'
echo '};'
# of names and bytes
echo "const char assets_hash[] = \"$(sha256sum "$@" | sha256sum | cut -c1-16)\";"
