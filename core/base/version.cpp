// SPDX-License-Identifier: Apache-2.0
#include "core/base/version.h"

namespace bitloupe {

std::string programVersion() {
    return BITLOUPE_VERSION;
}

}  // namespace bitloupe
