# SPDX-License-Identifier: Apache-2.0
# Every library that is not ours. README.md says why each is here.
include_guard()

find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
find_package(Protobuf REQUIRED)
find_package(ONNX REQUIRED)
find_package(Torch REQUIRED)

# Debian's yaml-cpp 0.7 names its target without a namespace, 0.8 with one.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

if(BITLOUPE_DESKTOP OR BITLOUPE_TESTS)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Core Test)
endif()
if(BITLOUPE_DESKTOP)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Gui Widgets Charts Svg PrintSupport)
endif()
if(BITLOUPE_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
