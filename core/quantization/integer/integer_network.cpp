// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/integer_network.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>

namespace bitloupe::quantization {

namespace {

using Values = std::vector<std::int64_t>;

std::int64_t divideHalfEven(std::int64_t sum, std::int64_t count) {
    std::int64_t quotient = sum / count;
    std::int64_t rest = sum % count;
    if (rest < 0) {  // towards minus infinity first
        rest += count;
        --quotient;
    }
    const bool up = 2 * rest > count || (2 * rest == count && quotient % 2 != 0);
    return quotient + (up ? 1 : 0);
}

/// One thread's work: a sample at a time, with memory that is used again.
class Worker {
public:
    Worker(const IntegerNetwork& network, const Accumulator& accumulator)
        : m_network(network), m_accumulator(accumulator), m_edges(network.edges) {
        for (const IntegerStep& step : network.steps) {
            if (const auto* layer = std::get_if<IntegerLayer>(&step.work)) {
                AccumulatorReport report;
                report.layer = layer->name;
                report.worst = layer->worst;
                report.observed = {std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::int64_t>::min()};
                m_reports.push_back(report);
            }
        }
    }

    const Values& run(std::span<const float> sample) {
        m_sample = sample;
        std::size_t layer = 0;
        for (const IntegerStep& step : m_network.steps) {
            if (const auto* work = std::get_if<IntegerLayer>(&step.work)) {
                runLayer(*work, step, m_reports[layer++]);
            } else {
                std::visit([&](const auto& other) { runOther(other, step); }, step.work);
            }
        }
        Values& output = m_edges[m_network.steps.back().output];
        for (std::size_t i = 0; i < m_network.outputFactors.size(); ++i) {
            output[i] = m_network.outputFactors[i].apply(output[i]);
        }
        return output;
    }

    [[nodiscard]] const std::vector<AccumulatorReport>& reports() const { return m_reports; }

private:
    void convert(const CodeConversion& conversion, const Values& input, AccumulatorReport& report) {
        if (conversion.fromReal) {
            m_rounded.resize(m_sample.size());
            conversion.fromReal->apply(m_sample, m_rounded);
            const float scale = conversion.fromReal->options.scaling.scale;
            m_codes.resize(m_sample.size());
            for (std::size_t i = 0; i < m_sample.size(); ++i) {
                m_codes[i] = static_cast<std::int32_t>(std::lround(m_rounded[i] / scale));
            }
            return;
        }
        m_codes.resize(input.size());
        for (std::size_t i = 0; i < input.size(); ++i) {
            const std::int64_t code =
                conversion.factors.empty() ? input[i] : conversion.factors[i].apply(input[i]);
            const std::int64_t kept =
                std::clamp(code, conversion.codes.least, conversion.codes.most);
            report.saturated += kept != code ? 1 : 0;
            m_codes[i] = static_cast<std::int32_t>(kept);
        }
    }

    void gather(const IntegerLayer& layer, std::size_t group, std::size_t place) {
        m_row.resize(layer.length);
        const std::size_t taps = layer.window->taps();
        const std::size_t channels = layer.length / taps;
        for (std::size_t c = 0; c < channels; ++c) {
            const std::int32_t* plane = m_codes.data() + (group * channels + c) * layer.area;
            for (std::size_t tap = 0; tap < taps; ++tap) {
                const std::int32_t element = layer.window->element(place, tap);
                m_row[c * taps + tap] = element == SlidingWindow::kPadding ? 0 : plane[element];
            }
        }
    }

    void runLayer(const IntegerLayer& layer, const IntegerStep& step, AccumulatorReport& report) {
        convert(layer.input, m_edges[step.inputs.front()], report);
        const std::size_t places = layer.window ? layer.window->places() : layer.rows;
        const std::size_t perGroup = layer.channels / layer.groups;
        Values& output = m_edges[step.output];
        output.resize(layer.channels * places);
        for (std::size_t group = 0; group < layer.groups; ++group) {
            for (std::size_t place = 0; place < places; ++place) {
                std::span<const std::int32_t> row;
                if (layer.window) {
                    gather(layer, group, place);
                    row = m_row;
                } else {
                    row = std::span(m_codes).subspan(place * layer.length, layer.length);
                }
                if (!layer.shortWeights.empty()) {
                    m_shortRow.resize(row.size());
                    std::transform(
                        row.begin(), row.end(), m_shortRow.begin(),
                        [](std::int32_t code) { return static_cast<std::int16_t>(code); });
                }
                for (std::size_t c = group * perGroup; c < (group + 1) * perGroup; ++c) {
                    const std::int64_t sum = add(layer, c, row, report);
                    const std::size_t at =
                        layer.window ? c * places + place : place * layer.channels + c;
                    output[at] = layer.output ? layer.output->apply(sum) : sum;
                }
            }
        }
    }

    std::int64_t add(const IntegerLayer& layer, std::size_t channel,
                     std::span<const std::int32_t> row, AccumulatorReport& report) const {
        const auto weights = std::span(layer.weights).subspan(channel * layer.length, layer.length);
        ++report.sums;
        const bool fits =
            m_accumulator.holds(layer.worst.least) && m_accumulator.holds(layer.worst.most);
        if (fits && !layer.shortWeights.empty()) {
            // No register can overflow, whatever the order: the quickest one.
            const std::int16_t* few = layer.shortWeights.data() + channel * layer.length;
            auto total = static_cast<std::int32_t>(layer.bias[channel]);
            for (std::size_t i = 0; i < layer.length; ++i) {
                total += static_cast<std::int32_t>(few[i]) * m_shortRow[i];
            }
            report.observed.include(total);
            return total;
        }
        const Sum sum = addProducts(weights, row, layer.bias[channel], m_accumulator);
        report.observed.include(sum.exact);
        report.overflows += sum.overflowed ? 1 : 0;
        return sum.value;
    }

