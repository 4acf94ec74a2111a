// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/scalesim/reports.h"

#include <array>
#include <charconv>
#include <filesystem>

#include "core/base/file.h"
#include "core/base/text.h"

namespace bitloupe::hardware::scalesim {

namespace {

std::string row(std::size_t layer, const std::vector<std::string>& fields) {
    return std::to_string(layer) + ", " + text::join(fields, ", ") + ",\n";
}

double ratio(std::int64_t count, std::int64_t cycles) {
    return static_cast<double>(count) / static_cast<double>(cycles);
}

bool isSparse(std::span<const LayerReport> layers) {
    return !layers.empty() && layers.front().sparse.has_value();
}

double ifmapReads(const LayerReport& layer) {
    return layer.sparse && layer.sparse->ifmapReads ? *layer.sparse->ifmapReads
                                                    : static_cast<double>(layer.sramIfmap.count);
}

double metadataBandwidth(const LayerReport& layer) {
    return layer.sparse->metadataWords / static_cast<double>(layer.totalCycles);
}

double averageBandwidth(const AccessRecord& dram) {
    return ratio(dram.count, dram.stop - dram.start + 1);
}

}  // namespace

std::string pythonNumber(double value) {
    std::array<char, 40> buffer{};
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                       std::chars_format::scientific);
    std::string shortest(buffer.data(), written.ptr);
    const std::size_t e = shortest.find('e');
    if (e == std::string::npos) {
        return shortest;  // inf, nan
    }
    const int exponent = std::stoi(shortest.substr(e + 1));
    if (exponent < -4 || exponent >= 16) {
        return shortest;  // both write at least two digits of exponent
    }
    const auto fixed = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                     std::chars_format::fixed);
    std::string text(buffer.data(), fixed.ptr);
    return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string computeReport(std::span<const LayerReport> layers, Version version) {
    std::string text = "LayerID, ";
    text += version == Version::V3 ? "Total Cycles (incl. prefetch), " : "";
    text += "Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,\n";
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerReport& layer = layers[i];
        std::vector<std::string> fields;
        if (version == Version::V3) {
            fields.push_back(std::to_string(layer.totalWithPrefetch()));
        }
        fields.push_back(std::to_string(layer.totalCycles));
        fields.push_back(std::to_string(layer.stallCycles));
        for (const double share :
             {layer.overallUtilization, layer.mappingEfficiency, layer.computeUtilization}) {
            fields.push_back(pythonNumber(share));
        }
        text += row(i, fields);
    }
    return text;
}

std::string bandwidthReport(std::span<const LayerReport> layers) {
    const bool sparse = isSparse(layers);
    std::string text = "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, ";
    text += sparse ? "Avg FILTER Metadata SRAM BW, " : "";
    text += "Avg OFMAP SRAM BW, Avg IFMAP DRAM BW, Avg FILTER DRAM BW, Avg OFMAP DRAM BW,\n";
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerReport& layer = layers[i];
        std::vector<std::string> fields;
        fields.push_back(pythonNumber(ifmapReads(layer) / static_cast<double>(layer.totalCycles)));
        fields.push_back(pythonNumber(ratio(layer.sramFilter.count, layer.totalCycles)));
        if (sparse) {
            fields.push_back(pythonNumber(metadataBandwidth(layer)));
        }
        fields.push_back(pythonNumber(ratio(layer.sramOfmap.count, layer.totalCycles)));
        for (const AccessRecord* dram : {&layer.dramIfmap, &layer.dramFilter, &layer.dramOfmap}) {
            fields.push_back(pythonNumber(averageBandwidth(*dram)));
        }
        text += row(i, fields);
    }
    return text;
}

std::string accessReport(std::span<const LayerReport> layers) {
    std::string text = "LayerID, ";
    for (const char* memory : {"SRAM", "DRAM"}) {
        for (const char* operand : {"IFMAP", "Filter", "OFMAP"}) {
            const std::string name = text::join({memory, operand}, " ");
            const bool writes = std::string(operand) == "OFMAP";
            text += text::join({name + " Start Cycle", name + " Stop Cycle",
                                name + (writes ? " Writes" : " Reads"), ""},
                               ", ");
        }
    }
    text.back() = '\n';
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerReport& layer = layers[i];
        std::vector<std::string> fields;
        for (const AccessRecord* record : {&layer.sramIfmap, &layer.sramFilter, &layer.sramOfmap,
                                           &layer.dramIfmap, &layer.dramFilter, &layer.dramOfmap}) {
            fields.push_back(pythonNumber(static_cast<double>(record->start)));
            fields.push_back(pythonNumber(static_cast<double>(record->stop)));
            const bool fractional =
                record == &layer.sramIfmap && layer.sparse && layer.sparse->ifmapReads;
            fields.push_back(fractional ? pythonNumber(ifmapReads(layer))
                                        : std::to_string(record->count));
        }
        text += row(i, fields);
    }
    return text;
}

std::string sparseReport(std::span<const LayerReport> layers) {
    if (!isSparse(layers)) {
        return {};
    }
    std::string text =
        "LayerID, Sparsity Representation, Original Filter Storage, "
        "New Storage (Filter+Metadata), Filter Metadata Storage, Avg FILTER Metadata SRAM BW, \n";
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const SparseRecord& sparse = *layers[i].sparse;
        const auto words = [&sparse](double count) {
            return sparse.form == SparseForm::EllpackBlock
                       ? pythonNumber(count)
                       : std::to_string(static_cast<std::int64_t>(count));
        };
        text += row(i, {std::string(sparseFormName(sparse.form)),
                        std::to_string(sparse.originalWords), words(sparse.storedWords),
                        words(sparse.metadataWords), pythonNumber(metadataBandwidth(layers[i]))});
    }
    return text;
}

Result<void> writeReports(const std::string& folder, std::span<const LayerReport> layers,
                          Version version) {
    for (const auto& [name, text] :
         {std::pair{"COMPUTE_REPORT.csv", computeReport(layers, version)},
          std::pair{"BANDWIDTH_REPORT.csv", bandwidthReport(layers)},
          std::pair{"DETAILED_ACCESS_REPORT.csv", accessReport(layers)},
          std::pair{"SPARSE_REPORT.csv", sparseReport(layers)}}) {
        if (text.empty()) {
            continue;
        }
        Result<void> written =
            writeFileAtomically((std::filesystem::path(folder) / name).string(), text);
        if (written.hasError()) {
            return written;
        }
    }
    return {};
}

}  // namespace bitloupe::hardware::scalesim
