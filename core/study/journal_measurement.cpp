// SPDX-License-Identifier: Apache-2.0
#include "core/study/journal_measurement.h"

namespace bitloupe::study {

using exploration::Measurement;
using exploration::Side;

namespace {

constexpr std::string_view kWeights = "weights";
constexpr std::string_view kActivations = "activations";

}  // namespace

Statement& bindMeasurement(Statement& statement, const Measurement& measured) {
    return statement.bind(measured.metric)
        .bind(measured.interval.low)
        .bind(measured.interval.high)
        .bind(measured.correct)
        .bind(measured.samples)
        .bind(measured.kl)
        .bind(measured.outputMse);
}

Measurement readMeasurement(const Statement& statement, int first) {
    return {.metric = statement.number(first),
            .interval = {.low = statement.number(first + 1), .high = statement.number(first + 2)},
            .correct = statement.integer(first + 3),
            .samples = statement.integer(first + 4),
            .kl = statement.number(first + 5),
            .outputMse = statement.number(first + 6)};
}

std::string_view sideName(Side side) {
    return side == Side::Weights ? kWeights : kActivations;
}

Side readSide(const Statement& statement, int column) {
    return statement.text(column) == kWeights ? Side::Weights : Side::Activations;
}

Result<bool> hasTable(const Database& database, std::string_view name) {
    Statement statement = database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = ?");
    statement.bind(name);
    const bool found = statement.step() && statement.integer(0) > 0;
    const Result<void> result = located(statement.result(), database);
    return result.hasError() ? Result<bool>(result.error()) : Result<bool>(found);
}

Result<void> located(const Result<void>& result, const Database& database) {
    return result.hasError() ? Result<void>(result.error().within(database.path())) : result;
}

}  // namespace bitloupe::study
