// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command_line.h"

/// One function per command; each adds its subcommand to `app` and runs through its callback.
namespace bitloupe::cli {

void addAccelerateCommand(CLI::App& app, Context& context);
void addEvaluateCommand(CLI::App& app, Context& context);
void addExamplesCommand(CLI::App& app, Context& context);
void addExportCommand(CLI::App& app, Context& context);
void addExploreCommand(CLI::App& app, Context& context);
void addFinetuneCommand(CLI::App& app, Context& context);
void addFormatsCommand(CLI::App& app, Context& context);
void addFormatCommand(CLI::App& app, Context& context);
void addFrontCommand(CLI::App& app, Context& context);
void addImportCommand(CLI::App& app, Context& context);
void addInspectCommand(CLI::App& app, Context& context);
void addPlotCommand(CLI::App& app, Context& context);
void addReportCommand(CLI::App& app, Context& context);
void addRoundCommand(CLI::App& app, Context& context);
void addRunCommand(CLI::App& app, Context& context);
void addSensitivityCommand(CLI::App& app, Context& context);
void addShowCommand(CLI::App& app, Context& context);
void addSimulateCommand(CLI::App& app, Context& context);
void addTrainCommand(CLI::App& app, Context& context);

}  // namespace bitloupe::cli
