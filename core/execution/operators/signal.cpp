// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <numbers>

#include "core/execution/narrow_types.h"
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

/// The last dimension is 1 (real) or 2 (real and imaginary part).
at::Tensor asComplex(const at::Tensor& x) {
    require(x.dim() >= 2 && (x.size(-1) == 1 || x.size(-1) == 2),
            "the last dimension of a signal must be 1 or 2");
    const at::Tensor real = x.select(-1, 0).contiguous();
    return at::complex(real, x.size(-1) == 2 ? x.select(-1, 1).contiguous() : at::zeros_like(real));
}

/// `x` cut, or filled up with zeros, to `length` along `axis`.
at::Tensor fitted(const at::Tensor& x, std::int64_t axis, std::int64_t length) {
    if (length <= x.size(axis)) {
        return x.narrow(axis, 0, length);
    }
    checkSize({length, x.numel()});
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape[static_cast<std::size_t>(axis)] = length - x.size(axis);
    return at::cat({x, at::zeros(shape, x.options())}, axis);
}

/// Inputs: signal, length, axis (an attribute before opset 20).
Kernel makeDft(const Attributes& attributes) {
    const bool inverse = attributes.integer("inverse", 0) != 0;
    const bool oneSided = attributes.integer("onesided", 0) != 0;
    const bool byAttribute = attributes.opset() < 20;
    const std::int64_t fixed = attributes.integer("axis", byAttribute ? 1 : -2);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor given = byAttribute ? at::Tensor() : optionalInput(inputs, 2);
        const std::int64_t axis =
            wrapAxis(given.defined() ? integerValues(given).at(0) : fixed, inputs[0].dim());
        require(axis < inputs[0].dim() - 1, "the last dimension cannot be transformed");
        const at::Tensor wanted = optionalInput(inputs, 1);
        const at::ScalarType type = inputs[0].scalar_type();
        at::Tensor signal = asComplex(inputs[0].to(at::kDouble));
        const bool halved = inverse && oneSided;  // half a spectrum of a real signal
        const std::int64_t natural = halved ? 2 * (signal.size(axis) - 1) : signal.size(axis);
        const std::int64_t length = wanted.defined() ? integerValues(wanted).at(0) : natural;
        require(length > 0, "the length of a transform must be positive");
        if (halved) {
            const at::Tensor half = fitted(signal, axis, length / 2 + 1);
            return {at::fft_irfft(half, length, axis).unsqueeze(-1).contiguous().to(type)};
        }
        signal = fitted(signal, axis, length);
        at::Tensor spectrum = inverse ? at::fft_ifft(signal, c10::nullopt, axis)
                                      : at::fft_fft(signal, c10::nullopt, axis);
        if (oneSided) {
            spectrum = spectrum.narrow(axis, 0, length / 2 + 1);
        }
        return {at::view_as_real(spectrum.resolve_conj()).contiguous().to(type)};
    };
}

/// Inputs: signal [batch, length, 1 or 2], step, window, frame length.
Kernel makeStft(const Attributes& attributes) {
    const bool oneSided = attributes.integer("onesided", 1) != 0;
    return [oneSided](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor signal = inputs[0].dim() == 2 ? inputs[0].unsqueeze(-1) : inputs[0];
        const std::int64_t step = integerValues(inputs[1]).at(0);
        const at::Tensor window = optionalInput(inputs, 2);
        const at::Tensor given = optionalInput(inputs, 3);
        require(window.defined() || given.defined(), "a window or a frame length is needed");
        const std::int64_t length = given.defined() ? integerValues(given).at(0) : window.numel();
        require(step > 0 && length > 0 && length <= signal.size(1),
                "the frame does not fit the signal");
        at::Tensor frames = asComplex(signal.to(at::kDouble)).unfold(1, length, step);
        if (window.defined()) {
            frames = frames * window;
        }
        const at::Tensor spectrum = at::fft_fft(frames);
        return {at::view_as_real(oneSided ? spectrum.narrow(-1, 0, length / 2 + 1) : spectrum)
                    .contiguous()
                    .to(inputs[0].scalar_type())};
    };
}

