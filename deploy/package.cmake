# The Debian package. `deploy/package.sh` makes it: the program of build/release stripped, the papers that it makes
# (manual page, completions, licences, bill of materials), the unit, and the configuration, which whoever runs it may change.
set(papers ${CMAKE_BINARY_DIR}/papers)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON) # a package needs none of the tests
install(TARGETS weir RUNTIME DESTINATION /usr/bin)
install(FILES deploy/weir.yaml DESTINATION /etc/weir)
install(FILES deploy/weir.service DESTINATION /lib/systemd/system)
install(FILES ${papers}/weir.1.gz DESTINATION /usr/share/man/man1)
install(FILES ${papers}/changelog.Debian.gz ${papers}/weir.spdx.json deploy/debian/copyright DESTINATION /usr/share/doc/weir)
install(FILES ${papers}/completion.bash DESTINATION /usr/share/bash-completion/completions RENAME weir)
install(FILES ${papers}/completion.zsh DESTINATION /usr/share/zsh/vendor-completions RENAME _weir)
install(FILES ${papers}/completion.fish DESTINATION /usr/share/fish/vendor_completions.d RENAME weir.fish)
install(DIRECTORY ${papers}/licences DESTINATION /usr/share/doc/weir FILES_MATCHING PATTERN *.txt)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME weir)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "real-time analytics streaming gateway")
set(CPACK_PACKAGE_CONTACT "The Weir maintainers <maintainers@weir.invalid>")
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Weir reads metric events over the network (StatsD, Influx line protocol,
Graphite, JSON lines) and pushes windowed statistics of them to every browser
that asked, over WebSocket and Server-Sent Events. It brings its dashboard
along, and an endpoint for Prometheus.")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_SOURCE_DIR}/deploy/debian/conffiles ${CMAKE_SOURCE_DIR}/deploy/debian/postinst
    ${CMAKE_SOURCE_DIR}/deploy/debian/prerm ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)
include(CPack)
