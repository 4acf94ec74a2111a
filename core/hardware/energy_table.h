// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/hardware/workload.h"

namespace bitloupe::hardware {

/// A published number with the range the truth is thought to lie in, and where it comes from.
struct Figure {
    double value = 0;
    double low = 0;
    double high = 0;
    std::string source;

    /// All three times `factor` (at least 0).
    [[nodiscard]] Figure scaled(double factor) const;
    /// Sums; the sources are joined.
    [[nodiscard]] Figure plus(const Figure& other) const;
};

/// "integer", "float", "posit", "logarithmic", "power-of-two", "binary",
/// "table".
[[nodiscard]] std::string_view arithmeticName(Arithmetic arithmetic);

/// Energies in pJ and areas in um2 of operations and memories, from one YAML file. Between two
/// published widths or sizes a power law runs through both; beyond them the nearest law goes on for
/// at most a factor of eight (64 for memory sizes), with a range that widens. There is no figure
/// without a source: what is not published is absent, and so is what depends on it.
class EnergyTable {
public:
    /// Errors: an unknown key, operation or arithmetic, a figure without a range or a source, a
    /// range that does not hold its value.
    [[nodiscard]] static Result<EnergyTable> parse(std::string_view text,
                                                   const std::string& source);
    [[nodiscard]] static Result<EnergyTable> read(const std::string& path);

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] const std::string& description() const { return m_description; }

    /// One multiply-accumulate. Integers of two widths cost as much as two of their geometric mean;
    /// other arithmetics go by the wider operand.
    [[nodiscard]] std::optional<Figure> macEnergy(Arithmetic arithmetic, double weightBits,
                                                  double activationBits,
                                                  double accumulatorBits) const;
    [[nodiscard]] std::optional<Figure> macArea(Arithmetic arithmetic, double weightBits,
                                                double activationBits,
                                                double accumulatorBits) const;
    /// pJ per bit read or written in an SRAM of `bytes`. Never falls as the memory grows.
    [[nodiscard]] std::optional<Figure> sramEnergyPerBit(double bytes) const;
    [[nodiscard]] std::optional<Figure> dramEnergyPerBit() const;

private:
    struct Reader;
    using Curve = std::map<double, Figure>;

    [[nodiscard]] const Curve* find(const std::string& quantity) const;
    [[nodiscard]] std::optional<Figure> mac(const std::string& unit, Arithmetic arithmetic,
                                            double weightBits, double activationBits,
                                            double accumulatorBits) const;

    std::string m_name;
    std::string m_description;
    std::map<std::string, Curve> m_curves;  ///< "energy multiply integer" by bits
};

}  // namespace bitloupe::hardware
