// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command_runner.h"

#include <algorithm>
#include <exception>
#include <ostream>

#include "core/base/version.h"

namespace bitloupe::cli {

void Context::fail(const Error& error, int exitStatus) {
    err << "bitloupe-cli: " << error.sentence() << '\n';
    status = exitStatus;
}

namespace {

void addGeneralOptions(CLI::App& app, Context& context) {
    app.add_flag("--json", context.json, "Print one JSON document on stdout");
    app.add_flag("--quiet", context.quiet, "No progress on stderr");
    app.add_option("--threads", context.threads, "Worker threads (default: one per core)")
        ->check(CLI::Range(1, 1024));
    app.add_option("--seed", context.seed, "Seed of everything random (default 1)");
    app.set_version_flag("--version", "bitloupe-cli " + programVersion());
    app.fallthrough();
    app.require_subcommand(1);
}

int parseAndRun(CLI::App& app, std::vector<std::string> arguments, Context& context) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::Success& request) {  // --help, --version
        return app.exit(request, context.out, context.err);
    } catch (const CLI::ParseError& error) {
        context.fail({error.what(), "", "see bitloupe-cli --help"});
    } catch (const std::exception& error) {
        context.fail({error.what(), "", "this is a fault of the program: please report it"},
                     kWorkFailed);
    }
    return context.status;
}

}  // namespace

int runCommands(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                std::ostream& err, const std::function<void(CLI::App&, Context&)>& addCommands) {
    CLI::App app("Explore how far a trained neural network can be quantized, and on what hardware.",
                 "bitloupe-cli");
    Context context{.in = in, .out = out, .err = err};
    addGeneralOptions(app, context);
    addCommands(app, context);
    return parseAndRun(app, arguments, context);
}

}  // namespace bitloupe::cli
