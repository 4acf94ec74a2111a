// SPDX-License-Identifier: Apache-2.0
#include "core/study/journal_rows.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/study/journal_measurement.h"

namespace bitloupe::study {

using exploration::Measurement;

namespace {

exploration::Costs readCosts(const Statement& statement, int first) {
    return {.macs = statement.number(first),
            .bops = statement.number(first + 1),
            .weightBits = statement.number(first + 2),
            .cycles = statement.number(first + 3),
            .utilization = statement.number(first + 4)};
}

Result<void> readReference(const Database& database, exploration::KnownResults& known) {
    Statement statement = database.prepare(
        "SELECT metric, low, high, correct, samples, kl, output_mse FROM reference");
    while (statement.step()) {
        known.reference = readMeasurement(statement, 0);
    }
    return located(statement.result(), database);
}

struct Tuned {
    std::int64_t parent = 0;
    std::string weights;
};

Result<std::map<std::int64_t, Tuned>> readTuned(const Database& database) {
    std::map<std::int64_t, Tuned> tuned;
    const Result<bool> exists = hasTable(database, "tuned");
    if (exists.hasError() || !exists.value()) {
        return exists.hasError() ? Result<std::map<std::int64_t, Tuned>>(exists.error())
                                 : Result<std::map<std::int64_t, Tuned>>(std::move(tuned));
    }
    Statement statement = database.prepare("SELECT id, parent, weights FROM tuned");
    while (statement.step()) {
        tuned[statement.integer(0)] = {statement.integer(1), statement.text(2)};
    }
    const Result<void> read = located(statement.result(), database);
    return read.hasError() ? Result<std::map<std::int64_t, Tuned>>(read.error())
                           : Result<std::map<std::int64_t, Tuned>>(std::move(tuned));
}

Result<void> readEvaluations(const Database& database, const DesignText& designs,
                             exploration::KnownResults& known) {
    Statement statement = database.prepare(
        "SELECT id, schemes, array, seconds, origin, metric, low, high, correct, samples, kl, "
        "output_mse, macs, bops, weight_bits, cycles, utilization FROM evaluations ORDER BY id");
    constexpr int kFirstMeasured = 5;
    const Result<std::map<std::int64_t, Tuned>> tuned = readTuned(database);
    if (tuned.hasError()) {
        return tuned.error();
    }
    while (statement.step()) {
        std::optional<exploration::Design> design =
            designs.design(statement.text(1), statement.text(2));
        if (!design.has_value()) {
            continue;
        }
        known.evaluations.push_back(
            {.id = statement.integer(0),
             .design = std::move(*design),
             .measured = readMeasurement(statement, kFirstMeasured),
             .costs = readCosts(statement, kFirstMeasured + kMeasurementColumns),
             .seconds = statement.number(3),
             .origin = statement.text(4),
             .parent = 0,
             .weights = {}});
        exploration::Evaluation& evaluation = known.evaluations.back();
        if (const auto found = tuned.value().find(evaluation.id); found != tuned.value().end()) {
            evaluation.parent = found->second.parent;
            evaluation.weights = found->second.weights;
        }
    }
    return located(statement.result(), database);
}

}  // namespace

Result<void> insertEvaluations(Database& database, const DesignText& designs, std::int64_t firstId,
                               std::span<const exploration::Evaluation> evaluations) {
    Statement statement = database.prepare(
        "INSERT INTO evaluations (id, schemes, array, seconds, origin, metric, low, high, correct, "
        "samples, kl, output_mse, macs, bops, weight_bits, cycles, utilization) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    Statement tuned = database.prepare("INSERT INTO tuned VALUES (?, ?, ?)");
    for (const exploration::Evaluation& evaluation : evaluations) {
        if (evaluation.parent != 0) {
            tuned.bind(firstId).bind(evaluation.parent).bind(evaluation.weights).run();
        }
        statement.bind(firstId++)
            .bind(designs.schemes(evaluation.design))
            .bind(designs.array(evaluation.design))
            .bind(evaluation.seconds)
            .bind(evaluation.origin);
        bindMeasurement(statement, evaluation.measured)
            .bind(evaluation.costs.macs)
            .bind(evaluation.costs.bops)
            .bind(evaluation.costs.weightBits)
            .bind(evaluation.costs.cycles)
            .bind(evaluation.costs.utilization)
            .run();
    }
    const Result<void> written = located(tuned.result(), database);
    return written.hasError() ? written : located(statement.result(), database);
}

Result<void> insertReference(Database& database, const Measurement& reference) {
    Statement statement = database.prepare(
        "INSERT OR REPLACE INTO reference (metric, low, high, correct, samples, kl, output_mse, "
        "id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 1)");
    bindMeasurement(statement, reference).run();
    return located(statement.result(), database);
}

Result<exploration::KnownResults> readResults(const Database& database, const DesignText& designs) {
    exploration::KnownResults known;
    Result<void> step = readReference(database, known);
    if (step.hasValue()) {
        step = readMaps(database, designs.space().layers().size(), known);
    }
    if (step.hasValue()) {
        step = readEvaluations(database, designs, known);
    }
    return step.hasError() ? Result<exploration::KnownResults>(step.error())
                           : Result<exploration::KnownResults>(std::move(known));
}

}  // namespace bitloupe::study
