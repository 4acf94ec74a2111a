// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/energy_table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/file.h"
#include "core/base/yaml_document.h"

namespace bitloupe::hardware {

namespace {

constexpr double kFarthestWidth = 8;  ///< how far a law is trusted beyond the published widths
constexpr double kFarthestSize = 64;  ///< ... and memory sizes

constexpr std::array<Arithmetic, 7> kArithmetics = {
    Arithmetic::Integer,    Arithmetic::Float,  Arithmetic::Posit, Arithmetic::Logarithmic,
    Arithmetic::PowerOfTwo, Arithmetic::Binary, Arithmetic::Table};

double powerLaw(double x, double x0, double y0, double x1, double y1) {
    return y0 * std::pow(y1 / y0, std::log(x / x0) / std::log(x1 / x0));
}

Figure between(double x, const std::pair<const double, Figure>& a,
               const std::pair<const double, Figure>& b) {
    const auto at = [&](double Figure::*part) {
        return powerLaw(x, a.first, a.second.*part, b.first, b.second.*part);
    };
    const std::string source = a.second.source == b.second.source
                                   ? a.second.source
                                   : a.second.source + "; " + b.second.source;
    return {at(&Figure::value), at(&Figure::low), at(&Figure::high), source};
}

/// A point beyond the curve: the range widens by one part in each doubling of the distance.
Figure widened(Figure figure, double distance) {
    const double factor = 1 + std::log2(distance);
    figure.low = std::min(figure.low, figure.value) / factor;
    figure.high = std::max(figure.high, figure.value) * factor;
    figure.source += "; extrapolated";
    return figure;
}

std::optional<Figure> evaluate(const std::map<double, Figure>& curve, double x,
                               double farthest = kFarthestWidth) {
    const auto exact = curve.find(x);
    if (exact != curve.end()) {
        return exact->second;
    }
    if (curve.size() < 2 || !(x > 0)) {
        return std::nullopt;
    }
    auto above = curve.lower_bound(x);
    const bool inside = above != curve.begin() && above != curve.end();
    if (above == curve.begin()) {
        ++above;
    } else if (above == curve.end()) {
        --above;
    }
    const Figure figure = between(x, *std::prev(above), *above);
    if (inside) {
        return figure;
    }
    const double first = curve.begin()->first;
    const double distance = x < first ? first / x : x / curve.rbegin()->first;
    return distance > farthest ? std::nullopt : std::optional(widened(figure, distance));
}

}  // namespace

Figure Figure::scaled(double factor) const {
    return {value * factor, low * factor, high * factor, source};
}

Figure Figure::plus(const Figure& other) const {
    std::string sources = source;
    if (sources.find(other.source) == std::string::npos) {
        sources += (sources.empty() ? "" : "; ") + other.source;
    }
    return {value + other.value, low + other.low, high + other.high, sources};
}

std::string_view arithmeticName(Arithmetic arithmetic) {
    switch (arithmetic) {
        case Arithmetic::Integer:
            return "integer";
        case Arithmetic::Float:
            return "float";
        case Arithmetic::Posit:
            return "posit";
        case Arithmetic::Logarithmic:
            return "logarithmic";
        case Arithmetic::PowerOfTwo:
            return "power-of-two";
        case Arithmetic::Binary:
            return "binary";
        case Arithmetic::Table:
            return "table";
    }
    return "";
}

/// Reads the figures of one document into a table.
struct EnergyTable::Reader {
    EnergyTable& table;
    std::map<std::string, std::string> sources;

    /// `unit: value`, `unit_range: [low, high]` next to `source`; absent units are left out.
    void readFigure(const yaml::Value& row, const std::string& unit, const std::string& quantity,
                    double x) {
        const yaml::Value value = row[unit];
        if (!value.exists()) {
            return;
        }
        Figure figure;
        figure.value = value.number();
        const std::vector<yaml::Value> range = row[unit + "_range"].items();
        if (range.size() != 2) {
            return value.fail(unit + " has no range", "give " + unit + "_range: [low, high]");
        }
        figure.low = range[0].number();
        figure.high = range[1].number();
        if (!(figure.low > 0 && figure.low <= figure.value && figure.value <= figure.high)) {
            return value.fail("the range does not hold the value", "give 0 < low <= value <= high");
        }
        figure.source = sourceOf(row["source"]);
        if (!table.m_curves[quantity].emplace(x, figure).second) {
            row.fail("this figure is given twice", "keep one of the two");
        }
    }

    std::string sourceOf(const yaml::Value& value) {
        const auto found = sources.find(value.text());
        if (found == sources.end()) {
            value.fail("the source is not in the list of sources", "add it under `sources`");
            return {};
        }
        return found->second;
    }

