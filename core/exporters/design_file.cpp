// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/design_file.h"

#include <algorithm>

#include "core/base/yaml_document.h"

namespace bitloupe::exporters {

namespace {

constexpr std::int64_t kVersion = 1;

std::string schemeText(const std::optional<quantization::Quantizer>& quantizer) {
    return quantizer.has_value() ? quantizer->name() : "float";
}

std::optional<quantization::Quantizer> readScheme(const yaml::Value& value) {
    if (!value.exists() || value.text() == "float") {
        return std::nullopt;
    }
    Result<quantization::Quantizer> quantizer = quantization::Quantizer::parse(value.text());
    if (quantizer.hasError()) {
        value.fail(quantizer.error().what, quantizer.error().remedy);
        return std::nullopt;
    }
    return std::move(quantizer).value();
}

hardware::Accelerator readAccelerator(const yaml::Value& value) {
    hardware::Accelerator accelerator;
    if (!value.exists()) {
        return accelerator;
    }
    value.allow({"rows", "columns", "dataflow"});
    constexpr std::int64_t kMostElements = 65536;
    accelerator.rows = value["rows"].integer(1, kMostElements);
    accelerator.columns = value["columns"].integer(1, kMostElements);
    const Result<hardware::Dataflow> dataflow = hardware::parseDataflow(value["dataflow"].text());
    if (dataflow.hasError()) {
        value["dataflow"].fail(dataflow.error().what, dataflow.error().remedy);
    } else {
        accelerator.dataflow = dataflow.value();
    }
    return accelerator;
}

void readLayers(const yaml::Value& list, DesignFile& design) {
    for (const yaml::Value& entry : list.items()) {
        entry.allow({"name", "weights", "activations"});
        const std::string name = entry["name"].text();
        if (std::find(design.layers.begin(), design.layers.end(), name) != design.layers.end()) {
            entry["name"].fail("the layer " + name + " is listed twice", "keep one of the two");
        }
        design.layers.push_back(name);
        design.assignment.push_back(
            {readScheme(entry["weights"]), readScheme(entry["activations"])});
    }
}

}  // namespace

std::string writeDesignFile(const DesignFile& design) {
    const auto& array = design.accelerator;
    std::string out = "# A quantized design. Layers that are not listed stay in float32.\n";
    out += "bitloupe_design: " + std::to_string(kVersion) + '\n';
    out += "network: " + yaml::scalar(design.network) + '\n';
    if (!design.networkHash.empty()) {
        out += "network_sha256: " + yaml::scalar(design.networkHash) + '\n';
    }
    out += "accelerator: {rows: " + std::to_string(array.rows) +
           ", columns: " + std::to_string(array.columns) +
           ", dataflow: " + std::string(hardware::dataflowName(array.dataflow)) + "}\n";
    out += "layers:\n";
    for (std::size_t i = 0; i < design.layers.size(); ++i) {
        const quantization::LayerScheme& scheme = design.assignment[i];
        out += "  - {name: " + yaml::scalar(design.layers[i]) +
               ", weights: " + yaml::scalar(schemeText(scheme.weights)) +
               ", activations: " + yaml::scalar(schemeText(scheme.activations)) + "}\n";
    }
    return out;
}

Result<DesignFile> readDesignFile(const std::string& path) {
    const Result<yaml::Document> document = yaml::Document::read(path);
    if (document.hasError()) {
        return document.error();
    }
    const yaml::Value root = document.value().root();
    root.allow({"bitloupe_design", "network", "network_sha256", "accelerator", "layers"});
    (void)root["bitloupe_design"].integer(kVersion, kVersion);  // refuses any other version
    DesignFile design;
    if (root["network"].exists()) {
        design.network = root["network"].text();
    }
    if (root["network_sha256"].exists()) {
        design.networkHash = root["network_sha256"].text();
    }
    design.accelerator = readAccelerator(root["accelerator"]);
    readLayers(root["layers"], design);
    const Result<void> read = document.value().result();
    if (read.hasError()) {
        return read.error();
    }
    return design;
}

Result<exploration::Assignment> assignmentFor(const DesignFile& design,
                                              const network::Network& network) {
    exploration::Assignment assignment(network.layers.size());
    for (std::size_t i = 0; i < design.layers.size(); ++i) {
        const auto layer =
            std::find_if(network.layers.begin(), network.layers.end(),
                         [&](const network::Layer& l) { return l.name == design.layers[i]; });
        if (layer == network.layers.end()) {
            return Error{
                "the network " + network.name + " has no layer " + design.layers[i], "the design",
                "use a design made for this network; bitloupe-cli inspect lists its layers"};
        }
        assignment[static_cast<std::size_t>(layer - network.layers.begin())] = design.assignment[i];
    }
    return assignment;
}

}  // namespace bitloupe::exporters
