// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "core/exporters/integer_files.h"
#include "core/exporters/integer_text.h"

namespace bitloupe::exporters {

using quantization::IntegerAdd;
using quantization::IntegerClamp;
using quantization::IntegerGather;
using quantization::IntegerLayer;
using quantization::IntegerNetwork;
using quantization::IntegerPool;
using quantization::IntegerStep;
using quantization::Multiplier;
using quantization::PerChannel;
using quantization::WindowSizes;

namespace {

constexpr std::int64_t kInt32Low = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kInt32High = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kLargestSize = 1 << 24;

/// The first number behind `name`, or `fallback`.
std::int64_t one(WordReader& reader, std::size_t line, const std::string& name,
                 std::int64_t fallback, std::int64_t high) {
    const auto values = reader.setting(line, name, 0, high);
    return values && values->size() == 1 ? values->front() : fallback;
}

/// `lines`: of the multipliers, the shifts and the repeat, where they do not share one.
PerChannel<Multiplier> factors(WordReader& reader, const std::string& prefix,
                               const std::vector<std::size_t>& lines) {
    PerChannel<Multiplier> result;
    const auto multipliers = reader.setting(lines[0], prefix + "multiplier", 0, kInt32High);
    const auto shifts = reader.setting(lines[1], prefix + "shift", -31, 62);
    const std::int64_t repeat = one(reader, lines[2], prefix + "repeat", 0, kLargestSize);
    if (!multipliers || !shifts || multipliers->empty() || multipliers->size() != shifts->size() ||
        repeat < 1) {
        reader.fail(lines[0], "multipliers do not come with as many shifts and a repeat");
        return result;
    }
    result.repeat = static_cast<std::size_t>(repeat);
    for (std::size_t i = 0; i < multipliers->size(); ++i) {
        result.values.push_back({Multiplier::Kind::Gemmlowp,
                                 static_cast<std::int32_t>((*multipliers)[i]),
                                 static_cast<int>((*shifts)[i])});
    }
    return result;
}

WindowSizes readWindow(WordReader& reader, std::size_t line) {
    WindowSizes window;
    const auto read = [&](const char* name, std::int64_t low, Shape& sizes, std::size_t count) {
        sizes = reader.setting(line, name, low, kLargestSize).value_or(Shape());
        if (sizes.empty() || (count > 0 && sizes.size() != count)) {
            reader.fail(line, "the window has no " + std::string(name));
            sizes.assign(std::max<std::size_t>(1, count), 1);
        }
    };
    read("plane", 1, window.input, 0);
    const std::size_t dimensions = window.input.size();
    read("kernel", 1, window.kernel, dimensions);
    read("strides", 1, window.strides, dimensions);
    read("pads", 0, window.pads, 2 * dimensions);
    read("dilations", 1, window.dilations, dimensions);
    read("makes_plane", 1, window.output, dimensions);
    return window;
}

Result<void> readScales(const std::string& path, bool fromReal, IntegerLayer& layer) {
    WordReader reader(path);
    auto& input = layer.input;
    input.fromReal = fromReal;
    input.scale = static_cast<float>(reader.positive(reader.lineOf("input_scale"), 1));
    input.zeroPoint = reader.integer(reader.lineOf("input_zero_point"), 1, kInt32Low, kInt32High);
    const std::size_t range = reader.lineOf("input_codes");
    input.codes.least = reader.integer(range, 1, kInt32Low, kInt32High) - input.zeroPoint;
    input.codes.most =
        reader.integer(range, 2, input.codes.least + input.zeroPoint, kInt32High) - input.zeroPoint;
    if (!fromReal) {
        input.factors = factors(reader, "input_",
                                {reader.lineOf("input_multiplier"), reader.lineOf("input_shift"),
                                 reader.lineOf("input_repeat")});
    }
    layer.codes.bits = static_cast<int>(reader.integer(reader.lineOf("weight_bits"), 1, 1, 16));
    layer.codes.isSigned = reader.integer(reader.lineOf("weight_signed"), 1, 0, 1) != 0;
    const std::size_t scales = reader.lineOf("weight_scale");
    for (std::size_t i = 1; !reader.failed() && i < reader.lines()[scales].size(); ++i) {
        layer.codes.scales.push_back(static_cast<float>(reader.positive(scales, i)));
    }
    layer.codes.zeroPoints =
        reader.integers(reader.lineOf("weight_zero_point"), 1, kInt32Low, kInt32High);
    layer.fractionBits = static_cast<int>(reader.integer(reader.lineOf("fraction_bits"), 1, 0, 31));
    return reader.failed() ? Result<void>(reader.error()) : Result<void>();
}

Result<void> readWeights(const std::string& path, IntegerLayer& layer) {
    WordReader reader(path);
    layer.codes.shape = reader.integers(0, 2, 1, kLargestSize);
    for (std::size_t line = 1; line < reader.lines().size() && !reader.failed(); ++line) {
        for (std::size_t word = 0; word < reader.lines()[line].size(); ++word) {
            layer.weights.push_back(
                static_cast<std::int32_t>(reader.integer(line, word, kInt32Low, kInt32High)));
        }
    }
    std::int64_t count = 1;
    for (const std::int64_t size : layer.codes.shape) {
        count = std::min(count * size, kInt32High);
    }
    if (layer.codes.shape.size() < 2 || static_cast<std::size_t>(count) != layer.weights.size()) {
        reader.fail(0, "the codes do not fill the shape");
        return reader.error();
    }
    layer.channels = static_cast<std::size_t>(layer.codes.shape.front());
    layer.length = layer.weights.size() / layer.channels;
    return reader.failed() ? Result<void>(reader.error()) : Result<void>();
}

Result<void> readBias(const std::string& path, IntegerLayer& layer) {
    WordReader reader(path);
    for (std::size_t line = 0; line < reader.lines().size() && !reader.failed(); ++line) {
        layer.bias.push_back(reader.integer(line, 0, kInt32Low, kInt32High));
    }
    if (layer.bias.size() != layer.channels) {
        reader.fail(0, "there is not one bias for each output");
    }
    return reader.failed() ? Result<void>(reader.error()) : Result<void>();
}

Result<IntegerLayer> readLayer(const std::string& folder, const std::string& name, bool fromReal) {
    IntegerLayer layer;
    layer.name = name;
    const std::string base = folder + '/' + name;
    for (const auto& read :
         {readScales(base + "_scale_zero.txt", fromReal, layer),
          readWeights(base + ".weight.txt", layer), readBias(base + ".bias.txt", layer)}) {
        if (read.hasError()) {
            return read.error();
        }
    }
    const auto fits = [&](std::size_t count) { return count == 1 || count == layer.channels; };
    if (!fits(layer.codes.scales.size()) || !fits(layer.codes.zeroPoints.size())) {
        return Error{"there is not one scale and zero point for each output",
                     base + "_scale_zero.txt", "export the design again"};
    }
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
        const auto& zeros = layer.codes.zeroPoints;
        layer.weights[i] -=
            static_cast<std::int32_t>(zeros[zeros.size() == 1 ? 0 : i / layer.length]);
    }
    layer.findWorstCase();
    return layer;
}

/// One line of the program; layers are read from their files.
class StepReader {
public:
    StepReader(WordReader& reader, const std::string& folder)
        : m_reader(reader), m_folder(folder) {}

