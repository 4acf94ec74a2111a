// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/run_integers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
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

template <typename T>
bool isWithin(std::int64_t least, std::int64_t most) {
    return least >= std::numeric_limits<T>::min() && most <= std::numeric_limits<T>::max();
}

/// What a layer needs beside its description, made once for all threads.
struct PreparedLayer {
    /// The weights where they and the input codes have 16 bits and no sum leaves 32; else empty.
    std::vector<std::int16_t> shortWeights;
    std::vector<std::int64_t> wholeBias;
    std::optional<SlidingWindow> window;

    explicit PreparedLayer(const IntegerLayer& layer) {
        for (std::size_t c = 0; c < layer.channels; ++c) {
            wholeBias.push_back(layer.wholeBias(c));
        }
        if (layer.window) {
            window.emplace(*layer.window);
        }
        const auto [least, most] = std::minmax_element(layer.weights.begin(), layer.weights.end());
        // Twice the worst case leaves room for sums in any order, without the bias or with it.
        const bool isShort =
            isWithin<std::int16_t>(layer.input.codes.least, layer.input.codes.most) &&
            isWithin<std::int32_t>(2 * layer.worst.least, 2 * layer.worst.most) &&
            !layer.weights.empty() && isWithin<std::int16_t>(*least, *most);
        if (isShort) {
            shortWeights.resize(layer.weights.size());
            std::transform(layer.weights.begin(), layer.weights.end(), shortWeights.begin(),
                           [](std::int32_t weight) { return static_cast<std::int16_t>(weight); });
        }
    }
};

/// A network with what its steps need: the index of a step finds it.
struct Prepared {
    const IntegerNetwork& network;
    std::map<const IntegerStep*, PreparedLayer> layers;
    std::map<const IntegerStep*, SlidingWindow> pools;

    explicit Prepared(const IntegerNetwork& described) : network(described) {
        for (const IntegerStep& step : described.steps) {
            if (const auto* layer = std::get_if<IntegerLayer>(&step.work)) {
                layers.emplace(&step, *layer);
            } else if (const auto* pool = std::get_if<IntegerPool>(&step.work)) {
                pools.emplace(&step, pool->window);
            }
        }
    }
};

