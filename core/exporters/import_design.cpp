// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/import_design.h"

#include <algorithm>
#include <set>

#include "core/base/file.h"
#include "core/exporters/read_encodings.h"
#include "core/importers/onnx_importer.h"
#include "core/network/graph_index.h"

namespace bitloupe::exporters {

namespace {

using network::Graph;
using network::GraphIndex;
using network::Node;

constexpr std::uint64_t kLargestJson = std::uint64_t{1} << 28U;

std::vector<double> numbers(const Array* array) {
    std::vector<double> values;
    const auto add = [&](auto elements) { values.assign(elements.begin(), elements.end()); };
    if (array == nullptr) {
        return values;
    }
    switch (array->type()) {
        case ElementType::Float32:
            add(array->as<float>());
            break;
        case ElementType::Int8:
            add(array->as<std::int8_t>());
            break;
        case ElementType::Uint8:
            add(array->as<std::uint8_t>());
            break;
        case ElementType::Int16:
            add(array->as<std::int16_t>());
            break;
        case ElementType::Uint16:
            add(array->as<std::uint16_t>());
            break;
        case ElementType::Int32:
            add(array->as<std::int32_t>());
            break;
        default:
            break;
    }
    return values;
}

bool isUnsigned(ElementType type) {
    return type == ElementType::Uint8 || type == ElementType::Uint16;
}

/// The least width whose codes hold both limits.
int bitsFor(double low, double high, bool isSigned) {
    int bits = 2;
    const auto most = [&] { return static_cast<double>((1 << (isSigned ? bits - 1 : bits)) - 1); };
    while (bits < 16 && (high > most() || (isSigned && low < -most() - 1))) {
        ++bits;
    }
    return bits;
}

/// Follows an edge back to the quantizer it comes from.
class QuantizerReader {
public:
    explicit QuantizerReader(const Graph& graph) : m_index(graph) {}

    /// What quantizes `edge`, through changes of shape; nothing if it is float.
    std::optional<TensorEncoding> behind(std::string edge) const {
        static const std::set<std::string> kShapes = {"Transpose", "Reshape",   "Flatten",
                                                      "Squeeze",   "Unsqueeze", "Identity"};
        for (int steps = 0; steps < kMostSteps; ++steps) {
            const auto maker = m_index.maker(edge);
            if (!maker) {
                return std::nullopt;
            }
            const Node& node = m_index.graph().nodes[*maker];
            if (node.operatorType == "Quant" || node.operatorType == "IntQuant") {
                return quant(node);
            }
            if (node.operatorType == "BipolarQuant") {
                TensorEncoding encoding;
                encoding.isFloat = true;
                encoding.floatFormat = "binary";
                encoding.scales = scales(node);
                return encoding;
            }
            if (node.operatorType == "DequantizeLinear") {
                return dequantize(node);
            }
            if (!kShapes.contains(node.operatorType)) {
                return std::nullopt;
            }
            edge = network::inputOr(node, 0);
        }
        return std::nullopt;
    }

private:
    static constexpr int kMostSteps = 8;

    std::vector<double> scales(const Node& node) const {
        return numbers(m_index.initializer(network::inputOr(node, 1)));
    }

    TensorEncoding quant(const Node& node) const {
        TensorEncoding encoding;
        const auto bits = numbers(m_index.initializer(network::inputOr(node, 3)));
        encoding.bits = bits.empty() ? 8 : static_cast<int>(bits.front());
        encoding.isSigned = network::attributeOr(node, "signed", std::int64_t{1}) != 0;
        encoding.scales = scales(node);
        for (const double zero : numbers(m_index.initializer(network::inputOr(node, 2)))) {
            encoding.zeroPoints.push_back(static_cast<std::int64_t>(zero));
        }
        return encoding;
    }

    std::optional<TensorEncoding> dequantize(const Node& node) const {
        TensorEncoding encoding;
        encoding.scales = scales(node);
        encoding.blockSize = network::attributeOr(node, "block_size", std::int64_t{0});
        const Array* zero = m_index.initializer(network::inputOr(node, 2));
        for (const double value : numbers(zero)) {
            encoding.zeroPoints.push_back(static_cast<std::int64_t>(value));
        }
        std::string codes = network::inputOr(node, 0);
        std::optional<std::pair<double, double>> limits;
        if (const auto clip = m_index.maker(codes);
            clip && m_index.graph().nodes[*clip].operatorType == "Clip") {
            const Node& limit = m_index.graph().nodes[*clip];
            const auto low = numbers(m_index.initializer(network::inputOr(limit, 1)));
            const auto high = numbers(m_index.initializer(network::inputOr(limit, 2)));
            if (low.size() == 1 && high.size() == 1) {
                limits = {low[0], high[0]};
            }
            codes = network::inputOr(limit, 0);
        }
        const Array* stored = m_index.initializer(codes);
        const Array* typed = stored != nullptr ? stored : zero;
        encoding.isSigned = typed == nullptr || !isUnsigned(typed->type());
        if (typed != nullptr && typed->type() == ElementType::Float32) {
            return std::nullopt;  // 8-bit floats lose their type when they are read
        }
        const bool wide = typed != nullptr && elementSize(typed->type()) == 2;
        encoding.bits = wide ? 16 : 8;
        if (!limits && stored != nullptr) {
            const auto values = numbers(stored);
            const auto [low, high] = std::minmax_element(values.begin(), values.end());
            if (low != values.end()) {
                limits = {*low, *high};
            }
        }
        if (limits) {
            encoding.bits = bitsFor(limits->first, limits->second, encoding.isSigned);
        }
        return encoding;
    }

