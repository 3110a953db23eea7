#!/bin/sh
# Usage: need.sh TOOL...: says which tools are missing and what to do about it; status 1 if any is.
. "$(dirname "$0")/tools.sh"

absent=
for tool in "$@"; do
	command -v "$tool" >/dev/null 2>&1 || absent="$absent $tool"
done
[ -z "$absent" ] && exit 0
echo "Not found:$absent" >&2
echo "\"make setup\" installs what is missing; \"make doctor\" checks every tool and says what to install by hand." >&2
exit 1
