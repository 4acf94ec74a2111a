// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <variant>

#include "core/base/error.h"

namespace bitloupe {

/// A value, or the Error that kept it from being made.
///
/// There is no conversion to bool on purpose: `if (result)` reads as a question about the value.
/// Asking for the side that is not there is a broken invariant and throws std::bad_variant_access.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value)) {
    }  // NOLINT(google-explicit-constructor)
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error)) {
    }  // NOLINT(google-explicit-constructor)

    operator bool() const = delete;

    [[nodiscard]] bool hasValue() const { return m_state.index() == 0; }
    [[nodiscard]] bool hasError() const { return m_state.index() == 1; }

    [[nodiscard]] const T& value() const& { return std::get<0>(m_state); }
    [[nodiscard]] T& value() & { return std::get<0>(m_state); }
    [[nodiscard]] T&& value() && { return std::get<0>(std::move(m_state)); }
    [[nodiscard]] const Error& error() const { return std::get<1>(m_state); }

private:
    std::variant<T, Error> m_state;
};

/// Done, or the Error that stopped it.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error)
        : m_error(std::move(error)), m_failed(true) {}  // NOLINT(google-explicit-constructor)

    operator bool() const = delete;

    [[nodiscard]] bool hasValue() const { return !m_failed; }
    [[nodiscard]] bool hasError() const { return m_failed; }
    [[nodiscard]] const Error& error() const { return m_error; }

private:
    Error m_error;
    bool m_failed = false;
};

/// How a job ended. Cancelled is an outcome of its own, never an error.
enum class JobOutcome { Finished, Cancelled, Failed };

}  // namespace bitloupe
