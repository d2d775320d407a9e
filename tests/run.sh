#!/usr/bin/env bash
# Builds everything, checks the format, runs every suite. The last line counts: N passed, N failed.
# Usage: tests/run.sh [project ...]      e.g. tests/run.sh Gateway.Xmpp.Tests
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
export GATEWAY_TESTS_REQUIRE_ALL=1   # what is missing is installed here, so nothing may be skipped for want of it
configuration=Release
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

step() { printf '\n== %s\n' "$*"; }
give_up() { printf '%s\n0 passed, 1 failed\n' "$1"; exit 1; }

step "what is missing"
missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("${@:2}"); }
need_python() { /usr/bin/python3 -c "import $1" >/dev/null 2>&1 || missing+=("${@:2}"); }   # Debian's own: its modules are packages
need prosodyctl prosody
need ejabberdctl ejabberd
need jabberd2-c2s jabberd2
need_python slixmpp python3-slixmpp
need chromium chromium
need promtool prometheus
need node nodejs
need npm npm
need openssl openssl
need tsung tsung
need haproxy haproxy
need dnsmasq dnsmasq-base
need ruby ruby
need gcc gcc libc6-dev
need g++ g++
need pkg-config pkg-config
dpkg -s libpurple-dev libgloox-dev python3-nbxmpp ruby-xmpp4r >/dev/null 2>&1 || missing+=(libpurple-dev libpurple0 libgloox-dev python3-nbxmpp ruby-xmpp4r)
if [ ${#missing[@]} -gt 0 ]; then
  as_root=""
  [ "$(id -u)" = 0 ] || as_root=sudo
  echo "installing: ${missing[*]}"
  $as_root apt-get update -qq >"$logs/apt" 2>&1 \
    && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$logs/apt" 2>&1 \
    || { tail -20 "$logs/apt"; give_up "could not install: ${missing[*]}"; }
else
  echo "nothing"
fi

step "npm modules of the test clients"
for folder in tests/Gateway.Interop.Tests/clients; do
  [ -f "$folder/package-lock.json" ] || continue
  if [ ! -f "$folder/node_modules/.package-lock.json" ] || [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >"$logs/npm" 2>&1) || { tail -20 "$logs/npm"; give_up "npm ci failed in $folder"; }
    touch "$folder/node_modules/.package-lock.json"
  fi
done

step "native drivers of the test clients"
tests/Gateway.Interop.Tests/native/build.sh >"$logs/native" 2>&1 || { tail -20 "$logs/native"; give_up "native drivers do not compile"; }

step "build (warnings are errors)"
dotnet restore Gateway.sln --locked-mode >"$logs/restore" 2>&1 || { tail -20 "$logs/restore"; give_up "restore failed"; }
dotnet build Gateway.sln -c $configuration --no-restore -v quiet -tl:off >"$logs/build" 2>&1 || { grep -E "error|warning" "$logs/build" | sort -u | head -40; give_up "build failed"; }

step "format"
dotnet format Gateway.sln --verify-no-changes --no-restore >"$logs/format" 2>&1 || { head -20 "$logs/format"; give_up "format: run dotnet format"; }

passed=0 failed=0 skipped=0
count() { sed -E 's/\x1b\[[0-9;]*m//g' "$1" | sed -nE "s/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p" | tail -1; }
projects=("$@")
[ ${#projects[@]} -gt 0 ] || projects=(Gateway.Xmpp.Tests Gateway.Core.Tests Gateway.Tests Gateway.Interop.Tests)
for project in "${projects[@]}"; do
  step "$project"
  log="$logs/$project"
  timeout 600 dotnet run --no-build -c $configuration --project "tests/$project" -- -noColor >"$log" 2>&1
  status=$?
  read -r total errors bad left <<<"$(count "$log")"
  if [ -z "${total:-}" ]; then
    tail -40 "$log"
    echo "$project ended without a result (exit $status)"
    failed=$((failed + 1))
    continue
  fi
  [ "$((bad + errors))" = 0 ] && [ $status = 0 ] || cat "$log"
  [ "$((bad + errors))" = 0 ] && [ $status != 0 ] && { echo "exit $status"; errors=1; }
  [ "$left" = 0 ] || grep -F '[SKIP]' "$log"
  echo "$total tests, $((bad + errors)) failed, $left skipped"
  passed=$((passed + total - bad - left))
  failed=$((failed + bad + errors))
  skipped=$((skipped + left))
done

if [ $# = 0 ]; then
  step "Gateway.Fuzz, a few cases of each target"
  if timeout 300 dotnet run --no-build -c $configuration --project tests/Gateway.Fuzz -- --cases 300 >"$logs/fuzz" 2>&1; then
    tail -1 "$logs/fuzz"
    passed=$((passed + 1))
  else
    tail -60 "$logs/fuzz"
    failed=$((failed + 1))
  fi
fi

echo
if [ $skipped -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ $failed = 0 ]
