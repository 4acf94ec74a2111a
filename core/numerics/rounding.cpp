// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/rounding.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/numerics/block_format.h"
#include "core/numerics/codebook.h"
#include "core/numerics/multipoint.h"
#include "core/numerics/scalar_rounding.h"

namespace bitloupe::numerics {

namespace {

struct SpanRounder {
    std::span<const float> in;
    std::span<float> out;
    const RoundingOptions& options;

    void operator()(const ScalarParameters& format) const {
        roundScalars(format, in, out, options);
    }
    void operator()(const BlockParameters& format) const { roundBlocks(format, in, out, options); }
    void operator()(const CodebookParameters& format) const {
        RoundingOptions unscaled = options;  // the values are fitted to `in` as it is
        unscaled.scaling = {};
        Codebook::fit(format, in).round(in, out, unscaled);
    }
    void operator()(const MultipointParameters& format) const {
        roundToMultipoint(format, in, out, options);
    }
};

}  // namespace

void roundSpan(const NumberFormat& format, std::span<const float> in, std::span<float> out,
               const RoundingOptions& options) {
    if (in.size() != out.size()) {
        throw std::logic_error("roundSpan needs spans of one length");
    }
    if (!(options.scaling.scale > 0) || !std::isfinite(options.scaling.scale)) {
        throw std::logic_error("roundSpan needs a positive, finite scale");
    }
    std::visit(SpanRounder{in, out, options}, format.parameters());
}

void roundRuns(const NumberFormat& format, std::span<const float> in, std::span<float> out,
               std::size_t runLength, std::span<const Scaling> scalings,
               const RoundingOptions& options) {
    if (runLength == 0 || in.size() != out.size() ||
        scalings.size() != (in.size() + runLength - 1) / runLength) {
        throw std::logic_error("roundRuns needs one scaling per run");
    }
    RoundingOptions run = options;
    for (std::size_t i = 0; i < scalings.size(); ++i) {
        const std::size_t begin = i * runLength;
        const std::size_t count = std::min(runLength, in.size() - begin);
        run.scaling = scalings[i];
        run.firstIndex = options.firstIndex + begin;
        roundSpan(format, in.subspan(begin, count), out.subspan(begin, count), run);
    }
}

}  // namespace bitloupe::numerics
