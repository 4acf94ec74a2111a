// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/commands.h"
#include "core/numerics/format_catalogue.h"

namespace bitloupe::cli {

namespace {

void printFormats(Context& context) {
    nlohmann::json list = nlohmann::json::array();
    for (const numerics::FamilyInfo& family : numerics::families()) {
        if (context.json) {
            list.push_back({{"family", family.name},
                            {"example", family.example},
                            {"parameters", family.parameters},
                            {"common", numerics::commonFormats(family.family)}});
        } else {
            context.out << family.name << "\n  example: " << family.example
                        << "\n  allowed: " << family.parameters << '\n';
        }
    }
    if (context.json) {
        context.out << list.dump(2) << '\n';
    }
}

}  // namespace

void addFormatsCommand(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("formats", "The families of number formats");
    command->callback([&context] { printFormats(context); });
}

}  // namespace bitloupe::cli
