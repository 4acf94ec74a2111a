// SPDX-License-Identifier: Apache-2.0
#include "ui/window/actions.h"

#include <QActionGroup>
#include <QKeySequence>
#include <QUndoStack>

#include "ui/theme/icons.h"

namespace bitloupe::ui {

Actions::Actions(QUndoStack& undoStack, QObject* parent) : QObject(parent) {
    open = add(tr("&Open …"), QKeySequence::Open, QStringLiteral("open"));
    save = add(tr("&Save study"), QKeySequence::Save, QStringLiteral("save"));
    saveAs = add(tr("Save study &as …"), QKeySequence(QStringLiteral("Ctrl+Shift+S")));
    closeStudy = add(tr("&Close study"), QKeySequence(QStringLiteral("Ctrl+W")));
    quit = add(tr("&Quit"), QKeySequence(QStringLiteral("Ctrl+Q")));
    undo = undoStack.createUndoAction(this, tr("&Undo"));
    undo->setShortcut(QKeySequence::Undo);
    redo = undoStack.createRedoAction(this, tr("&Redo"));
    redo->setShortcut(QKeySequence(QStringLiteral("Ctrl+Shift+Z")));
    m_all << undo << redo;
    history = add(tr("&History …"), QKeySequence(QStringLiteral("Ctrl+H")));
    copyDesign = add(tr("&Copy design as text"), QKeySequence(QStringLiteral("Ctrl+Shift+C")),
                     QStringLiteral("copy"));
    start = add(tr("Start\tSpace"), {}, QStringLiteral("start"));
    pause = add(tr("Pause"), {}, QStringLiteral("pause"));
    stop = add(tr("Stop"), QKeySequence(QStringLiteral("Ctrl+.")), QStringLiteral("stop"));
    const QStringList names = {tr("Set up"), tr("Explore"),     tr("Sensitivity"),
                               tr("Design"), tr("Accelerator"), tr("Export")};
    auto* group = new QActionGroup(this);
    for (int page = 0; page < names.size(); ++page) {
        QAction* action = add(names.at(page), QKeySequence(QString::number(page + 1)));
        action->setCheckable(true);
        group->addAction(action);
        pages << action;
    }
    previousDesign = add(tr("Previous design on the front\tLeft"), {}, QStringLiteral("previous"));
    nextDesign = add(tr("Next design on the front\tRight"), {}, QStringLiteral("next"));
    pin = add(tr("&Pin design"), QKeySequence(QStringLiteral("P")), QStringLiteral("pin"));
    editDesign =
        add(tr("&Edit design"), QKeySequence(QStringLiteral("D")), QStringLiteral("design"));
    measureDesign = add(tr("&Measure the edited design"), QKeySequence(QStringLiteral("M")));
    fineTuneDesign = add(tr("Fine-&tune design"), QKeySequence(QStringLiteral("T")));
    exportDesign =
        add(tr("E&xport design"), QKeySequence(QStringLiteral("E")), QStringLiteral("export"));
    formats = add(tr("&Formats …"), QKeySequence(QStringLiteral("F")));
    palette = add(tr("&Find anything …"), QKeySequence(QStringLiteral("Ctrl+K")));
    messages = add(tr("&Messages"), QKeySequence(QStringLiteral("Ctrl+M")));
    messages->setCheckable(true);
    help = add(tr("&Help"), QKeySequence(QKeySequence::HelpContents));
    guide = add(tr("A short &tour"));
    shortcuts = add(tr("&Keyboard shortcuts"), QKeySequence(QStringLiteral("Ctrl+/")));
    about = add(tr("&About Bitloupe"));
    resetLayout = add(tr("&Reset the layout"));
    systemTheme = add(tr("As the &system"));
    lightTheme = add(tr("&Light"));
    darkTheme = add(tr("&Dark"));
    auto* themes = new QActionGroup(this);
    for (QAction* theme : {systemTheme, lightTheme, darkTheme}) {
        theme->setCheckable(true);
        themes->addAction(theme);
    }
}

QAction* Actions::add(const QString& text, const QKeySequence& key, const QString& iconName) {
    auto* action = new QAction(text, this);
    action->setShortcut(key);
    if (!iconName.isEmpty()) {
        action->setIcon(icon(iconName));
    }
    const QString shown = keyOf(*action);
    action->setToolTip(shown.isEmpty() ? nameOf(*action)
                                       : QStringLiteral("%1 (%2)").arg(nameOf(*action), shown));
    m_all << action;
    return action;
}

QString Actions::keyOf(const QAction& action) {
    const QString written = action.text().section(QLatin1Char('\t'), 1);
    return written.isEmpty() ? action.shortcut().toString(QKeySequence::NativeText) : written;
}

QString Actions::nameOf(const QAction& action) {
    return action.text().section(QLatin1Char('\t'), 0, 0).remove(QLatin1Char('&'));
}

}  // namespace bitloupe::ui
