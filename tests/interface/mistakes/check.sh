#!/usr/bin/env bash
# Whether the compiler answers each mistake in the sources beside this script with its cure, in a few lines (headers.hpp
# says how they are marked), and compiles the sources without the mistakes:
#
#     check.sh SCRATCH COMPILER ARGUMENT...
#
# SCRATCH is a folder for what is compiled. Prints each mistake that fails with what the compiler said, and fails then.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")

# One source with one mistake, or with none: check.sh --one SOURCE, with the command in the environment.
if [[ $1 == --one ]]; then
    source=$2
    output=$(eval "$COMMAND" "'$source'" 2>&1) && refused=no || refused=yes
    complain() { printf '%s: %s\n%s\n\n' "$source" "$1" "$output" | head -n 40; }
    if [[ ! -e $source.words ]]; then
        [[ $refused == no ]] || complain "does not compile without its mistakes"
        exit
    fi
    read -r most words <"$source.words"
    if [[ $refused == no ]]; then
        complain "compiles"
    elif [[ $output != *"$words"* ]]; then
        complain "does not say: $words"
    elif (($(wc -l <<<"$output") > most)); then
        complain "says more than $most lines"
    fi
    exit
fi

scratch=$1
compiler=$2
shift 2
rm -rf -- "$scratch"
mkdir -p -- "$scratch"

# The headers, compiled once.
arguments=(-std=c++20 "$@" -I"$here" -Werror=unused-result)
if "$compiler" --version | grep -q clang; then
    "$compiler" "${arguments[@]}" -x c++-header "$here/headers.hpp" -o "$scratch/headers.hpp.pch"
    arguments+=(-include-pch "$scratch/headers.hpp.pch")
else
    "$compiler" "${arguments[@]}" -x c++-header "$here/headers.hpp" -o "$scratch/headers.hpp.gch"
fi
COMMAND=$(printf '%q ' "$compiler" "${arguments[@]}" -fsyntax-only)
export COMMAND

# name.0.cpp is the source without its mistakes; name.K.cpp has mistake K only, and of the functions only the one that it
# is in, up to there and with all braces. The comment goes, since compilers show lines.
for source in "$here"/*.cpp; do
    awk -v name="$scratch/$(basename "$source" .cpp)" '
        /^void .*[)]$/ { ++functions; inside = functions }
        { text[FNR] = $0; function_of[FNR] = inside }
        /^}/ { inside = 0 }
        match($0, / *\/\/ mistake( \(in [0-9]+ lines\))?: /) {
            words = substr($0, RSTART + RLENGTH)
            most = match($0, /\(in [0-9]+ lines\)/) ? substr($0, RSTART + 4) + 0 : 15
            match($0, / *\/\/ mistake/)
            mistake[++mistakes] = FNR
            text[FNR] = ""
            wrong[mistakes] = substr($0, 1, RSTART - 1)
            print most, words > (name "." mistakes ".cpp.words")
        }
        END {
            for (k = 0; k <= mistakes; ++k) {
                for (line = 1; line <= FNR; ++line) {
                    foreign = k > 0 && function_of[line] != 0 && (function_of[line] != function_of[mistake[k]] ||
                                                                  line > mistake[k] && text[line] !~ /^ *[{}]$/)
                    shown = foreign ? "" : k > 0 && line == mistake[k] ? wrong[k] : text[line]
                    print shown > (name "." k ".cpp")
                }
                close(name "." k ".cpp")
            }
        }' "$source"
done

count=$(find "$scratch" -name '*.cpp.words' | wc -l)
((count > 0)) || { echo "There are no mistakes in $here." && exit 1; }
failures=$(cd "$scratch" && printf '%s\n' *.cpp | xargs -P 2 -I{} "$here/check.sh" --one {})
printf '%s\n%d mistakes\n' "$failures" "$count"
[[ -z $failures ]]
