# Whether the blocks of a page that name no language are, one after the other, what a program prints, with an empty line
# behind each:
#
#     cmake -DPROGRAM=... -DPAGE=... -P outputs.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND ${PROGRAM} OUTPUT_FILE ${PROGRAM}.printed RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} failed")
endif()
# A line ``` or ```language opens a block, the next ``` closes it.
execute_process(COMMAND awk [[
    /^```/ { if (block == "```") print ""; block = block == "" ? $0 : ""; next }
    block == "```"
]] ${PAGE} OUTPUT_FILE ${PROGRAM}.shown RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PAGE} cannot be read")
endif()
execute_process(COMMAND diff -u ${PROGRAM}.shown ${PROGRAM}.printed RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PAGE} does not show what ${PROGRAM} prints: - is the page's, + the program's")
endif()