/// One thread's work: a sample at a time, with memory that is used again.
class Worker {
public:
    Worker(const Prepared& prepared, const Accumulator& accumulator)
        : m_prepared(prepared),
          m_network(prepared.network),
          m_accumulator(accumulator),
          m_edges(m_network.edges) {
        for (const IntegerStep& step : m_network.steps) {
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
        for (std::size_t i = 0; i < output.size() && !m_network.outputFactors.empty(); ++i) {
            output[i] = m_network.outputFactors.at(i).apply(output[i]);
        }
        return output;
    }

    [[nodiscard]] const std::vector<AccumulatorReport>& reports() const { return m_reports; }

private:
    void convert(const CodeConversion& conversion, const Values& input, AccumulatorReport& report) {
        if (conversion.fromReal) {
            m_codes.resize(m_sample.size());
            for (std::size_t i = 0; i < m_sample.size(); ++i) {
                const double code =
                    std::nearbyint(static_cast<double>(m_sample[i] / conversion.scale));
                m_codes[i] = static_cast<std::int32_t>(
                    std::clamp(code, static_cast<double>(conversion.codes.least),
                               static_cast<double>(conversion.codes.most)));
            }
            return;
        }
        m_codes.resize(input.size());
        for (std::size_t i = 0; i < input.size(); ++i) {
            const std::int64_t code =
                conversion.factors.empty() ? input[i] : conversion.factors.at(i).apply(input[i]);
            const std::int64_t kept =
                std::clamp(code, conversion.codes.least, conversion.codes.most);
            report.saturated += kept != code ? 1 : 0;
            m_codes[i] = static_cast<std::int32_t>(kept);
        }
    }

    void gather(const IntegerLayer& layer, const SlidingWindow& window, std::size_t group,
                std::size_t place) {
        m_row.resize(layer.length);
        const std::size_t taps = window.taps();
        const std::size_t channels = layer.length / taps;
        const std::size_t area = layer.window->area();
        for (std::size_t c = 0; c < channels; ++c) {
            const std::int32_t* plane = m_codes.data() + (group * channels + c) * area;
            for (std::size_t tap = 0; tap < taps; ++tap) {
                const std::int32_t element = window.element(place, tap);
                m_row[c * taps + tap] = element == SlidingWindow::kPadding ? 0 : plane[element];
            }
        }
    }

    void runLayer(const IntegerLayer& layer, const IntegerStep& step, AccumulatorReport& report) {
        const PreparedLayer& prepared = m_prepared.layers.at(&step);
        convert(layer.input, m_edges[step.inputs.front()], report);
        const std::size_t places = layer.window ? layer.window->places() : layer.rows;
        const std::size_t perGroup = layer.channels / layer.groups;
        const bool isShort = !prepared.shortWeights.empty() &&
                             m_accumulator.holds(layer.worst.least) &&
                             m_accumulator.holds(layer.worst.most);
        Values& output = m_edges[step.output];
        output.resize(layer.channels * places);
        for (std::size_t group = 0; group < layer.groups; ++group) {
            for (std::size_t place = 0; place < places; ++place) {
                std::span<const std::int32_t> row;
                if (layer.window) {
                    gather(layer, *prepared.window, group, place);
                    row = m_row;
                } else {
                    row = std::span(m_codes).subspan(place * layer.length, layer.length);
                }
                if (isShort) {
                    m_shortRow.resize(row.size());
                    std::transform(
                        row.begin(), row.end(), m_shortRow.begin(),
                        [](std::int32_t code) { return static_cast<std::int16_t>(code); });
                }
                for (std::size_t c = group * perGroup; c < (group + 1) * perGroup; ++c) {
                    const std::int64_t sum = isShort ? addShort(prepared, c, row.size(), report)
                                                     : add(layer, prepared, c, row, report);
                    const std::size_t at =
                        layer.window ? c * places + place : place * layer.channels + c;
                    const std::int64_t scaled = layer.passedOn(sum, c);
                    output[at] = layer.output ? layer.output->apply(scaled) : scaled;
                }
            }
        }
    }

    /// No register can overflow, whatever the order: the quickest one.
    std::int64_t addShort(const PreparedLayer& layer, std::size_t channel, std::size_t length,
                          AccumulatorReport& report) const {
        const std::int16_t* few = layer.shortWeights.data() + channel * length;
        auto total = static_cast<std::int32_t>(layer.wholeBias[channel]);
        for (std::size_t i = 0; i < length; ++i) {
            total += static_cast<std::int32_t>(few[i]) * m_shortRow[i];
        }
        ++report.sums;
        report.observed.include(total);
        return total;
    }

    std::int64_t add(const IntegerLayer& layer, const PreparedLayer& prepared, std::size_t channel,
                     std::span<const std::int32_t> row, AccumulatorReport& report) const {
        const auto weights = std::span(layer.weights).subspan(channel * layer.length, layer.length);
        const Sum sum = addProducts(weights, row, prepared.wholeBias[channel], m_accumulator);
        ++report.sums;
        report.observed.include(sum.exact);
        report.overflows += sum.overflowed ? 1 : 0;
        return sum.value;
    }

    void runOther(const IntegerClamp& clamp, const IntegerStep& step) {
        Values output = m_edges[step.inputs.front()];
        for (std::size_t i = 0; i < output.size(); ++i) {
            output[i] = clamp.high.empty() ? output[i] : std::min(output[i], clamp.high.at(i));
            output[i] = clamp.low.empty() ? output[i] : std::max(output[i], clamp.low.at(i));
        }
        m_edges[step.output] = std::move(output);
    }

    void runOther(const IntegerPool& pool, const IntegerStep& step) {
        const Values& input = m_edges[step.inputs.front()];
        const SlidingWindow& window = m_prepared.pools.at(&step);
        const std::size_t area = pool.window.area();
        Values output(pool.channels * window.places());
        for (std::size_t c = 0; c < pool.channels; ++c) {
            const std::int64_t* plane = input.data() + c * area;
            for (std::size_t place = 0; place < window.places(); ++place) {
                output[c * window.places() + place] = pooled(pool, window, plane, place);
            }
        }
        m_edges[step.output] = std::move(output);
    }

    static std::int64_t pooled(const IntegerPool& pool, const SlidingWindow& window,
                               const std::int64_t* plane, std::size_t place) {
        std::int64_t sum = 0;
        std::int64_t most = std::numeric_limits<std::int64_t>::min();
        std::int64_t count = 0;
        for (std::size_t tap = 0; tap < window.taps(); ++tap) {
            const std::int32_t element = window.element(place, tap);
            if (element != SlidingWindow::kPadding) {
                sum += plane[element];
                most = std::max(most, plane[element]);
                ++count;
            }
        }
        switch (pool.kind) {
            case IntegerPool::Kind::Maximum:
                return most;
            case IntegerPool::Kind::RoundedMean:
                return divideHalfEven(sum, count);
            case IntegerPool::Kind::Sum:
                break;
        }
        return roundingShiftRight(sum, pool.shift);
    }

    void runOther(const IntegerAdd& add, const IntegerStep& step) {
        const Values& left = m_edges[step.inputs[0]];
        const Values& right = m_edges[step.inputs[1]];
        Values output(left.size());
        for (std::size_t i = 0; i < left.size(); ++i) {
            output[i] = add.left.at(i).apply(left[i]) + add.right.at(i).apply(right[i]);
        }
        m_edges[step.output] = std::move(output);
    }

    void runOther(const IntegerGather& gather, const IntegerStep& step) {
        const Values& input = m_edges[step.inputs.front()];
        Values output = gather.from.empty() ? input : Values(gather.from.size(), 0);
        for (std::size_t i = 0; i < gather.from.size(); ++i) {
            if (gather.from[i] != IntegerGather::kZero) {
                output[i] = input[static_cast<std::size_t>(gather.from[i])];
            }
        }
        m_edges[step.output] = std::move(output);
    }
    void runOther(const IntegerLayer& /*layer*/, const IntegerStep& /*step*/) {}

    const Prepared& m_prepared;
    const IntegerNetwork& m_network;
    const Accumulator& m_accumulator;
    std::span<const float> m_sample;
    std::vector<Values> m_edges;
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

IntegerRun runIntegers(const IntegerNetwork& network, std::span<const float> samples,
                       const Accumulator& accumulator, int threads,
                       const std::function<bool(double)>& progress) {
    const std::size_t length = network.sampleLength();
    const std::size_t count = samples.size() / length;
    const std::size_t parts = std::clamp<std::size_t>(
        static_cast<std::size_t>(std::max(1, threads)), 1, std::max<std::size_t>(1, count));
    const Prepared prepared(network);
    std::vector<Worker> workers(parts, Worker(prepared, accumulator));
    std::vector<Values> outputs(count);
    std::stop_source stop;
    constexpr std::size_t kReportEvery = 16;
    const auto work = [&](std::size_t part) {
        const std::size_t first = part * count / parts;
        const std::size_t end = (part + 1) * count / parts;
        for (std::size_t i = first; i < end && !stop.stop_requested(); ++i) {
            outputs[i] = workers[part].run(samples.subspan(i * length, length));
            if (part == 0 && progress && i % kReportEvery == 0 &&
                !progress(static_cast<double>(i) / static_cast<double>(end))) {
                stop.request_stop();
            }
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
        run.width = std::max(run.width, output.size());
    }
    for (const Worker& worker : workers) {
        if (worker.reports().empty() || worker.reports().front().sums > 0) {
            merge(run.layers, worker.reports());
        }
    }
    return run;
}

}  // namespace bitloupe::quantization
