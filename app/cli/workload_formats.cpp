// SPDX-License-Identifier: Apache-2.0
#include "app/cli/workload_formats.h"

#include "core/network/workloads.h"

namespace bitloupe::cli {

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

}  // namespace

std::vector<hardware::Workload> formattedWorkloads(const network::Network& network,
                                                   const NumberFormat& weights,
                                                   const NumberFormat& activations) {
    std::vector<hardware::Workload> workloads = network::workloadsOf(network);
    for (std::size_t i = 0; i < workloads.size(); ++i) {
        const bool computed = network.layers[i].weight.empty();
        const NumberFormat& second = computed ? activations : weights;
        workloads[i].weightBits = second.bitsPerValue();
        workloads[i].activationBits = activations.bitsPerValue();
        workloads[i].outputBits = activations.bitsPerValue();
        workloads[i].arithmetic = together(arithmeticOf(second), arithmeticOf(activations));
    }
    return workloads;
}

}  // namespace bitloupe::cli
