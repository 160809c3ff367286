# A stand-in for OpenWrt's uci, for the lab only: the real one is in no package index.
# It is awk so that the lab access point stays without Python, as a real one is. mawk runs it in some 3 ms, which is
# near to what the real one, in C, takes on such a machine; busybox awk takes 8.
# tests/golden/uci/vectors.json holds what the real uci answered; tests/lab/test_uci_stand_in.py replays it here.
#
# A package P is kept as:  N[P] sections in order, SEC[P,i] their names, TYPE[P,s], ANON[P,s],
# NO[P,s] options in order, OPT[P,s,j] their names, NV[P,s,o] values (0: an option, n > 0: a list of n), VAL[P,s,o,k].

function warn(text) { if (!quiet) print "uci: " text > "/dev/stderr" }
function not_found() { warn("Entry not found"); return 1 }
function invalid() { warn("Invalid argument"); return 1 }
function is_name(text) { return text ~ /^[A-Za-z0-9_]+$/ }
function is_type(text) { return text ~ /^[^ \t\r\n]+$/ }

# ---- reading text: statements of words, line by line, as the shell quotes them -------------------------------------
function slurp(path,    text, line, saved, first) {
    saved = RS; RS = "\001"; text = ""; first = (getline line < path)
    exists = (first >= 0)
    if (first > 0) text = line
    while ((getline line < path) > 0) text = text "\001" line
    if (exists && path != "/dev/stdin") close(path) # mawk falls over its own standard input
    RS = saved
    return text
}
function open_text(text) { nlines = split(text, lines, "\n"); if (lines[nlines] == "") nlines--; else unended = 1; row = 0; LINE = ""; at = 1; failed = "" }
function next_line() { if (row >= nlines) return 0; LINE = lines[++row] "\n"; at = 1; return 1 }
function fail(reason, byte) { if (failed == "") failed = "Parse error (" reason ") at line " row ", byte " byte }

# The next word into WORD. Returns 1 for a word (perhaps an empty quoted one), 0 at the end of the statement.
function next_word(    c, quote, any) {
    WORD = ""; any = 0; quote = ""
    while (substr(LINE, at, 1) ~ /[ \t\r]/ && at <= length(LINE)) at++
    for (;;) {
        c = substr(LINE, at, 1)
        if (quote != "") {
            if (c == "") { fail("EOF with unterminated " quote, length(LINE)); return 0 }
            at++
            if (c == quote) { quote = ""; continue }
            if (c == "\\" && quote == "\"") { c = substr(LINE, at, 1); at++ }
            WORD = WORD c
            if (c == "\n" && at > length(LINE)) {
                if (row >= nlines) { fail("EOF with unterminated " quote, length(LINE)); return 0 }
                next_line()
            }
            continue
        }
        if (c == "" || c == "\n" || c == ";") return any
        if (c == "#") { at = length(LINE); return any }
        if (c ~ /[ \t\r]/) { at++; return any }
        any = 1; at++
        if (c == "'" || c == "\"") { quote = c; continue }
        if (c == "\\") { c = substr(LINE, at, 1); at++ }
        WORD = WORD c
    }
}
# A name that was just read must be made of letters, digits and _; the byte is the one after its delimiter.
function check_name(    past) {
    past = at - 1
    if (substr(LINE, past, 1) !~ /[ \t\r]/) past = at
    if (WORD != "" && !is_name(WORD)) fail("invalid character in name field", past)
    return failed == ""
}
function end_statement() { if (failed == "" && next_word()) fail("too many arguments", at) }

