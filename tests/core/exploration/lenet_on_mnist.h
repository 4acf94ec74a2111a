// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/data/data_set.h"
#include "core/exploration/population_evaluator.h"

namespace bitloupe::testing {

/// The trained LeNet-5 and MNIST: training images to calibrate, 10,000 test images to measure.
struct LenetOnMnist {
    std::shared_ptr<const network::Network> network;
    data::Samples calibration;
    data::Samples evaluation;

    /// `folder`: of real networks and data sets. Throws std::runtime_error when one is not there.
    static LenetOnMnist load(const std::string& folder, std::int64_t calibrationImages = 512);
    [[nodiscard]] std::unique_ptr<exploration::PopulationEvaluator> evaluator(int threads) const;
};

/// Every layer's weights and inputs in these formats; "" leaves a side in float.
[[nodiscard]] exploration::Assignment uniformAssignment(std::size_t layers,
                                                        const std::string& weights,
                                                        const std::string& activations);

}  // namespace bitloupe::testing
