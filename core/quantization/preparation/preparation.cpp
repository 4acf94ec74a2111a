// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/preparation/preparation.h"

#include "core/base/text.h"

namespace bitloupe::quantization {

namespace {

constexpr std::string_view kEqualize = "equalize";
constexpr std::string_view kSmoothQuant = "smoothquant";
constexpr std::string_view kBatchNorm = "batchnorm";
constexpr double kUsualAlpha = 0.5;

}  // namespace

Result<Preparation> Preparation::parse(std::string_view text) {
    if (text == kEqualize) {
        return Preparation{Kind::Equalize};
    }
    if (text == kBatchNorm) {
        return Preparation{Kind::BatchNorm};
    }
    if (text == kSmoothQuant) {
        return Preparation{Kind::SmoothQuant, kUsualAlpha};
    }
    if (text.starts_with(kSmoothQuant)) {
        const auto alpha = text::parseNumber(text.substr(kSmoothQuant.size()));
        if (alpha && *alpha >= 0 && *alpha <= 1) {
            return Preparation{Kind::SmoothQuant, *alpha};
        }
    }
    return Error{"'" + std::string(text) + "' is not a preparation", "",
                 "use equalize, smoothquant (or smoothquant0.8, 0 to 1) or batchnorm"};
}

std::string Preparation::name() const {
    switch (kind) {
        case Kind::Equalize:
            return std::string(kEqualize);
        case Kind::BatchNorm:
            return std::string(kBatchNorm);
        case Kind::SmoothQuant:
            return std::string(kSmoothQuant) + (alpha == kUsualAlpha ? "" : text::number(alpha));
    }
    return "";
}

}  // namespace bitloupe::quantization
