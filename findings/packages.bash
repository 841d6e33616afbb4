# shellcheck shell=bash
# What the findings have in common: a temporary folder with pinned packages of Debian 12, and a comparison with what was
# seen. Sourced, not run.

set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

# unpack NAME=VERSION...: the packages' files, under $folder/root. Nothing is installed on the machine.
unpack() {
    mkdir -p -- "$folder/packages" "$folder/root"
    (cd -- "$folder/packages" && apt-get -q download "$@" >/dev/null) ||
        { printf 'Cannot download %s: is this Debian 12, and is apt-get update done?\n' "$*" >&2; exit 2; }
    local package
    for package in "$folder"/packages/*.deb; do dpkg-deb --extract "$package" "$folder/root"; done
}

# compile NAME [argument of the compiler...]: NAME from the C++ program on standard input.
compile() {
    local name=$1
    shift
    "${CXX:-g++}" -std=c++17 -O1 -isystem "$folder/root/usr/include" -x c++ - -x none -o "$folder/$name" "$@"
}

# run_with_library PROGRAM: with the unpacked shared libraries, wherever they lie.
run_with_library() {
    local directories
    directories=$(find "$folder/root/usr/lib" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
    LD_LIBRARY_PATH=$directories "$@"
}

# expect SEEN: compares standard input with what was seen when the finding was written.
expect() {
    local now
    now=$(cat)
    printf '%s\n' "$now"
    if [[ $now != "$1" ]]; then
        printf 'This has changed. It was:\n%s\n' "$1" >&2
        exit 1
    fi
}
