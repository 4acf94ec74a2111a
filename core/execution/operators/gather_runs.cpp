// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/gather_runs.h"

#include <cstring>
#include <vector>

#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

/// The one axis along which the indices repeat; -1 without one.
std::int64_t repeatedAxis(const at::Tensor& indices, std::int64_t axis) {
    std::int64_t found = -1;
    for (std::int64_t i = 0; i < indices.dim(); ++i) {
        if (i != axis && indices.stride(i) == 0 && indices.size(i) > 1) {
            if (found >= 0) {
                return -1;
            }
            found = i;
        }
    }
    return found;
}

/// The same values with `axis` closest together in memory. What an expansion repeats is not copied.
at::Tensor withRunsAlong(const at::Tensor& data, std::int64_t axis) {
    if (data.stride(axis) == 1) {
        return data;
    }
    at::Tensor different = data;
    for (std::int64_t i = 0; i < data.dim(); ++i) {
        if (i != axis && data.stride(i) == 0) {
            different = different.narrow(i, 0, 1);
        }
    }
    return different.movedim(axis, -1).contiguous().movedim(-1, axis).expand(data.sizes());
}

}  // namespace

std::optional<at::Tensor> gatherRuns(const at::Tensor& data, std::int64_t axis,
                                     const at::Tensor& indices) {
    const std::int64_t run = indices.dim() == data.dim() ? repeatedAxis(indices, axis) : -1;
    if (run < 0 || data.numel() == 0 || indices.numel() == 0 ||
        (at::GradMode::is_enabled() && data.requires_grad())) {
        return std::nullopt;
    }
    for (std::int64_t i = 0; i < data.dim(); ++i) {
        if (i != axis && indices.size(i) > data.size(i)) {
            return std::nullopt;  // the general way says what is wrong
        }
    }
    const at::Tensor source = withRunsAlong(data, run);
    const at::Tensor places = wrapIndices(indices.narrow(run, 0, 1), data.size(axis)).contiguous();
    std::vector<std::int64_t> shape = indices.sizes().vec();
    shape.erase(shape.begin() + run);
    shape.push_back(indices.size(run));
    at::Tensor gathered = at::empty(shape, data.options());
    const auto* place = places.data_ptr<std::int64_t>();
    const auto* from = static_cast<const std::byte*>(source.data_ptr());
    auto* to = static_cast<std::byte*>(gathered.data_ptr());
    const auto element = static_cast<std::int64_t>(data.element_size());
    const auto length = static_cast<std::size_t>(indices.size(run) * element);
    // Counts through all axes but the gathered one and the run's, the last one fastest.
    std::vector<std::int64_t> counter(static_cast<std::size_t>(places.dim()), 0);
    std::int64_t offset = 0;
    for (std::int64_t i = 0; i < places.numel(); ++i) {
        std::memcpy(to, from + (offset + place[i] * source.stride(axis)) * element, length);
        to += length;
        for (std::int64_t at = places.dim(); at-- > 0;) {
            const std::int64_t step = at == axis ? 0 : source.stride(at);
            std::int64_t& count = counter[static_cast<std::size_t>(at)];
            offset += step;
            if (++count < places.size(at)) {
                break;
            }
            offset -= count * step;
            count = 0;
        }
    }
    return gathered.movedim(-1, run);
}

}  // namespace bitloupe::execution
