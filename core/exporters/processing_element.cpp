// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/processing_element.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <random>
#include <set>

#include "core/exporters/embedded_verilog.h"
#include "core/exporters/wide_integer.h"
#include "core/numerics/quire.h"
#include "core/numerics/scalar_traits.h"

namespace bitloupe::exporters {

namespace {

using numerics::NumberFormat;

struct ToShape {
    std::optional<OperandShape> operator()(const numerics::IntegerParameters& p) const {
        return whole(p.bits, p.isSigned, 0);
    }
    std::optional<OperandShape> operator()(const numerics::FixedParameters& p) const {
        return whole(p.width, p.isSigned, p.integerBits - p.width);
    }
    std::optional<OperandShape> operator()(const numerics::FloatParameters& p) const {
        OperandShape shape;
        shape.kind = 2;
        shape.width = 1 + p.exponentBits + p.mantissaBits;
        shape.exponentBits = p.exponentBits;
        shape.specials = static_cast<int>(p.specials);
        shape.subnormals = p.subnormals ? 1 : 0;
        shape.significandBits = p.mantissaBits + 1;
        shape.largestShift = (1 << p.exponentBits) - 2;
        shape.unit = numerics::minExponent(p) - p.mantissaBits;
        return shape;
    }
    std::optional<OperandShape> operator()(const numerics::PositParameters& p) const {
        OperandShape shape;
        shape.kind = 3;
        shape.width = p.bits;
        shape.exponentBits = p.exponentBits;
        shape.zeroBits = std::max(0, p.bits - 3 - p.exponentBits);
        shape.significandBits = shape.zeroBits + 1;
        shape.largestShift = 2 * ((p.bits - 2) << p.exponentBits);
        shape.unit = -((p.bits - 2) << p.exponentBits) - shape.zeroBits;
        return shape;
    }
    std::optional<OperandShape> operator()(const numerics::PowerOfTwoParameters& p) const {
        OperandShape shape;
        shape.kind = 4;
        shape.width = p.bits;
        shape.significandBits = 1;
        shape.largestShift = (1 << (p.bits - 1)) - 2;
        shape.unit = numerics::minExponent(p);
        return shape;
    }
    template <typename Other>
    std::optional<OperandShape> operator()(const Other& /*p*/) const {
        return std::nullopt;
    }

