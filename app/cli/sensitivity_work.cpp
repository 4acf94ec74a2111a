// SPDX-License-Identifier: Apache-2.0
#include "app/cli/sensitivity_work.h"

#include <limits>
#include <utility>

#include "core/network/layer_names.h"

namespace bitloupe::cli {

namespace {

/// Both sides of one layer as far as --on and the layer have them.
void roundLayer(const network::Layer& layer, const SensitivityOptions& options,
                const quantization::Quantizer& format, quantization::LayerScheme& scheme) {
    if (options.roundsWeights() && !layer.weight.empty()) {
        scheme.weights = format;
    }
    if (options.roundsActivations() && !layer.input.empty()) {
        scheme.activations = format.withoutWeightMethods();
    }
}

/// Weights decide where both sides are rounded: a tensor has one ratio.
double sqnrOf(exploration::Evaluator& evaluator, const SensitivityOptions& options,
              std::size_t layer, const quantization::Quantizer& format) {
    const exploration::Side side =
        options.roundsWeights() ? exploration::Side::Weights : exploration::Side::Activations;
    return evaluator.roundingError(layer, side, format).sqnrDb;
}

void addLayersAlone(const study::Session& session, const SensitivityOptions& options,
                    const std::vector<quantization::Quantizer>& formats, SensitivityWork& work) {
    const std::vector<network::Layer>& layers = session.network->layers;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        work.map.rows.push_back({.name = layers[layer].name});
        for (const quantization::Quantizer& format : formats) {
            exploration::Assignment assignment(layers.size());
            roundLayer(layers[layer], options, format, assignment[layer]);
            work.assignments.push_back(std::move(assignment));
            work.map.sqnrDb.push_back(sqnrOf(*session.evaluator, options, layer, format));
        }
    }
}

/// The first row leaves none in float.
void addLeaveOneInFloat(const study::Session& session, const SensitivityOptions& options,
                        const std::vector<quantization::Quantizer>& formats,
                        SensitivityWork& work) {
    const std::vector<network::Layer>& layers = session.network->layers;
    work.map.kind = SensitivityMap::Kind::LeaveOneInFloat;
    for (std::size_t row = 0; row <= layers.size(); ++row) {
        work.map.rows.push_back({.name = row == 0 ? "(none)" : layers[row - 1].name});
        for (const quantization::Quantizer& format : formats) {
            exploration::Assignment assignment(layers.size());
            for (std::size_t layer = 0; layer < layers.size(); ++layer) {
                if (layer + 1 != row) {
                    roundLayer(layers[layer], options, format, assignment[layer]);
                }
            }
            work.assignments.push_back(std::move(assignment));
            work.map.sqnrDb.push_back(std::numeric_limits<double>::quiet_NaN());
        }
    }
}

Result<void> addChannels(const study::Session& session, const SensitivityOptions& options,
                         const std::vector<quantization::Quantizer>& formats,
                         SensitivityWork& work) {
    const std::vector<network::Layer>& layers = session.network->layers;
    const Result<std::size_t> found =
        network::findLayer(network::layerNames(layers), options.channelLayer, "--channels");
    if (found.hasError()) {
        return found.error();
    }
    const std::size_t layer = found.value();
    const exploration::Side side =
        options.on == "activations" ? exploration::Side::Activations : exploration::Side::Weights;
    const std::vector<exploration::ChannelGroup> groups =
        exploration::channelGroups(layers, layer, side, options.channelGroup);
    if (groups.empty()) {
        return Error{"the layer has nothing to round there", "--channels " + options.channelLayer,
                     "choose another layer, or --on weights or activations"};
    }
    work.map.kind = SensitivityMap::Kind::Channels;
    work.map.layer = options.channelLayer;
    for (const exploration::ChannelGroup& group : groups) {
        const std::string last = std::to_string(group.first + group.count - 1);
        work.map.rows.push_back(
            {.name = std::to_string(group.first) + (group.count > 1 ? "-" + last : ""),
             .firstChannel = group.first,
             .channels = group.count});
        for (const quantization::Quantizer& format : formats) {
            work.probes.push_back({.channels = group,
                                   .quantizer = side == exploration::Side::Weights
                                                    ? format
                                                    : format.withoutWeightMethods()});
        }
    }
    for (const exploration::RoundingError& error :
         session.evaluator->channelRoundingErrors(work.probes)) {
        work.map.sqnrDb.push_back(error.sqnrDb);
    }
    return {};
}

}  // namespace

Result<SensitivityWork> planSensitivity(const study::Session& session,
                                        const SensitivityOptions& options,
                                        const std::vector<quantization::Quantizer>& formats) {
    SensitivityWork work;
    work.map.metric = exploration::quantityOf(session.evaluator->metric());
    work.map.on = options.on;
    for (const quantization::Quantizer& format : formats) {
        work.map.formats.push_back(format.name());
    }
    if (!options.channelLayer.empty()) {
        const Result<void> added = addChannels(session, options, formats, work);
        return added.hasError() ? Result<SensitivityWork>(added.error())
                                : Result<SensitivityWork>(std::move(work));
    }
    (options.leaveOneInFloat ? addLeaveOneInFloat : addLayersAlone)(session, options, formats,
                                                                    work);
    return work;
}

}  // namespace bitloupe::cli
