// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/pruning.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/text.h"

namespace bitloupe::quantization {

namespace {

constexpr int kLargestGroup = 64;
constexpr std::string_view kChannels = "channels";

Error notAPruning(std::string_view text) {
    return {"'~" + std::string(text) + "' is not a pruning", "",
            "write ~50% (magnitude), ~2:4 (two of every four stay) or ~50%channels"};
}

Result<Pruning> parseNOfM(std::string_view text, std::size_t colon) {
    const auto kept = text::parseInteger(text.substr(0, colon));
    const auto of = text::parseInteger(text.substr(colon + 1));
    if (!kept || !of || *kept < 1 || *kept >= *of || *of > kLargestGroup) {
        return notAPruning(text);
    }
    Pruning pruning;
    pruning.pattern = Pruning::Pattern::NOfM;
    pruning.kept = static_cast<int>(*kept);
    pruning.of = static_cast<int>(*of);
    return pruning;
}

std::size_t prunedCount(double share, std::size_t count) {
    return static_cast<std::size_t>(std::llround(share * static_cast<double>(count)));
}

/// Marks the `count` smallest of `magnitudes`; of equal ones the last.
std::vector<bool> smallest(const std::vector<double>& magnitudes, std::size_t count) {
    std::vector<std::size_t> order(magnitudes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return magnitudes[a] != magnitudes[b] ? magnitudes[a] < magnitudes[b] : a > b;
    });
    std::vector<bool> marked(magnitudes.size(), false);
    for (std::size_t i = 0; i < count; ++i) {
        marked[order[i]] = true;
    }
    return marked;
}

std::vector<double> magnitudesOf(std::span<const float> values) {
    std::vector<double> magnitudes(values.size());
    std::transform(values.begin(), values.end(), magnitudes.begin(),
                   [](float value) { return std::fabs(static_cast<double>(value)); });
    return magnitudes;
}

std::vector<bool> groupMask(std::span<const float> rows, std::size_t length,
                            const Pruning& pruning) {
    std::vector<bool> mask;
    mask.reserve(rows.size());
    const auto size = static_cast<std::size_t>(pruning.of);
    for (std::size_t row = 0; row < rows.size(); row += length) {
        for (std::size_t first = 0; first < length; first += size) {
            const std::size_t count = std::min(size, length - first);
            const std::size_t kept = std::min(count, static_cast<std::size_t>(pruning.kept));
            const std::vector<bool> part =
                smallest(magnitudesOf(rows.subspan(row + first, count)), count - kept);
            mask.insert(mask.end(), part.begin(), part.end());
        }
    }
    return mask;
}

std::vector<bool> channelMask(std::span<const float> rows, std::size_t length, double share) {
    std::vector<double> norms;
    for (std::size_t row = 0; row < rows.size(); row += length) {
        double sum = 0;
        for (const float value : rows.subspan(row, length)) {
            sum += static_cast<double>(value) * static_cast<double>(value);
        }
        norms.push_back(sum);
    }
    const std::vector<bool> channels = smallest(norms, prunedCount(share, norms.size()));
    std::vector<bool> mask;
    mask.reserve(rows.size());
    for (const bool pruned : channels) {
        mask.insert(mask.end(), length, pruned);
    }
    return mask;
}

}  // namespace

Result<Pruning> Pruning::parse(std::string_view text) {
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        return parseNOfM(text, colon);
    }
    const std::size_t percent = text.find('%');
    if (percent == std::string_view::npos) {
        return notAPruning(text);
    }
    const auto number = text::parseNumber(text.substr(0, percent));
    const std::string_view rest = text.substr(percent + 1);
    if (!number || !(*number > 0 && *number < 100) || !(rest.empty() || rest == kChannels)) {
        return notAPruning(text);
    }
    Pruning pruning;
    pruning.pattern = rest.empty() ? Pattern::Elements : Pattern::Channels;
    pruning.percent = *number;
    return pruning;
}

std::string Pruning::name() const {
    switch (pattern) {
        case Pattern::None:
            return "";
        case Pattern::Elements:
            return text::number(percent) + "%";
        case Pattern::NOfM:
            return std::to_string(kept) + ":" + std::to_string(of);
        case Pattern::Channels:
            return text::number(percent) + "%" + std::string(kChannels);
    }
    return "";
}

double Pruning::density() const {
    switch (pattern) {
        case Pattern::None:
            return 1;
        case Pattern::Elements:
        case Pattern::Channels:
            return 1 - percent / 100;
        case Pattern::NOfM:
            return static_cast<double>(kept) / of;
    }
    return 1;
}

double Pruning::indexBits() const {
    switch (pattern) {
        case Pattern::Elements:
            return 1;
        case Pattern::NOfM:
            return density() * std::ceil(std::log2(static_cast<double>(of)));
        case Pattern::None:
        case Pattern::Channels:
            return 0;
    }
    return 0;
}

std::vector<bool> pruningMask(std::span<const float> rows, std::size_t length,
                              const Pruning& pruning) {
    if (rows.empty() || length == 0) {
        return std::vector<bool>(rows.size(), false);
    }
    switch (pruning.pattern) {
        case Pruning::Pattern::None:
            break;
        case Pruning::Pattern::Elements:
            return smallest(magnitudesOf(rows), prunedCount(pruning.percent / 100, rows.size()));
        case Pruning::Pattern::NOfM:
            return groupMask(rows, length, pruning);
        case Pruning::Pattern::Channels:
            return channelMask(rows, length, pruning.percent / 100);
    }
    return std::vector<bool>(rows.size(), false);
}

std::vector<double> globalShares(std::span<const std::span<const float>> layers, double share) {
    std::vector<double> all;
    for (const std::span<const float> layer : layers) {
        const std::vector<double> magnitudes = magnitudesOf(layer);
        all.insert(all.end(), magnitudes.begin(), magnitudes.end());
    }
    const std::vector<bool> pruned = smallest(all, prunedCount(share, all.size()));
    std::vector<double> shares;
    auto next = pruned.begin();
    for (const std::span<const float> layer : layers) {
        const auto end = next + static_cast<std::ptrdiff_t>(layer.size());
        const auto count = static_cast<double>(std::count(next, end, true));
        shares.push_back(layer.empty() ? 0 : count / static_cast<double>(layer.size()));
        next = end;
    }
    return shares;
}

}  // namespace bitloupe::quantization
