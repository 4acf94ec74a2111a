// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/exporter.h"

#include <functional>
#include <map>

#include "core/base/file.h"
#include "core/exporters/c_header.h"
#include "core/exporters/compact_onnx.h"
#include "core/exporters/design_file.h"
#include "core/exporters/encodings.h"
#include "core/exporters/hls4ml_project.h"
#include "core/exporters/integer_files.h"
#include "core/exporters/onnx_qdq.h"
#include "core/exporters/onnx_writer.h"
#include "core/exporters/processing_element.h"
#include "core/exporters/qkeras.h"
#include "core/exporters/qonnx.h"
#include "core/exporters/safetensors_file.h"
#include "core/exporters/scalesim_files.h"
#include "core/exporters/torchscript.h"
#include "core/quantization/output_shifts.h"

namespace bitloupe::exporters {

namespace {

std::string designText(const ResolvedDesign& design) {
    DesignFile file;
    file.network = design.network->source;
    file.networkHash = design.network->hash;
    file.accelerator = design.accelerator;
    for (const network::Layer& layer : design.network->layers) {
        file.layers.push_back(layer.name);
    }
    file.assignment = design.assignment;
    return writeDesignFile(file);
}

Result<void> writeYaml(const ResolvedDesign& design, const std::string& path) {
    return writeFileAtomically(path, designText(design));
}

/// Writes a graph that names the network it was made from in its metadata; what each layer uses is
/// in its nodes (importDesign() reads it).
Result<void> writeGraph(const Result<OnnxModel>& model, const ResolvedDesign& design,
                        const std::string& path) {
    if (model.hasError()) {
        return model.error();
    }
    const Result<std::string> bytes =
        serializeOnnx(model.value(), {{"network_sha256", design.network->hash}});
    if (bytes.hasError()) {
        return bytes.error();
    }
    return writeFileAtomically(path, bytes.value());
}

Result<void> writeQdq(const ResolvedDesign& design, const std::string& path) {
    Result<OnnxModel> model = buildQdqGraph(design);
    if (model.hasValue()) {
        model = compactOnnx(std::move(model).value(), *design.network->graph);
    }
    return writeGraph(model, design, path);
}

Result<void> writeEncodings1(const ResolvedDesign& design, const std::string& path) {
    return writeFileAtomically(path, encodingsJson(design, EncodingsVersion::V1));
}

Result<void> writeEncodings2(const ResolvedDesign& design, const std::string& path) {
    return writeFileAtomically(path, encodingsJson(design, EncodingsVersion::V2));
}

Result<void> writeSafetensors(const ResolvedDesign& design, const std::string& path) {
    return writeFileAtomically(path, safetensorsBytes(design, designText(design)));
}

/// Files by name into the folder `path`.
Result<void> writeFolder(const std::map<std::string, std::string>& files, const std::string& path) {
    for (const auto& [name, content] : files) {
        const Result<void> written = writeFileAtomically(path + '/' + name, content);
        if (written.hasError()) {
            return written;
        }
    }
    return {};
}

Result<void> writeScalesim(const ResolvedDesign& design, const std::string& path) {
    return writeFolder(
        {{"topology.csv", scalesimTopology(design)}, {"scale.cfg", scalesimConfiguration(design)}},
        path);
}

Result<void> writeIntegers(const ResolvedDesign& design, const std::string& path) {
    const Result<quantization::IntegerNetwork> network = buildIntegerNetwork(design);
    return network.hasError() ? Result<void>(network.error())
                              : writeFolder(integerFiles(network.value()), path);
}

Result<void> writeTorchScript(const ResolvedDesign& design, const std::string& path) {
    const Result<execution::ScriptModule> module = buildTorchScript(design);
    if (module.hasError()) {
        return module.error();
    }
    const Result<std::string> bytes = execution::torchScriptBytes(module.value());
    return bytes.hasError() ? Result<void>(bytes.error())
                            : writeFileAtomically(path, bytes.value());
}

Result<void> writeHls4ml(const ResolvedDesign& design, const std::string& path) {
    const auto files = hls4mlProject(design, designText(design));
    return files.hasError() ? Result<void>(files.error()) : writeFolder(files.value(), path);
}

/// A scale that turned out not to be a power of two shows only now.
Result<void> writeQkeras(const ResolvedDesign& design, const std::string& path) {
    const std::string map = qkerasMap(design);
    if (map.find("\"\"") != std::string::npos) {
        return Error{"a scale of the design is not a power of two", path,
                     "choose fixed<W,I> for that layer or another export"};
    }
    return writeFileAtomically(path, map);
}

Result<void> writeCHeader(const ResolvedDesign& design, const std::string& path) {
    return writeFileAtomically(path, cHeader(design));
}

Result<void> writeQonnx(const ResolvedDesign& design, const std::string& path) {
    return writeGraph(buildQonnxGraph(design), design, path);
}

std::vector<std::string> nothingInTheWay(const Schemes&) {
    return {};
}

Result<void> writeVerilog(const ResolvedDesign& design, const std::string& path) {
    return writeFolder(verilogFiles(design), path);
}

struct Exporter {
    std::function<std::vector<std::string>(const Schemes&)> obstacles;
    std::function<Result<void>(const ResolvedDesign&, const std::string&)> write;
};

/// By ExportKind::key.
const std::map<std::string, Exporter>& exporters() {
    static const std::map<std::string, Exporter> kExporters = {
        {"yaml", {nothingInTheWay, writeYaml}},
        {"onnx-qdq", {qdqObstacles, writeQdq}},
        {"qonnx", {qonnxObstacles, writeQonnx}},
        {"encodings", {encodingsObstacles, writeEncodings1}},
        {"encodings-2", {encodingsObstacles, writeEncodings2}},
        {"hls4ml", {hls4mlObstacles, writeHls4ml}},
        {"qkeras", {qkerasObstacles, writeQkeras}},
        {"torchscript", {torchScriptObstacles, writeTorchScript}},
        {"safetensors", {nothingInTheWay, writeSafetensors}},
        {"integers", {integerNetworkObstacles, writeIntegers}},
        {"c-header", {nothingInTheWay, writeCHeader}},
        {"verilog", {verilogObstacles, writeVerilog}},
        {"scalesim", {nothingInTheWay, writeScalesim}},
    };
    return kExporters;
}

}  // namespace

Result<ResolvedDesign> resolveDesign(const network::Network& network,
                                     exploration::PopulationEvaluator& evaluator,
                                     const exploration::Assignment& assignment,
                                     const hardware::Accelerator& accelerator) {
    Result<exploration::ResolvedLayers> layers = evaluator.resolve(assignment);
    if (layers.hasError()) {
        return layers.error();
    }
    exploration::ResolvedLayers resolved = std::move(layers).value();
    ResolvedDesign design{&network,
                          assignment,
                          accelerator,
                          std::move(resolved.weights),
                          std::move(resolved.activations),
                          std::move(resolved.secondActivations)};
    if (quantization::hasOutputShifts(design.weights)) {
        design.corrected = std::make_shared<const network::Network>(
            quantization::withOutputShifts(network, design.weights));
        design.network = design.corrected.get();
        for (auto& weights : design.weights) {
            if (weights) {
                weights->outputShift.clear();  // it is in the biases now
            }
        }
    }
    return design;
}

ResolvedDesign resolveDesign(const exploration::TunedDesign& design,
                             const exploration::Assignment& assignment,
                             const hardware::Accelerator& accelerator) {
    return {design.network.get(),
            assignment,
            accelerator,
            design.layers.weights,
            design.layers.activations,
            design.layers.secondActivations};
}

std::vector<std::string> obstacles(const ExportKind& kind, const Schemes& schemes) {
    return exporters().at(kind.key).obstacles(schemes);
}

Result<void> exportDesign(const ExportKind& kind, const ResolvedDesign& design,
                          const std::string& path) {
    const std::vector<std::string> reasons = obstacles(kind, design.schemes());
    if (!reasons.empty()) {
        return Error{"the design does not fit: " + kind.label, reasons.front(),
                     "change that layer or choose another export"};
    }
    return exporters().at(kind.key).write(design, path);
}

}  // namespace bitloupe::exporters
