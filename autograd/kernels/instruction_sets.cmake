# The instruction sets that the library's kernels are compiled for, in one library. At run time the best one is taken that
# the machine has (kernels/choose.cpp); the first needs nothing.
#
# The features are those that the compiler may use (-mavx2) and that the machine is asked for, by the same names.
set_property(GLOBAL PROPERTY XGRAD_FEATURES_v3 popcnt avx2 fma bmi bmi2)
set_property(GLOBAL PROPERTY XGRAD_FEATURES_v4 popcnt avx2 fma bmi bmi2 avx512f avx512cd avx512dq avx512bw avx512vl)
# For which of the processors that have them the compiler orders and chooses instructions.
set_property(GLOBAL PROPERTY XGRAD_TUNED_FOR_v3 haswell)
set_property(GLOBAL PROPERTY XGRAD_TUNED_FOR_v4 icelake-server)

# XGRAD_INSTRUCTION_SETS: the names of those that this build has. XGRAD_NATIVE: the machine's own, and no other. Elsewhere than on x86-64, and
# where nothing makes symbols local (compile_for_set.sh, for which CMake's generator must know launchers), the baseline alone.
function(xgrad_select_instruction_sets)
  if(XGRAD_NATIVE)
    set(chosen native)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND CMAKE_OBJCOPY AND CMAKE_GENERATOR MATCHES "Ninja|Makefiles")
    set(chosen baseline v3 v4)
  else()
    set(chosen baseline)
  endif()
  set_property(GLOBAL PROPERTY XGRAD_INSTRUCTION_SETS ${chosen})
  list(JOIN chosen ", " text)
  message(STATUS "Kernels for ${text}")
endfunction()

# What tells the compiler of a set.
function(xgrad_options_of set options)
  get_property(result GLOBAL PROPERTY XGRAD_FEATURES_${set})
  list(TRANSFORM result PREPEND "-m")
  get_property(processor GLOBAL PROPERTY XGRAD_TUNED_FOR_${set})
  if(processor)
    list(APPEND result -mtune=${processor})
  endif()
  if(set STREQUAL "native")
    set(result -march=native)
  endif()
  set(${options} ${result} PARENT_SCOPE)
endfunction()

# kernels/instruction_sets.hpp, for the sources that choose: one line for each set.
function(xgrad_write_instruction_sets header)
  set(text "")
  get_property(sets GLOBAL PROPERTY XGRAD_INSTRUCTION_SETS)
  foreach(set ${sets})
    get_property(features GLOBAL PROPERTY XGRAD_FEATURES_${set})
    list(TRANSFORM features REPLACE "(.+)" " AUTOGRAD_KERNELS_FEATURE(\"\\1\")")
    list(JOIN features "" features)
    string(APPEND text "AUTOGRAD_KERNELS_SET(${set},${features})\n")
  endforeach()
  file(CONFIGURE OUTPUT ${header} CONTENT "${text}" @ONLY)
endfunction()

# What tells the compiler of all kernels. They are the only code that depends on the machine. Products and sums are not
# contracted to fused ones behind our back: fused and eager code round alike.
set(XGRAD_KERNEL_OPTIONS -O3 -fno-fast-math -ffp-contract=off)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  list(REMOVE_ITEM XGRAD_KERNEL_OPTIONS -O3)
endif()
set_property(GLOBAL PROPERTY XGRAD_KERNEL_OPTIONS ${XGRAD_KERNEL_OPTIONS})

# The kernels of a library: the sources behind its name, compiled for each set that this build has, in a namespace of the
# set's name. What they define for other sources are tables (kernels/per_set/compiled.hpp); compile_for_set.sh makes every
# other symbol local to its object. objects: theirs, of all sets.
function(xgrad_compile_kernels objects library)
  get_property(sets GLOBAL PROPERTY XGRAD_INSTRUCTION_SETS)
  set(compiled "")
  foreach(set ${sets})
    set(name ${library}_kernels_${set})
    add_library(${name} OBJECT ${ARGN})
    xgrad_compile_for_set(${name} ${set})
    list(APPEND compiled $<TARGET_OBJECTS:${name}>)
  endforeach()
  set(${objects} ${compiled} PARENT_SCOPE)
endfunction()

function(xgrad_compile_for_set target set)
  get_property(kernel_options GLOBAL PROPERTY XGRAD_KERNEL_OPTIONS)
  xgrad_options_of(${set} options)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_definitions(${target} PRIVATE AUTOGRAD_KERNELS_SET=${set})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE xtensor xsimd xgrad_warnings)
  target_compile_options(${target} PRIVATE ${kernel_options} ${options})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Constants in headers are weak then, and not unique in the whole process, which objcopy cannot make local.
    target_compile_options(${target} PRIVATE -fno-gnu-unique)
  endif()
  # Objects for a linker that optimises hold no symbols that could be made local.
  set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  target_compile_options(${target} PRIVATE -fno-lto)
  if(CMAKE_OBJCOPY)
    set(launcher sh ${PROJECT_SOURCE_DIR}/autograd/kernels/compile_for_set.sh ${CMAKE_OBJCOPY} ${set}
        ${CMAKE_CXX_COMPILER_LAUNCHER})
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "${launcher}")
  endif()
endfunction()
