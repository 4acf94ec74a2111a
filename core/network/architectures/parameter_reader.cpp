// SPDX-License-Identifier: Apache-2.0
#include "core/network/architectures/parameter_reader.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"

namespace bitloupe::network {

void ParameterReader::fail(Error error) {
    if (!m_error) {
        m_error = std::move(error);
    }
}

std::int64_t ParameterReader::integer(const std::string& name, std::int64_t otherwise,
                                      std::int64_t least, std::int64_t most) {
    const Result<std::int64_t> value = parameterOr(m_given, name, otherwise, least, most);
    if (value.hasError()) {
        fail(value.error());
        return otherwise;
    }
    return value.value();
}

double ParameterReader::positive(const std::string& name, double otherwise) {
    const auto given = m_given.find(name);
    if (given == m_given.end()) {
        return otherwise;
    }
    const std::optional<double> value = text::parseNumber(given->second);
    if (!value || !(*value > 0) || *value > 1e12) {
        fail({"this is not a positive number", name + "=" + given->second,
              "write for instance " + name + "=" + text::number(otherwise)});
        return otherwise;
    }
    return *value;
}

std::string ParameterReader::choice(const std::string& name,
                                    const std::vector<std::string>& choices) {
    const auto given = m_given.find(name);
    if (given == m_given.end()) {
        return choices.front();
    }
    if (std::find(choices.begin(), choices.end(), given->second) == choices.end()) {
        fail({"there is no such choice", name + "=" + given->second,
              "choose one of " + text::join(choices, ", ")});
        return choices.front();
    }
    return given->second;
}

void ParameterReader::requireMultiple(std::int64_t whole, std::int64_t part,
                                      const std::string& what) {
    if (part == 0 || whole % part != 0) {
        fail({what + " do not fit each other: " + std::to_string(whole) + " is no multiple of " +
                  std::to_string(part),
              "", "give sizes that divide"});
    }
}

}  // namespace bitloupe::network
