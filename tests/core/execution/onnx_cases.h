// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe::testing {

/// One of ONNX's own backend tests: a network, and what it must make of its inputs.
struct OnnxCase {
    std::string name;
    std::string model;                  ///< path of the network
    std::vector<std::string> dataSets;  ///< folders of input_N.pb and output_N.pb
    std::string lightOutput;  ///< the light networks: one output, for inputs that count from 0 to 1
};

/// The cases below `folder`, by name.
[[nodiscard]] std::vector<OnnxCase> findOnnxCases(const std::string& folder);

/// Operators of a case's network, those of bodies and functions included.
[[nodiscard]] std::set<std::string> operatorsOf(const OnnxCase& onnxCase);

/// How one case went.
struct OnnxVerdict {
    enum class Kind { Passed, Refused, Failed };
    Kind kind = Kind::Failed;
    std::string reason;
};

/// Opens, prepares and runs the network as a user does, and compares every output: count, element
/// type, shape, integers exactly, floats within 1e-7 + 1e-3 |expected| as ONNX's own runner does
/// (or one float32 unit in the last place of the tensor's largest value), NaN equal to NaN. Refused
/// means: before anything ran.
[[nodiscard]] OnnxVerdict runOnnxCase(const OnnxCase& onnxCase);

/// What differs between two arrays under those rules; "" when nothing does.
[[nodiscard]] std::string differenceOf(const Array& got, const Array& expected,
                                       double relative = 1e-3, double absolute = 1e-7);

}  // namespace bitloupe::testing
