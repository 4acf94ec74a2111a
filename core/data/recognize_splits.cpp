// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/data/recognize_kinds.h"

namespace bitloupe::data {

namespace {

constexpr std::int64_t kMostCalibration = 1000;
constexpr std::int64_t kMostSearch = 10'000;

}  // namespace

void splitOne(DataDescription& description, const std::string& source, std::int64_t count) {
    const std::int64_t calibration = std::clamp<std::int64_t>(count / 10, 1, kMostCalibration);
    const std::int64_t search = std::max<std::int64_t>((count - calibration) / 2, 1);
    description.splits[Role::Calibration] = {source, 0, calibration};
    if (count > calibration) {
        description.splits[Role::Search] = {source, calibration, std::min(search, kMostSearch)};
    }
    if (count > calibration + search) {
        description.splits[Role::Test] = {source, calibration + search, std::nullopt};
    }
}

void splitTwo(DataDescription& description, std::int64_t trainCount) {
    const std::int64_t calibration = std::clamp<std::int64_t>(trainCount / 10, 1, kMostCalibration);
    const std::int64_t search =
        std::clamp<std::int64_t>((trainCount - calibration) / 2, 1, kMostSearch);
    description.splits[Role::Calibration] = {"train", 0, calibration};
    description.splits[Role::Search] = {"train", std::max<std::int64_t>(trainCount - search, 0),
                                        search};
    description.splits[Role::Test] = {"test", 0, std::nullopt};
    if (trainCount > search) {
        description.splits[Role::Training] = {"train", 0, trainCount - search};
    }
}

void splitTestAlone(DataDescription& description, const std::string& source, std::int64_t count) {
    description.splits = {{Role::Calibration, {source, 0, std::min(count, kMostCalibration)}},
                          {Role::Search, {source, 0, std::nullopt}},
                          {Role::Test, {source, 0, std::nullopt}}};
}

}  // namespace bitloupe::data
