// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/integer_runner.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bitloupe::exporters {

namespace {

using Values = std::vector<std::int32_t>;

/// Channels, rows and columns; a vector is [n, 1, 1].
struct Extent {
    std::int64_t channels = 1;
    std::int64_t rows = 1;
    std::int64_t columns = 1;

    [[nodiscard]] std::int64_t plane() const { return rows * columns; }
    [[nodiscard]] std::int64_t count() const { return channels * plane(); }
};

std::vector<std::int64_t> setting(const IntegerStep& step, const std::string& name,
                                  std::vector<std::int64_t> fallback) {
    for (const auto& [key, values] : step.settings) {
        if (key == name && values.size() == fallback.size()) {
            return values;
        }
    }
    return fallback;
}

/// A window that slides over a plane.
struct Sliding {
    std::vector<std::int64_t> kernel;
    std::vector<std::int64_t> strides;
    std::vector<std::int64_t> pads;
    std::vector<std::int64_t> dilations;

    static Sliding of(const IntegerStep& step, std::vector<std::int64_t> kernel) {
        return {std::move(kernel), setting(step, "strides", {1, 1}),
                setting(step, "pads", {0, 0, 0, 0}), setting(step, "dilations", {1, 1})};
    }
    [[nodiscard]] bool usable() const {
        const auto positive = [](std::int64_t v) { return v > 0; };
        return std::all_of(strides.begin(), strides.end(), positive) &&
               std::all_of(dilations.begin(), dilations.end(), positive) &&
               std::all_of(kernel.begin(), kernel.end(), positive);
    }
    [[nodiscard]] Extent over(const Extent& in, std::int64_t channels) const {
        const auto steps = [&](std::int64_t size, std::size_t axis) {
            const std::int64_t reach = dilations[axis] * (kernel[axis] - 1) + 1;
            return (size + pads[axis] + pads[axis + 2] - reach) / strides[axis] + 1;
        };
        return {channels, steps(in.rows, 0), steps(in.columns, 1)};
    }

    /// Calls visit(first output, first input, count, tap) for each run of outputs along a row whose
    /// tap lies on the input; inputs of a run are strides[1] apart.
    template <typename Visit>
    void forEachRun(const Extent& in, const Extent& out, Visit visit) const {
        for (std::int64_t ky = 0; ky < kernel[0]; ++ky) {
            for (std::int64_t kx = 0; kx < kernel[1]; ++kx) {
                const std::int64_t shift = kx * dilations[1] - pads[1];
                const std::int64_t first = shift >= 0 ? 0 : (-shift + strides[1] - 1) / strides[1];
                const std::int64_t last = std::min(
                    out.columns, in.columns > shift ? (in.columns - 1 - shift) / strides[1] + 1
                                                    : std::int64_t{0});
                for (std::int64_t y = 0; y < out.rows; ++y) {
                    const std::int64_t row = y * strides[0] - pads[0] + ky * dilations[0];
                    if (row >= 0 && row < in.rows && first < last) {
                        visit(y * out.columns + first,
                              row * in.columns + first * strides[1] + shift, last - first,
                              ky * kernel[1] + kx);
                    }
                }
            }
        }
    }
};

/// The state of one sample as it goes through the steps.
class Run {
public:
    explicit Run(const IntegerNetwork& network) : m_network(network) {}

    Result<void> sample(std::span<const float> values) {
        m_extent = {};
        const Shape& shape = m_network.input;
        m_extent.channels = shape.front();
        m_extent.rows = shape.size() > 1 ? shape[1] : 1;
        m_extent.columns = shape.size() > 2 ? shape[2] : 1;
        m_next = 0;
        m_real = values;
        for (const IntegerStep& step : m_network.steps) {
            const std::string trouble = apply(step);
            if (!trouble.empty()) {
                return Error{trouble, "step " + step.operation + ' ' + step.layer,
                             "export the design again"};
            }
        }
        return {};
    }
    [[nodiscard]] const Values& values() const { return m_values; }

private:
    std::string apply(const IntegerStep& step) {
        if (step.operation == "quantize") {
            quantize(m_network.layers.front().input);
        } else if (step.operation == "flatten") {
            m_extent = {m_extent.count(), 1, 1};
        } else if (step.operation == "relu") {
            std::replace_if(
                m_values.begin(), m_values.end(), [](std::int32_t v) { return v < 0; }, 0);
        } else if (step.operation == "max_pool" || step.operation == "average_pool") {
            return pool(step);
        } else if (step.operation == "requantize") {
            return requantize();
        } else if (step.operation == "conv" || step.operation == "dense") {
            if (m_next >= m_network.layers.size()) {
                return "there is no layer for it";
            }
            const IntegerLayer& layer = m_network.layers[m_next++];
            return step.operation == "conv" ? convolve(layer, step) : multiply(layer);
        } else {
            return "this operation is not known";
        }
        return {};
    }

