# shellcheck shell=bash
# What examples/run, tests/run and tests/benchmarks/run have in common: from a bare Debian 12 to built targets. Sourced,
# not run.
#
# Progress goes to standard error, so that standard output is the program's own. The output of each step goes to
# setup.log in the build folder and is shown when the step fails; with VERBOSE=1 it is shown as it comes.
#
# The caller sets:
#     preset        a configure preset of CMakePresets.json; release unless set
#     compiler      the C++ compiler; CMake's choice unless set
#     variant       what else tells its build folder from others; nothing unless set
#     settings      what CMake is told beside the preset, an array of -DNAME=VALUE; empty unless set

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
package_list=$root/tests/packages.txt
preset=release
compiler=
variant=
settings=()
compile_memory_kb=$((1200 * 1024)) # what one compilation takes at its peak

# With standard input closed, the next file that a program opens would become its standard input.
{ : 3<&0; } 2>/dev/null || exec </dev/null

# Ninja answers an interrupt with a failure, which would be reported as a failed build.
trap 'exit 130' INT

case ${VERBOSE:-0} in
0) unset VERBOSE ;; # CMake goes by whether it is set
esac

say() { printf '%s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

quietly() {
    local status=0
    if [[ -v VERBOSE ]]; then
        "$@" </dev/null >&2 || status=$?
    else
        "$@" </dev/null >"$folder/setup.log" 2>&1 || status=$?
        if ((status != 0)); then cat -- "$folder/setup.log" >&2; fi
    fi
    return "$status"
}

# take_lock FILE WHAT: sets `lock` to a descriptor that keeps others out until it is closed. The steps inherit it:
# should this shell be killed, the lock lasts as long as the compilers that it leaves behind.
take_lock() {
    exec {lock}<"$1"
    if ! flock --nonblock "$lock"; then
        say "Waiting for another run to finish with $2"
        flock "$lock"
    fi
}

# One folder for each way to build: build, build-debug-sanitize, build-clang++-14 and so on.
enter_build_folder() {
    local name=build
    if [[ $preset != release ]]; then name+=-$preset; fi
    if [[ -n $variant ]]; then name+=-$variant; fi
    if [[ -n $compiler ]]; then name+=-${compiler##*/}; fi
    folder=$root/$name
    mkdir -p -- "$folder"
    [[ -w $folder ]] || die "No permission to write to $folder"
    take_lock "$folder" "$name/"
    build_lock=$lock
}

leave_build_folder() { exec {build_lock}<&-; }

wanted_packages() {
    sed -n 's/^build  *\([^ ]*\).*/\1/p' "$package_list"
    if [[ $preset == benchmark ]]; then sed -n 's/^benchmark  *\([^ ]*\).*/\1/p' "$package_list"; fi
    case ${compiler##*/} in
    clang++*)
        printf '%s\n' "${compiler##*/}" | sed 's/++//'
        if [[ $preset == *sanitize ]]; then
            printf '%s\n' "${compiler##*/}" | sed 's/clang++\(.*\)/libclang-rt\1-dev/'
        fi
        ;;
    g++*) printf '%s\n' "${compiler##*/}" ;;
    esac
}

# Sets `missing` to the packages to install so that one of each line's alternatives is there. (Here-strings, since
# <(...) needs /proc, which a chroot may lack.)
find_missing_packages() {
    local line alternative
    local -A installed=()
    missing=()
    while read -r alternative; do
        installed[$alternative]=1
    done <<<"$(dpkg-query --show --showformat='${db:Status-Abbrev} ${Package}\n' | sed -n 's/^.i  *//p')"
    while read -r line; do
        for alternative in ${line//|/ }; do
            if [[ -v installed[$alternative] ]]; then continue 2; fi
        done
        missing+=("${line%%|*}")
    done <<<"$(wanted_packages)"
}

# --no-remove: better to stop than to take away a package that somebody chose.
install_packages() {
    local as_root=(env DEBIAN_FRONTEND=noninteractive) name apt_get
    for name in http_proxy https_proxy no_proxy; do # sudo would drop them
        if [[ -v $name ]]; then as_root+=("$name=${!name}"); fi
    done
    if ((EUID != 0)); then as_root=(sudo "${as_root[@]}"); fi
    apt_get=("${as_root[@]}" apt-get -q -y --no-install-recommends --no-remove -o Acquire::Retries=3
        -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold)

    "${as_root[@]}" true || return # where sudo asks for a password, it asks once
    # One source out of order need not matter: whether the packages can be had shows when they are installed.
    "${apt_get[@]}" update || true
    # What an interrupted installation left half done, apt-get would refuse to go past.
    if [[ -n $("${as_root[@]}" dpkg --audit) ]]; then
        "${as_root[@]}" dpkg --configure -a || "${apt_get[@]}" --fix-broken install || true
    fi
    "${apt_get[@]}" install "$@"
}

provide_packages() {
    local missing tool
    if ! command -v dpkg-query >/dev/null; then
        say "This is no Debian: xgrad needs what ${package_list#"$root"/} lists for use \"build\""
    else
        take_lock "$package_list" "the installation of packages"
        find_missing_packages
        if ((${#missing[@]} > 0)); then
            if ! command -v apt-get >/dev/null || { ((EUID != 0)) && ! command -v sudo >/dev/null; }; then
                say "Missing packages, to be installed as root: apt-get install ${missing[*]}"
            else
                say "Installing packages: ${missing[*]}"
                quietly install_packages "${missing[@]}" ||
                    say "The installation failed. By hand, as root: apt-get install ${missing[*]}"
            fi
        fi
        exec {lock}<&-
    fi
    for tool in cmake ninja "${compiler:-c++}"; do
        command -v -- "$tool" >/dev/null || die "Cannot go on without $tool"
    done
}

configure() {
    local arguments=(--preset "$preset" -B "$folder" "${settings[@]}") launcher='' cache=$folder/CMakeCache.txt directory
    if [[ -n $compiler ]]; then arguments+=("-DCMAKE_CXX_COMPILER=$compiler"); fi

    # A ccache that cannot write, for want of a home folder say, fails each compilation.
    if command -v ccache >/dev/null && directory=$(ccache --get-config cache_dir) &&
        mkdir -p -- "$directory" 2>/dev/null && [[ -w $directory ]]; then
        launcher=ccache
    fi
    arguments+=("-DCMAKE_CXX_COMPILER_LAUNCHER=$launcher")

    # A folder that was copied along with the repository, or that another generator wrote, CMake would refuse.
    if [[ -f $cache ]] && ! { grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache" &&
        grep -qxF "CMAKE_GENERATOR:INTERNAL=Ninja" "$cache"; }; then
        arguments+=(--fresh)
    fi
    (cd -- "$root" && quietly cmake "${arguments[@]}") || die "Could not configure ${folder#"$root"/}"
}

# As many compilations at a time as there are processors, and as fit into the memory that is free.
build_jobs() {
    local jobs memory limit file
    jobs=$(nproc)
    memory=$(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo 2>/dev/null) || memory=$compile_memory_kb
    for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do # a container's bound
        if limit=$(cat "$file" 2>/dev/null) && [[ $limit =~ ^[0-9]{1,15}$ ]] && ((limit / 1024 < memory)); then
            memory=$((limit / 1024))
        fi
    done
    if ((jobs > memory / compile_memory_kb)); then jobs=$((memory / compile_memory_kb)); fi
    printf '%s\n' "$((jobs > 0 ? jobs : 1))"
}

# build WHAT [TARGET...]: all targets unless some are named.
build() {
    local what=$1 target hint=''
    local arguments=(--build "$folder" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(build_jobs)}")
    shift
    for target in "$@"; do arguments+=(--target "$target"); done
    if [[ ! -v VERBOSE ]]; then arguments+=(-- --quiet); fi # what failed, and no more
    if [[ ! -e $folder/.ninja_log ]]; then hint=' (some minutes the first time; VERBOSE=1 shows the commands)'; fi
    say "Building $what in ${folder#"$root"/}/$hint"
    SECONDS=0
    quietly cmake "${arguments[@]}" || die "Could not build $what"
    if ((SECONDS >= 5)); then say "Built $what in $SECONDS s"; fi
}
