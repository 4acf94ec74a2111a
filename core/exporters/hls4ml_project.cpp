// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/hls4ml_project.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/text.h"
#include "core/exporters/onnx_writer.h"
#include "core/exporters/qonnx.h"
#include "core/network/graph_index.h"
#include "core/quantization/uniform.h"

namespace bitloupe::exporters {

namespace {

using network::Graph;
using network::Node;

constexpr const char* kConvertScript =
    R"py("""Turns this folder into an hls4ml project: python convert.py [OUTPUT_FOLDER]"""
import os
import sys

import hls4ml
import yaml
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.channels_last.max_pool import MaxPool_v1
from qonnx.custom_op.registry import add_op_to_domain
from qonnx.transformation import channels_last
from qonnx.transformation.channels_last import ConvertToChannelsLastAndClean
from qonnx.util.cleanup import cleanup_model


class AveragePool_v1(MaxPool_v1):
    """qonnx has no average pooling with the channels last. Its shapes are those of MaxPool."""


def teach_average_pooling():
    if "AveragePool" not in channels_last._channelsLast_node_types:
        add_op_to_domain("qonnx.custom_op.channels_last", AveragePool_v1)
        channels_last._channelsLast_node_types.append("AveragePool")


def convert(folder, output):
    config = yaml.safe_load(open(os.path.join(folder, "hls4ml.yml")))
    model = cleanup_model(ModelWrapper(os.path.join(folder, "network.onnx")))
    if any(node.op_type == "Conv" for node in model.graph.node):
        teach_average_pooling()
        model = cleanup_model(model.transform(ConvertToChannelsLastAndClean(make_input_channels_last=False)))
    return hls4ml.converters.convert_from_onnx_model(
        model.model,
        output_dir=output,
        project_name=config["ProjectName"],
        backend=config["Backend"],
        io_type=config["IOType"],
        part=config["Part"],
        clock_period=config["ClockPeriod"],
        hls_config=config["HLSConfig"],
    )


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    project = convert(here, sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "project"))
    project.write()
)py";

/// A fixed-point type by its most significant and last bit.
struct ApFixed {
    int integerBits = 1;  ///< with the sign
    int fractionBits = 0;
    bool isSigned = true;

    [[nodiscard]] std::string text(const std::string& modes = "") const {
        return std::string(isSigned ? "ap_fixed<" : "ap_ufixed<") +
               std::to_string(std::max(1, integerBits + fractionBits)) + ',' +
               std::to_string(integerBits) + modes + '>';
    }
};

/// The exponent of a power of two.
int exponentOf(double step) {
    return std::ilogb(step);
}

ApFixed typeOf(const quantization::UniformFormat& format, double scale) {
    const int fraction = -exponentOf(scale);
    return {format.bits - fraction, fraction, format.isSigned};
}

/// Integer bits, sign included, that hold magnitudes up to `most`.
int integerBitsFor(double most) {
    return static_cast<int>(std::floor(std::log2(std::max(most, 1e-9)))) + 2;
}

/// Writes the attributes that ONNX lets a convolution or a pooling leave out; qonnx asks for them.
void writeDefaults(Node& node, const Graph& graph) {
    const bool convolution = node.operatorType == "Conv";
    if (!convolution && node.operatorType != "MaxPool" && node.operatorType != "AveragePool") {
        return;
    }
    using Integers = std::vector<std::int64_t>;
    Integers kernel = network::attributeOr(node, "kernel_shape", Integers());
    if (convolution) {
        const auto weights = graph.initializers.find(node.inputs[1] + "_values");
        if (kernel.empty() && weights != graph.initializers.end()) {
            const Shape& shape = weights->second.shape();
            kernel.assign(shape.begin() + 2, shape.end());
        }
        node.attributes.try_emplace("group", std::int64_t{1});
    }
    node.attributes["kernel_shape"] = kernel;
    node.attributes.try_emplace("strides", Integers(kernel.size(), 1));
    node.attributes.try_emplace("pads", Integers(2 * kernel.size(), 0));
    if (node.operatorType != "AveragePool") {
        node.attributes.try_emplace("dilations", Integers(kernel.size(), 1));
    }
}

/// Gemm becomes MatMul and Add, scales get one dimension (hls4ml indexes them), and nodes are named
/// by type and number in order.
Graph forHls4ml(Graph graph) {
    std::vector<Node> nodes;
    for (Node& node : graph.nodes) {
        writeDefaults(node, graph);
        if (node.operatorType != "Gemm") {
            nodes.push_back(std::move(node));
            continue;
        }
        const bool turned = network::attributeOr(node, "transB", std::int64_t{0}) != 0;
        std::string weight = node.inputs[1];
        if (turned) {
            nodes.push_back({"",
                             "Transpose",
                             "",
                             {weight},
                             {weight + "_t"},
                             {{"perm", std::vector<std::int64_t>{1, 0}}}});
            weight += "_t";
        }
        const bool biased = node.inputs.size() > 2;
        const std::string product = biased ? node.outputs[0] + "_product" : node.outputs[0];
        nodes.push_back({"", "MatMul", "", {node.inputs[0], weight}, {product}, {}});
        if (biased) {
            nodes.push_back({"", "Add", "", {product, node.inputs[2]}, {node.outputs[0]}, {}});
        }
    }
    std::map<std::string, int> counts;
    for (Node& node : nodes) {
        node.name = node.operatorType + '_' + std::to_string(counts[node.operatorType]++);
        if (node.operatorType == "Quant") {
            for (std::size_t i = 1; i < node.inputs.size(); ++i) {
                Array& value = graph.initializers.at(node.inputs[i]);
                value = value.shape().empty() ? value.reshaped({1}) : value;
            }
        }
    }
    graph.nodes = std::move(nodes);
    return graph;
}

/// The most a layer's sum can reach, and the largest magnitude of its bias.
struct Reach {
    double sum = 0;
    double bias = 0;
};

class Configuration {
public:
    Configuration(const ResolvedDesign& design, const Graph& graph)
        : m_design(design), m_graph(graph) {}

    std::string text() {
        std::string out =
            "# An hls4ml project configuration. Types are wide enough that only the quantizers "
            "round.\nOnnxModel: network.onnx\nOutputDir: project\nProjectName: design\nBackend: "
            "Vitis\nIOType: io_parallel\nPart: xcvu13p-flga2577-2-e\nClockPeriod: 5\nHLSConfig:\n  "
            "Model:\n    Precision:\n      default: ap_fixed<32,16>\n    ReuseFactor: 1\n    "
            "Strategy: Latency\n  LayerName:\n";
        for (const Node& node : m_graph.nodes) {
            out += entry(node);
        }
        return out;
    }

private:
    static std::string lines(const std::string& name,
                             const std::vector<std::pair<std::string, ApFixed>>& types) {
        std::string out = "    " + name + ":\n      Precision:\n";
        for (const auto& [what, type] : types) {
            out += "        " + what + ": " + type.text() + '\n';
        }
        return out + "      ReuseFactor: 1\n";
    }

    /// The layer whose node made an edge of this name (or, before its bias, of NAME_product).
    std::optional<std::size_t> layerOf(const Node& node) const {
        const auto& layers = m_design.network->layers;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const std::string& made =
                m_design.network->graph->nodes[layers[i].node].outputs.front();
            if (node.outputs.front() == made || node.outputs.front() == made + "_product") {
                return i;
            }
        }
        return std::nullopt;
    }

    std::string entry(const Node& node) {
        if (const auto layer = layerOf(node)) {
            const quantization::UniformWeights weights =
                uniformWeights(*m_design.assignment[*layer].weights, *m_design.weights[*layer])
                    .value();
            const quantization::UniformActivation input =
                uniformActivation(*m_design.activations[*layer]).value();
            const ApFixed weight = typeOf(weights.format, static_cast<double>(weights.scales[0]));
            const ApFixed in = typeOf(input.format, static_cast<double>(input.scale));
            const Reach reach = reachOf(*layer, weights, input);
            // Biases were not rounded in the simulation: bits below those of a product keep them.
            constexpr int kBiasBits = 10;
            const int fraction = weight.fractionBits + in.fractionBits + kBiasBits;
            m_result = {integerBitsFor(reach.sum + reach.bias), fraction, true};
            const ApFixed bias{integerBitsFor(reach.bias), fraction, true};
            if (node.operatorType == "Add") {
                return lines(node.name,
                             {{"default", m_result}, {"bias", bias}, {"result", m_result}});
            }
            return lines(
                node.name,
                {{"weight", weight}, {"bias", bias}, {"accum", m_result}, {"result", m_result}});
        }
        if (node.operatorType == "Relu") {
            return lines(node.name, {{"result", m_result}});
        }
        if (node.operatorType == "AveragePool" || node.operatorType == "MaxPool") {
            constexpr int kDivisionBits = 4;
            if (node.operatorType == "AveragePool") {
                m_result.fractionBits += kDivisionBits;
            }
            ApFixed sums = m_result;
            sums.integerBits += kDivisionBits;
            return lines(node.name, {{"accum", sums}, {"result", m_result}});
        }
        return {};
    }

    Reach reachOf(std::size_t layer, const quantization::UniformWeights& weights,
                  const quantization::UniformActivation& input) const {
        const auto values = m_design.weights[layer]->values.as<float>();
        const std::size_t length = values.size() / std::max<std::size_t>(1, weights.channels);
        double total = 0;
        std::vector<double> sums(weights.channels, 0);
        const bool first = weights.channelAxis == 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            sums[first ? i / length : i % weights.channels] +=
                std::fabs(static_cast<double>(values[i]));
        }
        for (const double sum : sums) {
            total = std::max(total, sum);
        }
        const double most =
            static_cast<double>(input.scale) *
            static_cast<double>(std::max(-input.format.lowest(), input.format.highest()));
        Reach reach{total * most, 0};
        const auto& initializers = m_design.network->graph->initializers;
        const auto bias = initializers.find(m_design.network->layers[layer].bias);
        if (bias != initializers.end()) {
            for (const float value : bias->second.as<float>()) {
                reach.bias = std::max(reach.bias, std::fabs(static_cast<double>(value)));
            }
        }
        return reach;
    }

    const ResolvedDesign& m_design;
    const Graph& m_graph;
    ApFixed m_result{};  ///< of the layer before
};

std::string quantizerObstacle(const quantization::Quantizer& quantizer, exploration::Side side) {
    if (quantizer.format.family() != numerics::Family::Fixed) {
        return quantizer.format.name() +
               " has no ap_fixed, whose scale is a power of two; fixed<W,I> fits";
    }
    return integerObstacle(quantizer, side, "ap_fixed", 16);
}

}  // namespace

std::vector<std::string> hls4mlObstacles(const Schemes& schemes) {
    static const std::set<std::string> kOperators = {
        "Conv", "Gemm", "MatMul", "Add", "Relu", "MaxPool", "AveragePool", "Flatten", "Reshape"};
    std::vector<std::string> sentences = quantizerObstacles(
        schemes, [](const network::Layer&, const quantization::Quantizer& quantizer, auto side) {
            return quantizerObstacle(quantizer, side);
        });
    for (std::string& sentence : floatSideObstacles(schemes, "hls4ml")) {
        sentences.push_back(std::move(sentence));
    }
    for (const Node& node : schemes.network.graph->nodes) {
        if (!kOperators.contains(node.operatorType)) {
            sentences.push_back("node " + node.name + ": " + node.operatorType +
                                " is not one of the operators this project is made of: " +
                                text::join({kOperators.begin(), kOperators.end()}, ", "));
        }
    }
    return sentences;
}

Result<std::map<std::string, std::string>> hls4mlProject(const ResolvedDesign& design,
                                                         const std::string& designText) {
    const std::vector<std::string> reasons = hls4mlObstacles(design.schemes());
    if (!reasons.empty()) {
        return Error{"the design does not fit hls4ml", reasons.front(),
                     "change that layer or choose another export"};
    }
    Result<OnnxModel> model = buildQonnxGraph(design);
    if (model.hasError()) {
        return model.error();
    }
    model.value().graph = forHls4ml(std::move(model.value().graph));
    Result<std::string> bytes = serializeOnnx(model.value(), {{"bitloupe_design", designText}});
    if (bytes.hasError()) {
        return bytes.error();
    }
    return std::map<std::string, std::string>{
        {"network.onnx", std::move(bytes).value()},
        {"hls4ml.yml", Configuration(design, model.value().graph).text()},
        {"convert.py", kConvertScript}};
}

}  // namespace bitloupe::exporters