    GraphIndex m_index;
};

/// Adds the quantizer of an encoding to one side of a scheme, or a note.
void keep(const TensorEncoding& encoding, const std::string& where, bool weights,
          std::optional<quantization::Quantizer>& side, std::vector<std::string>& notes) {
    TensorEncoding asked = encoding;
    if (!weights) {
        asked.blockSize = 0;
        asked.scales.resize(std::min<std::size_t>(1, asked.scales.size()));
    }
    const Result<quantization::Quantizer> quantizer = quantizerOf(asked);
    if (quantizer.hasError()) {
        notes.push_back(where + ": " + quantizer.error().what);
        return;
    }
    side = quantizer.value();
    if (side->format.family() == numerics::Family::Integer) {
        notes.push_back(where + ": its scale is found again for " + side->name());
    }
}

Result<ImportedDesign> fromEncodings(const std::string& text, const network::Network& network) {
    const auto encodings = readEncodings(text);
    if (encodings.hasError()) {
        return encodings.error();
    }
    ImportedDesign design;
    design.assignment.resize(network.layers.size());
    std::set<std::string> used;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const network::Layer& layer = network.layers[i];
        const auto take = [&](const std::string& tensor, bool weights, auto& side) {
            const auto found = encodings.value().find(tensor);
            if (found != encodings.value().end() && !tensor.empty()) {
                used.insert(tensor);
                keep(found->second, layer.name + (weights ? " weights" : " input"), weights, side,
                     design.notes);
            }
        };
        take(layer.weight, true, design.assignment[i].weights);
        take(layer.input, false, design.assignment[i].activations);
    }
    if (used.empty()) {
        return Error{"none of the " + std::to_string(encodings.value().size()) +
                         " encodings is of a tensor that a layer reads",
                     network.name, "give the network that the encodings were made for"};
    }
    if (used.size() < encodings.value().size()) {
        design.notes.push_back(std::to_string(encodings.value().size() - used.size()) +
                               " encodings are of tensors that no layer reads; they are left out");
    }
    return design;
}

Result<ImportedDesign> fromGraph(const Graph& graph, const network::Network& network) {
    static const std::set<std::string> kLayers = {"Conv", "ConvTranspose", "Gemm", "MatMul"};
    std::vector<const Node*> nodes;
    for (const Node& node : graph.nodes) {
        if (kLayers.contains(node.operatorType)) {
            nodes.push_back(&node);
        }
    }
    if (nodes.size() != network.layers.size()) {
        return Error{"the file has " + std::to_string(nodes.size()) + " layers and the network " +
                         std::to_string(network.layers.size()),
                     graph.name, "give the network that the file was made from"};
    }
    const QuantizerReader reader(graph);
    ImportedDesign design;
    design.assignment.resize(nodes.size());
    bool any = false;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const std::string& name = network.layers[i].name;
        const auto take = [&](std::size_t input, bool weights, auto& side) {
            if (const auto found = reader.behind(network::inputOr(*nodes[i], input))) {
                any = true;
                keep(*found, name + (weights ? " weights" : " input"), weights, side, design.notes);
            }
        };
        take(1, true, design.assignment[i].weights);
        take(0, false, design.assignment[i].activations);
    }
    if (!any) {
        return Error{"nothing in the file is quantized", graph.name,
                     "give a file with QuantizeLinear, DequantizeLinear or Quant"};
    }
    return design;
}

}  // namespace

Result<ImportedDesign> importDesign(const std::string& path, const network::Network& network) {
    if (!path.ends_with(".onnx")) {
        const Result<std::string> text = readFile(path, kLargestJson);
        if (text.hasError()) {
            return text.error();
        }
        Result<ImportedDesign> design = fromEncodings(text.value(), network);
        return design.hasError() ? Result<ImportedDesign>(design.error().within(path)) : design;
    }
    const Result<Graph> graph = importers::importOnnx(path);
    if (graph.hasError()) {
        return graph.error();
    }
    Result<ImportedDesign> design = fromGraph(graph.value(), network);
    return design.hasError() ? Result<ImportedDesign>(design.error().within(path)) : design;
}

}  // namespace bitloupe::exporters
