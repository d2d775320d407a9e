#!/bin/sh
# Compiles the native drivers into obj/, each only when its source, the shared header or this script is newer. Silent when all is well.
set -e
cd "$(dirname "$0")"
mkdir -p obj

compile() { # <program> <source> <compiler> <pkg-config package>
  [ "obj/$1" -nt "$2" ] && [ "obj/$1" -nt build.sh ] && return
  # The libraries' own headers are `-isystem`: their warnings are not ours.
  # shellcheck disable=SC2046
  "$3" -O1 -Wall -Wextra -Werror -o "obj/$1.new" "$2" $(pkg-config --cflags "$4" | sed 's/-I/-isystem/g') $(pkg-config --libs "$4")
  mv "obj/$1.new" "obj/$1" # at once: another run may start it
}

compile purple-driver purple-driver.c gcc purple
compile gloox-driver gloox-driver.cpp g++ gloox
