// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/post_training/bias_correction.h"

#include <stdexcept>

#include "core/quantization/post_training/second_moments.h"

namespace bitloupe::quantization {

std::vector<float> outputShift(std::span<const float> original, std::span<const float> rounded,
                               const InputRows& inputs) {
    const std::size_t length = inputs.length;
    if (length == 0 || original.size() % (length * inputs.groups) != 0 ||
        original.size() != rounded.size()) {
        throw std::logic_error("bias correction needs rows as long as the rows of weights");
    }
    const std::size_t channels = original.size() / length / inputs.groups;
    std::vector<float> shift;
    for (std::size_t group = 0; group < inputs.groups; ++group) {
        const std::vector<double> before =
            columnMeans(inputs.group(inputs.original, group), length);
        const std::vector<double> after = columnMeans(inputs.group(inputs.used(), group), length);
        for (std::size_t channel = group * channels; channel < (group + 1) * channels; ++channel) {
            double difference = 0;
            for (std::size_t i = 0; i < length; ++i) {
                const std::size_t place = channel * length + i;
                difference += static_cast<double>(original[place]) * before[i] -
                              static_cast<double>(rounded[place]) * after[i];
            }
            shift.push_back(static_cast<float>(difference));
        }
    }
    return shift;
}

}  // namespace bitloupe::quantization
