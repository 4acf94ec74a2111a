// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command_line.h"

#include "app/cli/command_runner.h"
#include "app/cli/commands.h"

namespace bitloupe::cli {

int runCommandLine(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                   std::ostream& err) {
    return runCommands(arguments, in, out, err, [](CLI::App& app, Context& context) {
        addEvaluateCommand(app, context);
        addExamplesCommand(app, context);
        addExportCommand(app, context);
        addExploreCommand(app, context);
        addFinetuneCommand(app, context);
        addFormatsCommand(app, context);
        addFormatCommand(app, context);
        addFrontCommand(app, context);
        addImportCommand(app, context);
        addInspectCommand(app, context);
        addPlotCommand(app, context);
        addRoundCommand(app, context);
        addReportCommand(app, context);
        addRunCommand(app, context);
        addAccelerateCommand(app, context);
        addSensitivityCommand(app, context);
        addShowCommand(app, context);
        addSimulateCommand(app, context);
        addTrainCommand(app, context);
    });
}

}  // namespace bitloupe::cli
