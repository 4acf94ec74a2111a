// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exploration/design.h"
#include "core/network/network.h"
#include "core/study/study_description.h"

namespace bitloupe::study {

/// The designs a study is about: its lists for every layer, exceptions applied. Errors: an
/// exception for a layer that the network does not have (the nearest named). Sides that have
/// nothing to round (a product of two computed matrices has no weights) stay float.
[[nodiscard]] Result<exploration::DesignSpace> makeDesignSpace(const StudyDescription& study,
                                                               const network::Network& network);

}  // namespace bitloupe::study
