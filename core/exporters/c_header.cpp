// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/c_header.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <set>

#include "core/exporters/coded_weights.h"

namespace bitloupe::exporters {

namespace {

constexpr const char* kLayout = R"c(#include <stddef.h>
#include <stdint.h>

#ifndef BITLOUPE_LAYOUT
#define BITLOUPE_LAYOUT
/* Numbers of `bits` bits each, side by side, the first in the lowest bits of the first byte.
 *   table == NULL: value = scale * (code - zero_point), the code in two's complement if is_signed
 *   else:          value = scale * table[code]
 *   codes == NULL: the values themselves, in `values`
 * Scales: one (scale_count 1), one a channel, or groups_per_channel a channel, in that order. A
 * channel is an index of the dimension whose later dimensions have `inner` elements in all; a group
 * is group_size elements of a channel in a row. */
typedef struct {
    uint32_t dimensions;
    const uint32_t *shape;
    uint32_t elements;
    uint8_t bits, is_signed;
    const uint8_t *codes;
    const float *table;
    const float *values;
    uint32_t scale_count, channels, inner, groups_per_channel, group_size;
    const float *scales;
    const int32_t *zero_points;
} bitloupe_tensor;

/* How a layer rounds its input: to the codes lowest..highest when it is integers (is_uniform), else
 * to the number format of that name, at that scale. */
typedef struct {
    const char *format; /* NULL: float32 */
    uint8_t is_uniform;
    float scale;
    int32_t zero_point, lowest, highest;
} bitloupe_input;

typedef struct {
    const char *name;
    const char *weight_format; /* NULL: float32 */
    bitloupe_tensor weight;
    uint32_t bias_count;
    const float *bias; /* NULL: none */
    bitloupe_input input;
} bitloupe_layer;

static inline float bitloupe_value(const bitloupe_tensor *t, uint32_t i)
{
    if (t->codes == NULL)
        return t->values[i];
    uint32_t scale = 0;
    if (t->scale_count > 1) {
        uint32_t channel = i / t->inner % t->channels;
        uint32_t place = i / (t->inner * t->channels) * t->inner + i % t->inner;
        scale = channel * t->groups_per_channel + place / t->group_size;
    }
    uint64_t bit = (uint64_t)i * t->bits;
    uint32_t word = 0;
    for (uint32_t b = 0; b < 3; ++b) /* the last bytes belong to the next number */
        if (bit / 8 + b <= ((uint64_t)t->elements * t->bits - 1) / 8)
            word |= (uint32_t)t->codes[bit / 8 + b] << (8 * b);
    uint32_t code = word >> bit % 8 & ((1u << t->bits) - 1);
    if (t->table != NULL)
        return t->scales[scale] * t->table[code];
    int32_t number = (int32_t)code;
    if (t->is_signed && code >> (t->bits - 1))
        number -= (int32_t)1 << t->bits;
    return t->scales[scale] * (float)(number - t->zero_points[scale]);
}
#endif

)c";

std::string identifier(const std::string& name) {
    std::string result;
    for (const char c : name) {
        result += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    const bool digit =
        !result.empty() && std::isdigit(static_cast<unsigned char>(result.front())) != 0;
    return digit ? '_' + result : result;
}

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += static_cast<unsigned char>(c) < ' ' ? '?' : c;
    }
    return result + '"';
}