# ---- the model ------------------------------------------------------------------------------------------------------
function hash16(text,    i, h) {
    h = 5381
    for (i = 1; i <= length(text); i++) h = (h * 33 + ORD[substr(text, i, 1)]) % 65536
    return h
}
function add_section(p, type, name) {
    counter[p]++
    if (name == "") { name = sprintf("cfg%02x%04x", counter[p], hash16(type)); ANON[p, name] = 1 }
    else delete ANON[p, name]
    SEC[p, ++N[p]] = name; TYPE[p, name] = type; NO[p, name] = 0
    return name
}
function has(p, s, o) { return (p, s, o) in NV }
function add_option(p, s, o) { if (!has(p, s, o)) OPT[p, s, ++NO[p, s]] = o }
function set_option(p, s, o, value) { add_option(p, s, o); NV[p, s, o] = 0; VAL[p, s, o, 1] = value }
function add_value(p, s, o, value,    n) {
    add_option(p, s, o)
    n = has(p, s, o) ? NV[p, s, o] : -1
    if (n == 0) n = 1
    if (n < 0) n = 0
    VAL[p, s, o, ++n] = value; NV[p, s, o] = n
}
function del_value(p, s, o, value,    i, n, kept) {
    if (!has(p, s, o)) return
    n = NV[p, s, o]; kept = 0
    for (i = 1; i <= n; i++) if (VAL[p, s, o, i] != value) VAL[p, s, o, ++kept] = VAL[p, s, o, i]
    if (kept == 0 && n > 0) del_option(p, s, o); else NV[p, s, o] = kept
}
function del_option(p, s, o,    i, found) {
    for (i = 1; i <= NO[p, s]; i++) { if (found) OPT[p, s, i - 1] = OPT[p, s, i]; if (OPT[p, s, i] == o) found = 1 }
    if (found) { NO[p, s]--; delete NV[p, s, o] }
}
function place(p, s,    i) { for (i = 1; i <= N[p]; i++) if (SEC[p, i] == s) return i; return 0 }
function del_section(p, s,    i) {
    while (NO[p, s] > 0) del_option(p, s, OPT[p, s, 1])
    for (i = place(p, s); i < N[p]; i++) SEC[p, i] = SEC[p, i + 1]
    N[p]--; delete TYPE[p, s]
}
function rename_section(p, s, to,    j, k, o) {
    SEC[p, place(p, s)] = to; TYPE[p, to] = TYPE[p, s]; NO[p, to] = NO[p, s]
    for (j = 1; j <= NO[p, s]; j++) {
        o = OPT[p, s, j]; OPT[p, to, j] = o; NV[p, to, o] = NV[p, s, o]; delete NV[p, s, o]
        for (k = 1; k <= NV[p, to, o] || k == 1; k++) VAL[p, to, o, k] = VAL[p, s, o, k]
    }
    delete TYPE[p, s]; delete ANON[p, to]
}
function rename_option(p, s, o, to,    j, k) {
    for (j = 1; j <= NO[p, s]; j++) if (OPT[p, s, j] == o) OPT[p, s, j] = to
    NV[p, s, to] = NV[p, s, o]; delete NV[p, s, o]
    for (k = 1; k <= NV[p, s, to] || k == 1; k++) VAL[p, s, to, k] = VAL[p, s, o, k]
}
function reorder(p, s, to,    i) {
    for (i = place(p, s); i < N[p]; i++) SEC[p, i] = SEC[p, i + 1]
    for (i = N[p]; i > to + 1; i--) SEC[p, i] = SEC[p, i - 1]
    SEC[p, to + 1 > N[p] ? N[p] : to + 1] = s
}
function forget(p) { while (N[p] > 0) del_section(p, SEC[p, N[p]]); counter[p] = 0 }

# ---- reading packages -----------------------------------------------------------------------------------------------
# Reads a config text into package p; `package X` lines change to X where `many` is 1. Returns 0 when it is refused.
function parse(p, text, many,    s, word, o, start, past) {
    open_text(text); s = ""; seen = p; nseen = 0
    if (p != "") SEENPKG[++nseen] = p
    while (failed == "" && next_line()) {
        do {
            while (substr(LINE, at, 1) ~ /[ \t\r]/) at++
            start = at - 1
            if (!next_word()) { at++; continue }
            word = WORD
            if (word == "package") {
                next_word(); if (many && check_name()) { p = WORD; SEENPKG[++nseen] = p; N[p] += 0; s = "" }
            } else if (word == "config") {
                if (!next_word() || WORD == "") { fail("insufficient arguments", at); break }
                o = WORD; next_word(); if (!check_name()) break
                past = at; word = WORD; end_statement()
                if (word != "" && (p, word) in TYPE) {
                    if (TYPE[p, word] != o) fail("section of different type overwrites prior section with same name", past)
                    s = word
                } else s = add_section(p, o, word)
                continue_at()
                continue
            } else if (word == "option" || word == "list") {
                if (s == "") { fail("option/list command found before the first section", start); break }
                if (!next_word() || WORD == "") { fail("insufficient arguments", at); break }
                if (!check_name()) break
                o = WORD; next_word()
                if (failed != "") break
                past = WORD; end_statement()
                if (failed == "" && past != "") { if (word == "list") add_value(p, s, o, past); else set_option(p, s, o, past) }
                continue_at()
                continue
            } else { fail("invalid command", start); break }
            end_statement(); continue_at()
        } while (failed == "" && at <= length(LINE))
    }
    return failed == ""
}
function continue_at() { if (substr(LINE, at, 1) ~ /[;\n]/) at++ }