    static OperandShape whole(int bits, bool isSigned, int unit) {
        OperandShape shape;
        shape.kind = isSigned ? 0 : 1;
        shape.width = bits;
        shape.significandBits = bits;
        shape.unit = unit;
        return shape;
    }
};

/// A finite value as significand * 2^exponent.
struct Exact {
    std::int64_t significand = 0;
    int exponent = 0;
};
Exact exactly(float value) {
    int exponent = 0;
    constexpr int kFloatBits = 24;
    const double fraction = std::frexp(static_cast<double>(value), &exponent);
    return {std::llround(std::ldexp(fraction, kFloatBits)), exponent - kFloatBits};
}

std::string moduleName(const NumberFormat& a, const NumberFormat& b) {
    std::string name = "pe_" + a.name() + '_' + b.name();
    for (char& c : name) {
        c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    return name;
}

/// Sizes of the product and of the accumulator of a pair.
struct Datapath {
    OperandShape a;
    OperandShape b;
    int exact = 0;  ///< bits of a product with its sign
    int zeros = 0;
    int drop = 0;
    int accumulator = 0;
    bool bounded = false;  ///< narrower than every sum asks for

    [[nodiscard]] int lastBit() const { return a.unit + b.unit + zeros + drop; }

    static Datapath of(const OperandShape& a, const OperandShape& b,
                       const ElementOptions& options) {
        Datapath path{a, b};
        path.exact = a.significandBits + b.significandBits + a.largestShift + b.largestShift + 1;
        path.zeros = a.zeroBits + b.zeroBits;
        const int useful = path.exact - path.zeros;
        path.accumulator = useful + options.carryBits;
        if (options.boundedBits > 0 && options.boundedBits < path.accumulator) {
            constexpr int kSpare = 8;
            path.accumulator = options.boundedBits;
            path.bounded = true;
            path.drop = std::max(0, useful + kSpare - options.boundedBits);
        }
        return path;
    }
};

int shiftWidth(const OperandShape& shape) {
    return std::max(std::bit_width(static_cast<unsigned>(shape.largestShift)),
                    std::bit_width(static_cast<unsigned>(2 * shape.width)));
}

std::string parametersOf(const OperandShape& shape, char side) {
    const auto set = [&](const char* name, int value) {
        return std::string("        .") + name + '_' + side + '(' + std::to_string(value) + "),\n";
    };
    return set("KIND", shape.kind) + set("WIDTH", shape.width) + set("X", shape.exponentBits) +
           set("SPECIALS", shape.specials) + set("SUBNORMALS", shape.subnormals) +
           set("SIG", shape.significandBits) + set("SHIFT", shiftWidth(shape));
}

std::string range(int bits) {
    return '[' + std::to_string(bits - 1) + ":0]";
}

/// What is written for one pair of formats.
class Element {
public:
    Element(const NumberFormat& a, const NumberFormat& b, const Datapath& path, int random)
        : m_a(a), m_b(b), m_path(path), m_random(random) {
        const auto* scalar = std::get_if<numerics::ScalarParameters>(&a.parameters());
        const auto* posit =
            scalar == nullptr ? nullptr : std::get_if<numerics::PositParameters>(scalar);
        if (posit != nullptr && a == b && path.drop == 0) {
            m_posit = *posit;
        }
    }

    ProcessingElement make() {
        ProcessingElement element;
        element.name = moduleName(m_a, m_b);
        if (m_path.bounded) {
            element.name += "_acc" + std::to_string(m_path.accumulator);
        }
        element.accumulatorBits = m_path.accumulator;
        element.module = moduleText(element.name);
        addVectors();
        element.vectors = std::move(m_vectors);
        element.steps = m_steps;
        element.testBench = benchText(element.name);
        return element;
    }

private:
    std::string moduleText(const std::string& name) const {
        const std::string acc = range(m_path.accumulator);
        const std::string code =
            m_posit ? ",\n    output logic " + range(m_posit->bits) + " rounded" : "";
        std::string text =
            "// a: " + m_a.name() + ", b: " + m_b.name() + ". The sum counts steps of 2^" +
            std::to_string(m_path.lastBit()) + (m_path.drop > 0 ? " (bounded).\n" : " (exact).\n") +
            "module " + name + " (\n    input logic clock, clear, enable,\n    input logic " +
            range(m_path.a.width) + " a,\n    input logic " + range(m_path.b.width) +
            " b,\n    output logic " + acc + " sum,\n    output logic invalid" + code + "\n);\n" +
            "    bitloupe_pe #(\n" + parametersOf(m_path.a, 'A') + parametersOf(m_path.b, 'B') +
            "        .EXACT(" + std::to_string(m_path.exact) + "),\n        .ZEROS(" +
            std::to_string(m_path.zeros) + "),\n        .DROP(" + std::to_string(m_path.drop) +
            "),\n        .ACC(" + std::to_string(m_path.accumulator) +
            ")\n    ) element (clock, clear, enable, a, b, sum, invalid);\n";
        if (m_posit) {
            text += "    bitloupe_round_posit #(" + std::to_string(m_posit->bits) + ", " +
                    std::to_string(m_posit->exponentBits) + ", " +
                    std::to_string(m_path.accumulator) + ") rounding (sum, invalid, rounded);\n";
        }
        return text + "endmodule\n";
    }

    int roundedBits() const { return m_posit ? m_posit->bits : 1; }

    std::string benchText(const std::string& name) const {
        const int width = 2 + m_path.a.width + m_path.b.width + m_path.accumulator + roundedBits();
        const std::string steps = std::to_string(m_steps);
        const int sumAt = roundedBits();
        const int invalidAt = sumAt + m_path.accumulator;
        const int bAt = invalidAt + 1;
        const int aAt = bAt + m_path.b.width;
        const int clearAt = aAt + m_path.a.width;
        const auto slice = [](int low, int bits) {
            return '[' + std::to_string(low + bits - 1) + ':' + std::to_string(low) + ']';
        };
        const std::string roundedPort = m_posit ? ", rounded" : "";
        const std::string roundedCheck =
            m_posit ? " || rounded !== expected" + slice(0, m_posit->bits) : "";
        return "`timescale 1ns / 1ps\nmodule tb_" + name +
               ";\n    logic clock = 0, clear, enable = 1;\n" + "    logic " +
               range(m_path.a.width) + " a;\n    logic " + range(m_path.b.width) +
               " b;\n    logic " + range(m_path.accumulator) + " sum;\n    logic invalid;\n" +
               (m_posit ? "    logic " + range(m_posit->bits) + " rounded;\n" : "") + "    logic " +
               range(width) + " vectors [0:" + std::to_string(m_steps - 1) + "];\n    logic " +
               range(width) + " expected;\n    integer i, errors;\n    " + name +
               " unit (clock, clear, enable, a, b, sum, invalid" + roundedPort + ");\n" +
               "    initial begin\n        $readmemh(\"" + name + ".vectors\", vectors);\n" +
               "        errors = 0;\n        for (i = 0; i < " + steps +
               "; i = i + 1) begin\n            expected = vectors[i];\n            clear = "
               "expected[" +
               std::to_string(clearAt) + "];\n            a = expected" +
               slice(aAt, m_path.a.width) + ";\n            b = expected" +
               slice(bAt, m_path.b.width) +
               ";\n            #1 clock = 1;\n            #1 clock = 0;\n            if (invalid "
               "!== "
               "expected[" +
               std::to_string(invalidAt) + "] || sum !== expected" +
               slice(sumAt, m_path.accumulator) + roundedCheck +
               ") begin\n                errors = errors + 1;\n                if (errors < 10)\n"
               "                    $display(\"step %0d: a %h b %h sum %h invalid %b\", i, a, b, "
               "sum, "
               "invalid);\n            end\n        end\n        if (errors == 0) "
               "$display(\"PASS " +
               steps + " vectors\");\n        else $display(\"FAIL %0d of " + steps +
               " vectors\", errors);\n        $finish;\n    end\nendmodule\n";
    }

    void addVectors() {
        const unsigned bits = static_cast<unsigned>(m_path.a.width + m_path.b.width);
        constexpr unsigned kExhaustive = 16;
        std::mt19937_64 generator(bits);
        if (bits <= kExhaustive) {
            for (std::uint32_t pair = 0; pair < 1U << bits; ++pair) {
                step(true, pair >> static_cast<unsigned>(m_path.b.width), pair);
            }
        }
        constexpr std::uint64_t kRestart = 32;  // sums of 32 products on average
        for (int i = 0; i < m_random; ++i) {
            const std::uint64_t drawn = generator();
            step(i == 0 || drawn % kRestart == 0, static_cast<std::uint32_t>(drawn >> 8U),
                 static_cast<std::uint32_t>(drawn >> 32U));
        }
    }

    void step(bool clear, std::uint32_t a, std::uint32_t b) {
        a &= (1U << static_cast<unsigned>(m_path.a.width)) - 1;
        b &= (1U << static_cast<unsigned>(m_path.b.width)) - 1;
        if (clear) {
            m_sum = {};
            m_invalid = false;
            if (m_posit) {
                m_quire = numerics::Quire(*m_posit);
            }
        }
        const float x = m_a.decode(a);
        const float y = m_b.decode(b);
        if (std::isfinite(x) && std::isfinite(y)) {
            addProduct(exactly(x), exactly(y));
            if (m_posit) {
                m_quire.addProduct(x, y);
            }
        } else {
            m_invalid = true;
        }
        write(clear, a, b);
    }

    void addProduct(const Exact& x, const Exact& y) {
        // 24-bit significands hold zeros below; the shift is kept from going negative by a detour.
        constexpr int kBelow = 128;
        WideInteger product;
        product.add(x.significand * y.significand,
                    x.exponent + y.exponent - (m_path.lastBit() - m_path.drop) + kBelow);
        product.shiftRight(kBelow + m_path.drop);
        m_sum.add(product);
        m_sum.saturate(m_path.accumulator);
    }

    void write(bool clear, std::uint32_t a, std::uint32_t b) {
        WideInteger line;
        int at = 0;
        if (m_posit) {
            const std::uint32_t code = m_invalid ? 1U << static_cast<unsigned>(m_posit->bits - 1)
                                                 : m_a.encode(m_quire.rounded());
            line.add(static_cast<std::int64_t>(code), 0);
        }
        at = roundedBits();
        addField(line, m_sum, at);
        at += m_path.accumulator;
        line.add(m_invalid ? 1 : 0, at);
        line.add(static_cast<std::int64_t>(b), at + 1);
        line.add(static_cast<std::int64_t>(a), at + 1 + m_path.b.width);
        line.add(clear ? 1 : 0, at + 1 + m_path.b.width + m_path.a.width);
        m_vectors += line.hex(at + 2 + m_path.a.width + m_path.b.width) + '\n';
        ++m_steps;
    }

    /// The accumulator's bits at `at`, without its sign running on above them.
    void addField(WideInteger& line, const WideInteger& sum, int at) const {
        const std::string digits = sum.hex(m_path.accumulator);
        for (std::size_t i = 0; i < digits.size(); ++i) {
            const char digit = digits[digits.size() - 1 - i];
            const int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;
            line.add(value, at + 4 * static_cast<int>(i));
        }
    }

    const NumberFormat& m_a;
    const NumberFormat& m_b;
    Datapath m_path;
    int m_random;
    std::optional<numerics::PositParameters> m_posit;
    WideInteger m_sum;
    numerics::Quire m_quire{numerics::PositParameters{}};
    bool m_invalid = false;
    std::string m_vectors;
    std::int64_t m_steps = 0;
};

}  // namespace

std::optional<OperandShape> operandShape(const NumberFormat& format) {
    const auto* scalar = std::get_if<numerics::ScalarParameters>(&format.parameters());
    return scalar == nullptr || format.isIdentity() ? std::nullopt : std::visit(ToShape(), *scalar);
}

std::optional<ProcessingElement> processingElement(const NumberFormat& a, const NumberFormat& b,
                                                   const ElementOptions& options, int random) {
    const auto shapeA = operandShape(a);
    const auto shapeB = operandShape(b);
    if (!shapeA || !shapeB) {
        return std::nullopt;
    }
    const Datapath path = Datapath::of(*shapeA, *shapeB, options);
    constexpr int kWidest = 640;  // of an accumulator; what bf16 by bf16 takes
    if (path.accumulator > kWidest) {
        return std::nullopt;
    }
    return Element(a, b, path, random).make();
}

std::map<std::string, std::string> verilogFiles(const ResolvedDesign& design) {
    std::map<std::string, std::string> files = {
        {"processing_element.sv", std::string(kProcessingElement)}};
    for (const quantization::LayerScheme& scheme : design.assignment) {
        const NumberFormat& a = scheme.weights->format;
        const NumberFormat& b = scheme.activations->format;
        if (files.contains(moduleName(a, b) + ".sv")) {
            continue;
        }
        const auto element = processingElement(a, b, {});
        files[element->name + ".sv"] = element->module;
        files["tb_" + element->name + ".sv"] = element->testBench;
        files[element->name + ".vectors"] = element->vectors;
    }
    return files;
}

std::vector<std::string> verilogObstacles(const Schemes& schemes) {
    std::vector<std::string> sentences = quantizerObstacles(
        schemes, [](const network::Layer&, const quantization::Quantizer& quantizer, auto) {
            const auto shape = operandShape(quantizer.format);
            constexpr int kWidest = 300;  // of one operand: bf16
            return !shape ? quantizer.format.name() +
                                " has no decoder; integers, fixed point, floats, posits and pow2 do"
                   : shape->largestShift > kWidest ? quantizer.format.name() + " is too wide"
                                                   : "";
        });
    for (std::string& sentence : floatSideObstacles(schemes, "a processing element")) {
        sentences.push_back(std::move(sentence));
    }
    return sentences;
}

}  // namespace bitloupe::exporters
