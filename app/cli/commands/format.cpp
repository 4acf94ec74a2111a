// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/commands.h"
#include "core/base/text.h"
#include "core/numerics/format_catalogue.h"
#include "core/numerics/number_format.h"

namespace bitloupe::cli {

namespace {

struct Options {
    std::string name;
    bool values = false;
};

void printFormat(const numerics::NumberFormat& format, const std::vector<float>& values,
                 const Options& options, Context& context) {
    if (context.json) {
        nlohmann::json document = {{"format", format.name()},
                                   {"family", numerics::familyInfo(format.family()).name},
                                   {"bits", format.bitsPerValue()},
                                   {"max", format.maxValue()},
                                   {"min_positive", format.minPositive()}};
        if (options.values) {
            document["values"] = values;
        }
        context.out << document.dump(2) << '\n';
        return;
    }
    context.out << format.name() << "\n  family: " << numerics::familyInfo(format.family()).name
                << "\n  bits per value: " << text::number(format.bitsPerValue())
                << "\n  largest: " << text::number(format.maxValue())
                << "\n  smallest positive: " << text::number(format.minPositive()) << '\n';
    for (const float value : values) {
        context.out << text::number(static_cast<double>(value)) << '\n';
    }
}

void runFormat(const Options& options, Context& context) {
    const Result<numerics::NumberFormat> format = numerics::NumberFormat::parse(options.name);
    if (format.hasError()) {
        context.fail(format.error());
        return;
    }
    const std::vector<float> values =
        options.values ? format.value().values() : std::vector<float>();
    if (options.values && values.empty()) {
        context.fail({"the values cannot be listed", format.value().name(),
                      format.value().isIdentity() ? "fp32 has too many: leave out --values"
                                                  : "they are fitted to data: leave out --values"});
        return;
    }
    printFormat(format.value(), values, options, context);
}

}  // namespace

void addFormatCommand(CLI::App& app, Context& context) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("format", "One number format");
    command->add_option("F", options->name, "Name, such as posit<8,1>")->required();
    command->add_flag("--values", options->values, "List its finite values, ascending");
    command->callback([options, &context] { runFormat(*options, context); });
}

}  // namespace bitloupe::cli
