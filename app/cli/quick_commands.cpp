// SPDX-License-Identifier: Apache-2.0
#include "app/cli/quick_commands.h"

#include "app/cli/command_runner.h"
#include "app/cli/commands.h"

namespace bitloupe::cli {

bool isQuickCommand(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--version") {
            return true;
        }
        if (word == "--threads" || word == "--seed") {
            ++i;  // their values are no commands
        } else if (word.empty() || word.front() != '-') {
            return word == "format" || word == "formats" || word == "round" || word == "simulate";
        }
    }
    return false;
}

int runQuickCommand(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                    std::ostream& err) {
    return runCommands(arguments, in, out, err, [](CLI::App& app, Context& context) {
        addFormatsCommand(app, context);
        addFormatCommand(app, context);
        addRoundCommand(app, context);
        addSimulateCommand(app, context);
    });
}

}  // namespace bitloupe::cli