    void runOther(const IntegerClamp& clamp, const IntegerStep& step) {
        const Values& input = m_edges[step.inputs.front()];
        Values output(input.size());
        for (std::size_t i = 0; i < input.size(); ++i) {
            output[i] = std::clamp(input[i], clamp.low[i], clamp.high[i]);
        }
        m_edges[step.output] = std::move(output);
    }

    void runOther(const IntegerPool& pool, const IntegerStep& step) {
        const Values& input = m_edges[step.inputs.front()];
        Values output(pool.channels * pool.window.places());
        for (std::size_t c = 0; c < pool.channels; ++c) {
            const std::int64_t* plane = input.data() + c * pool.area;
            for (std::size_t place = 0; place < pool.window.places(); ++place) {
                std::int64_t sum = 0;
                std::int64_t most = std::numeric_limits<std::int64_t>::min();
                std::int64_t count = 0;
                for (std::size_t tap = 0; tap < pool.window.taps(); ++tap) {
                    const std::int32_t element = pool.window.element(place, tap);
                    if (element != SlidingWindow::kPadding) {
                        sum += plane[element];
                        most = std::max(most, plane[element]);
                        ++count;
                    }
                }
                const bool isMaximum = pool.kind == IntegerPool::Kind::Maximum;
                const bool isMean = pool.kind == IntegerPool::Kind::RoundedMean;
                output[c * pool.window.places() + place] = isMaximum ? most
                                                           : isMean  ? divideHalfEven(sum, count)
                                                                     : sum;
            }
        }
        m_edges[step.output] = std::move(output);
    }

    void runOther(const IntegerAdd& add, const IntegerStep& step) {
        const Values& left = m_edges[step.inputs[0]];
        const Values& right = m_edges[step.inputs[1]];
        Values output(left.size());
        for (std::size_t i = 0; i < left.size(); ++i) {
            output[i] = add.left[i].apply(left[i]) + add.right[i].apply(right[i]);
        }
        m_edges[step.output] = std::move(output);
    }

    void runOther(const IntegerCopy& /*copy*/, const IntegerStep& step) {
        m_edges[step.output] = Values(m_edges[step.inputs.front()]);
    }
    void runOther(const IntegerLayer& /*layer*/, const IntegerStep& /*step*/) {}

    const IntegerNetwork& m_network;
    const Accumulator& m_accumulator;
    std::span<const float> m_sample;
    std::vector<Values> m_edges;
    std::vector<float> m_rounded;
    std::vector<std::int32_t> m_codes;
    std::vector<std::int32_t> m_row;
    std::vector<std::int16_t> m_shortRow;
    std::vector<AccumulatorReport> m_reports;
};

void merge(std::vector<AccumulatorReport>& all, const std::vector<AccumulatorReport>& part) {
    if (all.empty()) {
        all = part;
        return;
    }
    for (std::size_t i = 0; i < part.size(); ++i) {
        all[i].observed.include(part[i].observed.least);
        all[i].observed.include(part[i].observed.most);
        all[i].sums += part[i].sums;
        all[i].overflows += part[i].overflows;
        all[i].saturated += part[i].saturated;
    }
}

}  // namespace

std::vector<std::string> IntegerNetwork::overflowWarnings(const Accumulator& accumulator) const {
    std::vector<std::string> warnings;
    for (const IntegerStep& step : steps) {
        const auto* layer = std::get_if<IntegerLayer>(&step.work);
        if (layer != nullptr &&
            !(accumulator.holds(layer->worst.least) && accumulator.holds(layer->worst.most))) {
            warnings.push_back("layer \"" + layer->name + "\": its sums can need " +
                               std::to_string(layer->worst.bits()) +
                               " bits and the accumulator has " + std::to_string(accumulator.bits));
        }
    }
    return warnings;
}

IntegerRun runIntegers(const IntegerNetwork& network, std::span<const float> samples,
                       const Accumulator& accumulator, int threads) {
    const std::size_t count = samples.size() / network.sampleLength;
    const std::size_t parts = std::clamp<std::size_t>(
        static_cast<std::size_t>(std::max(1, threads)), 1, std::max<std::size_t>(1, count));
    std::vector<Worker> workers(parts, Worker(network, accumulator));
    std::vector<Values> outputs(count);
    const auto work = [&](std::size_t part) {
        for (std::size_t i = part * count / parts; i < (part + 1) * count / parts; ++i) {
            outputs[i] =
                workers[part].run(samples.subspan(i * network.sampleLength, network.sampleLength));
        }
    };
    {
        std::vector<std::jthread> others;
        for (std::size_t part = 1; part < parts; ++part) {
            others.emplace_back(work, part);
        }
        work(0);
    }
    IntegerRun run;
    for (const Values& output : outputs) {
        run.outputs.insert(run.outputs.end(), output.begin(), output.end());
        run.width = output.size();
    }
    for (const Worker& worker : workers) {
        if (worker.reports().empty() || worker.reports().front().sums > 0) {
            merge(run.layers, worker.reports());
        }
    }
    return run;
}

}  // namespace bitloupe::quantization
