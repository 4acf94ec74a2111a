// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/calibration.h"

#include <algorithm>
#include <numeric>

namespace bitloupe::exploration {

namespace {

constexpr std::size_t kKeptValues = 65536;
constexpr float kNewBatch = 0.1F;  ///< weight of a batch in the moving average of extremes

/// Picks every `stride`-th of a stream of values and notes the extremes of all.
class Collector {
public:
    /// `batches`: how many calls of add() are to come.
    void add(std::span<const float> values, std::size_t batches) {
        if (values.empty()) {
            return;
        }
        if (m_stride == 0) {
            m_stride = std::max<std::size_t>(1, values.size() * batches / kKeptValues);
            // Steps that share no factor with the row length visit every column of it.
            while (std::gcd(m_stride, values.size()) != 1) {
                ++m_stride;
            }
            m_statistics.minimum = values.front();
            m_statistics.maximum = values.front();
        }
        float minimum = values.front();
        float maximum = values.front();
        for (const float value : values) {
            // Written so that a NaN stays in, to be found later.
            minimum = value >= minimum ? minimum : value;
            maximum = value <= maximum ? maximum : value;
        }
        m_statistics.minimum = minimum >= m_statistics.minimum ? m_statistics.minimum : minimum;
        m_statistics.maximum = maximum <= m_statistics.maximum ? m_statistics.maximum : maximum;
        const float weight = m_isFirst ? 1.0F : kNewBatch;
        m_isFirst = false;
        m_statistics.movingMinimum += weight * (minimum - m_statistics.movingMinimum);
        m_statistics.movingMaximum += weight * (maximum - m_statistics.movingMaximum);
        for (; m_next < values.size(); m_next += m_stride) {
            m_statistics.sample.push_back(values[m_next]);
        }
        m_next -= values.size();
    }

    [[nodiscard]] const quantization::ValueStatistics& statistics() const { return m_statistics; }

private:
    quantization::ValueStatistics m_statistics;
    std::size_t m_stride = 0;
    bool m_isFirst = true;
    std::size_t m_next = 0;  ///< position of the next picked value in the next call's values
};

std::vector<float> countedOnes(std::span<const float> values, const std::vector<bool>& counts) {
    std::vector<float> kept;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (counts[i]) {
            kept.push_back(values[i]);
        }
    }
    return kept;
}

}  // namespace

Result<std::vector<OperandStatistics>> calibrate(const execution::PopulationRunner& runner,
                                                 std::size_t layers, const data::Samples& samples) {
    std::vector<Collector> first(layers);
    std::vector<Collector> second(layers);
    const std::size_t batches = runner.batchCount(samples.count());
    const Result<void> visited = runner.visitLayerInputs(
        samples.inputs, [&](std::size_t layer, execution::Operand operand,
                            std::span<const float> values, const std::vector<bool>& counts) {
            Collector& collector = (operand == execution::Operand::First ? first : second)[layer];
            if (counts.empty()) {
                collector.add(values, batches);
            } else {
                collector.add(countedOnes(values, counts), batches);
            }
        });
    if (visited.hasError()) {
        return visited.error().within("calibration samples");
    }
    std::vector<OperandStatistics> statistics;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        statistics.push_back({first[layer].statistics(), second[layer].statistics()});
    }
    return statistics;
}

}  // namespace bitloupe::exploration
