// SPDX-License-Identifier: Apache-2.0
#include "core/study/report.h"

#include <memory>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/plot/report_pdf.h"
#include "app/cli/result_document.h"
#include "core/base/file.h"

namespace bitloupe::cli {

namespace {

struct ReportOptions {
    std::string results;
    std::string output;
    std::int64_t design = 0;
};

Result<study::ReportContent> readContent(const ReportOptions& options) {
    const auto journal = study::Journal::openReadOnly(options.results);
    if (journal.hasError()) {
        return journal.error();
    }
    const auto header = journal.value()->header();
    if (header.hasError()) {
        return header.error();
    }
    Result<Results> results = loadResults(options.results);
    if (results.hasError()) {
        return results.error();
    }
    if (results.value().known.evaluations.empty()) {
        return Error{"no design has been evaluated yet", options.results,
                     "run bitloupe-cli explore first"};
    }
    return study::ReportContent{results.value().study, header.value(), results.value().space,
                                results.value().known, options.design};
}

Result<void> write(const study::ReportContent& content, const std::string& path) {
    if (!path.ends_with(".pdf")) {
        return writeFileAtomically(path, study::reportHtml(content));
    }
#ifdef BITLOUPE_WITH_PLOT
    return writeReportPdf(content, path);
#else
    return Error{"this build writes no PDF", path, "write FILE.html instead"};
#endif
}

void run(Context& context, const ReportOptions& options) {
    const Result<study::ReportContent> content = readContent(options);
    if (content.hasError()) {
        return context.fail(content.error());
    }
    const Result<void> written = write(content.value(), options.output);
    if (written.hasError()) {
        return context.fail(written.error(), kWorkFailed);
    }
    if (!context.quiet) {
        context.err << "wrote " << options.output << '\n';
    }
}

}  // namespace

void addReportCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("report", "A study as one page: HTML or PDF");
    const auto options = std::make_shared<ReportOptions>();
    command->add_option("RESULTS", options->results, "Results of a study")->required();
    command->add_option("--output", options->output, "FILE.html or FILE.pdf")->required();
    command->add_option("--design", options->design, "A design to show beside the front");
    command->callback([options, &context] { run(context, *options); });
}

}  // namespace bitloupe::cli
