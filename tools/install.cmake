# SPDX-License-Identifier: AGPL-3.0-or-later
# What `cmake --install` puts where, by the component that packages make of it: tools, host, bridge, library,
# dev.
# (The programs are installed by tools/CMakeLists.txt.)

# Manual: a daemon's page goes with the daemon.
foreach(section 1 5 7 8)
  file(GLOB pages CONFIGURE_DEPENDS man/*.${section})
  foreach(page ${pages})
    cmake_path(GET page STEM name)
    set(component tools)
    if(name STREQUAL inxt-host)
      set(component host)
    elseif(page STREQUAL ${CMAKE_SOURCE_DIR}/man/inxt-bridge.8)
      set(component bridge)
    endif()
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
  endforeach()
endforeach()
install(DIRECTORY man/schemas/ DESTINATION ${CMAKE_INSTALL_DATADIR}/inxt/schemas COMPONENT tools
  FILES_MATCHING PATTERN "*.json")

# Completions.  bash looks for one by the command's name: one file, and a link for each tool; a daemon's package may
# be there alone, so it has a file of its own.
set(bash_completions ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/inxt.bash DESTINATION ${bash_completions} RENAME inxt COMPONENT tools)
install(FILES completions/inxt.bash DESTINATION ${bash_completions} RENAME inxt-host COMPONENT host)
install(FILES completions/inxt.bash DESTINATION ${bash_completions} RENAME inxt-bridge COMPONENT bridge)
file(GLOB tools RELATIVE ${CMAKE_SOURCE_DIR}/tools CONFIGURE_DEPENDS tools/inxt-*)
foreach(tool ${tools})
  if(NOT tool MATCHES "^inxt-(host|bridge)$")
    install(CODE "file(CREATE_LINK inxt \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${bash_completions}/${tool} SYMBOLIC)"
      COMPONENT tools)
  endif()
endforeach()
install(FILES completions/_inxt DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT tools)
set(fish_completions ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(DIRECTORY completions/ DESTINATION ${fish_completions} COMPONENT tools
  FILES_MATCHING PATTERN "*.fish" PATTERN inxt-host.fish EXCLUDE PATTERN inxt-bridge.fish EXCLUDE)
install(FILES completions/inxt-host.fish DESTINATION ${fish_completions} COMPONENT host)
install(DIRECTORY completions/ DESTINATION ${fish_completions} COMPONENT bridge FILES_MATCHING PATTERN inxt-bridge.fish)

# For systemd.  The units name the program's place, which is known when it is installed.
function(install_unit component unit)
  install(CODE "
    file(READ ${CMAKE_SOURCE_DIR}/tools/inxt-${component}/${unit} unit)
    string(REPLACE /usr/bin/ \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/\" unit \"\${unit}\")
    message(STATUS \"Installing: \${CMAKE_INSTALL_PREFIX}/lib/systemd/system/${unit}\")
    file(WRITE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/${unit}\" \"\${unit}\")"
    COMPONENT ${component})
endfunction()
foreach(unit inxt-host.service inxt-host@.service inxt-host.socket)
  install_unit(host ${unit})
endforeach()
foreach(unit inxt-bridge.service inxt-bridge.socket)
  install_unit(bridge ${unit})
endforeach()
install(FILES tools/inxt-host/inxt-host.sysusers DESTINATION lib/sysusers.d RENAME inxt-host.conf COMPONENT host)
install(FILES tools/inxt-bridge/inxt-bridge.sysusers DESTINATION lib/sysusers.d RENAME inxt-bridge.conf COMPONENT bridge)

# The library, and what programs are built with.
if(INXT_SHARED)
  install(TARGETS inxt_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT dev)
  get_property(rooms GLOBAL PROPERTY INXT_ROOMS)
  list(REMOVE_ITEM rooms cli database)
  foreach(room ${rooms})
    install(DIRECTORY libshared/${room}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/inxt/${room} COMPONENT dev
      FILES_MATCHING PATTERN "*.h")
  endforeach()
  file(RELATIVE_PATH INXT_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" INXT_PC_TO_PREFIX "${INXT_PC_TO_PREFIX}")
  configure_file(libshared/inxt.pc.in ${CMAKE_BINARY_DIR}/inxt.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/inxt.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
endif()

foreach(document README.md CHANGELOG.md LICENSE)
  install(FILES ${document} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT tools)
endforeach()
