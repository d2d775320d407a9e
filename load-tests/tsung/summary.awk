# Reads the processor times that tsung.sh noted, then tsung.log; prints the table of one run. Ends with 1 when anything is wrong.
# Variables: name, transport, rate, seconds, echoes, cores, status (tsung's own).

# Seconds, then the processor time in ticks of 10 ms of tsung, gateway and sink: so ticks by seconds are percent of a core.
FILENAME ~ /processor$/ {
    if (NF != 4) next
    if (samples++) {
        for (i = 2; i <= 4; i++) {
            second = ($i - before[i]) / ($1 - before[1])
            if (second > highest[i]) highest[i] = second
        }
    }
    for (i = 1; i <= 4; i++) {
        if (samples == 1) first[i] = $i
        before[i] = $i
    }
    next
}

/^EndMonitor/ { ended = 1 }
$1 != "stats:" { next }
# How many now, how many at most.
$2 == "users" { at_once = $4; next }
# A sample: how many in the interval, with their mean; deviation, highest and lowest of the whole run.
NF == 9 {
    if (index($2, "{cpu,") == 1) $2 = "machine"
    count[$2] += $3
    sum[$2] += $3 * $4
    if ($6 + 0 > most[$2]) most[$2] = $6 + 0
    next
}
# A counter: its increment, its total.
NF == 4 { total[$2] = $4 }

function wrong(text) { faults = faults "\n    " text }
function row(what, value) { printf "  %-12s %s\n", what, value }
function use(who, i) { return who " " (samples < 2 ? "unknown" : percent((before[i] - first[i]) / (before[1] - first[1]), highest[i])) }
function percent(mean, most) { return sprintf("%.0f %% (highest %.0f %%)", mean, most) }

END {
    users = total["users_count"] + 0
    finished = total["finish_users_count"] + 0
    if (status != 0) wrong("tsung ended with " status)
    if (!ended) wrong("tsung.log is not complete")
    if (users == 0) wrong("no user came")
    if (finished != users) wrong((users - finished) " users did not finish")
    if (count["tr_bind"] + 0 != users) wrong((users - count["tr_bind"]) " users did not log in")
    if (count["tr_echo"] + 0 != users * echoes) wrong((users * echoes - count["tr_echo"]) " echoes are missing")
    if (count["tr_close"] + 0 != users) wrong((users - count["tr_close"]) " users did not close")
    # async_unknown_data_rcv: something came that nobody had asked for.
    for (counter in total)
        if (total[counter] > 0 && counter ~ /^(error|timeout|nomatch|match_|websocket_fail|abort|async_unknown)/) wrong(counter " " total[counter])

    printf "%s: %d s, %d users a second, %d echoes each\n", name == transport ? name : name " " transport, seconds, rate, echoes
    row("users", users " started, " finished " finished, at most " at_once + 0 " at once")
    row("logins", count["tr_bind"] + 0)
    row("echoes", count["tr_echo"] + 0)
    if (transport == "bosh")
        row("http", total["bosh_http_req"] + 0 " requests over " total["bosh_http_conn"] + 0 " connections" (faults == "" ? ", each answered with 200" : ""))
    else
        row("handshakes", total["websocket_succ"] + 0 " accepted, " total["websocket_fail"] + 0 " not")
    row("matches", total["match"] + 0 " answers as expected, " total["nomatch"] + 0 " not")
    printf "  %-12s %10s %10s %10s\n", "ms", "count", "mean", "highest"
    names = split("open auth restart bind echo close", order, " ")
    for (i = 1; i <= names; i++) {
        step = "tr_" order[i]
        printf "    %-10s %10d %10.2f %10.1f\n", order[i], count[step], count[step] ? sum[step] / count[step] : 0, most[step]
    }
    row("processor", use("tsung", 2) ", " use("gateway", 3) ", " use("sink", 4))
    if (count["machine"]) row("machine", percent(cores * sum["machine"] / count["machine"], cores * most["machine"]) " of " cores * 100 " %, with all that ran besides")
    if (faults == "") row("errors", "none")
    else print "  errors" faults
    exit faults != ""
}
