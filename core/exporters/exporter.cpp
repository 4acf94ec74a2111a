// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/exporter.h"

#include <functional>

#include "core/base/file.h"
#include "core/exporters/design_file.h"
#include "core/exporters/encodings.h"
#include "core/exporters/onnx_qdq.h"
#include "core/exporters/onnx_writer.h"
#include "core/exporters/qonnx.h"
#include "core/exporters/safetensors_file.h"
#include "core/exporters/scalesim_files.h"

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

/// Writes a graph that carries the design it was made from in its metadata.
Result<void> writeGraph(const Result<OnnxModel>& model, const ResolvedDesign& design,
                        const std::string& path) {
    if (model.hasError()) {
        return model.error();
    }
    const Result<std::string> bytes =
        serializeOnnx(model.value(), {{"bitloupe_design", designText(design)}});
    if (bytes.hasError()) {
        return bytes.error();
    }
    return writeFileAtomically(path, bytes.value());
}

Result<void> writeQdq(const ResolvedDesign& design, const std::string& path) {
    return writeGraph(buildQdqGraph(design), design, path);
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

/// `path` is a folder: a configuration and a topology are two files.
Result<void> writeScalesim(const ResolvedDesign& design, const std::string& path) {
    const Result<void> written =
        writeFileAtomically(path + "/topology.csv", scalesimTopology(design));
    if (written.hasError()) {
        return written;
    }
    return writeFileAtomically(path + "/scale.cfg", scalesimConfiguration(design));
}

std::vector<std::string> nothingInTheWay(const Schemes&) {
    return {};
}

Result<void> writeQonnx(const ResolvedDesign& design, const std::string& path) {
    return writeGraph(buildQonnxGraph(design), design, path);
}

struct Exporter {
    ExportKind kind;
    std::function<std::vector<std::string>(const Schemes&)> obstacles;
    std::function<Result<void>(const ResolvedDesign&, const std::string&)> write;
};

const std::vector<Exporter>& exporters() {
    static const std::vector<Exporter> kExporters = {
        {{"yaml", "Design file (YAML)", "bitloupe-cli evaluate --design", ".yaml"},
         nothingInTheWay,
         writeYaml},
        {{"onnx-qdq", "ONNX with QuantizeLinear and DequantizeLinear", "ONNX Runtime", ".onnx"},
         qdqObstacles,
         writeQdq},
        {{"qonnx", "QONNX with Quant nodes", "qonnx-exec, hls4ml, FINN", ".onnx"},
         qonnxObstacles,
         writeQonnx},
        {{"encodings", "AIMET encodings 1.0.0", "AIMET, QAIRT", ".encodings"},
         encodingsObstacles,
         writeEncodings1},
        {{"encodings-2", "AIMET encodings 2.0.0", "AIMET 2", ".encodings"},
         encodingsObstacles,
         writeEncodings2},
        {{"safetensors", "Quantized tensors (safetensors)", "safetensors, PyTorch", ".safetensors"},
         nothingInTheWay,
         writeSafetensors},
        {{"scalesim", "SCALE-Sim configuration and topology", "bitloupe-cli simulate, SCALE-Sim",
          ""},
         nothingInTheWay,
         writeScalesim},
    };
    return kExporters;
}

const Exporter* findExporter(const std::string& key) {
    for (const Exporter& exporter : exporters()) {
        if (exporter.kind.key == key) {
            return &exporter;
        }
    }
    return nullptr;
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
    return ResolvedDesign{&network,
                          assignment,
                          accelerator,
                          std::move(resolved.weights),
                          std::move(resolved.activations),
                          std::move(resolved.secondActivations)};
}

const std::vector<ExportKind>& exportKinds() {
    static const std::vector<ExportKind> kKinds = [] {
        std::vector<ExportKind> kinds;
        for (const Exporter& exporter : exporters()) {
            kinds.push_back(exporter.kind);
        }
        return kinds;
    }();
    return kKinds;
}

std::vector<std::string> obstacles(const ExportKind& kind, const Schemes& schemes) {
    return findExporter(kind.key)->obstacles(schemes);
}

Result<void> exportDesign(const ExportKind& kind, const ResolvedDesign& design,
                          const std::string& path) {
    return findExporter(kind.key)->write(design, path);
}

}  // namespace bitloupe::exporters
