// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/integer_files.h"

#include <algorithm>
#include <limits>
#include <sstream>

#include "core/base/file.h"
#include "core/base/npy.h"
#include "core/base/text.h"

namespace bitloupe::exporters {

namespace {

constexpr const char* kHeader = "# integer network, version 1";
constexpr std::uint64_t kLargestText = std::uint64_t{1} << 30U;

std::string fileName(std::string layer) {
    std::replace_if(
        layer.begin(), layer.end(),
        [](char c) { return c == '/' || c == '\\' || c == ':' || c == ' '; }, '_');
    return layer;
}

template <typename Values>
std::string words(const Values& values) {
    std::string line;
    for (const auto value : values) {
        line += ' ' + text::number(static_cast<double>(value));
    }
    return line;
}

std::string programText(const IntegerNetwork& network) {
    std::string out = std::string(kHeader) + "\ninput" + words(network.input) + '\n';
    for (const IntegerStep& step : network.steps) {
        out += step.operation;
        out += step.layer.empty() ? "" : ' ' + fileName(step.layer);
        for (const auto& [name, values] : step.settings) {
            out += ' ' + name + words(values);
        }
        out += '\n';
    }
    return out;
}

std::string weightText(const IntegerLayer& layer) {
    std::string out = "# shape" + words(layer.weightShape) + '\n';
    const std::size_t length =
        layer.weights.size() / static_cast<std::size_t>(layer.weightShape.front());
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
        out += std::to_string(layer.weights[i]);
        out += (i + 1) % length == 0 ? '\n' : ' ';
    }
    return out;
}

std::string codeScaleText(const std::string& side, const CodeScale& codes) {
    return side + "_scale " + text::number(static_cast<double>(codes.scale)) + '\n' + side +
           "_zero_point " + std::to_string(codes.zeroPoint) + '\n' + side + "_codes " +
           std::to_string(codes.lowest) + ' ' + std::to_string(codes.highest) + '\n';
}

std::string scaleText(const IntegerLayer& layer) {
    return codeScaleText("input", layer.input) + "weight_bits " + std::to_string(layer.weightBits) +
           '\n' + "weight_signed " + (layer.weightsSigned ? "1" : "0") + '\n' + "weight_scale" +
           words(layer.weightScales) + '\n' + "weight_zero_point" + words(layer.weightZeroPoints) +
           '\n' + "fraction_bits " + std::to_string(layer.fractionBits) + '\n' + "multiplier" +
           words(layer.requantization.multipliers) + '\n' + "shift" +
           words(layer.requantization.shifts) + '\n' +
           codeScaleText("output", layer.requantization.output);
}

std::string weightNpy(const IntegerLayer& layer) {
    const auto& codes = layer.weights;
    if (layer.weightBits > 8) {
        return npyBytes(Array::of(layer.weightShape, codes));
    }
    if (layer.weightsSigned) {
        return npyBytes(
            Array::of(layer.weightShape, std::vector<std::int8_t>(codes.begin(), codes.end())));
    }
    return npyBytes(
        Array::of(layer.weightShape, std::vector<std::uint8_t>(codes.begin(), codes.end())));
}

/// The words of a text file, line by line; the first failure is kept.
class TextReader {
public:
    explicit TextReader(std::string path) : m_path(std::move(path)) {
        const Result<std::string> content = readFile(m_path, kLargestText);
        if (content.hasError()) {
            m_error = content.error();
            m_failed = true;
            return;
        }
        std::istringstream stream(content.value());
        for (std::string line; std::getline(stream, line);) {
            std::istringstream parts(line);
            std::vector<std::string> found;
            for (std::string word; parts >> word;) {
                found.push_back(word);
            }
            m_lines.push_back(std::move(found));
        }
    }

    [[nodiscard]] const std::vector<std::vector<std::string>>& lines() const { return m_lines; }
    [[nodiscard]] bool failed() const { return m_failed; }
    [[nodiscard]] const Error& error() const { return m_error; }

    void fail(std::size_t line, const std::string& what) {
        if (!m_failed) {
            m_failed = true;
            m_error = {what, m_path + ", line " + std::to_string(line + 1),
                       "export the design again"};
        }
    }

    std::int64_t integer(std::size_t line, std::size_t word, std::int64_t low, std::int64_t high) {
        const auto& parts = line < m_lines.size() ? m_lines[line] : kNone;
        const auto value = word < parts.size() ? text::parseInteger(parts[word]) : std::nullopt;
        if (!value || *value < low || *value > high) {
            fail(line, "a whole number between " + std::to_string(low) + " and " +
                           std::to_string(high) + " is missing");
            return low;
        }
        return *value;
    }

