// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>

#include <cstddef>
#include <functional>
#include <vector>

namespace bitloupe::charts {

/// Which points of a growing plot are new, and how far each has faded in. A point that came is seen
/// for what it is: news. Many at once (a study that was opened) do not fade.
class FadingPoints {
public:
    /// Points from `first` to the next group's first, or to the last of all.
    struct Group {
        std::size_t first = 0;
        qint64 since = 0;  ///< ms of the clock
    };

    /// `changed` is called a few times until nothing fades any more.
    explicit FadingPoints(std::function<void()> changed);

    /// Points from `first` to before `count` are new.
    void add(std::size_t first, std::size_t count);
    void clear();

    /// How many points have settled, of `count`.
    [[nodiscard]] std::size_t settled(std::size_t count) const;
    [[nodiscard]] const std::vector<Group>& groups() const { return m_groups; }
    /// From 0, just come, to 1.
    [[nodiscard]] double strength(const Group& group) const;

private:
    void advance();

    std::vector<Group> m_groups;  ///< by rising `first`, which is by age too
    QElapsedTimer m_clock;
    QTimer m_timer;
    std::function<void()> m_changed;
};

}  // namespace bitloupe::charts
