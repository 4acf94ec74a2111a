// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/network/graph.h"

namespace bitloupe::testing {

inline network::Node node(const std::string& type, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs,
                          const std::map<std::string, network::Attribute>& attributes = {},
                          const std::string& name = "") {
    network::Node made;
    made.name = name.empty() ? type + "/" + outputs.front() : name;
    made.operatorType = type;
    made.inputs = inputs;
    made.outputs = outputs;
    made.attributes = attributes;
    return made;
}

inline network::ValueInfo value(const std::string& name) {
    network::ValueInfo info;
    info.name = name;
    return info;
}

inline Array floats(const Shape& shape, const std::vector<float>& values) {
    return Array::of<float>(shape, values);
}

inline Array filled(const Shape& shape, float value = 0) {
    return floats(shape, std::vector<float>(static_cast<std::size_t>(elementCount(shape)), value));
}

/// Values that differ from each other, small and of both signs.
inline Array varied(const Shape& shape, int seed) {
    std::vector<float> values(static_cast<std::size_t>(elementCount(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>((static_cast<int>(i) * 37 + seed * 11) % 23 - 11) / 8;
    }
    return floats(shape, values);
}

}  // namespace bitloupe::testing
