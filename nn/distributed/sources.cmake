# Writes a header with a checksum of sources, in order, and of how they are compiled.
#
#     cmake -DROOT=... -DLIST=FILE -DCOMPILER=... -DHEADER=... -P sources.cmake
#
# LIST has the paths, a line each.
cmake_minimum_required(VERSION 3.25)

file(STRINGS ${LIST} paths)
set(sums "${COMPILER}\n")
foreach(path ${paths})
  file(SHA256 ${path} sum)
  file(RELATIVE_PATH name ${ROOT} ${path})
  string(APPEND sums "${sum} ${name}\n")
endforeach()
string(SHA256 sum "${sums}")
string(SUBSTRING ${sum} 0 16 sum)
file(CONFIGURE OUTPUT ${HEADER} @ONLY CONTENT [[
#pragma once

namespace nn::distributed
{
inline constexpr auto sources = "@sum@";
} // namespace nn::distributed
]])
file(TOUCH ${HEADER})
