// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/design_workloads.h"

#include <stdexcept>

#include "core/exploration/format_conversions.h"
#include "core/exploration/scheme_side.h"
#include "core/network/workloads.h"

namespace bitloupe::exploration {

namespace {

using hardware::Arithmetic;
using numerics::Family;
using numerics::NumberFormat;

Arithmetic arithmeticOf(const NumberFormat& format) {
    switch (format.family()) {
        case Family::Integer:
        case Family::Fixed:
        case Family::MidRise:
            return Arithmetic::Integer;
        case Family::Microscaling:
            return format.name().find("int") != std::string::npos ? Arithmetic::Integer
                                                                  : Arithmetic::Float;
        case Family::Float:
            return Arithmetic::Float;
        case Family::Posit:
            return Arithmetic::Posit;
        case Family::PowerOfTwo:
            return Arithmetic::PowerOfTwo;
        case Family::Binary:
        case Family::Ternary:
            return Arithmetic::Binary;
        case Family::Codebook:
        case Family::Multipoint:
            return Arithmetic::Table;
    }
    return Arithmetic::Table;
}

/// A multiplier of two formats is of the kind of the one that is not a plain integer.
Arithmetic together(Arithmetic weights, Arithmetic activations) {
    if (weights == activations || activations == Arithmetic::Integer) {
        return weights;
    }
    return weights == Arithmetic::Integer ? activations : Arithmetic::Table;
}

/// What the two operands of one layer and its result are stored in.
struct LayerFormats {
    NumberFormat weights;
    NumberFormat activations;
    NumberFormat results;
};

template <typename FormatsOf>
std::vector<hardware::Workload> workloadsWith(const network::Network& network,
                                              const FormatsOf& formatsOf) {
    std::vector<hardware::Workload> workloads = network::workloadsOf(network);
    for (std::size_t i = 0; i < workloads.size(); ++i) {
        const LayerFormats formats = formatsOf(i);
        const bool computed = network.layers[i].weight.empty();
        const NumberFormat& second = computed ? formats.activations : formats.weights;
        workloads[i].weightBits = second.bitsPerValue();
        workloads[i].activationBits = formats.activations.bitsPerValue();
        workloads[i].outputBits = formats.results.bitsPerValue();
        workloads[i].arithmetic = together(arithmeticOf(second), arithmeticOf(formats.activations));
    }
    return workloads;
}

}  // namespace

std::vector<hardware::Workload> formattedWorkloads(const network::Network& network,
                                                   const NumberFormat& weights,
                                                   const NumberFormat& activations) {
    return workloadsWith(network, [&](std::size_t) {
        return LayerFormats{weights, activations, activations};
    });
}

std::vector<hardware::Workload> designWorkloads(const network::Network& network,
                                                const Assignment& assignment) {
    if (!assignment.empty() && assignment.size() != network.layers.size()) {
        throw std::logic_error("an assignment needs one scheme a layer");
    }
    const NumberFormat floats = NumberFormat::parse("fp32").value();
    const auto formatOf = [&](std::size_t layer, Side side) {
        if (layer >= assignment.size()) {
            return floats;
        }
        const auto& quantizer = sideOf(assignment[layer], side);
        return quantizer ? quantizer->format : floats;
    };
    std::vector<hardware::Workload> workloads = workloadsWith(network, [&](std::size_t i) {
        return LayerFormats{formatOf(i, Side::Weights), formatOf(i, Side::Activations),
                            formatOf(i + 1, Side::Activations)};
    });
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        if (assignment[i].weights) {
            workloads[i].density = assignment[i].weights->pruning.density();
        }
    }
    for (const Conversion& conversion : FormatConversions(network, {}).list(assignment)) {
        workloads[conversion.layer].vectorOperations += conversion.elements;
    }
    return workloads;
}

}  // namespace bitloupe::exploration
