// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iomanip>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "core/base/text.h"
#include "core/execution/executor.h"
#include "core/network/tensor_flow.h"
#include "core/study/network_file.h"

namespace bitloupe::cli {

namespace {

using nlohmann::json;

/// Everything inspect shows. Without shapes (an operator is not supported) the layers have none.
struct Inspection {
    network::Network network;
    std::vector<execution::UnsupportedOperator> unsupported;

    [[nodiscard]] bool shapesKnown() const { return unsupported.empty(); }
};

Result<Inspection> inspect(const ModelOptions& options) {
    const Result<std::map<std::string, Shape>> shapes = options.inputShapes();
    if (shapes.hasError()) {
        return shapes.error();
    }
    auto graph = study::openNetwork(options.source, shapes.value());
    if (graph.hasError()) {
        return graph.error();
    }
    Inspection inspection;
    inspection.unsupported = execution::unsupportedOperators(*graph.value());
    if (!inspection.shapesKnown()) {
        inspection.network.graph = graph.value();
        inspection.network.layers = network::findLayers(*graph.value(), {});
        return inspection;
    }
    Result<network::Network> network =
        execution::makeNetwork(graph.value(), options.source.model, shapes.value());
    if (network.hasError()) {
        return network.error().within(options.source.model);
    }
    inspection.network = std::move(network).value();
    return inspection;
}

std::map<std::string, int> countOperators(const network::Graph& graph) {
    std::map<std::string, int> counts;
    for (const network::Node& node : graph.nodes) {
        ++counts[node.operatorType];
    }
    return counts;
}

json valuesJson(const std::vector<network::ValueInfo>& values) {
    json list = json::array();
    for (const network::ValueInfo& value : values) {
        json shape = json::array();
        for (const network::Dimension& dimension : value.shape) {
            shape.push_back(dimension.value ? json(*dimension.value) : json(dimension.name));
        }
        list.push_back(
            {{"name", value.name}, {"type", elementTypeName(value.type)}, {"shape", shape}});
    }
    return list;
}

json layerJson(const network::Layer& layer, bool shapesKnown) {
    json entry = {{"name", layer.name},
                  {"operator", layer.operatorType},
                  {"parameters", layer.parameters},
                  {"weight", layer.weight},
                  {"weight_shape", layer.weightShape},
                  {"macs", nullptr},
                  {"gemm", nullptr}};
    if (shapesKnown) {
        entry["macs"] = layer.gemm.macs();
        entry["gemm"] = {{"m", layer.gemm.m},
                         {"k", layer.gemm.k},
                         {"n", layer.gemm.n},
                         {"count", layer.gemm.count}};
        entry["input_shape"] = layer.inputShape;
        entry["output_shape"] = layer.outputShape;
    }
    if (!layer.remark.empty()) {
        entry["remark"] = layer.remark;
    }
    return entry;
}

/// What passes between the layers: where formats may have to be converted.
json tensorsJson(const network::TensorFlow& flow) {
    json list = json::array();
    for (const network::PassedTensor& tensor : flow.tensors) {
        json readers = json::array();
        for (const std::size_t reader : tensor.readers) {
            readers.push_back(flow.points[reader].name);
        }
        list.push_back({{"name", tensor.name},
                        {"elements", tensor.elements},
                        {"from", flow.points[tensor.writer].name},
                        {"to", readers}});
    }
    return list;
}

json documentOf(const Inspection& inspection) {
    const network::Network& network = inspection.network;
    json layers = json::array();
    for (const network::Layer& layer : network.layers) {
        layers.push_back(layerJson(layer, inspection.shapesKnown()));
    }
    json unsupported = json::array();
    for (const execution::UnsupportedOperator& missing : inspection.unsupported) {
        unsupported.push_back({{"operator", missing.operatorType}, {"node", missing.node}});
    }
    return {{"inputs", valuesJson(network.graph->inputs)},
            {"outputs", valuesJson(network.graph->outputs)},
            {"operators", countOperators(*network.graph)},
            {"parameters", network.parameters()},
            {"macs", inspection.shapesKnown() ? json(network.macs()) : json(nullptr)},
            {"layers", layers},
            {"tensors", inspection.shapesKnown() ? tensorsJson(network::tensorFlowOf(network))
                                                 : json::array()},
            {"unsupported", unsupported},
            {"opset", network.graph->opset},
            {"hash", network.hash}};
}

std::string shapeText(const Shape& shape) {
    std::vector<std::string> parts;
    for (const std::int64_t dimension : shape) {
        parts.push_back(std::to_string(dimension));
    }
    return text::join(parts, "x");
}

std::string valueText(const network::ValueInfo& value) {
    std::vector<std::string> parts;
    for (const network::Dimension& dimension : value.shape) {
        const std::string name = dimension.name.empty() ? "?" : dimension.name;
        parts.push_back(dimension.value ? std::to_string(*dimension.value) : name);
    }
    return value.name + " " + text::join(parts, "x") + " " +
           std::string(elementTypeName(value.type));
}

std::string gemmText(const hardware::Gemm& gemm) {
    const std::string product =
        std::to_string(gemm.m) + " x " + std::to_string(gemm.k) + " x " + std::to_string(gemm.n);
    return gemm.count == 1 ? product : product + "  " + std::to_string(gemm.count) + " times";
}

void printLayers(const Inspection& inspection, std::ostream& out) {
    std::size_t width = 5;
    for (const network::Layer& layer : inspection.network.layers) {
        width = std::max(width, layer.name.size());
    }
    const int nameWidth = static_cast<int>(std::min<std::size_t>(width, 48));
    out << '\n'
        << std::left << std::setw(nameWidth) << "layer"
        << "  " << std::setw(13) << "operator" << std::right << std::setw(12) << "parameters"
        << std::setw(14) << "MACs"
        << "  " << std::left << std::setw(20) << "output"
        << "m x k x n\n";
    for (const network::Layer& layer : inspection.network.layers) {
        out << std::left << std::setw(nameWidth) << layer.name << "  " << std::setw(13)
            << layer.operatorType << std::right << std::setw(12) << layer.parameters
            << std::setw(14);
        if (inspection.shapesKnown()) {
            out << layer.gemm.macs() << "  " << std::left << std::setw(20)
                << shapeText(layer.outputShape) << gemmText(layer.gemm);
        } else {
            out << "?";
        }
        out << (layer.remark.empty() ? "" : "  (" + layer.remark + ")") << '\n';
    }
}

void print(const Inspection& inspection, std::ostream& out) {
    const network::Network& network = inspection.network;
    for (const network::ValueInfo& input : network.graph->inputs) {
        out << "input       " << valueText(input) << '\n';
    }
    for (const network::ValueInfo& output : network.graph->outputs) {
        out << "output      " << valueText(output) << '\n';
    }
    std::vector<std::string> operators;
    for (const auto& [type, count] : countOperators(*network.graph)) {
        operators.push_back(type + " " + std::to_string(count));
    }
    out << "operators   " << text::join(operators, ", ") << '\n'
        << "parameters  " << network.parameters() << '\n';
    if (inspection.shapesKnown()) {
        out << "MACs        " << network.macs() << " for one sample\n";
    }
    printLayers(inspection, out);
    for (const execution::UnsupportedOperator& missing : inspection.unsupported) {
        out << "not supported: operator " << missing.operatorType << " at node " << missing.node
            << '\n';
    }
}

}  // namespace

void addInspectCommand(CLI::App& app, Context& context) {
    auto* command =
        app.add_subcommand("inspect", "Inputs, outputs, operators and layers of a network");
    const auto options = std::make_shared<ModelOptions>();
    addModelOptions(*command, *options);
    addInputShapeOption(*command, *options);
    command->callback([options, &context] {
        const Result<Inspection> inspection = inspect(*options);
        if (inspection.hasError()) {
            context.fail(inspection.error());
        } else if (context.json) {
            context.out << documentOf(inspection.value())
                               .dump(2, ' ', false, json::error_handler_t::replace)
                        << '\n';
        } else {
            print(inspection.value(), context.out);
        }
    });
}

}  // namespace bitloupe::cli
