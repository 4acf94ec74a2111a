// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bitloupe {

/// Something a user or a file caused. Never an exception, never a stack trace.
///
/// The three parts are written so that `sentence()` reads as one line:
/// `WHAT: WHERE: what to do`, for instance
/// `the file ends early: digits.idx, byte 47040016: copy it again from its source`.
struct Error {
    std::string what;    ///< what is wrong
    std::string where;   ///< file, line, key or node name; may be empty
    std::string remedy;  ///< what to do about it; may be empty

    /// One line whatever the parts hold: control characters become '?', long parts are cut.
    [[nodiscard]] std::string sentence() const;

    /// The same error seen from further out: `outer` is put before `where`.
    [[nodiscard]] Error within(const std::string& outer) const;
};

}  // namespace bitloupe
