// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/design_export.h"

#include <QPointer>

namespace bitloupe::ui {

DesignExport::DesignExport(StudyDocument& document, QObject* parent)
    : QObject(parent), m_document(document) {}

void DesignExport::consider(std::int64_t design) {
    const int asked = ++m_asked;
    m_resolved.reset();
    m_obstacles.clear();
    const exploration::Evaluation* evaluation = m_document.bridge().snapshot()->find(design);
    const StudyDocument::Shown& shown = m_document.shown();
    if (!evaluation || !shown.session) {
        Q_EMIT considered();
        return;
    }
    using Answer = std::shared_ptr<const Resolved>;
    m_document.worker().run<Answer>(
        [session = shown.session, assignment = shown.space.assignment(evaluation->design),
         accelerator = shown.space.accelerator(evaluation->design)]() -> Result<Answer> {
            Result<exporters::ResolvedDesign> resolved = exporters::resolveDesign(
                *session->network, *session->evaluator, assignment, accelerator);
            if (resolved.hasError()) {
                return resolved.error();
            }
            auto answer = std::make_shared<Resolved>();
            answer->network = session->network;
            answer->design = std::move(resolved).value();
            for (const exporters::ExportKind& kind : exporters::exportKinds()) {
                answer->obstacles.push_back(exporters::obstacles(kind, answer->design.schemes()));
            }
            return Answer(answer);
        },
        [self = QPointer(this), asked](const Result<Answer>& answer) {
            if (!self || asked != self->m_asked) {
                return;
            }
            if (answer.hasError()) {
                Q_EMIT self->failed(answer.error());
                return;
            }
            self->m_resolved = answer.value();
            self->m_obstacles = self->m_resolved->obstacles;
            Q_EMIT self->considered();
        });
}

void DesignExport::write(const exporters::ExportKind& kind, const QString& path) {
    if (!m_resolved) {
        return;
    }
    m_document.worker().run<bool>(
        [resolved = m_resolved, kind, file = path.toStdString()]() -> Result<bool> {
            const Result<void> done = exporters::exportDesign(kind, resolved->design, file);
            if (done.hasError()) {
                return done.error();
            }
            return true;
        },
        [self = QPointer(this), path](const Result<bool>& answer) {
            if (!self) {
                return;
            }
            if (answer.hasError()) {
                Q_EMIT self->failed(answer.error());
            } else {
                Q_EMIT self->written(path);
            }
        });
}

}  // namespace bitloupe::ui
