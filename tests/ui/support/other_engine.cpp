// SPDX-License-Identifier: Apache-2.0
namespace bitloupe::ui {
struct Backend;
}

/// A module whose build is another one, whatever the program's is.
extern "C" bool bitloupe_engine(const char* /*build*/, bitloupe::ui::Backend* /*backend*/) {
    return false;
}
