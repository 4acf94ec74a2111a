// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/core_backend.h"
#include "ui/bridge/engine.h"

/// The one function of the module that the program sees; ui/bridge/engine.h says what it does.
extern "C" bool bitloupe_engine(const char* build, bitloupe::ui::Backend* backend) {
    if (bitloupe::ui::engineBuild() != build) {
        return false;
    }
    *backend = bitloupe::ui::coreBackend();
    return true;
}
