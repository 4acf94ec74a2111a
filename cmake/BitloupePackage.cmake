# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and the Debian package that `cpack -G DEB` makes of it.
include_guard()
include(GNUInstallDirs)

install(TARGETS bitloupe-cli bitloupe-cli-engine RUNTIME)
install(DIRECTORY resources/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/bitloupe)
install(FILES resources/man/bitloupe-cli.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(BITLOUPE_DESKTOP)
  install(TARGETS bitloupe RUNTIME)
  install(TARGETS bitloupe-engine LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/bitloupe)
  install(FILES resources/man/bitloupe.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES resources/desktop/org.bitloupe.Bitloupe.desktop
          DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
  install(FILES resources/desktop/org.bitloupe.Bitloupe.metainfo.xml
          DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
  install(FILES resources/desktop/bitloupe.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages)
  install(FILES resources/icons/bitloupe.svg
          DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bitloupe)
set(CPACK_PACKAGE_VENDOR "The Bitloupe project")
set(CPACK_PACKAGE_CONTACT "The Bitloupe project <bitloupe@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# LibTorch only asks for some BLAS; without OpenBLAS its matrix products are 25 times slower.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libopenblas0-openmp, qt6-qpa-plugins")
include(CPack)
