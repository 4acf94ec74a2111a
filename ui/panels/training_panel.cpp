// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/training_panel.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/charts/curve_view.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

using State = TrainingJob::State;

constexpr int kMostEpochs = 100000;
constexpr int kMostSamplesAStep = 65536;

}  // namespace

TrainingPanel::TrainingPanel(TrainingJob& job, TrainingJob::Kind kind, QWidget* parent)
    : QWidget(parent),
      m_job(job),
      m_kind(kind),
      m_epochs(new QSpinBox(this)),
      m_rate(new QDoubleSpinBox(this)),
      m_batch(new QSpinBox(this)),
      m_optimizer(new QComboBox(this)),
      m_start(new QPushButton(this)),
      m_stop(new QPushButton(tr("S&top"), this)),
      m_sentence(makeSentence({}, TextRole::Muted, this)),
      m_curve(new charts::CurveView(this)) {
    m_curve->setAccessibleName(tr("Loss over steps"));
    m_curve->setFrameShape(QFrame::NoFrame);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, kGrid, 0, 0);
    row->setSpacing(3 * kGrid);
    row->addWidget(makeSettings());
    auto* right = new QVBoxLayout;
    right->setSpacing(kGrid / 2);
    right->addWidget(m_sentence);
    right->addWidget(m_curve, 1);
    right->addStretch();  // where there is no curve yet
    row->addLayout(right, 1);
    connect(m_start, &QPushButton::clicked, this, &TrainingPanel::startOrPause);
    connect(m_stop, &QPushButton::clicked, &job, &TrainingJob::stop);
    connect(&job, &TrainingJob::changed, this, &TrainingPanel::refresh);
    setSettings({});
    refresh();
}

QWidget* TrainingPanel::makeSettings() {
    m_epochs->setRange(1, kMostEpochs);
    m_rate->setDecimals(6);
    m_rate->setRange(1e-6, 10);
    m_rate->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    m_batch->setRange(1, kMostSamplesAStep);
    for (const std::string& name : execution::optimizerNames()) {
        m_optimizer->addItem(QString::fromStdString(name));
    }
    auto* part = new QWidget(this);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(kGrid);
    form->setVerticalSpacing(kGrid / 2);
    const auto add = [&](const QString& name, QWidget* field) {
        field->setAccessibleName(name);
        QLabel* label = makeLabel(name, TextRole::Muted, part);
        label->setBuddy(field);
        form->addRow(label, field);
    };
    add(tr("Epochs"), m_epochs);
    add(tr("Learning rate"), m_rate);
    add(tr("Samples a step"), m_batch);
    add(tr("Optimizer"), m_optimizer);
    column->addLayout(form);
    for (QPushButton* button : {m_start, m_stop}) {
        button->setAutoDefault(false);  // Enter in a field ends the number and starts nothing
    }
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(kGrid);
    buttons->addWidget(m_start, 1);
    buttons->addWidget(m_stop);
    column->addLayout(buttons);
    column->addStretch(1);
    for (QSpinBox* box : {m_epochs, m_batch}) {
        box->setKeyboardTracking(false);
        connect(box, &QSpinBox::valueChanged, this, &TrainingPanel::edited);
    }
    m_rate->setKeyboardTracking(false);
    connect(m_rate, &QDoubleSpinBox::valueChanged, this, &TrainingPanel::edited);
    connect(m_optimizer, &QComboBox::activated, this, &TrainingPanel::edited);
    return part;
}

void TrainingPanel::setSettings(const execution::TrainingSettings& settings) {
    m_settings = settings;
    const QSignalBlocker quietEpochs(m_epochs);
    const QSignalBlocker quietRate(m_rate);
    const QSignalBlocker quietBatch(m_batch);
    m_epochs->setValue(static_cast<int>(settings.epochs));
    m_rate->setValue(settings.learningRate);
    m_batch->setValue(static_cast<int>(settings.batchSize));
    m_optimizer->setCurrentText(QString::fromStdString(execution::nameOf(settings.optimizer)));
}