    void readOperation(const yaml::Value& row) {
        row.allow({"operation", "arithmetic", "bits", "energy_pj", "energy_pj_range", "area_um2",
                   "area_um2_range", "source"});
        const std::string operation = row["operation"].text();
        if (operation != "multiply" && operation != "add" && operation != "mac") {
            row["operation"].fail("unknown operation", "use multiply, add or mac");
        }
        const std::string arithmetic = row["arithmetic"].text();
        if (std::none_of(kArithmetics.begin(), kArithmetics.end(),
                         [&](Arithmetic a) { return arithmeticName(a) == arithmetic; })) {
            row["arithmetic"].fail("unknown arithmetic",
                                   "use integer, float, posit, logarithmic, power-of-two, binary "
                                   "or table");
        }
        const double bits = static_cast<double>(row["bits"].integer(1, 1024));
        readFigure(row, "energy_pj", "energy " + operation + " " + arithmetic, bits);
        readFigure(row, "area_um2", "area " + operation + " " + arithmetic, bits);
    }

    void readMemories(const yaml::Value& memories) {
        for (const yaml::Value& row : memories.items()) {
            row.allow({"memory", "bytes", "pj_per_bit", "pj_per_bit_range", "source"});
            const std::string memory = row["memory"].text();
            if (memory == "dram") {
                readFigure(row, "pj_per_bit", "dram", 1);
            } else if (memory == "sram") {
                readFigure(row, "pj_per_bit", "sram",
                           static_cast<double>(row["bytes"].integer(1, std::int64_t{1} << 40)));
            } else {
                row["memory"].fail("unknown memory", "use sram or dram");
            }
        }
    }
};

Result<EnergyTable> EnergyTable::parse(std::string_view text, const std::string& source) {
    const Result<yaml::Document> document = yaml::Document::parse(text, source);
    if (document.hasError()) {
        return document.error();
    }
    const yaml::Value root = document.value().root();
    root.allow({"name", "description", "sources", "operations", "memories"});
    EnergyTable table;
    table.m_name = root["name"].text();
    table.m_description = root["description"].text();
    Reader reader{table, {}};
    for (const auto& [key, value] : root["sources"].entries()) {
        reader.sources[key] = value.text();
    }
    for (const yaml::Value& row : root["operations"].items()) {
        reader.readOperation(row);
    }
    reader.readMemories(root["memories"]);
    if (const Result<void> read = document.value().result(); read.hasError()) {
        return read.error();
    }
    return table;
}

Result<EnergyTable> EnergyTable::read(const std::string& path) {
    const Result<std::string> text = readFile(path, std::uint64_t{1} << 22U);
    return text.hasError() ? Result<EnergyTable>(text.error()) : parse(text.value(), path);
}

const EnergyTable::Curve* EnergyTable::find(const std::string& quantity) const {
    const auto curve = m_curves.find(quantity);
    return curve == m_curves.end() ? nullptr : &curve->second;
}

std::optional<Figure> EnergyTable::mac(const std::string& unit, Arithmetic arithmetic,
                                       double weightBits, double activationBits,
                                       double accumulatorBits) const {
    const std::string name(arithmeticName(arithmetic));
    const bool integer = arithmetic == Arithmetic::Integer;
    const double bits =
        integer ? std::sqrt(weightBits * activationBits) : std::max(weightBits, activationBits);
    if (const Curve* whole = find(unit + " mac " + name); whole != nullptr) {
        return evaluate(*whole, bits);
    }
    const Curve* multiply = find(unit + " multiply " + name);
    const Curve* add = find(unit + " add " + name);
    if (multiply == nullptr || add == nullptr) {
        return std::nullopt;
    }
    const auto product = evaluate(*multiply, bits);
    const auto sum = evaluate(*add, accumulatorBits);
    if (!product || !sum) {
        return std::nullopt;
    }
    return product->plus(*sum);
}

std::optional<Figure> EnergyTable::macEnergy(Arithmetic arithmetic, double weightBits,
                                             double activationBits, double accumulatorBits) const {
    return mac("energy", arithmetic, weightBits, activationBits, accumulatorBits);
}

std::optional<Figure> EnergyTable::macArea(Arithmetic arithmetic, double weightBits,
                                           double activationBits, double accumulatorBits) const {
    return mac("area", arithmetic, weightBits, activationBits, accumulatorBits);
}

std::optional<Figure> EnergyTable::sramEnergyPerBit(double bytes) const {
    const Curve* curve = find("sram");
    return curve == nullptr ? std::nullopt : evaluate(*curve, bytes, kFarthestSize);
}

std::optional<Figure> EnergyTable::dramEnergyPerBit() const {
    const Curve* curve = find("dram");
    return curve == nullptr ? std::nullopt : evaluate(*curve, 1);
}

}  // namespace bitloupe::hardware
