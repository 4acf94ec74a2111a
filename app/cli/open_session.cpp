// SPDX-License-Identifier: Apache-2.0
#include "app/cli/open_session.h"

#include "core/base/version.h"

namespace bitloupe::cli {

Result<study::Session> openSession(const study::StudyDescription& description,
                                   std::unique_ptr<ProgressLine>& line, const Context& context) {
    line = std::make_unique<ProgressLine>(context.err, context.quiet);
    Result<study::Session> session = study::openSession(
        description, context.threads, [&line](const std::string& step) { line->show(step); });
    if (session.hasError()) {
        line.reset();
    }
    return session;
}

Result<std::unique_ptr<study::Journal>> openJournal(const std::string& path,
                                                    const study::Session& session) {
    return study::Journal::open(path, {.studyYaml = study::writeStudy(session.description),
                                       .networkHash = session.network->hash,
                                       .dataHash = session.data->hash,
                                       .programVersion = programVersion()});
}

}  // namespace bitloupe::cli