    Result<IntegerStep> read(std::size_t line) {
        const std::vector<std::string>& words = m_reader.lines()[line];
        IntegerStep step;
        for (const std::int64_t edge :
             m_reader.setting(line, "reads", 0, kLargestSize).value_or(Shape())) {
            step.inputs.push_back(static_cast<std::size_t>(edge));
        }
        step.output = static_cast<std::size_t>(one(m_reader, line, "makes", 0, kLargestSize));
        const std::string& operation = words.front();
        if (operation == "conv" || operation == "dense") {
            const bool fromReal = step.inputs == std::vector<std::size_t>{0};
            Result<IntegerLayer> layer =
                readLayer(m_folder, words.size() > 1 ? words[1] : "", fromReal);
            if (layer.hasError()) {
                return layer.error();
            }
            if (operation == "conv") {
                layer.value().window = readWindow(m_reader, line);
                layer.value().groups =
                    static_cast<std::size_t>(one(m_reader, line, "group", 0, kLargestSize));
            } else {
                layer.value().rows =
                    static_cast<std::size_t>(one(m_reader, line, "rows", 0, kLargestSize));
            }
            step.work = std::move(layer).value();
        } else if (!readOther(operation, line, step)) {
            m_reader.fail(line, "this operation is not known");
        }
        return m_reader.failed() ? Result<IntegerStep>(m_reader.error())
                                 : Result<IntegerStep>(std::move(step));
    }

private:
    bool readOther(const std::string& operation, std::size_t line, IntegerStep& step) {
        if (operation == "clamp") {
            const auto repeat =
                static_cast<std::size_t>(one(m_reader, line, "repeat", 0, kLargestSize));
            const auto limits = [&](const char* name) -> PerChannel<std::int64_t> {
                return {m_reader.setting(line, name, kInt32Low, kInt32High).value_or(Shape()),
                        repeat};
            };
            step.work = IntegerClamp{limits("low"), limits("high")};
        } else if (operation == "max_pool" || operation == "sum_pool") {
            IntegerPool pool;
            pool.kind =
                operation == "max_pool" ? IntegerPool::Kind::Maximum : IntegerPool::Kind::Sum;
            pool.channels =
                static_cast<std::size_t>(one(m_reader, line, "channels", 0, kLargestSize));
            pool.shift = static_cast<int>(one(m_reader, line, "shift", 0, 62));
            pool.window = readWindow(m_reader, line);
            step.work = std::move(pool);
        } else if (operation == "add") {
            step.work = IntegerAdd{factors(m_reader, "left_", {line, line, line}),
                                   factors(m_reader, "right_", {line, line, line})};
        } else if (operation == "gather") {
            step.work = IntegerGather{
                m_reader.setting(line, "from", IntegerGather::kZero, kInt32High).value_or(Shape())};
        } else {
            return false;
        }
        return true;
    }

