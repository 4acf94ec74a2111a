// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bitloupe::execution {

enum class OptimizerKind { Sgd, Adam, AdamW };
enum class ScheduleKind { Constant, Step, Cosine };

/// How a network is trained. The defaults suit small networks.
struct TrainingSettings {
    std::int64_t epochs = 10;
    std::int64_t batchSize = 64;  ///< samples a step
    std::int64_t mostSteps = 0;   ///< ends after so many steps; 0: after the epochs

    OptimizerKind optimizer = OptimizerKind::AdamW;
    double learningRate = 1e-3;
    double momentum = 0.9;  ///< SGD
    bool nesterov = false;  ///< SGD
    double beta1 = 0.9;     ///< Adam, AdamW
    double beta2 = 0.999;
    double weightDecay = 0;  ///< of tensors with two axes and more: not of biases, norms and scales
    double l1 = 0;           ///< adds l1 * sum |w| of the same tensors to the loss
    double clipNorm = 0;     ///< longest gradient (Euclidean, all tensors together); 0: any

    ScheduleKind schedule = ScheduleKind::Cosine;
    std::int64_t warmUpSteps = 0;  ///< the rate rises linearly over them, whatever the schedule
    std::int64_t stepEpochs = 10;  ///< Step: every so many epochs the rate is multiplied ...
    double stepFactor = 0.1;       ///< ... by this
    double lastRate = 0;           ///< Cosine: where it ends, as a share of learningRate

    /// Ends after so many epochs without a better metric on the search split, and goes back to the
    /// best epoch's weights. 0: never, and the last epoch's weights are the result.
    std::int64_t patience = 0;

    std::uint64_t seed = 1;
    int threads = 1;  ///< sums run in another order with another number
};

/// The learning rate of step `step` (from 0) out of `steps`, `stepsPerEpoch` of them an epoch.
/// Cosine: Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts.
[[nodiscard]] double learningRateAt(const TrainingSettings& settings, std::int64_t step,
                                    std::int64_t steps, std::int64_t stepsPerEpoch);

/// "sgd", "adam", "adamw"; "constant", "step", "cosine".
[[nodiscard]] const std::vector<std::string>& optimizerNames();
[[nodiscard]] const std::vector<std::string>& scheduleNames();
[[nodiscard]] const std::string& nameOf(OptimizerKind kind);
[[nodiscard]] const std::string& nameOf(ScheduleKind kind);
[[nodiscard]] std::optional<OptimizerKind> findOptimizer(std::string_view name);
[[nodiscard]] std::optional<ScheduleKind> findSchedule(std::string_view name);

}  // namespace bitloupe::execution
