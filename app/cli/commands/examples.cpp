// SPDX-License-Identifier: Apache-2.0
#include "core/study/examples.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/commands.h"

namespace bitloupe::cli {

namespace {

struct ExamplesOptions {
    std::string name;
    std::string output;
    study::ExampleFiles files;
};

void printList(Context& context) {
    const Result<std::vector<study::Example>> examples = study::listExamples();
    if (examples.hasError()) {
        context.fail(examples.error());
        return;
    }
    nlohmann::json list = nlohmann::json::array();
    for (const study::Example& example : examples.value()) {
        list.push_back({{"name", example.name},
                        {"note", example.note},
                        {"needs_own_files", example.needsOwnFiles}});
        if (!context.json) {
            context.out << example.name << "\n  " << example.note << '\n';
        }
    }
    if (context.json) {
        context.out << list.dump(2) << '\n';
    } else {
        context.out << "\nbitloupe-cli examples NAME --output DIR writes one to a folder.\n";
    }
}

void writeExample(const ExamplesOptions& options, Context& context) {
    if (options.output.empty()) {
        context.fail({"no folder to write the example to", options.name, "give --output DIR"});
        return;
    }
    const Result<std::string> study =
        study::writeExample(options.name, options.output, options.files);
    if (study.hasError()) {
        context.fail(study.error());
    } else if (context.json) {
        context.out << nlohmann::json{{"study", study.value()}}.dump(2) << '\n';
    } else if (!context.quiet) {
        context.out << "wrote " << study.value() << "\nnext: bitloupe-cli explore " << study.value()
                    << '\n';
    }
}

}  // namespace

void addExamplesCommand(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("examples", "The studies that ship with the program");
    const auto options = std::make_shared<ExamplesOptions>();
    command->add_option("name", options->name, "The example to write; without: list all");
    command->add_option("--output", options->output, "Folder to write it to");
    command->add_option("--model", options->files.model,
                        "Your network or weights, for an example that needs them");
    command->add_option("--data", options->files.data, "Your data, for an example that needs them");
    command->callback([options, &context] {
        if (options->name.empty()) {
            printList(context);
        } else {
            writeExample(*options, context);
        }
    });
}

}  // namespace bitloupe::cli
