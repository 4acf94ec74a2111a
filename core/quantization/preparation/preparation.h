// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace bitloupe::quantization {

/// Something done to the whole float network before anything is rounded. Text form: `equalize`,
/// `smoothquant` (alpha 0.5), `smoothquant0.8`, `batchnorm`.
struct Preparation {
    enum class Kind { Equalize, SmoothQuant, BatchNorm };
    Kind kind = Kind::Equalize;
    double alpha = 0.5;  ///< SmoothQuant: 0 leaves ranges to the activations, 1 to the weights

    static Result<Preparation> parse(std::string_view text);
    [[nodiscard]] std::string name() const;
    friend bool operator==(const Preparation&, const Preparation&) = default;
};

}  // namespace bitloupe::quantization