/// A sum of cosines over a window, `periodic` or symmetric.
KernelMaker cosineWindow(std::array<double, 3> factors) {
    return [factors](const Attributes& attributes) -> Kernel {
        const bool periodic = attributes.integer("periodic", 1) != 0;
        const std::int64_t type = attributes.integer("output_datatype", 1);
        static_cast<void>(carrierOf(type));
        return [=](std::span<const at::Tensor> inputs) -> Tensors {
            const std::int64_t size = integerValues(inputs[0]).at(0);
            checkSize({size});
            const double period = static_cast<double>(periodic ? size : size - 1);
            const at::Tensor angle =
                at::arange(size, at::kDouble) * (2 * std::numbers::pi / period);
            return {castTo(
                factors[0] - factors[1] * at::cos(angle) + factors[2] * at::cos(2 * angle), type)};
        };
    };
}

/// Triangles that are evenly spaced on the mel scale. Inputs: bins, transform length, sample rate,
/// lower and upper edge in Hz.
Kernel makeMelWeights(const Attributes& attributes) {
    const std::int64_t type = attributes.integer("output_datatype", 1);
    static_cast<void>(carrierOf(type));
    return [type](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() == 5, "MelWeightMatrix needs five inputs");
        const std::int64_t bins = integerValues(inputs[0]).at(0);
        const std::int64_t length = integerValues(inputs[1]).at(0);
        const double rate = inputs[2].item<double>();
        const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
        const double low = mel(inputs[3].item<double>());
        const double high = mel(inputs[4].item<double>());
        const std::int64_t rows = length / 2 + 1;
        require(bins > 0 && length > 0, "the numbers of bins must be positive");
        checkSize({rows, bins});
        std::vector<std::int64_t> edges;
        for (std::int64_t i = 0; i < bins + 2; ++i) {
            const double point =
                low + static_cast<double>(i) * (high - low) / static_cast<double>(bins + 2);
            const double hertz = 700 * (std::pow(10.0, point / 2595) - 1);
            edges.push_back(static_cast<std::int64_t>(
                std::floor(static_cast<double>(length + 1) * hertz / rate)));
        }
        at::Tensor weights = at::zeros({rows, bins}, at::kFloat);
        auto cells = weights.accessor<float, 2>();
        const auto set = [&](std::int64_t row, std::int64_t bin, double value) {
            if (row >= 0 && row < rows) {
                cells[row][bin] = static_cast<float>(value);
            }
        };
        for (std::int64_t bin = 0; bin < bins; ++bin) {
            const auto i = static_cast<std::size_t>(bin);
            const std::int64_t left = edges[i];
            const std::int64_t top = edges[i + 1];
            const std::int64_t right = edges[i + 2];
            for (std::int64_t row = left; row <= top; ++row) {
                set(row, bin,
                    top == left
                        ? 1
                        : static_cast<double>(row - left) / static_cast<double>(top - left));
            }
            for (std::int64_t row = top; row < right; ++row) {
                set(row, bin, static_cast<double>(right - row) / static_cast<double>(right - top));
            }
        }
        return {castTo(weights, type)};
    };
}

}  // namespace

void addSignalOperators(OperatorTable& table) {
    table["DFT"] = makeDft;
    table["STFT"] = makeStft;
    table["HannWindow"] = cosineWindow({0.5, 0.5, 0});
    table["HammingWindow"] = cosineWindow({25.0 / 46, 21.0 / 46, 0});
    table["BlackmanWindow"] = cosineWindow({0.42, 0.5, 0.08});
    table["MelWeightMatrix"] = makeMelWeights;
}

}  // namespace bitloupe::execution
