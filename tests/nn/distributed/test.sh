#!/usr/bin/env bash
set -euo pipefail

# Trainings over MPI, as a user starts them:
#
#     test.sh TEST FOLDER TRAINING OTHER_BUILD PROGRAM PAGE
#
# TRAINING is the program of training.cpp, OTHER_BUILD the same with another build of the library; PROGRAM that of page.cpp,
# which prints what PAGE says; FOLDER is emptied. More ranks than processors; BLAS on one thread.

test=$1 folder=$2 training=$3 other_build=$4 program=$5 page=$6
rm -rf -- "$folder"
mkdir -p -- "$folder"
cd -- "$folder"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OPENBLAS_NUM_THREADS=1
export ASAN_OPTIONS=detect_leaks=0 # OpenMPI leaves memory behind
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl=self,vader OMPI_MCA_btl_base_warn_component_unused=0

fail() {
    printf 'FAILED: %s\n' "$*"
    if [[ -e said ]]; then cat said; fi
    exit 1
}

# on RANKS FILE [WHAT...]: a training that goes well.
on() { mpirun -np "$1" "$training" "${@:2}" >said 2>&1 || fail "a training on $1 ranks"; }

same() { cmp -- "$1" "$2" || fail "$1 and $2 differ"; }

# ends_with PATTERN COMMAND...: it fails within 10 s, and one line that it says is one of ours and has the pattern.
ends_with() {
    local pattern=$1 start=$SECONDS
    shift
    if timeout 20 "$@" >said 2>&1; then fail "nothing failed: $*"; fi
    ((SECONDS - start <= 10)) || fail "it took $((SECONDS - start)) s to end: $*"
    if [[ $pattern == autograd:* ]]; then
        (($(grep -c '^autograd: ' said) == 1)) || fail "not one message: $*"
    fi
    grep -qE -- "$pattern" said || fail "no message with $pattern: $*"
}

same_bits() {
    local ranks threads
    "$training" alone.npz || fail "a training without mpirun"
    for ranks in 1 2 3 5; do
        for threads in 1 2; do
            XGRAD_THREADS=$threads on "$ranks" "$ranks.npz"
            same alone.npz "$ranks.npz"
        done
    done
}

going_on() {
    on 2 whole.npz epochs=4
    on 3 half.npz epochs=2 checkpoint=run.npz
    on 5 rest.npz epochs=4 checkpoint=run.npz
    same whole.npz rest.npz
}

failures() {
    local ranks='rank 1 of 3'
    on 3 whole.npz epochs=4
    ends_with "^autograd: $ranks: cross_entropy: " mpirun -np 3 "$training" none.npz bad_batch=1
    ends_with "^autograd: $ranks: take_step: the loss is nan" mpirun -np 3 "$training" none.npz nan=1
    [[ ! -e none.npz ]] || fail "a model of a training that failed"
    ends_with "^autograd: $ranks: std::bad_alloc" mpirun -np 3 "$training" none.npz no_memory=1
    ends_with "rank 1.*signal 9" mpirun -np 3 "$training" none.npz killed=1 checkpoint=killed.npz
    on 2 rest.npz epochs=4 checkpoint=killed.npz
    same whole.npz rest.npz
    ends_with "^autograd: rank 0 of 3: save_npz: cannot write .*full.npz: " \
        mpirun -np 3 "$training" none.npz full_disk=1 checkpoint=full.npz
    on 2 rest.npz epochs=4 checkpoint=full.npz
    same whole.npz rest.npz
}

# A rank that fails while another does not listen.
busy() { ends_with "^autograd: rank 1 of 3: std::bad_alloc" mpirun -np 3 "$training" none.npz no_memory=1 busy=0; }

refusals() {
    local alike='all ranks must have the same'
    ends_with "^autograd: rank 1 of 2: fit: the number of rows is 331 here and 330 on rank 0; $alike" \
        mpirun -np 2 "$training" none.npz rows=1
    ends_with "^autograd: rank 1 of 2: fit: 0.weight of the model is float64 \(2, 7\) here and float64 \(2, 6\) on rank 0" \
        mpirun -np 2 "$training" none.npz units=1
    ends_with "^autograd: rank 1 of 2: fit: the training is .* here and .* on rank 0; $alike" \
        mpirun -np 2 "$training" none.npz slower=0
    ends_with "^autograd: rank 1 of 2: communicator: there is one in this process; a second cannot be" \
        mpirun -np 2 "$training" none.npz second=1
    ends_with "^autograd: rank 1 of 2: communicator: the build of the library is [0-9a-f]+ here and [0-9a-f]+ on rank 0" \
        mpirun -np 1 "$training" none.npz : -np 1 "$other_build" none.npz
    ends_with "^autograd: rank 1 of 2: communicator: the instruction set is baseline here and v[34] on rank 0; $alike" \
        mpirun -np 1 "$training" none.npz : -np 1 -x XGRAD_INSTRUCTION_SET=baseline "$training" none.npz
    ends_with "^autograd: rank 1 of 2: instruction_set: XGRAD_INSTRUCTION_SET is \"v9\"" \
        mpirun -np 1 "$training" none.npz : -np 1 -x XGRAD_INSTRUCTION_SET=v9 "$training" none.npz
    ends_with "^autograd: rank 1 of 2: communicator: the BLAS kernel is OpenBLAS .* Nehalem here and OpenBLAS .* on rank 0" \
        mpirun -np 1 "$training" none.npz : -np 1 -x OPENBLAS_CORETYPE=Nehalem "$training" none.npz
}

page() {
    local ranks
    for ranks in 1 2 4; do
        mpirun -np "$ranks" "$program" >"$ranks.txt" 2>said || fail "the program of the page"
        grep -qxF -- "$(cat "$ranks.txt")" "$page" || fail "the page does not have $(cat "$ranks.txt")"
        mv moons.safetensors "$ranks.safetensors"
        rm moons.npz
        same 1.safetensors "$ranks.safetensors"
    done
}

"$test"