function staged_path(p) { return savedir "/" p }
function load(p,    text) {
    if (p in loaded) return loaded[p]
    text = slurp(confdir "/" p); N[p] += 0
    if (!exists) { return loaded[p] = 0 }
    if (!parse(p, text, 0)) { broken = failed; return loaded[p] = -1 }
    apply_delta(p); loaded[p] = 1
    return 1
}
function require(p,    state) {
    state = load(p)
    if (state == 0) not_found(); else if (state < 0) warn(broken)
    return state == 1
}
function read_delta(p,    n) {
    open_text(slurp(staged_path(p))); n = 0
    while (next_line()) if (next_word()) DELTA[++n] = WORD
    return n
}
function apply_delta(p,    n, i) { n = read_delta(p); for (i = 1; i <= n; i++) apply(DELTA[i]) }
function apply(entry,    how, eq, value, part, k) {
    how = substr(entry, 1, 1)
    if (how ~ /[-+|~@^]/) entry = substr(entry, 2); else how = ""
    eq = index(entry, "="); value = eq ? substr(entry, eq + 1) : ""
    k = split(eq ? substr(entry, 1, eq - 1) : entry, part, ".")
    change(how, k, part[1], part[2], part[3], value)
}
function change(how, k, p, s, o, value) {
    if (how == "+") { add_section(p, value, s); ANON[p, s] = 1; return }
    if (how == "^") { reorder(p, s, value + 0); return }
    if (how == "|") { add_value(p, s, o, value); return }
    if (how == "~") { del_value(p, s, o, value); return }
    if (how == "-" || (how == "" && value == "")) { if (k == 3) del_option(p, s, o); else del_section(p, s); return }
    if (how == "@") { if (k == 3) rename_option(p, s, o, value); else rename_section(p, s, value); return }
    if (k == 3) { set_option(p, s, o, value); return }
    if ((p, s) in TYPE) TYPE[p, s] = value; else add_section(p, value, s)
}

