// SPDX-License-Identifier: Apache-2.0
#pragma once

class QString;

namespace bitloupe::ui {

class MainWindow;

/// Walks through the whole program on the first example, saves a picture of each step to `folder`
/// (created when missing), and quits. The pictures of the README come from here.
void startTour(MainWindow& window, const QString& folder);

}  // namespace bitloupe::ui
