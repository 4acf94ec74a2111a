// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/scalar_rounding.h"

#include <algorithm>
#include <limits>

#include "core/numerics/kernel_plans.h"
#include "core/numerics/random_key.h"

namespace bitloupe::numerics {

namespace {

struct ScalarRounder {
    kernels::Spans spans;
    const RoundingOptions& options;

    void operator()(const FloatParameters& format) const {
        kernels::roundToFloat(spans, floatPlan(format, options.scaling.scale, options.mode));
    }
    void operator()(const PowerOfTwoParameters& format) const {
        kernels::roundToFloat(spans, floatPlan(format, options.scaling.scale, options.mode));
    }
    void operator()(const PositParameters& format) const {
        kernels::roundToPosit(spans, {.scale = options.scaling.scale,
                                      .bits = format.bits,
                                      .exponentBits = format.exponentBits,
                                      .direction = options.mode});
    }
    /// All others lie on a grid.
    void operator()(const auto& format) const {
        kernels::roundToGrid(spans, gridPlan(format, options));
    }
};

bool isFp32(const ScalarParameters& format) {
    const auto* parameters = std::get_if<FloatParameters>(&format);
    return parameters != nullptr &&
           parameters->mantissaBits == std::numeric_limits<float>::digits - 1;
}

}  // namespace

void roundScalars(const ScalarParameters& format, std::span<const float> in, std::span<float> out,
                  const RoundingOptions& options) {
    if (isFp32(format)) {
        if (in.data() != out.data()) {
            std::copy(in.begin(), in.end(), out.begin());
        }
        return;
    }
    forEachCounterRun(options, in.size(),
                      [&](std::size_t begin, std::size_t count, const CounterRun& run) {
                          const kernels::Spans spans{in.data() + begin, out.data() + begin, count,
                                                     run.key, run.counter};
                          std::visit(ScalarRounder{spans, options}, format);
                      });
}

}  // namespace bitloupe::numerics
