// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtTest/QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/execution/executor.h"
#include "tests/support/graph_builder.h"

/// Arrays place by place, for tests that compare an operator with plain loops.
namespace bitloupe::testing {

using Place = std::vector<std::int64_t>;

inline std::vector<Array> runAll(const GraphBuilder& builder,
                                 const std::map<std::string, Array>& inputs) {
    const auto executor = execution::Executor::prepare(builder.graph());
    const auto outputs = executor.hasError() ? Result<std::vector<Array>>(executor.error())
                                             : executor.value().run(inputs);
    if (outputs.hasError()) {
        QTest::qFail(outputs.error().sentence().c_str(), __FILE__, __LINE__);
        return {Array(), Array()};
    }
    return outputs.value();
}

inline Array integers(const Shape& shape, const std::vector<std::int64_t>& values) {
    return Array::of<std::int64_t>(shape, values);
}

inline std::size_t offsetOf(const Shape& shape, const Place& place) {
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        offset = offset * shape[i] + place[i];
    }
    return static_cast<std::size_t>(offset);
}

inline float at(const Array& array, const Place& place) {
    return array.as<float>()[offsetOf(array.shape(), place)];
}

inline void forEachPlace(const Shape& shape, const std::function<void(const Place&)>& visit) {
    const std::int64_t count = elementCount(shape);
    for (std::int64_t i = 0; i < count; ++i) {
        Place place(shape.size());
        std::int64_t rest = i;
        for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis]) {
            place[axis] = rest % shape[axis];
        }
        visit(place);
    }
}

inline void compare(const Array& found, const Shape& shape,
                    const std::function<double(const Place&)>& expected, double tolerance = 0) {
    QCOMPARE(found.shape(), shape);
    forEachPlace(shape, [&](const Place& place) {
        QVERIFY(std::abs(static_cast<double>(at(found, place)) - expected(place)) <= tolerance);
    });
}

/// Rows [first, first + count) of the first dimension.
inline Array rowsOf(const Array& whole, std::int64_t first, std::int64_t count) {
    Shape shape = whole.shape();
    const std::int64_t each = whole.shape()[0] == 0 ? 0 : elementCount(shape) / shape[0];
    shape[0] = count;
    const auto values = whole.as<float>().subspan(static_cast<std::size_t>(first * each),
                                                  static_cast<std::size_t>(count * each));
    return Array::of<float>(shape, values);
}

inline bool sameBits(const Array& a, const Array& b) {
    return a.shape() == b.shape() && std::ranges::equal(a.bytes(), b.bytes());
}

}  // namespace bitloupe::testing
