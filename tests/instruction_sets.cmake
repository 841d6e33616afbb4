# Tests of the kernels for each instruction set that the library has. What this machine cannot run is skipped.
get_property(instruction_sets GLOBAL PROPERTY XGRAD_INSTRUCTION_SETS)
add_executable(run_with instruction_sets/run_with.cpp)
target_link_libraries(run_with PRIVATE xgrad::autograd xgrad_warnings)

function(add_test_with set name)
  add_test(NAME ${name}_${set} COMMAND run_with ${set} ${ARGN})
  set_tests_properties(${name}_${set} PROPERTIES SKIP_RETURN_CODE 77 ENVIRONMENT "OPENBLAS_NUM_THREADS=1")
endfunction()

# Packs are templates: their tests are compiled for the set, as a program of their own, and with them an operation that a
# user defines.
file(GLOB pack_tests CONFIGURE_DEPENDS packs/*.cpp)
list(APPEND pack_tests ${CMAKE_CURRENT_SOURCE_DIR}/interface/user_operation.cpp)
xgrad_suites_of(suites_of_packs ${pack_tests})
foreach(set ${instruction_sets})
  xgrad_options_of(${set} options)
  add_executable(pack_tests_${set} main.cpp ${pack_tests})
  target_link_libraries(pack_tests_${set} PRIVATE xgrad::autograd ${SLEEF_LIBRARY} Boost::unit_test_framework xgrad_warnings)
  target_include_directories(pack_tests_${set} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR})
  target_compile_definitions(pack_tests_${set} PRIVATE BOOST_TEST_DYN_LINK)
  target_compile_options(pack_tests_${set} PRIVATE -O1 -ffp-contract=off ${options})
  foreach(suite ${suites_of_packs})
    add_test_with(${set} ${suite} $<TARGET_FILE:pack_tests_${set}> --run_test=${suite})
  endforeach()
endforeach()

# The suites of kernels and operations run with the best set, as all do; these with the others.
set(others ${instruction_sets})
list(POP_BACK others)
file(GLOB sources CONFIGURE_DEPENDS kernels/*.cpp operations/*.cpp conventions/*.cpp)
xgrad_suites_of(suites_of_kernels ${sources})
foreach(set ${others})
  foreach(suite ${suites_of_kernels})
    add_test_with(${set} ${suite} $<TARGET_FILE:all_tests> --run_test=${suite})
  endforeach()
endforeach()

# Which one is chosen, and what is refused.
add_executable(say_instruction_set instruction_sets/say.cpp)
target_link_libraries(say_instruction_set PRIVATE xgrad::autograd xgrad_warnings)
list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator) # of another machine; mostly none
string(STRIP "${emulator} '$<TARGET_FILE:say_instruction_set>'" say)
target_compile_definitions(all_tests PRIVATE "SAY_INSTRUCTION_SET=\"${say}\"")
add_dependencies(all_tests say_instruction_set)

# No function that is compiled for one set is taken by a linker for the same function elsewhere.
if(CMAKE_OBJCOPY AND CMAKE_NM AND CMAKE_OBJDUMP)
  list(JOIN instruction_sets "," sets)
  add_test(NAME instruction_sets_symbols COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DOBJDUMP=${CMAKE_OBJDUMP} -DSETS=${sets}
           -DFOLDER=${PROJECT_BINARY_DIR} -P ${CMAKE_CURRENT_SOURCE_DIR}/instruction_sets/symbols.cmake)
endif()
