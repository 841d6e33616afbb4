# Whether objects of kernels define nothing that a linker could take for the same thing of other objects, but the tables of
# their instruction set:
#
#     cmake -DNM=nm -DOBJDUMP=objdump -DSETS=v3,v4 -DFOLDER=folder -P symbols.cmake
#
# The objects of v4 stand below FOLDER/, in folders called *_kernels_v4.dir. Fails with a list of what else is global, weak or unique.
cmake_minimum_required(VERSION 3.25)
string(REPLACE "," ";" sets ${SETS})
foreach(set ${sets})
  file(GLOB_RECURSE objects ${FOLDER}/*.o)
  list(FILTER objects INCLUDE REGEX "_kernels_${set}\\.dir/")
  execute_process(COMMAND ${NM} --defined-only --no-sort ${objects} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${output}")
  # Lower-case letters are local, but for weak and unique symbols.
  list(FILTER lines INCLUDE REGEX " [A-Zuvw] ")
  string(LENGTH ${set} length)
  set(table "_ZN8autograd7kernels${length}${set}8compiledI")
  set(others ${lines})
  list(FILTER lines INCLUDE REGEX " ${table}")
  list(FILTER others EXCLUDE REGEX " ${table}")
  list(LENGTH lines tables)
  list(LENGTH objects count)
  list(LENGTH others seen)
  if(seen GREATER 0)
    list(JOIN others "\n" text)
    message(FATAL_ERROR "The objects of ${set} define ${seen} symbols that other objects see:\n${text}")
  endif()
  if(count EQUAL 0 OR tables LESS count)
    message(FATAL_ERROR "${count} objects of ${set} define ${tables} tables.")
  endif()
  # What runs when a program starts would run on machines that lack the instructions.
  execute_process(COMMAND ${OBJDUMP} --section-headers ${objects} OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)
  if(sections MATCHES "[.](init_array|ctors)")
    message(FATAL_ERROR "Objects of ${set} have initialisers that run when a program starts.")
  endif()
  message(STATUS "${set}: ${tables} tables in ${count} objects")
endforeach()
