// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/formats_card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/bridge/study_document.h"
#include "ui/panels/format_chips.h"
#include "ui/panels/preparation_panel.h"
#include "ui/panels/tables.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

/// A page of rows that wrap. Behind another page it asks for no room: tabs would be as tall as the
/// tallest of them all.
class WrappedPage final : public QWidget {
public:
    using QWidget::QWidget;
    [[nodiscard]] int heightForWidth(int width) const override {
        return isHidden() ? 0 : QWidget::heightForWidth(width);
    }
};

/// The page that is shown alone says how tall the tabs are: chips take many rows, other pages few.
void fitToShownPage(QTabWidget& tabs) {
    for (int i = 0; i < tabs.count(); ++i) {
        const bool shown = i == tabs.currentIndex();
        QSizePolicy policy = tabs.widget(i)->sizePolicy();
        policy.setVerticalPolicy(shown ? QSizePolicy::Preferred : QSizePolicy::Ignored);
        tabs.widget(i)->setSizePolicy(policy);
    }
}

}  // namespace

FormatsCard::FormatsCard(StudyDocument& document, QWidget* parent)
    : Card(tr("Formats"), parent),
      m_document(document),
      m_weights(new FormatChips(tr("weights"), true, this)),
      m_activations(new FormatChips(tr("activations"), false, this)),
      m_lockTable(makeTable(m_locks, tr("What each layer may use"), this)) {
    auto* browse = new QPushButton(tr("Compare &formats …"), this);
    browse->setFocusPolicy(Qt::TabFocus);
    tools().addWidget(browse);
    connect(browse, &QPushButton::clicked, this, &FormatsCard::browseRequested);
    auto* tabs = new QTabWidget(this);
    tabs->setDocumentMode(true);
    tabs->setFocusPolicy(Qt::TabFocus);
    tabs->addTab(makeSide(m_weights), tr("Weights"));
    tabs->addTab(makeSide(m_activations), tr("Activations"));
    auto* layers = new QWidget(tabs);
    auto* column = new QVBoxLayout(layers);
    column->setContentsMargins(0, kGrid, 0, 0);
    column->addWidget(
        makeSentence(tr("Click a format, or press Enter on it, to lock a layer to something else."),
                     TextRole::Muted));
    column->addWidget(m_lockTable);
    column->addStretch(1);
    fillWidth(*m_lockTable);
    m_lockTable->setSelectionBehavior(QAbstractItemView::SelectItems);
    tabs->addTab(layers, tr("Each layer"));
    tabs->addTab(new PreparationPanel(document, tabs), tr("Preparation"));
    tabs->setAccessibleName(tr("Formats of"));
    tabs->tabBar()->setAccessibleName(tr("Formats of"));
    connect(tabs, &QTabWidget::currentChanged, this, [tabs] { fitToShownPage(*tabs); });
    fitToShownPage(*tabs);
    content().addWidget(tabs);

    connect(m_weights, &FormatChips::edited, this, [this](const auto& chosen) {
        m_document.edit(tr("weight formats"),
                        [&chosen](study::StudyDescription& study) { study.weights = chosen; });
    });
    connect(m_activations, &FormatChips::edited, this, [this](const auto& chosen) {
        m_document.edit(tr("activation formats"),
                        [&chosen](study::StudyDescription& study) { study.activations = chosen; });
    });
    for (FormatChips* chips : {m_weights, m_activations}) {
        connect(chips, &FormatChips::refused, &document, &StudyDocument::failed);
    }
    connect(m_lockTable, &QTableView::clicked, this, &FormatsCard::offerLocks);
    connect(m_lockTable, &QTableView::activated, this, &FormatsCard::offerLocks);
    connect(&document, &StudyDocument::descriptionChanged, this, &FormatsCard::refresh);
    refresh();
}

QWidget* FormatsCard::makeSide(FormatChips* chips) {
    auto* page = new WrappedPage(this);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, kGrid, 0, 0);
    column->addWidget(chips);
    column->addStretch(1);
    return page;
}

void FormatsCard::refresh() {
    const study::StudyDescription& study = m_document.description();
    m_weights->setChosen(study.weights);
    m_activations->setChosen(study.activations);
    m_locks.set(m_document.network(), study);
    fitColumns(*m_lockTable);
    fitHeight(*m_lockTable, 2, 10);
    if (study.weights.empty() && study.activations.empty() && study.layers.empty()) {
        setState(State::Empty, tr("Tick the formats worth considering."));
        return;
    }
    QString sentence = tr("Formats to choose from: %1 for weights, %2 for activations")
                           .arg(study.weights.size())
                           .arg(study.activations.size());
    if (!study.layers.empty()) {
        sentence += tr("; layers locked: %1").arg(study.layers.size());
    }
    setState(State::Ready, sentence + QLatin1Char('.'));
}

void FormatsCard::offerLocks(const QModelIndex& index) {
    if (!index.isValid() || index.column() == LayerLocksModel::Name) {
        return;
    }
    const QString layer = m_locks.layer(index.row());
    const int column = index.column();
    const std::vector<std::string> current = m_locks.lock(index.row(), column);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto offer = [&](const QString& text, const std::vector<std::string>& names) {
        QAction* action = menu->addAction(text);
        action->setCheckable(true);
        action->setChecked(names == current);
        connect(action, &QAction::triggered, this,
                [this, layer, column, names] { setLock(layer, column, names); });
    };
    offer(tr("All formats ticked for the study"), {});
    offer(tr("Keep in float"), {"float"});
    menu->addSeparator();
    const study::StudyDescription& study = m_document.description();
    const auto& formats = column == LayerLocksModel::Weights ? study.weights : study.activations;
    for (const quantization::Quantizer& format : formats) {
        offer(tr("Only %1").arg(QString::fromStdString(format.name())), {format.name()});
    }
    const QRect cell = m_lockTable->visualRect(index);
    menu->popup(m_lockTable->viewport()->mapToGlobal(cell.bottomLeft()));
}

void FormatsCard::setLock(const QString& layer, int column, const std::vector<std::string>& names) {
    m_document.edit(tr("formats of %1").arg(layer), [&](study::StudyDescription& study) {
        study::LayerOverride& entry = study.layers[layer.toStdString()];
        (column == LayerLocksModel::Weights ? entry.weights : entry.activations) = names;
        if (entry.weights.empty() && entry.activations.empty()) {
            study.layers.erase(layer.toStdString());
        }
    });
}

}  // namespace bitloupe::ui
