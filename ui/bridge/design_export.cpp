// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/design_export.h"

#include <QCoreApplication>
#include <QPointer>
#include <algorithm>

#include "core/exporters/nearest_fit.h"
#include "core/study/tuned_design.h"

namespace bitloupe::ui {

namespace {

/// The measured designs and what is needed to compare them with the shown one.
struct Candidates {
    EvaluationLog evaluations;
    exploration::DesignSpace space;
    exploration::Assignment shown;
    exploration::QuantityId metric;
};

/// Fills in the nearest design that fits.
void findNearest(const exporters::ExportKind& kind, const network::Network& network,
                 const Candidates& candidates, KindFit& fit) {
    std::vector<const exploration::Evaluation*> measured;
    for (std::size_t i = 0; i < candidates.evaluations.size(); ++i) {
        measured.push_back(&candidates.evaluations[i]);
    }
    const exporters::NearestFit nearest = exporters::nearestFit(
        kind, network, candidates.shown, candidates.space, measured, candidates.metric);
    fit.nearest = nearest.id;
    fit.differences = nearest.differences;
}

}  // namespace

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
    m_resolved.reset();
    m_fits.clear();
    const SnapshotPointer snapshot = m_document.bridge().snapshot();
    const exploration::Evaluation* evaluation = snapshot->find(design);
    const StudyDocument::Shown& shown = m_document.shown();
    if (!evaluation || !shown.session) {
        Q_EMIT considered();
        return;
    }
    using Answer = std::shared_ptr<const Resolved>;
    Candidates candidates{snapshot->evaluations, shown.space,
                          shown.space.assignment(evaluation->design),
                          exploration::metricAmong(snapshot->objectives)};
    m_document.worker().run<Answer>(
        [session = shown.session, candidates = std::move(candidates),
         weights = study::weightsFileOf(m_document.resultsPath().toStdString(), *evaluation),
         accelerator = shown.space.accelerator(evaluation->design)]() -> Result<Answer> {
            Result<exploration::TunedDesign> tuned =
                study::designOf(*session, candidates.shown, weights);
            if (tuned.hasError()) {
                return tuned.error();
            }
            auto answer = std::make_shared<Resolved>();
            answer->session = session;
            answer->network = tuned.value().network;
            answer->design = exporters::resolveDesign(tuned.value(), candidates.shown, accelerator);
            for (const exporters::ExportKind& kind : exporters::exportKinds()) {
                KindFit& fit = answer->fits.emplace_back();
                fit.obstacles = exporters::obstacles(kind, answer->design.schemes());
                if (!fit.obstacles.empty()) {
                    findNearest(kind, *session->network, candidates, fit);
                }
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
            self->m_fits = self->m_resolved->fits;
            Q_EMIT self->considered();
        });
}

void DesignExport::write(const exporters::ExportKind& kind, const QString& path) {
    if (!m_resolved) {
        return;
    }
    stopCheck();
    m_document.worker().run<WrittenExport>(
        [resolved = m_resolved, kind, path]() -> Result<WrittenExport> {
            const std::string file = path.toStdString();
            const Result<void> done = exporters::exportDesign(kind, resolved->design, file);
            if (done.hasError()) {
                return done.error();
            }
            return WrittenExport{path,
                                 exporters::sizeOnDisk(file),
                                 exporters::floatBytes(*resolved->design.network),
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
    if (!m_resolved || !exporters::canCheckAgreement(kind)) {
        return;
    }
    const auto stop = std::make_shared<std::atomic<bool>>(false);
    m_stop = stop;
    const QPointer self(this);
    Q_EMIT checking(0);
    m_document.worker().run<exporters::Agreement>(
        [self, stop, resolved = m_resolved, kind, path = result.path.toStdString()] {
            constexpr std::int64_t kMostSamples = 1000;
            const data::Samples& all = resolved->session->data->splits.at(data::Role::Search);
            return exporters::checkAgreement(kind, path, resolved->design,
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
