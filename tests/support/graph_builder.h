// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/network/graph.h"

namespace bitloupe::testing {

/// Builds small graphs by hand: build().input(...).node(...).output(...).
class GraphBuilder {
public:
    explicit GraphBuilder(std::int64_t opset = 13);

    /// A dimension of 0 is symbolic.
    GraphBuilder& input(const std::string& name, const Shape& shape,
                        ElementType type = ElementType::Float32);
    GraphBuilder& stored(const std::string& name, const Array& value);
    GraphBuilder& node(const std::string& type, std::vector<std::string> inputs,
                       std::vector<std::string> outputs,
                       std::map<std::string, network::Attribute> attributes = {});
    GraphBuilder& output(const std::string& name);

    [[nodiscard]] std::shared_ptr<const network::Graph> graph() const;

private:
    network::Graph m_graph;
};

/// `count` values between -1 and 1 that follow from `seed` alone.
[[nodiscard]] std::vector<float> someValues(std::int64_t count, unsigned seed);

/// An array of someValues.
[[nodiscard]] Array someArray(const Shape& shape, unsigned seed);

}  // namespace bitloupe::testing
