// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/space_wording.h"

#include <QCoreApplication>
#include <algorithm>

#include "ui/bridge/study_document.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

QString tr(const char* text, int n = -1) {
    return QCoreApplication::translate("space", text, nullptr, n);
}

/// "5" when every slot has as many choices, else "2 to 7".
QString choicesWords(const std::vector<std::uint16_t>& sizes) {
    const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
    return *least == *most ? QString::number(*least) : tr("%1 to %2").arg(*least).arg(*most);
}

}  // namespace

QString spaceSentence(const StudyDocument& document) {
    if (!document.network()) {
        return tr("No network yet: the size of the space follows from its layers.");
    }
    if (!document.space()) {
        return document.spaceProblem();
    }
    const exploration::DesignSpace& space = *document.space();
    const std::size_t slotCount = space.layerSlots().size();
    QStringList factors;
    if (slotCount > 0) {
        const std::vector<std::uint16_t> sizes(
            space.slotSizes().begin(),
            space.slotSizes().begin() + static_cast<std::ptrdiff_t>(slotCount));
        factors << tr("%1 slots × %2 formats").arg(slotCount).arg(choicesWords(sizes));
    }
    const std::size_t arrays = space.accelerators().size();
    factors << (arrays == 1 ? tr("1 array") : tr("%1 arrays").arg(arrays));
    return tr("%1 = %2 designs")
        .arg(factors.join(QStringLiteral(" · ")), wording::count(space.size()));
}

QString workSentence(const StudyDocument& document) {
    if (!document.space()) {
        return {};
    }
    const double size = document.space()->size();
    const double wanted = std::min(size, static_cast<double>(document.description().evaluations));
    const QString share = wanted < size
                              ? tr("%1 of them will be evaluated").arg(wording::count(wanted))
                              : tr("All of them will be evaluated");
    const double seconds = document.estimatedSeconds();
    if (seconds == 0) {
        return tr("%1 of them have been evaluated: raise the number of evaluations to go on.")
            .arg(wording::count(wanted));
    }
    return seconds >= 0
               ? tr("%1, which takes about %2.").arg(share, wording::roughDuration(seconds))
               : tr("%1.").arg(share);
}

}  // namespace bitloupe::ui
