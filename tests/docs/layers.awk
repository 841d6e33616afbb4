# Whether what some sources include lies below them, in the order that design.md states:
#
#     awk -f layers.awk autograd/tape/tape.hpp...
#
# Called where autograd/ stands. A folder of autograd/ sees itself and what stands behind it here, folders or single headers.
# Prints each include that runs upward, and those of xtensor in more than one place, and fails then.

BEGIN {
    sees["parallel"] = "tape/error.hpp"
    sees["kernels"] = "parallel tape/error.hpp tape/location.hpp tape/operation.hpp tape/shape.hpp tape/small_buffer.hpp tape/xtensor.hpp"
    sees["tape"] = "kernels/copy.hpp kernels/dispatch.hpp"
    sees["operations"] = "kernels parallel tape"
    sees["linalg"] = "operations kernels tape"
    sees["random"] = "operations kernels tape"
    sees["differentiate"] = "operations kernels tape"
    sees["compile"] = "display operations kernels parallel tape"
    sees["display"] = "differentiate operations kernels tape"
    sees["prove"] = "define_operation.hpp check compile display differentiate random linalg operations kernels tape"
    sees["check"] = "display differentiate random operations kernels tape"
    for (folder in sees) {
        allowed[folder, folder] = 1
        count = split(sees[folder], below, " ")
        for (i = 1; i <= count; ++i) allowed[folder, below[i]] = 1
    }
}

# The folder of autograd/tape/tape.hpp is tape; of what stands in autograd/ itself, or elsewhere, "".
function folder_of(path,    part) {
    return split(path, part, "/") > 2 && part[1] == "autograd" ? part[2] : ""
}

function fail(message) { print message; failed = 1 }

# xtensor's headers moved between its versions: two headers know where they are.
/^#include <xtensor\// && FILENAME !~ /^autograd\/tape\/xtensor(_io)?\.hpp$/ {
    fail(FILENAME ":" FNR ": includes xtensor itself, not autograd/tape/xtensor.hpp")
}

/^#include "/ {
    split($0, quoted, "\"")
    path = quoted[2]
    from = folder_of(FILENAME)
    ++includes
    if (from == "") {
        if (path ~ /^(nn|autograd\/prove)\//) fail(FILENAME ":" FNR ": autograd includes " path)
        next
    }
    short = path
    sub(/^autograd\//, "", short)
    if (!(from in sees)) fail(FILENAME ": the folder " from " has no place in layers.awk")
    else if (!((from, folder_of(path)) in allowed) && !((from, short) in allowed))
        fail(FILENAME ":" FNR ": " from "/ includes " path ", which is not below it")
}

END {
    if (includes == 0) fail("no includes in these sources")
    printf "%d includes\n", includes
    exit failed
}