    void quantize(const CodeScale& codes) {
        m_values.resize(m_real.size());
        for (std::size_t i = 0; i < m_real.size(); ++i) {
            const double code = std::nearbyint(static_cast<double>(m_real[i] / codes.scale)) +
                                static_cast<double>(codes.zeroPoint);
            m_values[i] = static_cast<std::int32_t>(std::clamp(
                code, static_cast<double>(codes.lowest), static_cast<double>(codes.highest)));
        }
    }

    /// Input codes without their zero point: padding is 0 then.
    void centre(const CodeScale& codes) {
        const auto zero = static_cast<std::int32_t>(codes.zeroPoint);
        for (std::int32_t& value : m_values) {
            value -= zero;
        }
    }

    static std::int32_t zeroOf(const IntegerLayer& layer, std::size_t output) {
        const auto& zeros = layer.weightZeroPoints;
        return static_cast<std::int32_t>(zeros[zeros.size() == 1 ? 0 : output]);
    }

    std::string multiply(const IntegerLayer& layer) {
        const auto inputs = static_cast<std::size_t>(layer.weightShape[1]);
        if (layer.weightShape.size() != 2 || inputs != m_values.size()) {
            return "the weights do not fit the values before";
        }
        centre(layer.input);
        const auto outputs = static_cast<std::size_t>(layer.weightShape[0]);
        Values sums(outputs);
        for (std::size_t o = 0; o < outputs; ++o) {
            const std::int32_t* row = layer.weights.data() + o * inputs;
            const std::int32_t zero = zeroOf(layer, o);
            std::int32_t sum = 0;
            for (std::size_t i = 0; i < inputs; ++i) {
                sum += (row[i] - zero) * m_values[i];
            }
            sums[o] = withBias(layer, o, sum);
        }
        m_values = std::move(sums);
        m_extent = {static_cast<std::int64_t>(outputs), 1, 1};
        return {};
    }

    static std::int32_t withBias(const IntegerLayer& layer, std::size_t output, std::int32_t sum) {
        const std::int64_t total =
            (static_cast<std::int64_t>(sum) << layer.fractionBits) + layer.bias[output];
        return static_cast<std::int32_t>(total);
    }

    static void addRun(std::int32_t* to, const std::int32_t* from, std::int64_t count,
                       std::int64_t stride, std::int32_t weight) {
        if (stride == 1) {  // the compiler turns this loop into vectors
            for (std::int64_t i = 0; i < count; ++i) {
                to[i] += weight * from[i];
            }
            return;
        }
        for (std::int64_t i = 0; i < count; ++i) {
            to[i] += weight * from[i * stride];
        }
    }

    std::string convolve(const IntegerLayer& layer, const IntegerStep& step) {
        const std::int64_t groups = setting(step, "group", {1}).front();
        const Shape& shape = layer.weightShape;
        const bool fits = shape.size() == 4 && groups > 0 && shape[0] % groups == 0 &&
                          shape[1] * groups == m_extent.channels;
        const Sliding window = fits ? Sliding::of(step, {shape[2], shape[3]}) : Sliding();
        const Extent out =
            fits && window.usable() ? window.over(m_extent, shape[0]) : Extent{0, 0, 0};
        if (!fits || out.rows < 1 || out.columns < 1) {
            return "the weights do not fit the values before";
        }
        centre(layer.input);
        Values sums(static_cast<std::size_t>(out.count()), 0);
        const std::int64_t taps = shape[2] * shape[3];
        for (std::int64_t o = 0; o < shape[0]; ++o) {
            std::int32_t* to = sums.data() + o * out.plane();
            const std::int32_t zero = zeroOf(layer, static_cast<std::size_t>(o));
            for (std::int64_t c = 0; c < shape[1]; ++c) {
                const std::int64_t channel = o / (shape[0] / groups) * shape[1] + c;
                const std::int32_t* from = m_values.data() + channel * m_extent.plane();
                const std::int32_t* weights = layer.weights.data() + (o * shape[1] + c) * taps;
                window.forEachRun(m_extent, out, [&](auto place, auto at, auto count, auto tap) {
                    addRun(to + place, from + at, count, window.strides[1], weights[tap] - zero);
                });
            }
            for (std::int64_t i = 0; i < out.plane(); ++i) {
                to[i] = withBias(layer, static_cast<std::size_t>(o), to[i]);
            }
        }
        m_values = std::move(sums);
        m_extent = out;
        return {};
    }

