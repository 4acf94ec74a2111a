// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/scalesim_files.h"

#include <algorithm>

#include "core/hardware/scalesim/physical.h"

namespace bitloupe::exporters {

namespace {

/// A name that SCALE-Sim reads as one: no commas, and not "DP", which would mean depthwise.
std::string rowName(std::string name) {
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ',' || c == ' ' || c == '#'; }, '_');
    for (std::size_t at = name.find("DP"); at != std::string::npos; at = name.find("DP")) {
        name.replace(at, 2, "dp");
    }
    return name;
}

}  // namespace

std::string scalesimTopology(const ResolvedDesign& design) {
    std::string text = "Layer, M, N, K,\n";
    for (const network::Layer& layer : design.network->layers) {
        for (std::int64_t i = 0; i < layer.gemm.count; ++i) {
            const std::string suffix = layer.gemm.count > 1 ? "_" + std::to_string(i) : "";
            text += rowName(layer.name) + suffix + ", " + std::to_string(layer.gemm.m) + ", " +
                    std::to_string(layer.gemm.n) + ", " + std::to_string(layer.gemm.k) + ",\n";
        }
    }
    return text;
}

std::string scalesimConfiguration(const ResolvedDesign& design) {
    return hardware::scalesim::configurationText(
        hardware::scalesim::configurationOf(design.accelerator, rowName(design.network->name)));
}

}  // namespace bitloupe::exporters
