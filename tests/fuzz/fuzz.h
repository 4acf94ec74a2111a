// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace bitloupe::fuzz {

/// What a reader made of some bytes: the sentence of its error, "" when it accepted them.
using Target = std::function<std::string(const std::string& bytes)>;

/// Hands mutations of `seeds` (flipped bits, numbers at their limits, cuts, repeats, splices) to
/// `target`, `count` of them or as many as the first argument of the program says, always the same
/// ones. Each seed itself must be accepted. A crash, an exception, an error that is not one line,
/// or memory past `maxMegabytes` fails; the offending bytes are left in fuzz-NAME.bin. Returns the
/// exit status of the program.
int run(const std::string& name, int argc, char** argv, const std::vector<std::string>& seeds,
        int count, const Target& target, long maxMegabytes = 600);

/// Writes `bytes` to a file of this process and hands its path to `read`.
std::string throughFile(const std::string& bytes, const std::string& extension,
                        const std::function<std::string(const std::string& path)>& read);

}  // namespace bitloupe::fuzz
