// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/memory_budget.h"

#include <unistd.h>

#include <array>
#include <cmath>
#include <utility>

#include "core/base/text.h"

namespace bitloupe::exploration {

namespace {

double machineBytes() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long size = ::sysconf(_SC_PAGE_SIZE);
    constexpr double kSmallMachine = 4.0 * 1024 * 1024 * 1024;  // where the system does not tell
    return pages > 0 && size > 0 ? static_cast<double>(pages) * static_cast<double>(size)
                                 : kSmallMachine;
}

double unitBytes(std::string_view unit) {
    constexpr std::array<std::pair<std::string_view, double>, 6> kUnits = {{{"MB", 1e6},
                                                                            {"GB", 1e9},
                                                                            {"TB", 1e12},
                                                                            {"MiB", 0x1p20},
                                                                            {"GiB", 0x1p30},
                                                                            {"TiB", 0x1p40}}};
    for (const auto& [name, bytes] : kUnits) {
        if (unit == name) {
            return bytes;
        }
    }
    return unit == "%" ? machineBytes() / 100 : 0;
}

}  // namespace

std::size_t defaultMemoryBudget() {
    return static_cast<std::size_t>(machineBytes() / 4);
}

Result<std::size_t> parseMemoryBudget(std::string_view amount) {
    const std::size_t end = amount.find_first_not_of("0123456789.");
    const std::string digits(amount.substr(0, end));
    const std::string unit = end == std::string_view::npos ? "" : text::trim(amount.substr(end));
    const auto number = text::parseNumber(digits);
    const double bytes = number ? *number * unitBytes(unit) : 0;
    if (!(bytes >= 1) || bytes > 0x1p62) {
        return Error{"`" + std::string(amount) + "` is not an amount of memory", "",
                     "write for instance 512MiB, 2GiB or 25%"};
    }
    return static_cast<std::size_t>(bytes);
}

}  // namespace bitloupe::exploration
