// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAction>
#include <QList>
#include <QObject>

class QUndoStack;

namespace bitloupe::ui {

/// Everything the window can do, in one place: menus, buttons, shortcuts, the palette and the sheet
/// of shortcuts all take it from here.
///
/// Keys that a focused widget may need itself (Space, arrows) are written behind a tab in the text:
/// menus show them, and the window handles them where nobody else did.
class Actions : public QObject {
    Q_OBJECT

public:
    Actions(QUndoStack& undoStack, QObject* parent);

    /// All of them, in the order of the menus.
    [[nodiscard]] const QList<QAction*>& all() const { return m_all; }
    /// How its key is written for people; empty without one.
    [[nodiscard]] static QString keyOf(const QAction& action);
    [[nodiscard]] static QString nameOf(const QAction& action);

    QAction* open;
    QAction* save;
    QAction* saveAs;
    QAction* closeStudy;
    QAction* quit;
    QAction* undo;
    QAction* redo;
    QAction* history;
    QAction* copyDesign;
    QAction* start;  ///< start, pause or resume, whatever is next
    QAction* pause;
    QAction* stop;
    QList<QAction*> pages;
    QAction* previousDesign;
    QAction* nextDesign;
    QAction* pin;
    QAction* editDesign;
    QAction* measureDesign;
    QAction* fineTuneDesign;
    QAction* exportDesign;
    QAction* formats;
    QAction* palette;
    QAction* messages;  ///< shows and hides what has been told so far
    QAction* help;
    QAction* guide;
    QAction* shortcuts;
    QAction* about;
    QAction* resetLayout;
    QAction* lightTheme;
    QAction* darkTheme;
    QAction* systemTheme;

private:
    QAction* add(const QString& text, const QKeySequence& key = {}, const QString& icon = {});

    QList<QAction*> m_all;
};

}  // namespace bitloupe::ui
