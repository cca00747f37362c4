# SPDX-License-Identifier: AGPL-3.0-or-later
# Debian packages: scripts/package.  One for each component of tools/install.cmake.
if(NOT INXT_SHARED)
  return()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME inxt)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "inxt maintainers <maintainers@inxt.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# Tools stay static: with the shared library each start took 2.7 ms instead of 1.9, and 2 to 3 MiB more memory.
set(CPACK_COMPONENTS_ALL tools host bridge library dev)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY "=")  # no promise about the ABI before 1.0
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME inxt-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "The tools. They encrypt a file where it is, cut it into pieces, spread them over many Hosts
with parity, audit those without a key, and bring the file back while Hosts
are missing or lying.")

set(CPACK_DEBIAN_HOST_PACKAGE_NAME inxt-host)
set(CPACK_DEBIAN_HOST_PACKAGE_SECTION net)
set(CPACK_DEBIAN_HOST_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_HOST_PACKAGE_SUGGESTS inxt-tools)
set(CPACK_DEBIAN_HOST_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/tools/inxt-host/debian/postinst
  ${CMAKE_SOURCE_DIR}/tools/inxt-host/debian/prerm ${CMAKE_SOURCE_DIR}/tools/inxt-host/debian/postrm)
set(CPACK_DEBIAN_HOST_DESCRIPTION "The Host: a daemon that keeps pieces of other people's encrypted files, proves on demand
that it still has them, and loses nothing that it acknowledged. Comes with
systemd units; start it when /etc/inxt/host.json is written: see inxt-host(8).")

set(CPACK_DEBIAN_BRIDGE_PACKAGE_NAME inxt-bridge)
set(CPACK_DEBIAN_BRIDGE_PACKAGE_SECTION net)
set(CPACK_DEBIAN_BRIDGE_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_BRIDGE_PACKAGE_SUGGESTS "inxt-tools, postgresql")
set(CPACK_DEBIAN_BRIDGE_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/tools/inxt-bridge/debian/postinst
  ${CMAKE_SOURCE_DIR}/tools/inxt-bridge/debian/prerm ${CMAKE_SOURCE_DIR}/tools/inxt-bridge/debian/postrm)
set(CPACK_DEBIAN_BRIDGE_DESCRIPTION "The Bridge: a daemon that knows Hosts, places pieces on them and keeps owners' encrypted names,
on SQLite or PostgreSQL. It reads nothing of what it keeps. Comes with systemd
units; start it when /etc/inxt-bridge/bridge.json is written: see
inxt-bridge(8).")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libinxt0)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "The shared library: formats, proofs, erasure coding, clients and Host engine of inxt as a C++
library.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libinxt-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEV_DEPENDS library)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libboost1.81-dev, libfmt-dev, libsodium-dev, libssl-dev, nlohmann-json3-dev")
set(CPACK_DEBIAN_DEV_DESCRIPTION "The library's headers, below /usr/include/inxt, and inxt.pc for pkg-config.")

# Every package says under which licence it is.
foreach(pair tools:inxt-tools host:inxt-host bridge:inxt-bridge library:libinxt0 dev:libinxt-dev)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 component)
  list(GET pair 1 package)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} RENAME copyright COMPONENT ${component}
    EXCLUDE_FROM_ALL)
endforeach()
include(CPack)
