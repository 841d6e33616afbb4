# Trainings over MPI: a program, the same with another build of the library, and a script that starts them.
set(folder ${CMAKE_CURRENT_SOURCE_DIR}/nn/distributed)
set(library ${PROJECT_SOURCE_DIR}/nn/distributed)
add_executable(training_over_mpi ${folder}/training.cpp)
target_link_libraries(training_over_mpi PRIVATE xgrad::distributed xgrad_warnings)

file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/other_build/nn/distributed/sources.hpp CONTENT [[
#pragma once

namespace nn::distributed
{
inline constexpr auto sources = "0123456789abcdef";
} // namespace nn::distributed
]])
add_executable(training_of_other_build ${folder}/training.cpp ${library}/communicator.cpp ${library}/build.cpp)
target_include_directories(training_of_other_build PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/other_build)
target_compile_definitions(training_of_other_build PRIVATE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
target_link_libraries(training_of_other_build PRIVATE xgrad::nn fmt::fmt MPI::MPI_CXX ${CMAKE_DL_LIBS} xgrad_warnings)

# The program of the page.
add_executable(distributed_page ${folder}/page.cpp)
target_link_libraries(distributed_page PRIVATE xgrad::distributed xgrad_warnings)

foreach(test same_bits going_on failures busy refusals page)
  add_test(NAME distributed_${test} COMMAND ${folder}/test.sh ${test} ${CMAKE_CURRENT_BINARY_DIR}/distributed/${test}
           $<TARGET_FILE:training_over_mpi> $<TARGET_FILE:training_of_other_build> $<TARGET_FILE:distributed_page>
           ${PROJECT_SOURCE_DIR}/docs/distributed.md)
  set_tests_properties(distributed_${test} PROPERTIES PROCESSORS 2 TIMEOUT 300)
endforeach()
