#!/bin/sh
# The second opinion: tsung, a load generator of others, against the gateway: over BOSH while it is cold, over BOSH, over WebSocket.
# Exit code 1: an error, a failed match or an unfinished user was counted.
set -eu
usage="Usage: load-tests/tsung.sh [--quick] [--rate N] [--seconds N] [--no-build] [--out DIR]
  --quick      half a minute in all: to see that it works, not to be quoted
  --rate N     users a second; 50, and 20 with --quick
  --seconds N  for how long users come, over each transport; 35, and 6 with --quick
  --no-build   with what is built already
  --out DIR    where logs go; otherwise a folder among the system's temporary files"
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
rate=50 seconds=35 cold=12 echoes=20 build=yes out=''
fail() { printf '%s\n' "$1" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case $1 in
    --quick) rate=20 seconds=6 cold=0 echoes=10 ;;
    --no-build) build='' ;;
    --rate | --seconds | --out)
      [ $# -gt 1 ] || fail "$usage"
      case $1 in --rate) rate=$2 ;; --seconds) seconds=$2 ;; *) out=$2 ;; esac
      shift ;;
    --help) echo "$usage"; exit 0 ;;
    *) fail "$usage" ;;
  esac
  shift
done
case $rate/$seconds in /* | */ | *[!0-9/]*) fail "$usage" ;; esac
command -v tsung >/dev/null || fail "tsung is not installed: apt-get install tsung"

if [ "$build" ]; then
  dotnet build "$root/src/Gateway" -c Release -v q -tl:off -p:SkipWebClient=true
  dotnet build "$here/Gateway.Floors" -c Release -v q -tl:off
fi
if [ "$out" ]; then mkdir -p "$out"; else out=$(mktemp -d "${TMPDIR:-/tmp}/gateway-tsung-XXXXXX"); fi
out=$(cd "$out" && pwd)
ulimit -n 65536 2>/dev/null || true # as many connections as a load opens; as it was, if that is not allowed

sink='' gateway='' tsung=''

# A child that has ended and was not waited for is still there, as a Z.
runs() { [ "$1" ] && { read -r stat <"/proc/$1/stat"; } 2>/dev/null && case ${stat##*) } in Z*) false ;; esac; }

# Ends what was started here, each by its id. tsung is a script around Erlang: it got a process group of its own.
end_all() {
  trap '' INT TERM HUP
  [ -z "$tsung" ] || kill -KILL "-$tsung" 2>/dev/null || true
  for signal in TERM KILL; do
    for pid in $gateway $sink; do if runs "$pid"; then kill -$signal "$pid" || true; fi; done
    tries=40
    while [ $tries -gt 0 ] && { runs "$gateway" || runs "$sink"; }; do sleep 0.2; tries=$((tries - 1)); done
  done
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

sockets() { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; }

# Free a moment ago, from below the range that outgoing connections take theirs from.
free_ports() {
  sockets | awk -v count="$1" -v seed=$$ '
    { split($2, address, ":"); taken[address[2]] = 1 }
    END {
      srand(seed)
      while (count > 0) {
        port = 12000 + int(rand() * 18000)
        if (sprintf("%04X", port) in taken) continue
        taken[sprintf("%04X", port)] = 1
        print port
        count--
      }
    }'
}

# wait_for NAME PID PORT: until it listens there.
wait_for() {
  tries=150
  until sockets | grep -q ":$(printf %04X "$3") [0-9A-F]*:0000 0A "; do
    runs "$2" && [ $tries -gt 0 ] || { echo "$1 does not start:" >&2; cat "$out/$1.log" >&2; exit 1; }
    sleep 0.2
    tries=$((tries - 1))
  done
}

# One line: seconds, then the processor time that tsung, gateway and sink have used, in ticks of 10 ms.
note_processor() {
  erlang=''
  { read -r erlang _ <"/proc/$tsung/task/$tsung/children"; } 2>/dev/null || true # it has no line end
  [ "$erlang" ] || return 0
  awk '
    FILENAME == "/proc/uptime" { line = $1; next }
    { sub(/.*\) /, ""); line = line " " $12 + $13 } # proc(5): the name in parentheses may hold anything
    END { print line }' /proc/uptime "/proc/$erlang/stat" "/proc/$gateway/stat" "/proc/$sink/stat" 2>/dev/null || true
}

# run NAME TRANSPORT SECONDS: one run of tsung, and its table.
run() {
  sed -e "s/@PORT@/$http/; s/@SECONDS@/$3/; s/@RATE@/$rate/; s/@ECHOES@/$echoes/" "$here/tsung/$2.xml" >"$out/$1.xml"
  mkdir -p "$out/$1"
  : >"$out/$1/processor"
  # Erlang's node on loopback only, and without the port mapper, which would outlive the run; idle schedulers sleep, or their time would count.
  HOME=$out ERL_EPMD_PORT=$nobody \
    ERL_FLAGS="-start_epmd false -erl_epmd_port $node -kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none" \
    setsid tsung -n -I 127.0.0.1 -f "$out/$1.xml" -l "$out/$1" start >"$out/$1/tsung.out" 2>&1 &
  tsung=$!
  left=$(($3 + 60))
  while runs "$tsung" && [ $left -gt 0 ]; do
    sleep 1
    note_processor >>"$out/$1/processor"
    left=$((left - 1))
  done
  [ $left -gt 0 ] || kill -KILL "-$tsung"
  status=0
  wait "$tsung" || status=$?
  tsung=''
  log=$(ls -t "$out/$1"/*/tsung.log 2>/dev/null | head -n 1)
  awk -v name="$1" -v transport="$2" -v rate="$rate" -v seconds="$3" -v echoes="$echoes" -v cores="$(getconf _NPROCESSORS_ONLN)" -v status=$status \
    -f "$here/tsung/summary.awk" "$out/$1/processor" ${log:+"$log"}
}

set -- $(free_ports 5)
backend=$1 http=$2 management=$3 node=$4 nobody=$5
cat >"$out/gateway.json" <<EOF
{
  "Logging": { "LogLevel": { "Default": "Warning" } },
  "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:$http" } } },
  "Gateway": {
    "Domains": { "localhost": { "Backend": "sink" } },
    "Backends": { "sink": { "Servers": [ { "Address": "127.0.0.1:$backend" } ], "Security": "None" } },
    "Management": { "Url": "http://127.0.0.1:$management" }
  }
}
EOF
dotnet "$here/Gateway.Floors/bin/Release/net10.0/Gateway.Floors.dll" sink --port "$backend" >"$out/sink.log" 2>&1 &
sink=$!
wait_for sink "$sink" "$backend"
DOTNET_ENVIRONMENT=Production ASPNETCORE_ENVIRONMENT=Production \
  dotnet "$root/src/Gateway/bin/Release/net10.0/Gateway.dll" run --config "$out/gateway.json" >"$out/gateway.log" 2>&1 &
gateway=$!
wait_for gateway "$gateway" "$http"

result=0
[ "$cold" = 0 ] || run cold bosh "$cold" || result=1
run bosh bosh "$seconds" || result=1
run websocket websocket "$seconds" || result=1
echo "$out"
exit $result
