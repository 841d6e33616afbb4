# Whether a page is what a program prints:
#
#     cmake -DPROGRAM=... -DPAGE=... -DTARGET=... -P page.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND ${PROGRAM} OUTPUT_FILE ${PROGRAM}.page RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} failed")
endif()
execute_process(COMMAND diff -u ${PAGE} ${PROGRAM}.page RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PAGE} is not what the library says. If the library is right: ninja ${TARGET}")
endif()
