// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_data.h"

#include <cstdlib>

namespace bitloupe::testing {

std::string testDataFolder() {
    const char* folder = std::getenv("BITLOUPE_TEST_DATA");
    return folder == nullptr ? std::string() : std::string(folder);
}

}  // namespace bitloupe::testing