    template <typename T>
    std::vector<T> integers(std::size_t line, std::size_t first, std::int64_t low,
                            std::int64_t high) {
        std::vector<T> values;
        const std::size_t count = line < m_lines.size() ? m_lines[line].size() : 0;
        for (std::size_t i = first; i < count && !m_failed; ++i) {
            values.push_back(static_cast<T>(integer(line, i, low, high)));
        }
        return values;
    }

    float real(std::size_t line, std::size_t word) {
        const auto& parts = line < m_lines.size() ? m_lines[line] : kNone;
        const auto value = word < parts.size() ? text::parseNumber(parts[word]) : std::nullopt;
        if (!value || !(*value > 0)) {
            fail(line, "a number above 0 is missing");
        }
        return static_cast<float>(value.value_or(1));
    }

    /// The line that starts with `key`.
    std::size_t lineOf(const std::string& key) {
        for (std::size_t i = 0; i < m_lines.size(); ++i) {
            if (!m_lines[i].empty() && m_lines[i].front() == key) {
                return i;
            }
        }
        fail(m_lines.size(), "there is no " + key);
        return m_lines.size();
    }

private:
    inline static const std::vector<std::string> kNone;
    std::string m_path;
    std::vector<std::vector<std::string>> m_lines;
    Error m_error;
    bool m_failed = false;
};

constexpr std::int64_t kInt32Low = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kInt32High = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kLargestSize = 1 << 24;

CodeScale readCodeScale(TextReader& reader, const std::string& side) {
    CodeScale codes;
    codes.scale = reader.real(reader.lineOf(side + "_scale"), 1);
    codes.zeroPoint = reader.integer(reader.lineOf(side + "_zero_point"), 1, kInt32Low, kInt32High);
    const std::size_t range = reader.lineOf(side + "_codes");
    codes.lowest = reader.integer(range, 1, kInt32Low, kInt32High);
    codes.highest = reader.integer(range, 2, codes.lowest, kInt32High);
    return codes;
}

Result<void> readScales(const std::string& path, IntegerLayer& layer) {
    TextReader reader(path);
    if (reader.failed()) {
        return reader.error();
    }
    layer.input = readCodeScale(reader, "input");
    constexpr int kMostBits = 16;
    layer.weightBits =
        static_cast<int>(reader.integer(reader.lineOf("weight_bits"), 1, 1, kMostBits));
    layer.weightsSigned = reader.integer(reader.lineOf("weight_signed"), 1, 0, 1) != 0;
    const std::size_t scaleLine = reader.lineOf("weight_scale");
    for (std::size_t i = 1; !reader.failed() && i < reader.lines()[scaleLine].size(); ++i) {
        layer.weightScales.push_back(reader.real(scaleLine, i));
    }
    layer.weightZeroPoints =
        reader.integers<std::int64_t>(reader.lineOf("weight_zero_point"), 1, kInt32Low, kInt32High);
    layer.fractionBits = static_cast<int>(reader.integer(reader.lineOf("fraction_bits"), 1, 0, 31));
    layer.requantization.multipliers =
        reader.integers<std::int32_t>(reader.lineOf("multiplier"), 1, 0, kInt32High);
    layer.requantization.shifts = reader.integers<int>(reader.lineOf("shift"), 1, -31, 62);
    layer.requantization.output = readCodeScale(reader, "output");
    if (reader.failed()) {
        return reader.error();
    }
    return {};
}

Result<void> readWeights(const std::string& path, IntegerLayer& layer) {
    TextReader reader(path);
    layer.weightShape = reader.integers<std::int64_t>(0, 2, 1, kLargestSize);
    for (std::size_t line = 1; line < reader.lines().size() && !reader.failed(); ++line) {
        const auto row = reader.integers<std::int32_t>(line, 0, kInt32Low, kInt32High);
        layer.weights.insert(layer.weights.end(), row.begin(), row.end());
    }
    std::int64_t count = 1;
    for (const std::int64_t size : layer.weightShape) {
        count = std::min(count * size, kInt32High);
    }
    if (layer.weightShape.size() < 2 || static_cast<std::size_t>(count) != layer.weights.size()) {
        reader.fail(0, "the codes do not fill the shape");
    }
    return reader.failed() ? Result<void>(reader.error()) : Result<void>();
}

Result<void> readBias(const std::string& path, IntegerLayer& layer) {
    TextReader reader(path);
    for (std::size_t line = 0; line < reader.lines().size() && !reader.failed(); ++line) {
        layer.bias.push_back(
            static_cast<std::int32_t>(reader.integer(line, 0, kInt32Low, kInt32High)));
    }
    if (layer.weightShape.empty() ||
        layer.bias.size() != static_cast<std::size_t>(layer.weightShape.front())) {
        reader.fail(0, "there is not one bias for each output");
    }
    return reader.failed() ? Result<void>(reader.error()) : Result<void>();
}

/// Per-channel values are one, or one for each output.
bool countsFit(const IntegerLayer& layer) {
    const auto outputs = static_cast<std::size_t>(layer.weightShape.front());
    const auto fits = [&](std::size_t count) { return count == 1 || count == outputs; };
    return fits(layer.weightScales.size()) && fits(layer.weightZeroPoints.size()) &&
           fits(layer.requantization.multipliers.size()) &&
           layer.requantization.multipliers.size() == layer.requantization.shifts.size();
}

Result<IntegerLayer> readLayer(const std::string& folder, const std::string& name) {
    IntegerLayer layer;
    layer.name = name;
    const std::string base = folder + '/' + name;
    for (const Result<void>& read :
         {readScales(base + "_scale_zero.txt", layer), readWeights(base + ".weight.txt", layer),
          readBias(base + ".bias.txt", layer)}) {
        if (read.hasError()) {
            return read.error();
        }
    }
    if (!countsFit(layer)) {
        return Error{"there is not one scale, multiplier and shift for each output",
                     base + "_scale_zero.txt", "export the design again"};
    }
    return layer;
}

IntegerStep readStep(TextReader& reader, std::size_t line) {
    const std::vector<std::string>& words = reader.lines()[line];
    IntegerStep step;
    step.operation = words.front();
    std::size_t at = 1;
    const bool ofLayer = step.operation == "quantize" || step.operation == "conv" ||
                         step.operation == "dense" || step.operation == "requantize";
    if (ofLayer) {
        step.layer = words.size() > 1 ? words[1] : "";
        at = 2;
    }
    for (; at < words.size() && !reader.failed(); ++at) {
        if (const auto value = text::parseInteger(words[at]); !value) {
            step.settings.emplace_back(words[at], std::vector<std::int64_t>());
        } else if (step.settings.empty() || *value < 0 || *value > kLargestSize) {
            reader.fail(line, "a setting is not `name numbers`");
        } else {
            step.settings.back().second.push_back(*value);
        }
    }
    return step;
}

}  // namespace

