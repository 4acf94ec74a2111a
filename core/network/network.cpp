// SPDX-License-Identifier: Apache-2.0
#include "core/network/network.h"

namespace bitloupe::network {

std::int64_t Network::parameters() const {
    return countParameters(*graph);
}

std::int64_t Network::macs() const {
    std::int64_t total = 0;
    for (const Layer& layer : layers) {
        total += layer.gemm.macs();
    }
    return total;
}

}  // namespace bitloupe::network
