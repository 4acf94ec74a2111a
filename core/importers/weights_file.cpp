// SPDX-License-Identifier: Apache-2.0
#include "core/importers/weights_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "core/importers/safetensors.h"
#include "core/importers/torch_file.h"
#include "core/importers/weight_check.h"

namespace bitloupe::importers {

namespace {

/// What wrappers put before every name: DataParallel, torch.compile, and wrapper modules.
constexpr std::array<std::string_view, 4> kWrapperPrefixes = {"module.", "_orig_mod.", "mod.",
                                                              "model."};

void dropWrapperPrefixes(network::NamedTensors& tensors) {
    for (bool dropped = true; dropped && !tensors.empty();) {
        dropped = false;
        for (const std::string_view prefix : kWrapperPrefixes) {
            const bool everywhere =
                std::all_of(tensors.begin(), tensors.end(),
                            [&](const auto& tensor) { return tensor.first.starts_with(prefix); });
            if (everywhere) {
                for (auto& tensor : tensors) {
                    tensor.first.erase(0, prefix.size());
                }
                dropped = true;
            }
        }
    }
}

}  // namespace

Result<network::NamedTensors> readWeights(const std::string& path) {
    const bool safetensors = std::filesystem::path(path).extension() == ".safetensors";
    Result<network::NamedTensors> tensors =
        safetensors ? readSafetensors(path) : readTorchFile(path);
    if (tensors.hasError()) {
        return tensors;
    }
    for (const auto& [name, array] : tensors.value()) {
        if (const Result<void> finite = checkIsFinite(name, array); finite.hasError()) {
            return finite.error().within(path);
        }
    }
    dropWrapperPrefixes(tensors.value());
    return tensors;
}

}  // namespace bitloupe::importers