    WordReader& m_reader;
    const std::string& m_folder;
};

}  // namespace

Result<IntegerNetwork> readIntegerFiles(const std::string& folder) {
    WordReader reader(folder + "/network.txt");
    StepReader steps(reader, folder);
    IntegerNetwork network;
    for (std::size_t line = 0; line < reader.lines().size() && !reader.failed(); ++line) {
        const std::vector<std::string>& words = reader.lines()[line];
        if (words.empty() || words.front().starts_with('#')) {
            continue;
        }
        if (words.front() == "input") {
            network.input = reader.integers(line, 1, 1, kLargestSize);
        } else if (words.front() == "output_scale") {
            network.outputScale = reader.positive(line, 1);
        } else if (words.front() == "output") {
            if (words.size() > 1) {
                network.outputFactors = factors(reader, "", {line, line, line});
            }
        } else {
            Result<IntegerStep> step = steps.read(line);
            if (step.hasError()) {
                return step.error();
            }
            network.edges = std::max(network.edges, step.value().output + 1);
            network.steps.push_back(std::move(step).value());
        }
    }
    if (network.input.empty() || network.steps.empty() || !reader.has("output_scale")) {
        reader.fail(0, "there is no input, no step or no scale of the output");
    }
    if (reader.failed()) {
        return reader.error();
    }
    const Result<void> fits = network.check();
    return fits.hasError() ? Result<IntegerNetwork>(fits.error().within(folder + "/network.txt"))
                           : Result<IntegerNetwork>(std::move(network));
}

}  // namespace bitloupe::exporters
