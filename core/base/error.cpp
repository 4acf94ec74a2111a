// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

namespace bitloupe {

std::string Error::sentence() const {
    std::string text = what;
    for (const std::string& part : {where, remedy}) {
        if (!part.empty()) {
            text += ": " + part;
        }
    }
    return text;
}

Error Error::within(const std::string& outer) const {
    return {what, where.empty() ? outer : outer + ", " + where, remedy};
}

}  // namespace bitloupe
