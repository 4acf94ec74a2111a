// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/safetensors_file.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/exporters/qdq_carrier.h"
#include "core/quantization/uniform.h"

namespace bitloupe::exporters {

namespace {

using nlohmann::ordered_json;
using quantization::Quantizer;

/// A tensor as the file has it.
struct Stored {
    std::string type;
    Shape shape;
    std::string bytes;
};
using Tensors = std::map<std::string, Stored>;

template <typename T>
Stored stored(const char* type, Shape shape, const std::vector<T>& values) {
    return {type, std::move(shape),
            std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T))};
}

/// Elements of a matrix of [in, out] in the order of [out, in]; all else as it is.
template <typename T>
std::vector<T> outputsFirst(std::span<const T> values, const Shape& shape, int channelAxis) {
    std::vector<T> result(values.begin(), values.end());
    if (channelAxis != 1 || shape.size() != 2) {
        return result;
    }
    const auto rows = static_cast<std::size_t>(shape[0]);
    const auto columns = static_cast<std::size_t>(shape[1]);
    for (std::size_t i = 0; i < values.size(); ++i) {
        result[i % columns * rows + i / columns] = values[i];
    }
    return result;
}

Shape turned(Shape shape, int channelAxis) {
    if (channelAxis == 1 && shape.size() == 2) {
        std::swap(shape[0], shape[1]);
    }
    return shape;
}

/// Rows of codes as 32-bit words, each row starting a new one.
std::vector<std::int32_t> packRows(const std::vector<std::int32_t>& codes, std::size_t length,
                                   const quantization::UniformFormat& format) {
    const auto bits = static_cast<unsigned>(format.bits);
    const std::size_t perWord = 32 / bits;
    const std::size_t words = (length + perWord - 1) / perWord;
    const std::int32_t offset = format.isSigned ? 1 << (bits - 1) : 0;
    std::vector<std::int32_t> packed(codes.size() / length * words, 0);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const std::size_t place = i % length;
        auto& word = packed[i / length * words + place / perWord];
        const auto code = static_cast<std::uint32_t>(codes[i] + offset);
        word = static_cast<std::int32_t>(static_cast<std::uint32_t>(word) |
                                         code << (place % perWord * bits));
    }
    return packed;
}

void addCodes(Tensors& tensors, const std::string& layer,
              const quantization::UniformWeights& weights) {
    const Shape shape = turned(weights.codes.shape(), weights.channelAxis);
    const auto codes =
        outputsFirst(weights.codes.as<std::int32_t>(), weights.codes.shape(), weights.channelAxis);
    constexpr int kPacked = 4;
    constexpr int kByte = 8;
    if (weights.format.bits <= kPacked && shape.size() >= 2 && !codes.empty()) {
        const std::size_t length = codes.size() / static_cast<std::size_t>(shape[0]);
        const auto packed = packRows(codes, length, weights.format);
        const Shape words = {shape[0], static_cast<std::int64_t>(packed.size()) / shape[0]};
        tensors[layer + ".weight_packed"] = stored("I32", words, packed);
        tensors[layer + ".weight_shape"] =
            stored("I64", {static_cast<std::int64_t>(shape.size())}, shape);
    } else if (weights.format.bits > kByte) {
        tensors[layer + ".weight"] = stored("I32", shape, codes);
    } else if (weights.format.isSigned) {
        tensors[layer + ".weight"] =
            stored("I8", shape, std::vector<std::int8_t>(codes.begin(), codes.end()));
    } else {
        tensors[layer + ".weight"] =
            stored("U8", shape, std::vector<std::uint8_t>(codes.begin(), codes.end()));
    }
}

Shape scaleShape(std::size_t scales, const Shape& weightShape, int channelAxis) {
    const auto count = static_cast<std::int64_t>(scales);
    const std::int64_t channels =
        weightShape.empty() ? 1 : weightShape[static_cast<std::size_t>(channelAxis)];
    return count == 1 || channels == 0 ? Shape{count} : Shape{channels, count / channels};
}

void addWeights(Tensors& tensors, const std::string& layer,
                const quantization::QuantizedWeights& weights, const Quantizer& quantizer) {
    const Shape& shape = weights.values.shape();
    std::vector<float> scales;
    for (const numerics::Scaling& scaling : weights.scalings) {
        scales.push_back(scaling.scale);
    }
    if (const auto uniform = uniformWeights(quantizer, weights)) {
        scales = uniform->scales;
        addCodes(tensors, layer, *uniform);
        if (!uniform->symmetric()) {
            tensors[layer + ".weight_zero_point"] = stored(
                "I32", scaleShape(scales.size(), shape, weights.channelAxis),
                std::vector<std::int32_t>(uniform->zeroPoints.begin(), uniform->zeroPoints.end()));
        }
    } else if (const auto float8 = float8Type(quantizer.format);
               float8 == PackedType::Float8E4M3Fn || float8 == PackedType::Float8E5M2) {
        const std::vector<std::uint32_t> scaleOf = scaleIndices(quantizer, weights);
        const auto values = weights.values.as<float>();
        std::vector<std::uint8_t> codes(values.size());
        for (std::size_t i = 0; i < codes.size(); ++i) {
            codes[i] =
                static_cast<std::uint8_t>(quantizer.format.encode(values[i] / scales[scaleOf[i]]));
        }
        tensors[layer + ".weight"] =
            stored(float8 == PackedType::Float8E5M2 ? "F8_E5M2" : "F8_E4M3",
                   turned(shape, weights.channelAxis),
                   outputsFirst(std::span<const std::uint8_t>(codes), shape, weights.channelAxis));
    } else {
        scales = {1.0F};
        tensors[layer + ".weight"] =
            stored("F32", turned(shape, weights.channelAxis),
                   outputsFirst(weights.values.as<float>(), shape, weights.channelAxis));
    }
    tensors[layer + ".weight_scale"] =
        stored("F32", scaleShape(scales.size(), shape, weights.channelAxis), scales);
}

