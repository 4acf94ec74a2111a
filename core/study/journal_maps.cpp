// SPDX-License-Identifier: Apache-2.0
#include "core/study/journal_measurement.h"
#include "core/study/journal_rows.h"

namespace bitloupe::study {

using exploration::ChannelCell;
using exploration::LeaveOneInFloatCell;
using exploration::SensitivityCell;

namespace {

/// The layer of a row that leaves none in float.
constexpr std::int64_t kNoLayer = -1;

/// Calls add(layer, quantizer) for every row of `sql`, whose first and third columns they are.
template <typename Add>
Result<void> readRows(const Database& database, Statement statement, std::int64_t firstLayer,
                      std::size_t layers, const Add& add) {
    while (statement.step()) {
        const std::int64_t layer = statement.integer(0);
        Result<quantization::Quantizer> quantizer =
            quantization::Quantizer::parse(statement.text(2));
        if (quantizer.hasError()) {
            return quantizer.error().within(database.path());
        }
        if (layer >= firstLayer && layer < static_cast<std::int64_t>(layers)) {
            add(statement, layer, std::move(quantizer).value());
        }
    }
    return located(statement.result(), database);
}

Result<void> readSensitivity(const Database& database, std::size_t layers,
                             std::vector<SensitivityCell>& cells) {
    return readRows(
        database,
        database.prepare("SELECT layer, side, quantizer, metric, low, high, correct, samples, kl, "
                         "output_mse, sqnr_db FROM sensitivity ORDER BY rowid"),
        0, layers,
        [&](const Statement& row, std::int64_t layer, quantization::Quantizer quantizer) {
            constexpr int kMeasured = 3;
            cells.push_back({.layer = static_cast<std::size_t>(layer),
                             .side = readSide(row, 1),
                             .quantizer = std::move(quantizer),
                             .measured = readMeasurement(row, kMeasured),
                             .sqnrDb = row.number(kMeasured + kMeasurementColumns)});
        });
}

Result<void> readLeaveOneInFloat(const Database& database, std::size_t layers,
                                 std::vector<LeaveOneInFloatCell>& cells) {
    return readRows(
        database,
        database.prepare("SELECT layer, side, quantizer, metric, low, high, correct, samples, kl, "
                         "output_mse FROM leave_one_in_float ORDER BY rowid"),
        kNoLayer, layers,
        [&](const Statement& row, std::int64_t layer, quantization::Quantizer quantizer) {
            LeaveOneInFloatCell cell{.side = readSide(row, 1),
                                     .quantizer = std::move(quantizer),
                                     .measured = readMeasurement(row, 3)};
            if (layer != kNoLayer) {
                cell.layer = static_cast<std::size_t>(layer);
            }
            cells.push_back(std::move(cell));
        });
}

Result<void> readChannels(const Database& database, std::size_t layers,
                          std::vector<ChannelCell>& cells) {
    return readRows(
        database,
        database.prepare("SELECT layer, side, quantizer, first_channel, channels, metric, low, "
                         "high, correct, samples, kl, output_mse, sqnr_db FROM channel_sensitivity "
                         "ORDER BY rowid"),
        0, layers,
        [&](const Statement& row, std::int64_t layer, quantization::Quantizer quantizer) {
            constexpr int kMeasured = 5;
            cells.push_back({.probe = {.channels = {.layer = static_cast<std::size_t>(layer),
                                                    .side = readSide(row, 1),
                                                    .first = row.integer(3),
                                                    .count = row.integer(4)},
                                       .quantizer = std::move(quantizer)},
                             .measured = readMeasurement(row, kMeasured),
                             .sqnrDb = row.number(kMeasured + kMeasurementColumns)});
        });
}

}  // namespace

Result<void> insertSensitivity(Database& database, std::span<const SensitivityCell> cells) {
    Statement statement = database.prepare(
        "INSERT OR REPLACE INTO sensitivity (layer, side, quantizer, metric, low, high, correct, "
        "samples, kl, output_mse, sqnr_db) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const SensitivityCell& cell : cells) {
        statement.bind(static_cast<std::int64_t>(cell.layer))
            .bind(sideName(cell.side))
            .bind(cell.quantizer.name());
        bindMeasurement(statement, cell.measured).bind(cell.sqnrDb).run();
    }
    return located(statement.result(), database);
}

Result<void> insertLeaveOneInFloat(Database& database, std::span<const LeaveOneInFloatCell> cells) {
    Statement statement = database.prepare(
        "INSERT OR REPLACE INTO leave_one_in_float (layer, side, quantizer, metric, low, high, "
        "correct, samples, kl, output_mse) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const LeaveOneInFloatCell& cell : cells) {
        statement.bind(cell.layer.has_value() ? static_cast<std::int64_t>(*cell.layer) : kNoLayer)
            .bind(sideName(cell.side))
            .bind(cell.quantizer.name());
        bindMeasurement(statement, cell.measured).run();
    }
    return located(statement.result(), database);
}

Result<void> insertChannels(Database& database, std::span<const ChannelCell> cells) {
    Statement statement = database.prepare(
        "INSERT OR REPLACE INTO channel_sensitivity (layer, side, quantizer, first_channel, "
        "channels, metric, low, high, correct, samples, kl, output_mse, sqnr_db) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const ChannelCell& cell : cells) {
        const exploration::ChannelGroup& group = cell.probe.channels;
        statement.bind(static_cast<std::int64_t>(group.layer))
            .bind(sideName(group.side))
            .bind(cell.probe.quantizer.name())
            .bind(group.first)
            .bind(group.count);
        bindMeasurement(statement, cell.measured).bind(cell.sqnrDb).run();
    }
    return located(statement.result(), database);
}

Result<void> readMaps(const Database& database, std::size_t layers,
                      exploration::KnownResults& known) {
    if (Result<void> read = readSensitivity(database, layers, known.sensitivity); read.hasError()) {
        return read;
    }
    // Both came with the same form of the journal.
    const Result<bool> hasOthers = hasTable(database, "channel_sensitivity");
    if (hasOthers.hasError() || !hasOthers.value()) {
        return hasOthers.hasError() ? Result<void>(hasOthers.error()) : Result<void>();
    }
    const Result<void> read = readLeaveOneInFloat(database, layers, known.leaveOneInFloat);
    return read.hasError() ? read : readChannels(database, layers, known.channels);
}

}  // namespace bitloupe::study
