# Installs a build into a folder, moves the folder, and builds and runs the user's project against it; then compiles the
# user's source with xgrad as a subdirectory.
#
#     cmake -DBUILD=... -DSCRATCH=... -DCXX=... [-DLAUNCHER=...] [-DFLAGS=...] -DBUILD_TYPE=... [-DCOMPONENTS=distributed]
#           -P test.cmake
cmake_minimum_required(VERSION 3.25)

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "Could not ${what}:\n${output}")
  endif()
  message(STATUS "${what}: done")
  set(output "${output}" PARENT_SCOPE)
endfunction()

set(project ${CMAKE_CURRENT_LIST_DIR})
set(options -G Ninja -DCMAKE_CXX_COMPILER=${CXX} "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE})

file(REMOVE_RECURSE ${SCRATCH})
run("install" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/installed)
file(RENAME ${SCRATCH}/installed ${SCRATCH}/moved)

# What is nobody's business but the library's stays behind.
file(GLOB_RECURSE headers RELATIVE ${SCRATCH}/moved/include ${SCRATCH}/moved/include/*)
foreach(needed autograd/autograd.hpp autograd/define_operation.hpp autograd/kernels/pack.hpp autograd/prove/certify.hpp
        nn/data/moons.hpp)
  if(NOT needed IN_LIST headers)
    message(FATAL_ERROR "${needed} is not installed; these are: ${headers}")
  endif()
endforeach()
foreach(private autograd/kernels/dispatch.hpp autograd/kernels/lines.hpp autograd/kernels/per_set/fold.hpp
        autograd/operations/rule_kernels.hpp)
  if(private IN_LIST headers)
    message(FATAL_ERROR "${private} is installed, and no other installed header needs it.")
  endif()
endforeach()

run("configure with the installation" ${CMAKE_COMMAND} -S ${project} -B ${SCRATCH}/found ${options}
    -DCMAKE_PREFIX_PATH=${SCRATCH}/moved -DXGRAD_COMPONENTS=${COMPONENTS})
run("build with the installation" ${CMAKE_COMMAND} --build ${SCRATCH}/found)
run("run" ${SCRATCH}/found/user)
message(STATUS "${output}")
if(NOT output MATCHES "^slope: .*\nCERTIFIED EQUAL\n.*autograd: matmul: .*  \\[.*main\\.cpp:[0-9]+\\]\n$")
  message(FATAL_ERROR "The output is not what it should be.")
endif()

# Compiled, not linked: that would build all of the library again.
if(COMPONENTS)
  run("run as a rank" ${SCRATCH}/found/ranks)
  if(NOT output STREQUAL "rank 0 of 1\n")
    message(FATAL_ERROR "It prints ${output}")
  endif()
endif()

run("configure with the sources" ${CMAKE_COMMAND} -S ${project} -B ${SCRATCH}/sources ${options}
    -DXGRAD_SOURCES=${project}/../.. -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON)
run("compile with the sources" ${CMAKE_COMMAND} --build ${SCRATCH}/sources --target CMakeFiles/user.dir/main.cpp.o)