# ---- writing --------------------------------------------------------------------------------------------------------
function quoted(text,    parts, n, i, out) {
    n = split(text, parts, "'"); out = parts[1]
    for (i = 2; i <= n; i++) out = out "'\\''" parts[i]
    return "'" out "'"
}
function body(p,    i, j, k, s, o, out) {
    out = "\n"
    for (i = 1; i <= N[p]; i++) {
        s = SEC[p, i]; out = out "config " TYPE[p, s] ((p, s) in ANON ? "" : " " quoted(s)) "\n"
        for (j = 1; j <= NO[p, s]; j++) {
            o = OPT[p, s, j]
            if (NV[p, s, o] == 0) out = out "\toption " o " " quoted(VAL[p, s, o, 1]) "\n"
            for (k = 1; k <= NV[p, s, o]; k++) out = out "\tlist " o " " quoted(VAL[p, s, o, k]) "\n"
        }
        out = out "\n"
    }
    return out
}
function write(path, text) { printf "%s", text > path; close(path) }
function replace(p,    path) {
    path = confdir "/." p ".uci"
    write(path, body(p)); system("mv -f " quoted(path) " " quoted(confdir "/" p))
}
function stage(how, path, value, with_value) { print how path (with_value ? "=" quoted(value) : "") >> staged_path(ADDR[1]); close(staged_path(ADDR[1])) }
function shown_name(p, s,    i, n) {
    if (!((p, s) in ANON) || extended) return s
    for (i = 1; i <= N[p]; i++) { if (SEC[p, i] == s) break; if (TYPE[p, SEC[p, i]] == TYPE[p, s]) n++ }
    return "@" TYPE[p, s] "[" n + 0 "]"
}
function show_option(p, s, o,    k, out) {
    out = quoted(VAL[p, s, o, 1])
    for (k = 2; k <= NV[p, s, o]; k++) out = out " " quoted(VAL[p, s, o, k])
    print p "." shown_name(p, s) "." o "=" out
}
function show_section(p, s,    j) {
    print p "." shown_name(p, s) "=" TYPE[p, s]
    for (j = 1; j <= NO[p, s]; j++) show_option(p, s, OPT[p, s, j])
}
function value_for_get(p, s, o,    k, v, out) {
    if (NV[p, s, o] == 0) return VAL[p, s, o, 1]
    for (k = 1; k <= NV[p, s, o]; k++) { v = VAL[p, s, o, k]; out = out (k > 1 ? " " : "") (v ~ /[ \t\r\n'"]/ ? quoted(v) : v) }
    return out
}

# ---- commands -------------------------------------------------------------------------------------------------------
# Splits `p.s.o=v` into ADDR[1..3], VALUE and HASVALUE; resolves @type[n]. Returns 0 when that is no address.
function address(text,    eq, n, i, want, count, left) {
    eq = index(text, "="); HASVALUE = eq > 0; VALUE = HASVALUE ? substr(text, eq + 1) : ""
    left = HASVALUE ? substr(text, 1, eq - 1) : text
    delete ADDR; n = split(left, ADDR, "."); NADDR = n
    if (n < 1 || n > 3 || ADDR[1] !~ /^[A-Za-z0-9_-]+$/) return 0
    if (ADDR[2] ~ /^@.*\[-?[0-9]+\]$/) {
        if (load(ADDR[1]) != 1) return 1
        want = ADDR[2]; sub(/^@.*\[/, "", want); sub(/\]$/, "", want)
        left = ADDR[2]; sub(/^@/, "", left); sub(/\[-?[0-9]+\]$/, "", left)
        for (i = 1; i <= N[ADDR[1]]; i++) if (TYPE[ADDR[1], SEC[ADDR[1], i]] == left) match_at[count++ + 0] = SEC[ADDR[1], i]
        if (want < 0) want += count
        ADDR[2] = (want >= 0 && want < count) ? match_at[want] : "@none"
    } else if (n > 1 && !is_name(ADDR[2])) return 0
    return 1
}
function known() {
    if (NADDR > 1 && !((ADDR[1], ADDR[2]) in TYPE)) return 0
    return NADDR < 3 || has(ADDR[1], ADDR[2], ADDR[3])
}
function packages(into,    n, name, list) {
    list = "cd " quoted(confdir) " && for f in *; do [ -f \"$f\" ] && echo \"$f\"; done"
    while ((list | getline name) > 0) into[++n] = name
    close(list)
    return n + 0
}
function each(command, name,    all, n, i, bad) {
    if (name != "") return one(command, name)
    n = packages(all)
    for (i = 1; i <= n; i++) bad += one(command, all[i])
    return bad > 0
}
function one(command, p,    i, n) {
    if (command == "changes") {
        n = read_delta(p)
        for (i = 1; i <= n; i++) print changed(DELTA[i])
        return 0
    }
    if (command == "revert") { slurp(staged_path(p)); if (exists) write(staged_path(p), ""); return 0 }
    if (!require(p)) return 1
    if (command == "commit") { slurp(staged_path(p)); if (exists) { replace(p); write(staged_path(p), "") } return 0 }
    if (command == "export") { print "package " p; printf "%s", body(p); return 0 }
    for (i = 1; i <= N[p]; i++) show_section(p, SEC[p, i])
    return 0
}
function changed(entry,    how, eq) {
    how = substr(entry, 1, 1); eq = index(entry, "=")
    if (how == "-") return entry
    if (how ~ /[+|~@^]/) { entry = substr(entry, 2); eq-- }
    if (how == "@" || how == "^" || how == "+") return how substr(entry, 1, eq) quoted(substr(entry, eq + 1))
    return substr(entry, 1, eq - 1) (how == "|" ? "+" : how == "~" ? "-" : "") "=" quoted(substr(entry, eq + 1))
}
function show(target) {
    if (index(target, ".") == 0) return each("show", target)
    if (!address(target)) return invalid()
    if (!require(ADDR[1])) return 1
    if (!known()) return not_found()
    if (NADDR == 3) show_option(ADDR[1], ADDR[2], ADDR[3]); else show_section(ADDR[1], ADDR[2])
    return 0
}
function get(target) {
    if (!address(target) || NADDR < 2) return invalid()
    if (!require(ADDR[1])) return 1
    if (!known()) return not_found()
    print NADDR == 3 ? value_for_get(ADDR[1], ADDR[2], ADDR[3]) : TYPE[ADDR[1], ADDR[2]]
    return 0
}
function edit(command, target,    path, how) {
    if (!address(target) || NADDR < 2 || (command != "delete" && !HASVALUE)) return invalid()
    if (NADDR == 3 && !is_name(ADDR[3])) { warn("Parse error"); return 1 }
    if (command ~ /list$/ && NADDR < 3) return invalid()
    if (!require(ADDR[1])) return 1
    if (command ~ /^(delete|rename|reorder)$/ && !known()) return not_found()
    if (NADDR == 3 && !((ADDR[1], ADDR[2]) in TYPE)) return invalid()
    path = ADDR[1] "." ADDR[2] (NADDR == 3 ? "." ADDR[3] : "")
    how = HOW[command]
    if (command == "set" && VALUE == "") how = "-"
    change(how, NADDR, ADDR[1], ADDR[2], ADDR[3], VALUE)
    stage(how, path, VALUE, how != "-")
    return 0
}
function add(p, type,    s) {
    if (!require(p)) return 1
    if (!is_type(type)) return invalid()
    s = add_section(p, type, ""); ADDR[1] = p; stage("+", p "." s, type, 1); print s
    return 0
}
function batch(    line, text, words, n) {
    text = slurp("/dev/stdin"); nbatch = split(text, batch_lines, "\n")
    for (line = 1; line <= nbatch; line++) {
        open_text(batch_lines[line]); if (!next_line()) continue
        delete words; n = 0
        while (next_word()) words[++n] = WORD
        if (n) run(n, words)
    }
    return 0
}
function import(p,    i, text) {
    text = slurp("/dev/stdin")
    if (merging) return merge(p, text)
    if (p != "") forget(p)
    if (!parse(p, text, 1)) { warn(failed); return 1 }
    for (i = 1; i <= nseen; i++) replace(SEENPKG[i])
    return 0
}
function merge(p, text,    i, j, k, s, o) {
    if (!parse("/new", text, 0)) { warn(failed); return 1 }
    if (!require(p)) return 1
    ADDR[1] = p
    for (i = 1; i <= N["/new"]; i++) {
        s = SEC["/new", i]
        if (!((p, s) in TYPE)) stage(("/new", s) in ANON ? "+" : "", p "." s, TYPE["/new", s], 1)
        for (j = 1; j <= NO["/new", s]; j++) {
            o = OPT["/new", s, j]
            if (NV["/new", s, o] == 0) stage("", p "." s "." o, VAL["/new", s, o, 1], 1)
            for (k = 1; k <= NV["/new", s, o]; k++) stage("|", p "." s "." o, VAL["/new", s, o, k], 1)
        }
    }
    return 0
}
function run(n, words,    command) {
    command = words[1]
    if (command in HOW) return n == 2 ? edit(command, words[2]) : invalid()
    if (command == "show") return show(words[2])
    if (command == "get") return n == 2 ? get(words[2]) : invalid()
    if (command == "add") return n == 3 ? add(words[2], words[3]) : invalid()
    if (command == "batch") return batch()
    if (command == "import") return import(words[2])
    delete ADDR
    if (command ~ /^(export|commit|changes|revert)$/) return each(command, words[2])
    return invalid()
}
BEGIN {
    for (i = 1; i < 256; i++) ORD[sprintf("%c", i)] = i
    HOW["set"] = ""; HOW["delete"] = "-"; HOW["rename"] = "@"; HOW["reorder"] = "^"; HOW["add_list"] = "|"; HOW["del_list"] = "~"
    confdir = "/etc/config"; savedir = "/tmp/.uci"
    for (i = 1; i < ARGC && ARGV[i] ~ /^-/; i++) {
        if (ARGV[i] == "-q") quiet = 1
        else if (ARGV[i] == "-X") extended = 1
        else if (ARGV[i] == "-m") merging = 1
        else if (ARGV[i] == "-c") confdir = ARGV[++i]
        else if (ARGV[i] == "-t") savedir = ARGV[++i]
        else exit invalid()
    }
    for (; i < ARGC; i++) argument[++given] = ARGV[i]
    if (!given) exit invalid()
    if (argument[1] !~ /^(show|get|export)$/) system("mkdir -p " quoted(savedir))
    exit run(given, argument)
}
