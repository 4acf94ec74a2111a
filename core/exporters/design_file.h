// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exploration/design.h"
#include "core/network/network.h"

namespace bitloupe::exporters {

/// A design as a file of its own: names and schemes, nothing measured.
struct DesignFile {
    std::string network;      ///< source of the network it was made for
    std::string networkHash;  ///< Network::hash; "" when not known
    hardware::Accelerator accelerator;
    std::vector<std::string> layers;     ///< layer names
    exploration::Assignment assignment;  ///< as many
};

[[nodiscard]] std::string writeDesignFile(const DesignFile& design);

/// Reads a design. Errors name the file, the line and the key.
[[nodiscard]] Result<DesignFile> readDesignFile(const std::string& path);

/// The schemes of `design` in the layer order of `network`; layers it does not name stay float.
/// Errors: a layer the network does not have.
[[nodiscard]] Result<exploration::Assignment> assignmentFor(const DesignFile& design,
                                                            const network::Network& network);

}  // namespace bitloupe::exporters
