// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/preparation_panel.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/bridge/study_document.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

using quantization::Preparation;

constexpr int kMostPruned = 99;

}  // namespace

PreparationPanel::PreparationPanel(StudyDocument& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_equalize(
          new QCheckBox(tr("E&qualize the ranges of the channels of neighbouring layers"), this)),
      m_smooth(new QCheckBox(tr("SmoothQuant: move ranges from activations to &weights"), this)),
      m_alpha(new QDoubleSpinBox(this)),
      m_batchNorm(new QCheckBox(tr("Estimate &batch normalization again"), this)),
      m_pruning(new QSpinBox(this)) {
    m_alpha->setRange(0, 1);
    m_alpha->setSingleStep(0.1);
    m_alpha->setDecimals(2);
    m_alpha->setKeyboardTracking(false);
    m_alpha->setAccessibleName(tr("Share of the ranges that SmoothQuant moves"));
    m_pruning->setRange(0, kMostPruned);
    m_pruning->setSuffix(tr(" %"));
    m_pruning->setSpecialValueText(tr("none"));
    m_pruning->setKeyboardTracking(false);
    m_pruning->setAccessibleName(tr("Weights pruned over all layers together"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, kGrid, 0, 0);
    column->setSpacing(kGrid);
    column->addWidget(
        makeSentence(tr("Done to the whole float network first. Designs measured before do not "
                        "compare with those measured after, so another results file is begun."),
                     TextRole::Muted, this));
    column->addWidget(m_equalize);
    auto* smooth = new QHBoxLayout;
    smooth->addWidget(m_smooth);
    smooth->addWidget(m_alpha);
    smooth->addStretch(1);
    column->addLayout(smooth);
    column->addWidget(m_batchNorm);
    auto* pruning = new QHBoxLayout;
    QLabel* label =
        makeLabel(tr("Offer every format also pruned, by one threshold over all layers:"),
                  TextRole::Body, this);
    label->setBuddy(m_pruning);
    pruning->addWidget(label);
    pruning->addWidget(m_pruning);
    pruning->addStretch(1);
    column->addLayout(pruning);
    column->addStretch(1);
    for (QCheckBox* box : {m_equalize, m_smooth, m_batchNorm}) {
        connect(box, &QCheckBox::toggled, this, &PreparationPanel::edited);
    }
    connect(m_alpha, &QDoubleSpinBox::valueChanged, this, &PreparationPanel::edited);
    connect(m_pruning, &QSpinBox::valueChanged, this, &PreparationPanel::edited);
    connect(&document, &StudyDocument::descriptionChanged, this, &PreparationPanel::refresh);
    refresh();
}

void PreparationPanel::edited() {
    // What the study says already keeps its place.
    std::vector<Preparation> list = m_document.description().preparations;
    const auto want = [&list](const Preparation& wanted, bool on) {
        const auto found = std::find_if(list.begin(), list.end(), [&](const Preparation& each) {
            return each.kind == wanted.kind;
        });
        if (found == list.end()) {
            if (on) {
                list.push_back(wanted);
            }
        } else if (on) {
            found->alpha = wanted.alpha;
        } else {
            list.erase(found);
        }
    };
    want({Preparation::Kind::Equalize}, m_equalize->isChecked());
    want({Preparation::Kind::SmoothQuant, m_alpha->value()}, m_smooth->isChecked());
    want({Preparation::Kind::BatchNorm}, m_batchNorm->isChecked());
    const double pruning = m_pruning->value();
    m_document.edit(tr("preparation"), [&](study::StudyDescription& study) {
        study.preparations = list;
        if (std::lround(study.globalPruning) != std::lround(pruning)) {
            study.globalPruning = pruning;
        }
    });
}

void PreparationPanel::refresh() {
    const QSignalBlocker quiet[] = {QSignalBlocker(m_equalize), QSignalBlocker(m_smooth),
                                    QSignalBlocker(m_alpha), QSignalBlocker(m_batchNorm),
                                    QSignalBlocker(m_pruning)};
    const study::StudyDescription& study = m_document.description();
    m_equalize->setChecked(false);
    m_smooth->setChecked(false);
    m_batchNorm->setChecked(false);
    for (const Preparation& each : study.preparations) {
        switch (each.kind) {
            case Preparation::Kind::Equalize:
                m_equalize->setChecked(true);
                break;
            case Preparation::Kind::SmoothQuant:
                m_smooth->setChecked(true);
                m_alpha->setValue(each.alpha);
                break;
            case Preparation::Kind::BatchNorm:
                m_batchNorm->setChecked(true);
                break;
        }
    }
    if (!m_smooth->isChecked()) {
        m_alpha->setValue(Preparation().alpha);
    }
    m_alpha->setEnabled(m_smooth->isChecked());
    m_pruning->setValue(static_cast<int>(std::lround(study.globalPruning)));
}

}  // namespace bitloupe::ui