std::map<std::string, std::string> integerFiles(const IntegerNetwork& network) {
    std::map<std::string, std::string> files = {{"network.txt", programText(network)}};
    for (const IntegerLayer& layer : network.layers) {
        const std::string name = fileName(layer.name);
        files[name + ".weight.txt"] = weightText(layer);
        files[name + ".weight.npy"] = weightNpy(layer);
        std::string& bias = files[name + ".bias.txt"];
        for (const std::int32_t value : layer.bias) {
            bias += std::to_string(value) + '\n';
        }
        files[name + ".bias.npy"] =
            npyBytes(Array::of({static_cast<std::int64_t>(layer.bias.size())}, layer.bias));
        files[name + "_scale_zero.txt"] = scaleText(layer);
    }
    return files;
}

Result<IntegerNetwork> readIntegerFiles(const std::string& folder) {
    TextReader reader(folder + "/network.txt");
    IntegerNetwork network;
    for (std::size_t line = 0; line < reader.lines().size() && !reader.failed(); ++line) {
        const std::vector<std::string>& words = reader.lines()[line];
        if (words.empty() || words.front().starts_with('#')) {
            continue;
        }
        if (words.front() == "input") {
            network.input = reader.integers<std::int64_t>(line, 1, 1, kLargestSize);
            continue;
        }
        network.steps.push_back(readStep(reader, line));
        const IntegerStep& step = network.steps.back();
        if (step.operation == "conv" || step.operation == "dense") {
            Result<IntegerLayer> layer = readLayer(folder, step.layer);
            if (layer.hasError()) {
                return layer.error();
            }
            network.layers.push_back(std::move(layer).value());
        }
    }
    if (network.input.empty() || network.layers.empty()) {
        reader.fail(0, "there is no input or no layer");
    }
    if (reader.failed()) {
        return reader.error();
    }
    return network;
}

}  // namespace bitloupe::exporters
