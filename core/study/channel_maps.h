// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/exploration/sensitivity.h"
#include "core/network/network.h"
#include "core/study/study_description.h"

namespace bitloupe::study {

/// The channel maps that a study asks for. Errors: a layer that the network does not have (the
/// nearest named).
[[nodiscard]] Result<std::vector<exploration::ChannelMap>> channelMaps(
    const StudyDescription& description, const network::Network& network);

}  // namespace bitloupe::study
