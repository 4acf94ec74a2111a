// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/safetensors_file.h"

#include <map>
#include <nlohmann/json.hpp>

#include "core/quantization/scale_search.h"

namespace bitloupe::exporters {

namespace {

std::string typeName(ElementType type) {
    switch (type) {
        case ElementType::Int8:
            return "I8";
        case ElementType::Int32:
            return "I32";
        default:
            return "F32";
    }
}

Array weightCodes(const quantization::QuantizedWeights& weights,
                  const numerics::NumberFormat& format) {
    if (weights.codes.size() == 0) {
        return weights.values;
    }
    const auto codes = weights.codes.as<std::int32_t>();
    if (format.bitsPerValue() > 8 || quantization::isUnsigned(format)) {
        return weights.codes;
    }
    return Array::of(weights.values.shape(), std::vector<std::int8_t>(codes.begin(), codes.end()));
}

void addWeights(std::map<std::string, Array>& tensors, const std::string& layer,
                const quantization::QuantizedWeights& weights,
                const quantization::Quantizer& quantizer) {
    tensors[layer + ".weight"] = weightCodes(weights, quantizer.format);
    std::vector<float> scales;
    std::vector<std::int32_t> zeroPoints;
    for (const numerics::Scaling& scaling : weights.scalings) {
        scales.push_back(scaling.scale);
        zeroPoints.push_back(static_cast<std::int32_t>(scaling.zeroPoint));
    }
    const Shape shape = {static_cast<std::int64_t>(scales.size())};
    tensors[layer + ".weight_scale"] = Array::of(shape, scales);
    tensors[layer + ".weight_zero_point"] = Array::of(shape, zeroPoints);
}

std::map<std::string, Array> collectTensors(const ResolvedDesign& design) {
    std::map<std::string, Array> tensors;
    const auto& layers = design.network->layers;
    const auto& initializers = design.network->graph->initializers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const std::string& name = layers[i].name;
        if (design.weights[i].has_value()) {
            addWeights(tensors, name, *design.weights[i], *design.assignment[i].weights);
        } else if (initializers.contains(layers[i].weight)) {
            tensors[name + ".weight"] = initializers.at(layers[i].weight);
        }
        if (initializers.contains(layers[i].bias)) {
            tensors[name + ".bias"] = initializers.at(layers[i].bias);
        }
        if (design.activations[i].has_value()) {
            const numerics::Scaling& scaling = design.activations[i]->options.scaling;
            tensors[name + ".input_scale"] = Array::of({1}, std::vector<float>{scaling.scale});
            tensors[name + ".input_zero_point"] = Array::of(
                {1}, std::vector<std::int32_t>{static_cast<std::int32_t>(scaling.zeroPoint)});
        }
    }
    return tensors;
}

}  // namespace

std::string safetensorsBytes(const ResolvedDesign& design, const std::string& designText) {
    nlohmann::ordered_json header;
    header["__metadata__"] = {{"format", "pt"}, {"bitloupe_design", designText}};
    std::string data;
    for (const auto& [name, array] : collectTensors(design)) {
        const auto bytes = array.bytes();
        header[name] = {{"dtype", typeName(array.type())},
                        {"shape", array.shape()},
                        {"data_offsets", {data.size(), data.size() + bytes.size()}}};
        data.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');  // tensors start on a multiple of eight bytes
    std::string file;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        file.push_back(static_cast<char>((text.size() >> shift) & 0xFFU));
    }
    return file + text + data;
}

}  // namespace bitloupe::exporters
