#!/bin/sh
# Compiles one of the kernels' sources for one instruction set, and makes every symbol of the object local but the tables
# of that set:
#
#     compile_for_set.sh OBJCOPY SET COMPILER ARGUMENTS... -o OBJECT ...
#
# Functions that are compiled along, of the standard library say, would else take the place of the same functions
# elsewhere, and end a program on a machine that lacks their instructions. Groups of sections are what a linker keeps one
# of for several objects: local functions are not to be left out for others of the same name. Nothing runs when a program
# starts, before the set is chosen: what <iostream> initialises is left to others, and the tables are constants.
set -eu

objcopy=$1
set_name=$2
shift 2
"$@"

object=
previous=
for argument in "$@"; do
    if [ "$previous" = -o ]; then object=$argument; fi
    previous=$argument
done
"$objcopy" --remove-section=.group --remove-section=.init_array --remove-section=.rela.init_array --wildcard \
    --keep-global-symbol="_ZN8autograd7kernels${#set_name}${set_name}8compiledI*" "$object" "$object.local"
mv -f -- "$object.local" "$object"
