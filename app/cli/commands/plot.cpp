// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/plot/plot_results.h"
#include "core/base/text.h"

namespace bitloupe::cli {

namespace {

struct Options {
    PlotRequest request;
    std::string x;
    std::string y;
    std::string colour;
    std::string size;
};

Result<std::optional<exploration::QuantityId>> findAxis(const std::string& option,
                                                        const std::string& key) {
    if (key.empty()) {
        return std::optional<exploration::QuantityId>();
    }
    if (const auto found = exploration::findQuantity(key); found.has_value()) {
        return found;
    }
    std::vector<std::string> keys;
    for (const exploration::Quantity& quantity : exploration::allQuantities()) {
        keys.push_back(quantity.key);
    }
    return Error{"there is no quantity " + key, option, "choose one of " + text::join(keys, ", ")};
}

Result<void> chooseAxes(Options& options) {
    PlotRequest& request = options.request;
    const auto choose = [](const std::string& option, const std::string& key, auto& axis) {
        const auto found = findAxis(option, key);
        if (found.hasError()) {
            return Result<void>(found.error());
        }
        axis = found.value();
        return Result<void>();
    };
    for (const Result<void>& chosen :
         {choose("--x", options.x, request.x), choose("--y", options.y, request.y),
          choose("--colour", options.colour, request.colour),
          choose("--size", options.size, request.size)}) {
        if (chosen.hasError()) {
            return chosen;
        }
    }
    return {};
}

void run(Options options, Context& context) {
    if (const Result<void> chosen = chooseAxes(options); chosen.hasError()) {
        context.fail(chosen.error());
        return;
    }
#ifdef BITLOUPE_WITH_PLOT
    if (const Result<void> drawn = plotResults(options.request); drawn.hasError()) {
        context.fail(drawn.error());
    } else if (!context.quiet) {
        context.err << "wrote " << options.request.output << '\n';
    }
#else
    context.fail({"this build draws no pictures", "plot",
                  "build it with Qt Charts (BITLOUPE_DESKTOP=ON), or use front --csv"},
                 kWorkFailed);
#endif
}

}  // namespace

void addPlotCommand(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    CLI::App* command =
        app.add_subcommand("plot", "Draw a study's designs: the same picture as the desktop's");
    command->add_option("RESULTS", options->request.results, "Results of a study")->required();
    command->add_option("--output", options->request.output, "FILE.png, .svg, .pdf or .csv")
        ->required();
    command->add_option("--x", options->x, "Quantity along, for instance bops");
    command->add_option("--y", options->y, "Quantity upwards (default accuracy)");
    command->add_option("--colour", options->colour, "A third quantity as colour");
    command->add_option("--size", options->size, "A fourth quantity as size");
    command->add_option("--width", options->request.width, "Width in logical pixels")
        ->capture_default_str();
    command->add_option("--height", options->request.height, "Height in logical pixels")
        ->capture_default_str();
    command->add_option("--scale", options->request.scale, "Device pixels per pixel of a PNG, 1-4")
        ->capture_default_str();
    command->add_flag("--dark", options->request.dark, "Light marks on a dark ground");
    command->callback([options, &context] { run(*options, context); });
}

}  // namespace bitloupe::cli
