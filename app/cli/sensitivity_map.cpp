// SPDX-License-Identifier: Apache-2.0
#include "app/cli/sensitivity_map.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>

#include "app/cli/result_document.h"
#include "core/base/text.h"

namespace bitloupe::cli {

namespace {

using exploration::Measurement;
using nlohmann::json;

json matrix(const SensitivityMap& map,
            const std::function<json(const Measurement&, std::size_t)>& value) {
    json rows = json::array();
    for (std::size_t row = 0; row < map.rows.size(); ++row) {
        json line = json::array();
        for (std::size_t format = 0; format < map.formats.size(); ++format) {
            const std::optional<Measurement>& cell = map.cell(row, format);
            line.push_back(cell ? value(*cell, row * map.formats.size() + format) : json());
        }
        rows.push_back(std::move(line));
    }
    return rows;
}

/// What there is no number for stays empty.
std::string numberField(double value) {
    return std::isnan(value) ? std::string() : text::number(value);
}

std::string headline(const SensitivityMap& map) {
    const std::string metric = exploration::quantity(map.metric).label;
    switch (map.kind) {
        case SensitivityMap::Kind::LeaveOneInFloat:
            return metric + " (KL divergence) with every layer rounded but one, " + map.on;
        case SensitivityMap::Kind::Channels:
            return metric + " (KL divergence) with single channels of " + map.layer + " rounded, " +
                   map.on;
        case SensitivityMap::Kind::LayersAlone:
            break;
    }
    return metric + " (KL divergence) with each layer alone rounded, " + map.on;
}

}  // namespace

double SensitivityMap::drop(const Measurement& measured) const {
    const double loss = reference.metric - measured.metric;
    return exploration::quantity(metric).direction == exploration::Direction::Maximize ? loss
                                                                                       : -loss;
}

json sensitivityJson(const SensitivityMap& map, bool hasLabels) {
    json names = json::array();
    json channels = json::array();
    for (const SensitivityMap::Row& row : map.rows) {
        names.push_back(row.name);
        channels.push_back({row.firstChannel, row.channels});
    }
    json document = {
        {"layers", names},
        {"formats", map.formats},
        {"on", map.on},
        {"metric",
         matrix(map, [](const auto& cell, std::size_t) { return numberJson(cell.metric); })},
        {"metric_drop",
         matrix(map, [&](const auto& cell, std::size_t) { return numberJson(map.drop(cell)); })},
        {"kl", matrix(map, [](const auto& cell, std::size_t) { return numberJson(cell.kl); })},
        {"sqnr_db",
         matrix(map, [&](const auto&, std::size_t i) { return numberJson(map.sqnrDb[i]); })},
        {"float", numberJson(map.reference.metric)},
        {"samples", map.reference.samples}};
    if (hasLabels) {
        document["correct"] =
            matrix(map, [](const auto& cell, std::size_t) { return json(cell.correct); });
    }
    if (map.kind == SensitivityMap::Kind::Channels) {
        document["layer"] = map.layer;
        document["channels"] = channels;
    }
    return document;
}

void printSensitivityCsv(const SensitivityMap& map, std::ostream& out) {
    const bool isOfChannels = map.kind == SensitivityMap::Kind::Channels;
    out << (map.kind == SensitivityMap::Kind::LeaveOneInFloat ? "left_in_float" : "layer")
        << (isOfChannels ? ",first_channel,channels" : "") << ",on,format,"
        << exploration::quantity(map.metric).key << ",drop,low,high,correct,samples,kl,sqnr_db\n";
    for (std::size_t row = 0; row < map.rows.size(); ++row) {
        for (std::size_t format = 0; format < map.formats.size(); ++format) {
            const std::optional<Measurement>& cell = map.cell(row, format);
            if (!cell) {
                continue;
            }
            std::vector<std::string> fields = {
                csvField(isOfChannels ? map.layer : map.rows[row].name)};
            if (isOfChannels) {
                fields.push_back(std::to_string(map.rows[row].firstChannel));
                fields.push_back(std::to_string(map.rows[row].channels));
            }
            fields.push_back(map.on);
            fields.push_back(csvField(map.formats[format]));
            for (const double value :
                 {cell->metric, map.drop(*cell), cell->interval.low, cell->interval.high}) {
                fields.push_back(numberField(value));
            }
            fields.push_back(std::to_string(cell->correct));
            fields.push_back(std::to_string(cell->samples));
            fields.push_back(numberField(cell->kl));
            fields.push_back(numberField(map.sqnrDb[row * map.formats.size() + format]));
            out << text::join(fields, ",") << '\n';
        }
    }
}

void printSensitivity(const SensitivityMap& map, std::ostream& out) {
    constexpr int kColumn = 22;
    const std::string first = map.kind == SensitivityMap::Kind::LeaveOneInFloat ? "in float"
                              : map.kind == SensitivityMap::Kind::Channels      ? "channels"
                                                                                : "layer";
    std::size_t width = first.size();
    for (const SensitivityMap::Row& row : map.rows) {
        width = std::max(width, row.name.size());
    }
    const int nameColumn = static_cast<int>(width) + 2;
    out << headline(map) << "; float: " << valueText(map.metric, map.reference.metric) << "\n\n"
        << std::left << std::setw(nameColumn) << first << std::right;
    for (const std::string& format : map.formats) {
        out << std::setw(kColumn) << format;
    }
    for (std::size_t row = 0; row < map.rows.size(); ++row) {
        out << '\n' << std::left << std::setw(nameColumn) << map.rows[row].name << std::right;
        for (std::size_t format = 0; format < map.formats.size(); ++format) {
            const std::optional<Measurement>& cell = map.cell(row, format);
            out << std::setw(kColumn)
                << (cell ? valueText(map.metric, cell->metric) + " (" +
                               valueText(exploration::QuantityId::Kl, cell->kl) + ")"
                         : std::string("-"));
        }
    }
    out << '\n';
}

}  // namespace bitloupe::cli
