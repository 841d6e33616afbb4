# Whether each link of some pages leads to something that is there:
#
#     awk -f links.awk page.md...
#
# Looks at [text](target) and ![text](target) outside of blocks and `code`. Targets beside the page must exist; behind a #,
# their page must have such a heading or <a name="...">. Links to other sites are passed over. Prints what leads nowhere, and
# fails then.

function fail(message) { print message; failed = 1 }

function folder_of(file) { return match(file, /.*\//) ? substr(file, 1, RLENGTH) : "" }

function exists(file,    line, status) {
    if (file in known) return known[file]
    status = system("test -e '" file "'")
    return known[file] = status == 0
}

# As GitHub names a heading: in small letters, without punctuation, with - for blanks.
function anchor_of(heading,    text) {
    text = tolower(heading)
    gsub(/[^a-z0-9 _-]/, "", text)
    gsub(/ /, "-", text)
    return text
}

# Remembers the places of a page that a link may name.
function read_anchors(file,    line, in_block) {
    if (file in has_anchors) return
    has_anchors[file] = 1
    while ((getline line < file) > 0) {
        if (line ~ /^```/) in_block = !in_block
        if (in_block) continue
        if (line ~ /^#+ /) {
            sub(/^#+ /, "", line)
            anchors[file, anchor_of(line)] = 1
        }
        while (match(line, /<a name="[^"]*">/)) {
            anchors[file, substr(line, RSTART + 9, RLENGTH - 11)] = 1
            line = substr(line, RSTART + RLENGTH)
        }
    }
    close(file)
}

function check(target,    file, place) {
    if (target ~ /^[a-z]+:/) return
    ++links
    place = match(target, /#/) ? substr(target, RSTART + 1) : ""
    sub(/#.*/, "", target)
    file = target == "" ? FILENAME : folder_of(FILENAME) target
    if (!exists(file)) fail(FILENAME ":" FNR ": " target " is not there")
    else if (place != "") {
        read_anchors(file)
        if (!((file, place) in anchors)) fail(FILENAME ":" FNR ": " file " has no place #" place)
    }
}

FNR == 1 { in_block = 0 }
/^```/ { in_block = !in_block; next }
in_block { next }
{
    line = $0
    gsub(/`[^`]*`/, "", line)
    while (match(line, /\]\([^() ]+\)/)) {
        target = substr(line, RSTART + 2, RLENGTH - 3)
        line = substr(line, RSTART + RLENGTH)
        check(target)
    }
}

END {
    if (links == 0) fail("no links in these pages")
    printf "%d links\n", links
    exit failed
}