void TrainingPanel::edited() {
    m_settings.epochs = m_epochs->value();
    m_settings.learningRate = m_rate->value();
    m_settings.batchSize = m_batch->value();
    m_settings.optimizer = execution::findOptimizer(m_optimizer->currentText().toStdString())
                               .value_or(m_settings.optimizer);
    Q_EMIT settingsEdited(m_settings);
}

void TrainingPanel::setSubject(const QString& sentence, bool ready) {
    m_subject = sentence;
    m_ready = ready;
    refresh();
}

QString TrainingPanel::sentence() const {
    return m_sentence->text();
}

bool TrainingPanel::isOurs() const {
    return m_job.isBusy() && m_job.kind() == m_kind;
}

void TrainingPanel::startOrPause() {
    if (!isOurs()) {
        Q_EMIT startRequested();
    } else if (m_job.state() == State::Running) {
        m_job.pause();
    } else {
        m_job.resume();
    }
}

QString TrainingPanel::progressWords() const {
    const execution::TrainingProgress& progress = m_job.progress();
    if (m_job.state() == State::Stopping) {
        return tr("Stopping. The next start goes on from here.");
    }
    if (progress.steps == 0) {
        return tr("Reading the training samples …");
    }
    const QLocale locale;
    QStringList parts = {tr("epoch %1 of %2")
                             .arg(std::min(progress.epoch + 1, progress.epochs))
                             .arg(progress.epochs),
                         tr("step %1 of %2")
                             .arg(wording::count(static_cast<double>(progress.step)),
                                  wording::count(static_cast<double>(progress.steps))),
                         tr("loss %1").arg(locale.toString(progress.loss, 'g', 4))};
    if (!progress.finished.empty()) {
        parts << tr("after the last epoch %1 on the search split")
                     .arg(locale.toString(progress.finished.back().metric, 'f', 4));
    }
    if (m_job.state() == State::Paused) {
        parts << tr("paused");
    }
    return parts.join(QStringLiteral(" · "));
}

void TrainingPanel::refresh() {
    const bool ours = isOurs();
    const bool paused = m_job.state() == State::Paused;
    m_start->setText(!ours
                         ? (m_kind == TrainingJob::Kind::Training ? tr("T&rain") : tr("&Fine-tune"))
                     : paused ? tr("&Resume")
                              : tr("&Pause"));
    m_start->setEnabled(ours ? m_job.state() != State::Stopping : m_ready && m_job.canStart());
    m_stop->setEnabled(ours && m_job.state() != State::Stopping);
    for (QWidget* field : {static_cast<QWidget*>(m_epochs), static_cast<QWidget*>(m_rate),
                           static_cast<QWidget*>(m_batch), static_cast<QWidget*>(m_optimizer)}) {
        field->setEnabled(!ours);
    }
    m_sentence->setText(ours ? progressWords() : m_subject);
    refreshCurve();
}

void TrainingPanel::refreshCurve() {
    if (m_job.kind() != m_kind) {
        m_curve->hide();
        return;
    }
    charts::CurveData shown;
    shown.xAxis.label = tr("Step");
    shown.xAxis.lowest = 0;
    shown.yAxis.label = tr("Loss");
    shown.yAxis.better = charts::Better::Lower;
    shown.curves.push_back({tr("training, mean of the epoch so far"),
                            m_job.losses(),
                            charts::CurveStyle::Line,
                            0,
                            {}});
    const execution::TrainingProgress& progress = m_job.progress();
    charts::Curve judged{tr("search split"), {}, charts::CurveStyle::Points, 1, {}};
    for (std::size_t epoch = 0; epoch < progress.finished.size(); ++epoch) {
        judged.points.emplace_back(static_cast<double>(progress.steps) *
                                       static_cast<double>(epoch + 1) /
                                       static_cast<double>(progress.epochs),
                                   progress.finished[epoch].judgingLoss);
    }
    shown.curves.push_back(std::move(judged));
    m_curve->setVisible(!m_job.losses().empty());  // axes without a line say nothing
    m_curve->setData(std::move(shown));
}

}  // namespace bitloupe::ui