/// Nine digits tell every float32 from its neighbours.
std::string floatText(float value) {
    if (std::isnan(value)) {
        return "0.0f"; /* a code that is no number, which no weight has */
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.8ef", static_cast<double>(value));
    return text.data();
}

/// Many elements a line, in lines of moderate length.
template <typename Values, typename Text>
std::string list(const Values& values, std::size_t perLine, Text show) {
    std::string out = "{";
    for (std::size_t i = 0; i < values.size(); ++i) {
        out += i % perLine == 0 ? "\n    " : " ";
        out += show(values[i]);
        out += ',';
    }
    return out + "\n}";
}

std::string byteText(std::uint8_t byte) {
    constexpr const char* kDigits = "0123456789abcdef";
    return {'0', 'x', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
}

class Header {
public:
    explicit Header(const ResolvedDesign& design) : m_design(design) {}

    std::string text() {
        const network::Network& network = *m_design.network;
        m_prefix = identifier(network.name.empty() ? "network" : network.name);
        const std::string guard = "BITLOUPE_DESIGN_" + m_prefix;
        std::string rows;
        for (std::size_t i = 0; i < network.layers.size(); ++i) {
            rows += "    {" + layer(i) + "},\n";
        }
        return "/* A quantized design of " + comment(network.source) + ", SHA-256 " + network.hash +
               ". */\n#ifndef " + guard + "\n#define " + guard + "\n" + kLayout + m_arrays +
               "static const bitloupe_layer " + m_prefix + "_layers[] = {\n" + rows +
               "};\nenum { " + m_prefix +
               "_layer_count = " + std::to_string(network.layers.size()) + " };\n#endif\n";
    }

private:
    static std::string comment(std::string text) {
        std::replace(text.begin(), text.end(), '*', '?');
        return text;
    }

    /// Adds an array and returns its name, or NULL for nothing.
    template <typename Values, typename Text>
    std::string array(const std::string& type, const std::string& name, const Values& values,
                      std::size_t perLine, Text show) {
        if (values.empty()) {
            return "NULL";
        }
        m_arrays +=
            "static const " + type + ' ' + name + "[] = " + list(values, perLine, show) + ";\n";
        return name;
    }

    std::string floats(const std::string& name, const std::vector<float>& values) {
        return array("float", name, values, 6, floatText);
    }

    std::string unusedName(const std::string& layer) {
        std::string name = m_prefix + '_' + identifier(layer);
        while (!m_names.insert(name).second) {
            name += '_';
        }
        return name;
    }

    std::string layer(std::size_t index) {
        const network::Layer& layer = m_design.network->layers[index];
        const std::string name = unusedName(layer.name);
        const auto& weights = m_design.weights[index];
        const auto& initializers = m_design.network->graph->initializers;
        const auto integer = [](auto value) { return std::to_string(value); };
        CodedWeights coded;
        std::uint32_t groupSize = 1;
        if (weights) {
            coded = codedWeights(*m_design.assignment[index].weights, *weights);
        } else if (initializers.contains(layer.weight)) {
            const auto values = initializers.at(layer.weight).as<float>();
            coded.values.assign(values.begin(), values.end());
        }
        std::int64_t inner = 1;
        std::int64_t channels = 1;
        for (std::size_t i = 0; i < layer.weightShape.size(); ++i) {
            const auto axis = static_cast<std::size_t>(layer.channelAxis);
            (i == axis ? channels : i > axis ? inner : m_ignored) *= layer.weightShape[i];
        }
        const std::int64_t elements = layer.weight.empty() ? 0 : elementCount(layer.weightShape);
        const auto scaleCount = static_cast<std::int64_t>(coded.scales.size());
        const std::int64_t groups =
            channels > 0 ? std::max<std::int64_t>(1, scaleCount / channels) : 1;
        groupSize = groups > 1
                        ? static_cast<std::uint32_t>(m_design.assignment[index].weights->groupSize)
                        : static_cast<std::uint32_t>(std::max<std::int64_t>(
                              1, elements / std::max<std::int64_t>(1, channels)));
        const std::string shape = array("uint32_t", name + "_shape", layer.weightShape, 8, integer);
        const std::string codes =
            array("uint8_t", name + "_codes",
                  coded.bits > 0 ? packCodes(coded.codes, coded.bits) : std::vector<std::uint8_t>(),
                  16, byteText);
        const std::string table = floats(name + "_table", coded.table);
        const std::string values = floats(name + "_values", coded.values);
        const std::string scales = floats(name + "_scales", coded.scales);
        const std::string zeros =
            array("int32_t", name + "_zero_points", coded.zeroPoints, 12, integer);
        const std::string weightFormat =
            weights ? quoted(m_design.assignment[index].weights->name()) : "NULL";
        return quoted(layer.name) + ", " + weightFormat + ",\n     {" +
               std::to_string(layer.weightShape.size()) + ", " + shape + ", " +
               std::to_string(elements) + ", " + std::to_string(coded.bits) + ", " +
               (coded.isSigned ? "1" : "0") + ", " + codes + ", " + table + ", " + values +
               ",\n      " + std::to_string(scaleCount) + ", " + std::to_string(channels) + ", " +
               std::to_string(inner) + ", " + std::to_string(groups) + ", " +
               std::to_string(groupSize) + ", " + scales + ", " + zeros + "},\n     " +
               bias(layer, name) + ",\n     " + input(index);
    }

    std::string bias(const network::Layer& layer, const std::string& name) {
        const auto& initializers = m_design.network->graph->initializers;
        std::vector<float> values;
        if (initializers.contains(layer.bias)) {
            const auto stored = initializers.at(layer.bias).as<float>();
            values.assign(stored.begin(), stored.end());
        }
        return std::to_string(values.size()) + ", " + floats(name + "_bias", values);
    }

    std::string input(std::size_t index) const {
        const auto& rounding = m_design.activations[index];
        if (!rounding) {
            return "{NULL, 0, 1.0f, 0, 0, 0}";
        }
        const std::string head = '{' + quoted(rounding->format.name()) + ", ";
        const auto uniform = uniformActivation(*rounding);
        if (!uniform) {
            return head + "0, " + floatText(rounding->options.scaling.scale) + ", 0, 0, 0}";
        }
        return head + "1, " + floatText(uniform->scale) + ", " +
               std::to_string(uniform->zeroPoint) + ", " +
               std::to_string(uniform->format.lowest()) + ", " +
               std::to_string(uniform->format.highest()) + '}';
    }

    const ResolvedDesign& m_design;
    std::string m_prefix;
    std::string m_arrays;
    std::set<std::string> m_names;
    std::int64_t m_ignored = 1;
};

}  // namespace

std::string cHeader(const ResolvedDesign& design) {
    return Header(design).text();
}

}  // namespace bitloupe::exporters
