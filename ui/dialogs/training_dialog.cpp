// SPDX-License-Identifier: Apache-2.0
#include "ui/dialogs/training_dialog.h"

#include <QFontMetrics>
#include <QLabel>
#include <QVBoxLayout>

#include "ui/panels/training_panel.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

TrainingDialog::TrainingDialog(TrainingJob& job, const study::StudyDescription& study,
                               QWidget* parent)
    : QDialog(parent),
      m_study(study),
      m_panel(new TrainingPanel(job, TrainingJob::Kind::Training, this)) {
    const QString name = QString::fromStdString(study.name);
    setWindowTitle(tr("Train %1").arg(name));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(3 * kGrid, 2 * kGrid, 3 * kGrid, 2 * kGrid);
    column->setSpacing(kGrid);
    column->addWidget(
        makeLabel(tr("The network of %1 has no weights yet").arg(name), TextRole::Title, this));
    column->addWidget(
        makeSentence(tr("It is trained on the study's training samples and judged on its search "
                        "samples after every epoch. The weights become a file beside the study."),
                     TextRole::Muted, this));
    column->addWidget(m_panel, 1);
    m_panel->setSettings(study.training);
    m_panel->setSubject(tr("Press Train to begin."), true);
    connect(m_panel, &TrainingPanel::startRequested, this, [this, &job] {
        m_study.training = m_panel->settings();
        job.train(m_study);
    });
    connect(&job, &TrainingJob::stopped, this,
            [this] { m_panel->setSubject(tr("Stopped. Train goes on from there."), true); });
    connect(&job, &TrainingJob::trained, this, &QDialog::accept);
    setBackgroundRole(QPalette::Base);  // the paper that the curve is drawn on
    setAutoFillBackground(true);
    resize(fontMetrics().averageCharWidth() * 140, fontMetrics().height() * 30);
}

}  // namespace bitloupe::ui
