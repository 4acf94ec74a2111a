// SPDX-License-Identifier: Apache-2.0
#include "core/execution/training/training_settings.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace bitloupe::execution {

namespace {

/// The enumerator at the place of `name` in `names`.
template <typename Kind>
std::optional<Kind> findIn(const std::vector<std::string>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt
                                : std::optional(static_cast<Kind>(found - names.begin()));
}

/// The schedule without its warm-up, as a share of the learning rate.
double shareAt(const TrainingSettings& settings, std::int64_t step, std::int64_t steps,
               std::int64_t stepsPerEpoch) {
    switch (settings.schedule) {
        case ScheduleKind::Constant:
            return 1;
        case ScheduleKind::Step: {
            const std::int64_t drops = step / std::max<std::int64_t>(1, stepsPerEpoch) /
                                       std::max<std::int64_t>(1, settings.stepEpochs);
            return std::pow(settings.stepFactor, static_cast<double>(drops));
        }
        case ScheduleKind::Cosine: {
            const auto left = static_cast<double>(steps - settings.warmUpSteps);
            const double done =
                left <= 0 ? 1 : static_cast<double>(step - settings.warmUpSteps) / left;
            const double wave = (1 + std::cos(std::numbers::pi * std::clamp(done, 0.0, 1.0))) / 2;
            return settings.lastRate + (1 - settings.lastRate) * wave;
        }
    }
    return 1;
}

}  // namespace

double learningRateAt(const TrainingSettings& settings, std::int64_t step, std::int64_t steps,
                      std::int64_t stepsPerEpoch) {
    const double warm = step < settings.warmUpSteps ? static_cast<double>(step + 1) /
                                                          static_cast<double>(settings.warmUpSteps)
                                                    : 1;
    const double share = step < settings.warmUpSteps && settings.schedule == ScheduleKind::Cosine
                             ? 1
                             : shareAt(settings, step, steps, stepsPerEpoch);
    return settings.learningRate * warm * share;
}

const std::vector<std::string>& optimizerNames() {
    static const std::vector<std::string> kNames = {"sgd", "adam", "adamw"};
    return kNames;
}

const std::vector<std::string>& scheduleNames() {
    static const std::vector<std::string> kNames = {"constant", "step", "cosine"};
    return kNames;
}

const std::string& nameOf(OptimizerKind kind) {
    return optimizerNames()[static_cast<std::size_t>(kind)];
}

const std::string& nameOf(ScheduleKind kind) {
    return scheduleNames()[static_cast<std::size_t>(kind)];
}

std::optional<OptimizerKind> findOptimizer(std::string_view name) {
    return findIn<OptimizerKind>(optimizerNames(), name);
}

std::optional<ScheduleKind> findSchedule(std::string_view name) {
    return findIn<ScheduleKind>(scheduleNames(), name);
}

}  // namespace bitloupe::execution
