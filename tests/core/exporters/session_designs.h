// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QStringList>
#include <vector>

#include "core/exporters/exporter.h"
#include "core/study/session.h"

namespace bitloupe::testing {

/// The LeNet-5 of the study mnist-lenet5 on real MNIST, opened. Fails the test when it cannot be.
[[nodiscard]] study::Session mnistSession(const std::string& model, const std::string& images,
                                          const QString& folder);

/// The design that gives the layers these schemes ("int4@channel int8") in turn.
[[nodiscard]] exploration::Assignment designInTurn(const study::Session& session,
                                                   const QStringList& schemes);

/// Integers of 3 to 8 bits, another for every layer of LeNet-5.
[[nodiscard]] QStringList mixedSchemes();

/// The same, resolved with the session's calibration.
[[nodiscard]] exporters::ResolvedDesign resolvedInTurn(const study::Session& session,
                                                       const QStringList& schemes);

/// The outputs of the simulation, sample by sample, `width` a sample.
[[nodiscard]] std::vector<float> simulate(const study::Session& session,
                                          const exporters::ResolvedDesign& design,
                                          const data::Samples& samples, std::size_t width);

/// The index of the largest of every `width` values.
template <typename T>
[[nodiscard]] std::vector<std::size_t> argmaxOf(const std::vector<T>& outputs, std::size_t width) {
    std::vector<std::size_t> predictions;
    for (std::size_t at = 0; at + width <= outputs.size(); at += width) {
        std::size_t best = 0;
        for (std::size_t i = 1; i < width; ++i) {
            best = outputs[at + i] > outputs[at + best] ? i : best;
        }
        predictions.push_back(best);
    }
    return predictions;
}

/// Exports `design` as `kind` below `folder` and runs what was written on `samples`, with the
/// program's own reader of that form: how often it predicts what the simulation does. Says so.
/// -1 when it cannot be written or run, which is printed.
[[nodiscard]] std::int64_t agreeingAfterExport(const QString& kind,
                                               const exporters::ResolvedDesign& design,
                                               const data::Samples& samples, const QString& folder);

/// Positions at which the two are equal.
[[nodiscard]] std::int64_t agreeing(const std::vector<std::size_t>& a,
                                    const std::vector<std::size_t>& b);

}  // namespace bitloupe::testing