void addFloats(Tensors& tensors, const std::string& name, const Array& array) {
    if (array.type() == ElementType::Float32) {
        const auto values = array.as<float>();
        tensors[name] =
            stored("F32", array.shape(), std::vector<float>(values.begin(), values.end()));
    }
}

Tensors collectTensors(const ResolvedDesign& design) {
    Tensors tensors;
    const auto& layers = design.network->layers;
    const auto& initializers = design.network->graph->initializers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const std::string& name = layers[i].name;
        if (design.weights[i].has_value()) {
            addWeights(tensors, name, *design.weights[i], *design.assignment[i].weights);
        } else if (initializers.contains(layers[i].weight)) {
            addFloats(tensors, name + ".weight", initializers.at(layers[i].weight));
        }
        if (initializers.contains(layers[i].bias)) {
            addFloats(tensors, name + ".bias", initializers.at(layers[i].bias));
        }
        if (design.activations[i].has_value()) {
            const auto uniform = uniformActivation(*design.activations[i]);
            const numerics::Scaling& scaling = design.activations[i]->options.scaling;
            tensors[name + ".input_scale"] =
                stored("F32", {1}, std::vector<float>{uniform ? uniform->scale : scaling.scale});
            tensors[name + ".input_zero_point"] =
                stored("I32", {1},
                       std::vector<std::int32_t>{
                           static_cast<std::int32_t>(uniform ? uniform->zeroPoint : 0)});
        }
    }
    return tensors;
}

/// One side of a layer as a compressed-tensors QuantizationArgs, or null where it has no words.
ordered_json arguments(const std::optional<Quantizer>& quantizer, bool weights) {
    if (!quantizer) {
        return nullptr;
    }
    const auto uniform = quantization::uniformFormat(quantizer->format);
    const bool real = quantizer->format.family() == numerics::Family::Float;
    if (!uniform && !real) {
        return nullptr;
    }
    const char* strategy = quantizer->granularity == quantization::Granularity::Tensor  ? "tensor"
                           : quantizer->granularity == quantization::Granularity::Group ? "group"
                                                                                        : "channel";
    ordered_json result = {{"num_bits", static_cast<int>(quantizer->format.bitsPerValue())},
                           {"type", real ? "float" : "int"},
                           {"symmetric", real || (weights && uniform->isSigned)},
                           {"strategy", strategy},
                           {"dynamic", false}};
    if (quantizer->granularity == quantization::Granularity::Group) {
        result["group_size"] = quantizer->groupSize;
    }
    return result;
}

/// `quantization_config` of a Hugging Face config.json.
ordered_json configuration(const ResolvedDesign& design) {
    ordered_json groups = ordered_json::object();
    ordered_json ignored = ordered_json::array();
    for (std::size_t i = 0; i < design.assignment.size(); ++i) {
        const std::string& name = design.network->layers[i].name;
        const ordered_json weights = arguments(design.assignment[i].weights, true);
        const ordered_json input = arguments(design.assignment[i].activations, false);
        if (weights.is_null() && input.is_null()) {
            ignored.push_back(name);
            continue;
        }
        groups["group_" + std::to_string(i)] = {
            {"targets", {name}}, {"weights", weights}, {"input_activations", input}};
    }
    return {{"quant_method", "compressed-tensors"},
            {"format", "mixed-precision"},
            {"quantization_status", "compressed"},
            {"config_groups", groups},
            {"ignore", ignored}};
}

}  // namespace

std::string safetensorsBytes(const ResolvedDesign& design, const std::string& designText) {
    ordered_json header;
    header["__metadata__"] = {{"format", "pt"},
                              {"bitloupe_design", designText},
                              {"quantization_config", configuration(design).dump()}};
    const Tensors tensors = collectTensors(design);
    std::size_t total = 0;
    for (const auto& [name, tensor] : tensors) {
        header[name] = {{"dtype", tensor.type},
                        {"shape", tensor.shape},
                        {"data_offsets", {total, total + tensor.bytes.size()}}};
        total += tensor.bytes.size();
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');  // tensors start on a multiple of eight bytes
    std::string file;
    file.reserve(8 + text.size() + total);
    for (unsigned shift = 0; shift < 64; shift += 8) {
        file.push_back(static_cast<char>((text.size() >> shift) & 0xFFU));
    }
    file += text;
    for (const auto& [name, tensor] : tensors) {
        file += tensor.bytes;
    }
    return file;
}

}  // namespace bitloupe::exporters
