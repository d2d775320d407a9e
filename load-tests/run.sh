#!/bin/sh
# Builds in Release and runs the whole matrix: floors, gateway and peers. `load-tests/run.sh --quick` takes minutes.
# All options: load-tests/run.sh --help
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dotnet build "$here/Gateway.LoadTests" -c Release -v q -tl:off
exec "$here/Gateway.LoadTests/bin/Release/net10.0/Gateway.LoadTests" matrix "$@"
