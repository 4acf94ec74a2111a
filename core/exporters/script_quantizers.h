// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/exporters/coded_weights.h"

namespace bitloupe::exporters {

/// Lines of a TorchScript method that round tensors as the simulation does, and the buffers they
/// read (`self.NAME`).
class ScriptQuantizers {
public:
    /// Rounds the script value `input`; `name` starts the names of what is added. Returns the
    /// script's name of the result.
    std::string activation(const std::string& input, const std::string& name,
                           const quantization::ActivationRounding& rounding);
    /// Adds a layer's weights as a buffer and what makes their values of it.
    std::string weights(const std::string& name, const quantization::Quantizer& quantizer,
                        const quantization::QuantizedWeights& weights);

    /// `NAME = EXPRESSION`; returns the name.
    std::string assign(const std::string& name, const std::string& expression);
    /// A buffer; returns how the script reads it.
    std::string buffer(const std::string& name, const Array& array);

    [[nodiscard]] const std::vector<std::string>& lines() const { return m_lines; }
    [[nodiscard]] const std::map<std::string, Array>& buffers() const { return m_buffers; }

private:
    std::string uniform(const std::string& input, const std::string& name,
                        const quantization::UniformActivation& activation);
    std::string lookUp(const std::string& input, const std::string& name,
                       const std::function<float(float)>& round);
    std::string blocks(const std::string& input, const std::string& name,
                       const quantization::ActivationRounding& rounding);

    std::vector<std::string> m_lines;
    std::map<std::string, Array> m_buffers;
};

/// A step function of float32 as a table: `values` ascending, and `borders[i]` the smallest number
/// that becomes values[i + 1]. `round` must be monotone.
struct StepTable {
    std::vector<float> borders;
    std::vector<float> values;
};
[[nodiscard]] StepTable stepTable(const std::function<float(float)>& round);

}  // namespace bitloupe::exporters
