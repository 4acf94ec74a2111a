// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/design_export.h"

#include <QCoreApplication>
#include <QPointer>
#include <algorithm>

#include "core/exporters/export_size.h"

namespace bitloupe::ui {

DesignExport::DesignExport(StudyDocument& document, QObject* parent)
    : QObject(parent), m_document(document) {}

DesignExport::~DesignExport() {
    stopCheck();
}

void DesignExport::stopCheck() {
    if (m_stop) {
        *m_stop = true;
    }
}

void DesignExport::consider(std::int64_t design) {
    const int asked = ++m_asked;
    stopCheck();
    m_prepared.reset();
    m_fits.clear();
    const SnapshotPointer snapshot = m_document.bridge().snapshot();
    const exploration::Evaluation* evaluation = snapshot->find(design);
    const StudyDocument::Shown& shown = m_document.shown();
    if (!evaluation || !shown.session) {
        Q_EMIT considered();
        return;
    }
    using Answer = std::shared_ptr<const PreparedExport>;
    m_document.worker().run<Answer>(
        [prepare = m_document.backend().prepareExport,
         wish = ExportWish{shown.session, m_document.resultsPath().toStdString(),
                           snapshot->evaluations, shown.space, *evaluation,
                           exploration::metricAmong(snapshot->objectives)}] {
            return prepare(wish);
        },
        [self = QPointer(this), asked](const Result<Answer>& answer) {
            if (!self || asked != self->m_asked) {
                return;
            }
            if (answer.hasError()) {
                Q_EMIT self->failed(answer.error());
                return;
            }
            self->m_prepared = answer.value();
            self->m_fits = self->m_prepared->fits;
            Q_EMIT self->considered();
        });
}

void DesignExport::write(const exporters::ExportKind& kind, const QString& path) {
    if (!m_prepared) {
        return;
    }
    stopCheck();
    m_document.worker().run<WrittenExport>(
        [prepared = m_prepared, write = m_document.backend().exportDesign, kind,
         path]() -> Result<WrittenExport> {
            const std::string file = path.toStdString();
            const Result<void> done = write(kind, prepared->design, file);
            if (done.hasError()) {
                return done.error();
            }
            return WrittenExport{path,
                                 exporters::sizeOnDisk(file),
                                 exporters::floatBytes(*prepared->design.network),
                                 {}};
        },
        [self = QPointer(this), kind](const Result<WrittenExport>& answer) {
            if (!self) {
                return;
            }
            if (answer.hasError()) {
                Q_EMIT self->failed(answer.error());
                return;
            }
            Q_EMIT self->written(answer.value());
            self->check(kind, answer.value());
        });
}

void DesignExport::check(const exporters::ExportKind& kind, const WrittenExport& result) {
    if (!m_prepared || !exporters::canCheckAgreement(kind)) {
        return;
    }
    const auto stop = std::make_shared<std::atomic<bool>>(false);
    m_stop = stop;
    const QPointer self(this);
    Q_EMIT checking(0);
    m_document.worker().run<exporters::Agreement>(
        [self, stop, prepared = m_prepared, compare = m_document.backend().checkAgreement, kind,
         path = result.path.toStdString()] {
            constexpr std::int64_t kMostSamples = 1000;
            const data::Samples& all = prepared->session->data->splits.at(data::Role::Search);
            return compare(kind, path, prepared->design,
                           all.slice(0, std::min(kMostSamples, all.count())),
                           [self, stop](double share) {
                               QMetaObject::invokeMethod(
                                   qApp,
                                   [self, stop, share] {
                                       if (self && !*stop) {
                                           Q_EMIT self->checking(share);
                                       }
                                   },
                                   Qt::QueuedConnection);
                               return !*stop;
                           });
        },
        [self, stop, result](const Result<exporters::Agreement>& answer) {
            if (!self || *stop) {
                return;
            }
            if (answer.hasError()) {
                Q_EMIT self->failed(answer.error());
                return;
            }
            WrittenExport whole = result;
            whole.agreement = answer.value();
            Q_EMIT self->checked(whole);
        });
}

}  // namespace bitloupe::ui
