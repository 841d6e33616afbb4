# Whether each ```cpp block of some pages stands, literally, in a file that the build compiles:
#
#     awk -v root=... -v headers=... -f code.awk compile_commands.json page.md...
#
# A block may be indented otherwise as a whole; lines such as "    // [name]", which mark a piece of a source, do not
# count. Sources are those of root's examples/, docs/ and tests/, and headers that pages quote, relative to root and with a
# blank between. Prints each block that is nowhere, and fails then.

function fail(message) { print message; failed = 1 }

function is_marker(line) { return line ~ /^ *\/\/ \[[a-z0-9_ ]+\]$/ }

function indentation(line) { match(line, /^ */); return RLENGTH }

# Reads the source into lines[1..count], a line of text each.
function read_source(file,    line, end) {
    count = 0
    end = (getline line < file)
    for (; end > 0; end = (getline line < file))
        if (!is_marker(line)) lines[++count] = line
    close(file)
    if (end < 0) fail("cannot read " file)
}

# Whether the block stands in the source from line `start` on, all of it moved by the same number of spaces.
function stands_at(start,    i, shift, want, have) {
    if (start + length_of_block - 1 > count) return 0
    shift = indentation(lines[start]) - indentation(block[1])
    for (i = 1; i <= length_of_block; ++i) {
        want = block[i]
        have = lines[start + i - 1]
        if (want == "" || have == "") { if (want != have) return 0; continue }
        if (indentation(have) - indentation(want) != shift) return 0
        if (substr(have, indentation(have) + 1) != substr(want, indentation(want) + 1)) return 0
    }
    return 1
}

function is_compiled(    s, start) {
    for (s = 1; s <= sources; ++s) {
        read_source(source[s])
        for (start = 1; start <= count; ++start) if (stands_at(start)) return 1
    }
    return 0
}

BEGIN {
    sources = quoted = split(headers, source, " ")
    for (s = 1; s <= quoted; ++s) source[s] = root "/" source[s]
}

# "file": "..." of a compilation.
FNR == NR {
    if (match($0, /^ *"file": "[^"]*"/)) {
        file = $0
        sub(/^ *"file": "/, "", file)
        sub(/".*$/, "", file)
        if (index(file, root "/examples/") == 1 || index(file, root "/docs/") == 1 || index(file, root "/tests/") == 1)
            source[++sources] = file
    }
    next
}

FNR == 1 { if (in_block) fail(page ": a block does not end"); in_block = 0; page = FILENAME }

in_block && /^```$/ {
    in_block = 0
    ++blocks
    if (length_of_block == 0) fail(FILENAME ":" first_line ": an empty block")
    else if (!is_compiled()) fail(FILENAME ":" first_line ": this block stands in no file that is compiled")
    next
}
in_block { block[++length_of_block] = $0; next }
/^```(cpp|c\+\+|C\+\+|cc)/ { in_block = 1; length_of_block = 0; first_line = FNR }

END {
    if (in_block) fail(page ": a block does not end")
    if (sources == quoted) fail("no sources: is the first file compile_commands.json?")
    if (blocks == 0) fail("no blocks of C++ in these pages")
    printf "%d blocks of C++, %d sources\n", blocks, sources
    exit failed
}
