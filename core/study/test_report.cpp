// SPDX-License-Identifier: Apache-2.0
#include "core/study/test_report.h"

#include <algorithm>
#include <utility>

#include "core/study/tuned_design.h"

namespace bitloupe::study {

namespace {

using exploration::Evaluation;
using exploration::Evaluator;
using exploration::PopulationEvaluator;

/// Designs that run together; few, so that an interrupt loses little.
constexpr std::size_t kTogether = 8;

Evaluator::Answer measure(const Session& session, const std::string& results,
                          PopulationEvaluator& evaluator, std::span<const Evaluation> designs,
                          const std::stop_token& stop,
                          const std::function<void(double)>& progress) {
    if (!designs.front().weights.empty()) {
        const Result<exploration::TunedDesign> tuned =
            designOf(session, session.space.assignment(designs.front().design),
                     weightsFileOf(results, designs.front()));
        return tuned.hasError() ? Evaluator::Answer{JobOutcome::Failed, {}, tuned.error()}
                                : evaluator.measure(tuned.value(), stop, progress);
    }
    std::vector<exploration::Assignment> population;
    for (const Evaluation& design : designs) {
        population.push_back(session.space.assignment(design.design));
    }
    return evaluator.evaluate(population, stop, progress);
}

/// As many of the first designs as can be measured at once: tuned ones have a network each.
std::size_t together(std::span<const Evaluation> designs) {
    const auto tuned = std::find_if(designs.begin(), designs.end(), [](const Evaluation& design) {
        return !design.weights.empty();
    });
    const auto untuned = static_cast<std::size_t>(tuned - designs.begin());
    return untuned == 0 ? 1 : std::min(untuned, kTogether);
}

}  // namespace

TestReport measureOnTestSplit(const Session& session, Journal& journal, const std::string& results,
                              const std::vector<Evaluation>& designs, const std::stop_token& stop,
                              const std::function<void(double)>& progress) {
    const auto split = session.data->splits.find(data::Role::Test);
    const Result<Journal::TestResults> known = journal.testResults();
    if (known.hasError()) {
        return {JobOutcome::Failed, 0, known.error()};
    }
    std::vector<Evaluation> missing = designs;
    std::erase_if(missing,
                  [&](const Evaluation& design) { return known.value().contains(design.id); });
    TestReport report{.measured = designs.size() - missing.size(), .error = {}};
    if (missing.empty() || split == session.data->splits.end()) {
        return report;
    }
    auto evaluator = openEvaluator(session, split->second);
    if (evaluator.hasError()) {
        return {JobOutcome::Failed, report.measured, evaluator.error()};
    }
    for (std::size_t first = 0; first < missing.size();) {
        const std::span<const Evaluation> rest = std::span(missing).subspan(first);
        const std::size_t count = together(rest);
        const auto done = [&](double share) {
            progress((static_cast<double>(first) + share * static_cast<double>(count)) /
                     static_cast<double>(missing.size()));
        };
        Evaluator::Answer answer =
            measure(session, results, *evaluator.value(), rest.first(count), stop, done);
        if (answer.outcome != JobOutcome::Finished) {
            return {answer.outcome, report.measured, answer.error};
        }
        Journal::TestResults measured;
        for (std::size_t i = 0; i < count; ++i) {
            measured[rest[i].id] = std::move(answer.measurements[i]);
        }
        if (const Result<void> kept = journal.appendTestResults(measured); kept.hasError()) {
            return {JobOutcome::Failed, report.measured, kept.error()};
        }
        report.measured += count;
        first += count;
    }
    return report;
}

}  // namespace bitloupe::study
