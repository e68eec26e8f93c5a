# The dashboard inside the binary: embed.py makes a table of build/dashboard, again whenever its files change.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
set(dashboard ${CMAKE_SOURCE_DIR}/build/dashboard)
set(embedded ${CMAKE_BINARY_DIR}/embedded)
file(GLOB_RECURSE dashboard_files CONFIGURE_DEPENDS ${dashboard}/*)
if(NOT dashboard_files)
  message(WARNING "build/dashboard is empty: the binary will hold no dashboard (deploy/run.sh builds it first)")
endif()
add_custom_command(
  OUTPUT ${embedded}/assets_table.cpp ${embedded}/assets.bin
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/embed.py ${dashboard} ${embedded}
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/embed.py ${dashboard_files}
  COMMENT "Embedding the dashboard")
set_source_files_properties(${embedded}/assets_table.cpp PROPERTIES OBJECT_DEPENDS ${embedded}/assets.bin)
target_sources(gateway_server PRIVATE ${embedded}/assets_table.cpp)
