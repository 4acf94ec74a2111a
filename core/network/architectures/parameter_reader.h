// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/network/architectures/architecture.h"

namespace bitloupe::network {

/// Reads the sizes of an architecture one after another; the first one that is wrong is remembered,
/// and the others are read as if they were not given.
class ParameterReader {
public:
    explicit ParameterReader(const ArchitectureParameters& parameters) : m_given(parameters) {}

    /// A whole number from `least` to `most`, or `otherwise` when it is not given.
    std::int64_t integer(const std::string& name, std::int64_t otherwise, std::int64_t least = 1,
                         std::int64_t most = 1'000'000);

    /// A positive number.
    double positive(const std::string& name, double otherwise);

    /// One of `choices`, the first when it is not given.
    std::string choice(const std::string& name, const std::vector<std::string>& choices);

    /// Refuses `whole` unless it is a multiple of `part`; `what` names both for people.
    void requireMultiple(std::int64_t whole, std::int64_t part, const std::string& what);

    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }

private:
    void fail(Error error);

    const ArchitectureParameters& m_given;
    std::optional<Error> m_error;
};

}  // namespace bitloupe::network
