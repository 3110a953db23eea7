#!/bin/sh
# make sdk: OUT gets the compiler, headers and libraries of both machines, and works from wherever it is put.
# usage: sdk.sh BUILD OUT
set -eu

build=$1
out=$2

[ ! -e "$out" ] || [ -f "$out/bin/machr-cc" ] || { echo "sdk: $out exists and is no sdk; it stays as it is" >&2; exit 1; }
rm -rf "$out"
mkdir -p "$out/bin" "$out/include/mach" "$out/lib"
cp conf/machr-cc "$out/bin/machr-cc"
for arch in aarch64 x86_64; do
	ln -s machr-cc "$out/bin/machr-cc-$arch"
	mkdir -p "$out/lib/$arch"
	cp "$build/$arch"/sdk/*.[ao] "$out/lib/$arch"
done
for tool in gcc as ld ar ranlib nm strip strings objcopy objdump readelf size; do
	ln -s machr-cc "$out/bin/machr-$tool"
	for arch in aarch64 x86_64; do
		ln -s machr-cc "$out/bin/machr-$tool-$arch"
	done
done
cp conf/user.ld conf/machr.specs conf/config.site "$out/lib"
cp -R inc/libc inc/proto "$out/include"
cp -R inc/mach/. lib/mach/*.h "$out/include/mach"
find "$out" \( -name README.md -o -name '*.defs' \) -exec rm -f {} +
cp conf/sdk.md "$out/README.md"
[ ! -d user/examples ] || cp -R user/examples "$out/examples"
echo "  SDK     $out"
