// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>

#include "app/cli/commands.h"
#include "core/base/text.h"
#include "core/numerics/rounding.h"
#include "core/numerics/scalar_traits.h"

namespace bitloupe::cli {

namespace {

using numerics::RoundingMode;
using numerics::RoundingOptions;

struct Options {
    std::string format;
    std::string rounding = "nearest";
    float scale = 1;
    float zeroPoint = 0;
    bool narrow = false;
};

/// Why the scaling does not suit the format, or nothing.
std::optional<Error> scalingError(const numerics::NumberFormat& format, const Options& options) {
    if (!(options.scale > 0) || !std::isfinite(options.scale)) {
        return Error{"the scale is not a positive number", "--scale", "give one above 0"};
    }
    const auto* scalar = std::get_if<numerics::ScalarParameters>(&format.parameters());
    const auto* integer =
        scalar == nullptr ? nullptr : std::get_if<numerics::IntegerParameters>(scalar);
    if (integer == nullptr) {
        return options.zeroPoint == 0
                   ? std::nullopt
                   : std::optional<Error>({"only integers have a zero point",
                                           "--zero-point with " + format.name(), "leave it out"});
    }
    const double largest = format.maxValue();
    const double smallest = integer->isSigned ? -largest - 1 : 0;
    if (options.zeroPoint != std::round(options.zeroPoint) || !(options.zeroPoint >= smallest) ||
        !(options.zeroPoint <= largest)) {
        return Error{
            "the zero point is not a code of " + format.name(), "--zero-point",
            "give an integer from " + text::number(smallest) + " to " + text::number(largest)};
    }
    return std::nullopt;
}

RoundingMode modeOf(const std::string& rounding) {
    if (rounding == "stochastic") {
        return RoundingMode::Stochastic;
    }
    return rounding == "floor" ? RoundingMode::Floor : RoundingMode::Nearest;
}

void runRound(const Options& options, Context& context) {
    const Result<numerics::NumberFormat> format = numerics::NumberFormat::parse(options.format);
    if (format.hasError()) {
        context.fail(format.error());
        return;
    }
    if (const std::optional<Error> error = scalingError(format.value(), options)) {
        context.fail(*error);
        return;
    }
    const std::string bytes{std::istreambuf_iterator<char>(context.in),
                            std::istreambuf_iterator<char>()};
    if (bytes.size() % sizeof(float) != 0) {
        context.fail({"the input is no whole number of float32 values",
                      "stdin, " + std::to_string(bytes.size()) + " bytes",
                      "give four bytes a value"});
        return;
    }
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    RoundingOptions rounding;
    rounding.scaling = {options.scale, options.zeroPoint};
    rounding.mode = modeOf(options.rounding);
    rounding.narrow = options.narrow;
    rounding.seed = context.seed;
    numerics::roundSpan(format.value(), values, values, rounding);
    context.out.write(reinterpret_cast<const char*>(values.data()),
                      static_cast<std::streamsize>(bytes.size()));
    context.out.flush();
    if (!context.out) {
        context.fail({"the result could not be written", "stdout", "check where it goes"},
                     kWorkFailed);
    }
}

}  // namespace

void addRoundCommand(CLI::App& app, Context& context) {
    static_assert(sizeof(float) == 4);
    const auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "round", "Rounds float32 (little-endian) from stdin to a number format, to stdout");
    command->add_option("--format", options->format, "Name, such as posit<8,1>")->required();
    command->add_option("--scale", options->scale, "Scale (default 1)");
    command->add_option("--zero-point", options->zeroPoint,
                        "Code of zero, integers only (default 0)");
    command->add_option("--rounding", options->rounding, "nearest, stochastic (by --seed) or floor")
        ->check(CLI::IsMember({"nearest", "stochastic", "floor"}));
    command->add_flag("--narrow", options->narrow, "Integers: leave out the most negative code");
    command->callback([options, &context] { runRound(*options, context); });
}

}  // namespace bitloupe::cli
