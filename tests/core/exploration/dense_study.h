// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/data/data_set.h"
#include "core/execution/executor.h"
#include "core/exploration/output_comparison.h"
#include "tests/support/graph_builder.h"

/// A small dense network, and samples that it labels itself.
namespace bitloupe::exploration::testing {

/// 12 features, three layers, five classes.
inline std::shared_ptr<const network::Network> denseNetwork() {
    bitloupe::testing::GraphBuilder builder;
    builder.input("x", {0, 12})
        .stored("w1", bitloupe::testing::someArray({12, 16}, 1))
        .stored("w2", bitloupe::testing::someArray({16, 16}, 2))
        .stored("w3", bitloupe::testing::someArray({16, 5}, 3))
        .node("MatMul", {"x", "w1"}, {"h1"})
        .node("Relu", {"h1"}, {"r1"})
        .node("MatMul", {"r1", "w2"}, {"h2"})
        .node("Relu", {"h2"}, {"r2"})
        .node("MatMul", {"r2", "w3"}, {"logits"})
        .output("logits");
    auto made = execution::makeNetwork(builder.graph(), "dense");
    return std::make_shared<const network::Network>(std::move(made).value());
}

/// Labelled by the float network itself, so that every lost bit loses samples; sorted by label, as
/// some data sets are.
inline data::Samples sortedSamples(std::int64_t count) {
    const auto network = denseNetwork();
    const Array all = bitloupe::testing::someArray({count, 12}, 77);
    const auto outputs =
        execution::Executor::prepare(network->graph).value().run({{"x", all}}).value()[0];
    std::vector<std::vector<float>> byLabel(5);
    std::vector<std::int64_t> counts(5);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto row = outputs.as<float>().subspan(static_cast<std::size_t>(i) * 5, 5);
        const auto label = static_cast<std::size_t>(vote(row, OutputKind::Logits));
        const auto values = all.as<float>().subspan(static_cast<std::size_t>(i) * 12, 12);
        byLabel[label].insert(byLabel[label].end(), values.begin(), values.end());
        ++counts[label];
    }
    data::Samples samples;
    std::vector<float> sorted;
    for (std::size_t label = 0; label < 5; ++label) {
        sorted.insert(sorted.end(), byLabel[label].begin(), byLabel[label].end());
        samples.labels.insert(samples.labels.end(), static_cast<std::size_t>(counts[label]),
                              static_cast<std::int64_t>(label));
    }
    samples.inputs["x"] = Array::of<float>({count, 12}, sorted);
    return samples;
}

}  // namespace bitloupe::exploration::testing
