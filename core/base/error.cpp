// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

namespace bitloupe {

namespace {

/// Names in files may hold anything: a line break would make two lines of one error, and a megabyte
/// would hide it.
std::string asOneLine(const std::string& part) {
    constexpr std::size_t kLongest = 600;
    std::string line = part.size() <= kLongest ? part : part.substr(0, kLongest) + "...";
    for (char& c : line) {
        const auto byte = static_cast<unsigned char>(c);
        c = byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return line;
}

}  // namespace

std::string Error::sentence() const {
    std::string text = asOneLine(what);
    for (const std::string& part : {where, remedy}) {
        if (!part.empty()) {
            text += ": " + asOneLine(part);
        }
    }
    return text;
}

Error Error::within(const std::string& outer) const {
    return {what, where.empty() ? outer : outer + ", " + where, remedy};
}

}  // namespace bitloupe
