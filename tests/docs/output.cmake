# Whether a page shows, as a block, what a program prints:
#
#     cmake -DPROGRAM=... -DPAGE=... -P output.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE output RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} failed")
endif()
file(READ ${PAGE} page)
string(FIND "${page}" "\n```\n${output}```\n" place)
if(output STREQUAL "" OR place EQUAL -1)
  message(FATAL_ERROR "${PAGE} has no block of what ${PROGRAM} prints:\n${output}")
endif()
