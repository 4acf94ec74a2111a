// SPDX-License-Identifier: Apache-2.0
#include "core/study/channel_maps.h"
#include "core/study/session.h"

namespace bitloupe::study {

exploration::ExplorationPlan Session::plan() const {
    const auto maps = channelMaps(description, *network);  // openSession() refused unknown layers
    return {.layers = network->layers,
            .space = searchedSpace(),
            .objectives = description.objectives,
            .strategy = description.strategy,
            .sensitivityFirst = description.sensitivity,
            .leaveOneInFloat = description.leaveOneInFloat,
            .channelMaps = maps.hasError() ? std::vector<exploration::ChannelMap>() : maps.value(),
            .maxEvaluations = description.evaluations,
            .earlyStopping = description.earlyStopping,
            .fisher = fisher,
            .conversions = conversions()};
}

}  // namespace bitloupe::study
