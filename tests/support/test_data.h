// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtTest/QTest>

#include <string>

namespace bitloupe::testing {

/// The folder of real networks and data sets named by BITLOUPE_TEST_DATA, or "" without one.
[[nodiscard]] std::string testDataFolder();

}  // namespace bitloupe::testing

/// Declares `name` as the real file `relative` under BITLOUPE_TEST_DATA, or skips the test loudly.
#define BITLOUPE_REAL_FILE(name, relative)                                           \
    const std::string name = bitloupe::testing::testDataFolder() + "/" + (relative); \
    if (bitloupe::testing::testDataFolder().empty())                                 \
    QSKIP("not run: set BITLOUPE_TEST_DATA to the folder of real networks and data sets")
