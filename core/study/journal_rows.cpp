// SPDX-License-Identifier: Apache-2.0
#include "core/study/journal_rows.h"

#include <functional>
#include <memory>
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
            .utilization = statement.number(first + 4),
            .conversions = 0};
}

Result<void> readReference(const Database& database, exploration::KnownResults& known) {
    Statement statement = database.prepare(
        "SELECT metric, low, high, correct, samples, kl, output_mse FROM reference");
    while (statement.step()) {
        known.reference = readMeasurement(statement, 0);
    }
    return located(statement.result(), database);
}

/// What only some evaluations have, in tables of their own.
Result<void> readExtras(const Database& database, std::string_view table, std::string_view columns,
                        const std::function<void(const Statement&)>& add) {
    const Result<bool> exists = hasTable(database, table);
    if (exists.hasError() || !exists.value()) {
        return exists.hasError() ? Result<void>(exists.error()) : Result<void>();
    }
    Statement statement =
        database.prepare("SELECT " + std::string(columns) + " FROM " + std::string(table));
    while (statement.step()) {
        add(statement);
    }
    return located(statement.result(), database);
}

Result<void> readAllExtras(const Database& database,
                           std::vector<exploration::Evaluation>& evaluations) {
    std::unordered_map<std::int64_t, exploration::Evaluation*> byId;
    for (exploration::Evaluation& evaluation : evaluations) {
        byId[evaluation.id] = &evaluation;
    }
    const auto into = [&byId](const auto& set) {
        return [&byId, set](const Statement& row) {
            if (const auto found = byId.find(row.integer(0)); found != byId.end()) {
                set(*found->second, row);
            }
        };
    };
    Result<void> step =
        readExtras(database, "tuned", "id, parent, weights",
                   into([](exploration::Evaluation& evaluation, const Statement& row) {
                       evaluation.parent = row.integer(1);
                       evaluation.weights = row.text(2);
                   }));
    if (step.hasValue()) {
        step = readExtras(database, "stopped_early", "id",
                          into([](exploration::Evaluation& evaluation, const Statement&) {
                              evaluation.measured.stoppedEarly = true;
                          }));
    }
    if (step.hasValue()) {
        step = readExtras(database, "conversions", "id, elements",
                          into([](exploration::Evaluation& evaluation, const Statement& row) {
                              evaluation.costs.conversions = row.number(1);
                          }));
    }
    if (step.hasValue()) {
        step = readExtras(database, "hits", "id, bits",
                          into([](exploration::Evaluation& evaluation, const Statement& row) {
                              evaluation.measured.hits =
                                  std::make_shared<const exploration::SampleHits>(row.bytes(1));
                          }));
    }
    return step;
}

Result<void> readEvaluations(const Database& database, const DesignText& designs,
                             exploration::KnownResults& known) {
    Statement statement = database.prepare(
        "SELECT id, schemes, array, seconds, origin, metric, low, high, correct, samples, kl, "
        "output_mse, macs, bops, weight_bits, cycles, utilization FROM evaluations ORDER BY id");
    constexpr int kFirstMeasured = 5;
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
    }
    const Result<void> read = located(statement.result(), database);
    return read.hasError() ? read : readAllExtras(database, known.evaluations);
}

}  // namespace

Result<void> insertEvaluations(Database& database, const DesignText& designs, std::int64_t firstId,
                               std::span<const exploration::Evaluation> evaluations) {
    Statement statement = database.prepare(
        "INSERT INTO evaluations (id, schemes, array, seconds, origin, metric, low, high, correct, "
        "samples, kl, output_mse, macs, bops, weight_bits, cycles, utilization) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    Statement tuned = database.prepare("INSERT INTO tuned VALUES (?, ?, ?)");
    Statement stopped = database.prepare("INSERT INTO stopped_early VALUES (?)");
    Statement conversions = database.prepare("INSERT INTO conversions VALUES (?, ?)");
    Statement hits = database.prepare("INSERT INTO hits VALUES (?, ?)");
    for (const exploration::Evaluation& evaluation : evaluations) {
        if (evaluation.measured.stoppedEarly) {
            stopped.bind(firstId).run();
        }
        if (evaluation.costs.conversions > 0) {
            conversions.bind(firstId).bind(evaluation.costs.conversions).run();
        }
        if (evaluation.measured.hits != nullptr) {
            hits.bind(firstId).bind(evaluation.measured.hits->bytes()).run();
        }
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
    for (const Statement* each : {&tuned, &stopped, &conversions, &hits, &statement}) {
        if (each->result().hasError()) {
            return located(each->result(), database);
        }
    }
    return {};
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
