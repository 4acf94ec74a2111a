// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/number_format.h"

#include <cmath>
#include <stdexcept>

#include "core/numerics/scalar_codes.h"
#include "core/numerics/scalar_traits.h"

namespace bitloupe::numerics {

namespace {

constexpr int kBlockScaleBits = 8;
constexpr int kFp32MantissaBits = 23;

struct BitsPerValue {
    double operator()(const ScalarParameters& p) const { return codeBits(p); }
    double operator()(const BlockParameters& p) const {
        return codeBits(p.element) + static_cast<double>(kBlockScaleBits) / p.blockSize;
    }
    double operator()(const CodebookParameters& p) const { return p.bits; }
    double operator()(const MultipointParameters& p) const { return p.terms * codeBits(p.element); }
};

struct MaxValue {
    double operator()(const ScalarParameters& p) const { return largestValue(p); }
    double operator()(const BlockParameters& p) const { return largestValue(p.element); }
    double operator()(const CodebookParameters& /*p*/) const { return 1; }
    double operator()(const MultipointParameters& p) const { return largestValue(p.element); }
};

struct MinPositive {
    double operator()(const ScalarParameters& p) const { return smallestPositive(p); }
    double operator()(const BlockParameters& p) const { return smallestPositive(p.element); }
    double operator()(const CodebookParameters& p) const {
        return 1 / (std::ldexp(1.0, p.bits) - 1);
    }
    double operator()(const MultipointParameters& p) const { return smallestPositive(p.element); }
};

const ScalarParameters& scalarOf(const FormatParameters& parameters) {
    const auto* scalar = std::get_if<ScalarParameters>(&parameters);
    if (scalar == nullptr) {
        throw std::logic_error("a value of this number format has no code of its own");
    }
    return *scalar;
}

}  // namespace

double NumberFormat::bitsPerValue() const {
    return std::visit(BitsPerValue(), m_parameters);
}

double NumberFormat::maxValue() const {
    return std::visit(MaxValue(), m_parameters);
}

double NumberFormat::minPositive() const {
    return std::visit(MinPositive(), m_parameters);
}

bool NumberFormat::isIdentity() const {
    const auto* scalar = std::get_if<ScalarParameters>(&m_parameters);
    const auto* format = scalar == nullptr ? nullptr : std::get_if<FloatParameters>(scalar);
    return format != nullptr && format->mantissaBits == kFp32MantissaBits;
}

bool NumberFormat::hasCodes() const {
    return std::holds_alternative<ScalarParameters>(m_parameters);
}

std::vector<float> NumberFormat::values() const {
    if (isIdentity()) {
        return {};
    }
    if (const auto* block = std::get_if<BlockParameters>(&m_parameters)) {
        return finiteValues(block->element, block->narrow);
    }
    return hasCodes() ? finiteValues(scalarOf(m_parameters), false) : std::vector<float>();
}

std::uint32_t NumberFormat::encode(float x) const {
    return encodeScalar(scalarOf(m_parameters), x);
}

float NumberFormat::decode(std::uint32_t code) const {
    return decodeScalar(scalarOf(m_parameters), code);
}

}  // namespace bitloupe::numerics
