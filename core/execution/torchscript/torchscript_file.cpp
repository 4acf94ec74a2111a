// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/torchscript_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "core/base/zip_archive.h"
#include "core/execution/executor.h"
#include "core/execution/tensor_bridge.h"
#include "core/execution/torchscript/sample_inputs.h"
#include "core/execution/torchscript/script_archive.h"
#include "core/execution/torchscript/translation.h"
#include "core/network/graph_order.h"

namespace bitloupe::execution {

namespace {

using namespace torchscript;

constexpr double kAgreement = 1e-4;      // of the range of an output
constexpr std::int64_t kFewValues = 16;  // do not show the range: their size stands for it
constexpr double kAgreementOfJumps = 0.1;

/// Tensors of a value, those in lists and tuples too, in order.
void collectTensors(const ValueRef& value, std::vector<ValueRef>& tensors) {
    if (value->isSequence) {
        for (const ValueRef& item : value->items) {
            collectTensors(item, tensors);
        }
    } else if (value->isTensor()) {
        tensors.push_back(value);
    } else if (!value->isNone()) {
        throw TranslationError("the network gives something that is no tensor");
    }
}

network::Graph translated(const Script& script, const std::vector<SampleInput>& inputs,
                          Translation& translation, std::vector<ValueRef>& outputs) {
    const ValueRef self = fixedValue(script.module._ivalue());
    translation.bind(script.graph->inputs()[0], self);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const ValueRef value = madeValue(inputs[i].on, inputs[i].constant, nullptr);
        if (!inputs[i].constant) {
            translation.declareInput(inputs[i].name, value, inputs[i].shape);
        }
        translation.bind(script.graph->inputs()[i + 1], value);
    }
    translation.follow(script.graph->block());
    for (const torch::jit::Value* output : script.graph->outputs()) {
        collectTensors(translation.meaning(output), outputs);
    }
    if (outputs.empty()) {
        throw TranslationError("the network gives no tensor");
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        translation.declareOutput(outputs.size() == 1 ? "output" : "output" + std::to_string(i),
                                  outputs[i]);
    }
    return translation.takeGraph();
}

/// Whether a rounding error can turn into another result: another neighbour, another code.
bool jumps(const network::Graph& graph) {
    static const std::set<std::string> kTypes = {"TopK", "ArgMax", "ArgMin", "Round", "Floor",
                                                 "Ceil", "Sign",   "If",     "Loop"};
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const network::Node& node) {
        return kTypes.contains(node.operatorType);
    });
}

/// Whether both are the same: everywhere within a share of the range, or, where the network jumps,
/// on the whole.
bool agree(const at::Tensor& found, const at::Tensor& expected, bool jumping) {
    if (found.sizes() != expected.sizes()) {
        return false;
    }
    if (expected.numel() == 0) {
        return true;
    }
    const at::Tensor wanted = expected.to(at::kDouble);
    const at::Tensor off = found.to(at::kDouble) - wanted;
    const double size = wanted.abs().max().item<double>();
    const double seen = (wanted.max() - wanted.min()).item<double>();
    const double range = std::max(seen, (wanted.numel() < kFewValues ? 1 : 1e-3) * size);
    return off.abs().max().item<double>() <= kAgreement * range ||
           (jumping &&
            at::norm(off).item<double>() <= kAgreementOfJumps * at::norm(wanted).item<double>());
}

/// Runs the graph on the samples and compares with what the interpreter gave.
Result<void> check(const std::shared_ptr<const network::Graph>& graph,
                   const std::vector<SampleInput>& inputs, const std::vector<ValueRef>& outputs) {
    if (!unsupportedOperators(*graph).empty()) {
        return {};  // said by whoever runs it, with the node
    }
    const Result<Executor> executor = Executor::prepare(graph);
    if (executor.hasError()) {
        return executor.error();
    }
    for (std::size_t sample = 0; sample < kSamples; ++sample) {
        std::map<std::string, Array> given;
        std::size_t next = 0;
        for (const SampleInput& input : inputs) {
            if (!input.constant) {
                given[graph->inputs[next++].name] = toArray(input.on[sample].toTensor());
            }
        }
        const Result<std::vector<Array>> found = executor.value().run(given);
        if (found.hasError()) {
            return found.error();
        }
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            if (!agree(borrowTensor(found.value()[i]), outputs[i]->on[sample].toTensor(),
                       jumps(*graph))) {
                return Error{
                    "the translated network does not give what LibTorch's interpreter gives",
                    "output " + std::to_string(i + 1), "export the network as ONNX"};
            }
        }
    }
    return {};
}

Result<network::Graph> importChecked(const Script& script, const std::string& path,
                                     const std::map<std::string, Shape>& inputShapes) {
    const at::NoGradGuard guard;
    const Result<std::vector<SampleInput>> inputs = findSampleInputs(script, inputShapes);
    if (inputs.hasError()) {
        return inputs.error();
    }
    Translation translation(std::filesystem::path(path).stem().string());
    std::vector<ValueRef> outputs;
    Result<network::Graph> graph = [&]() -> Result<network::Graph> {
        try {
            return network::sortedGraph(translated(script, inputs.value(), translation, outputs));
        } catch (const TranslationError& error) {
            return Error{error.what(), translation.place(), "export the network as ONNX"};
        } catch (const std::exception& error) {
            return Error{complaintOf(error), translation.place(), "export the network as ONNX"};
        }
    }();
    if (graph.hasError()) {
        return graph;
    }
    network::Graph open = graph.value();
    for (network::ValueInfo& input : open.inputs) {
        input.shape.clear();  // the second sample has other sizes wherever the network lets it
    }
    const Result<void> same =
        check(std::make_shared<const network::Graph>(std::move(open)), inputs.value(), outputs);
    return same.hasError() ? Result<network::Graph>(same.error()) : graph;
}

}  // namespace

bool isTorchScript(const std::string& path) {
    const Result<ZipArchive> archive = ZipArchive::open(path);
    return archive.hasValue() &&
           std::any_of(archive.value().entries().begin(), archive.value().entries().end(),
                       [](const ZipArchive::Entry& entry) {
                           return entry.name.starts_with("code/") ||
                                  entry.name.find("/code/") != std::string::npos;
                       });
}

Result<network::Graph> importTorchScript(const std::string& path,
                                         const std::map<std::string, Shape>& inputShapes) {
    const Result<Script> script = loadScript(path);
    if (script.hasError()) {
        return script.error();
    }
    try {
        Result<network::Graph> graph = importChecked(script.value(), path, inputShapes);
        return graph.hasError() ? Result<network::Graph>(graph.error().within(path)) : graph;
    } catch (const std::exception& error) {  // LibTorch's, about a script that is out of order
        return Error{complaintOf(error), path, "export the network as ONNX"};
    }
}

}  // namespace bitloupe::execution
