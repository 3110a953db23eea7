#!/bin/sh
# make setup: installs what is missing. Asks nothing; works as root or through sudo; does nothing when all is there.
. "$(dirname "$0")/tools.sh"

want=$(missing)
if [ -z "$want" ]; then
	echo "setup: everything is there."
	exit 0
fi
as_root=
if [ "$system" != brew ] && [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "setup: neither root nor sudo. As root: $(install_command $want)" >&2
		exit 1
	fi
	as_root=sudo
fi
echo "setup: $as_root $(install_command $want)"
case $system in
apt)
	log=$(mktemp)
	$as_root apt-get -q update >"$log" 2>&1 || { cat "$log" >&2; echo "setup: apt-get update failed; going on." >&2; }
	rm -f "$log"
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $want </dev/null ;;
dnf)
	$as_root dnf -qy install $want </dev/null ;;
brew)
	case " $want" in *" xcode "*) xcode-select --install; want=$(echo "$want" | sed 's/xcode *//') ;; esac
	[ -z "$want" ] || brew install $want </dev/null ;;
other)
	echo "setup: unknown system: install these by hand, then run make doctor: $want" >&2
	exit 1 ;;
esac || { echo "setup: installing failed; make doctor tells what is still missing." >&2; exit 1; }
still=$(missing)
if [ -n "$still" ]; then
	echo "setup: still missing: $still(make doctor tells more)" >&2
	exit 1
fi
echo "setup: done."