    /// Averages stay sums: the multiplier that follows divides.
    std::string pool(const IntegerStep& step) {
        const bool average = step.operation == "average_pool";
        const Sliding window = Sliding::of(step, setting(step, "kernel", {0, 0}));
        const Extent out =
            window.usable() ? window.over(m_extent, m_extent.channels) : Extent{0, 0, 0};
        if (out.rows < 1 || out.columns < 1) {
            return "the window does not fit the values before";
        }
        Values pooled(static_cast<std::size_t>(out.count()),
                      average ? 0 : std::numeric_limits<std::int32_t>::min());
        for (std::int64_t c = 0; c < out.channels; ++c) {
            const std::int32_t* from = m_values.data() + c * m_extent.plane();
            std::int32_t* to = pooled.data() + c * out.plane();
            window.forEachRun(m_extent, out, [&](auto place, auto at, auto count, auto) {
                for (std::int64_t i = 0; i < count; ++i) {
                    const std::int32_t value = from[at + i * window.strides[1]];
                    to[place + i] =
                        average ? to[place + i] + value : std::max(to[place + i], value);
                }
            });
        }
        m_values = std::move(pooled);
        m_extent = out;
        return {};
    }

    std::string requantize() {
        if (m_next == 0) {
            return "no layer comes before it";
        }
        const Requantization& to = m_network.layers[m_next - 1].requantization;
        const std::int64_t plane = m_extent.plane();
        for (std::size_t i = 0; i < m_values.size(); ++i) {
            const std::size_t c =
                to.multipliers.size() == 1 ? 0 : i / static_cast<std::size_t>(plane);
            const int shift = to.shifts[c];
            const std::int64_t widened = static_cast<std::int64_t>(m_values[i])
                                         << static_cast<unsigned>(std::max(0, -shift));
            const auto left = static_cast<std::int32_t>(
                std::clamp<std::int64_t>(widened, std::numeric_limits<std::int32_t>::min(),
                                         std::numeric_limits<std::int32_t>::max()));
            const std::int32_t scaled = roundingShiftRight(
                roundingDoublingHighMul(left, to.multipliers[c]), std::max(0, shift));
            m_values[i] = static_cast<std::int32_t>(std::clamp<std::int64_t>(
                scaled + to.output.zeroPoint, to.output.lowest, to.output.highest));
        }
        return {};
    }

    const IntegerNetwork& m_network;
    std::span<const float> m_real;
    Values m_values;
    Extent m_extent;
    std::size_t m_next = 0;
};

}  // namespace

std::int32_t roundingDoublingHighMul(std::int32_t a, std::int32_t b) {
    constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
    if (a == kLowest && b == kLowest) {
        return std::numeric_limits<std::int32_t>::max();
    }
    const std::int64_t product = static_cast<std::int64_t>(a) * b;
    const std::int64_t nudge = product >= 0 ? (1LL << 30) : 1 - (1LL << 30);
    return static_cast<std::int32_t>((product + nudge) / (1LL << 31));
}

std::int32_t roundingShiftRight(std::int32_t value, int shift) {
    if (shift > 31) {
        return 0;
    }
    const std::int64_t mask = (std::int64_t{1} << static_cast<unsigned>(shift)) - 1;
    const std::int64_t remainder = value & mask;
    const std::int64_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
    return static_cast<std::int32_t>((static_cast<std::int64_t>(value) >> shift) +
                                     (remainder > threshold ? 1 : 0));
}

Result<Array> runIntegerNetwork(const IntegerNetwork& network, const Array& samples,
                                const std::function<bool(double)>& progress) {
    const auto values = samples.as<float>();
    const auto length = static_cast<std::size_t>(elementCount(network.input));
    if (samples.shape().empty() || length == 0 || values.size() % length != 0) {
        return Error{"the samples do not have the size that the network takes", "", ""};
    }
    const std::size_t count = values.size() / length;
    Run run(network);
    Values outputs;
    std::size_t done = 0;
    for (; done < count; ++done) {
        const Result<void> ran = run.sample(values.subspan(done * length, length));
        if (ran.hasError()) {
            return ran.error();
        }
        outputs.insert(outputs.end(), run.values().begin(), run.values().end());
        constexpr std::size_t kReportEvery = 64;
        if (done % kReportEvery == 0 && progress &&
            !progress(static_cast<double>(done) / static_cast<double>(count))) {
            ++done;
            break;
        }
    }
    const auto width = done == 0 ? 0 : static_cast<std::int64_t>(outputs.size() / done);
    return Array::of({static_cast<std::int64_t>(done), width}, outputs);
}

}  // namespace bitloupe::exporters
