// SPDX-License-Identifier: Apache-2.0
#include "ui/models/format_catalogue.h"

#include <QCoreApplication>
#include <algorithm>

#include "core/numerics/format_catalogue.h"

namespace bitloupe::ui {

namespace {

using quantization::Quantizer;

QString tr(const char* text) {
    return QCoreApplication::translate("formats", text);
}

QString toText(std::string_view text) {
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

QString capitalised(QString text) {
    text[0] = text.at(0).toUpper();
    return text;
}

/// The names the library offers for a family, `suffix` behind each, narrow to wide.
std::vector<Quantizer> quantizersOf(numerics::Family family, const char* suffix) {
    std::vector<Quantizer> formats;
    for (const std::string& name : numerics::commonFormats(family)) {
        Result<Quantizer> quantizer = Quantizer::parse(name + suffix);
        if (quantizer.hasValue() && !quantizer.value().format.isIdentity()) {
            formats.push_back(std::move(quantizer).value());
        }
    }
    std::stable_sort(formats.begin(), formats.end(), [](const Quantizer& a, const Quantizer& b) {
        return a.format.bitsPerValue() < b.format.bitsPerValue();
    });
    return formats;
}

std::vector<FormatFamily> makeCatalogue() {
    std::vector<FormatFamily> families;
    for (const numerics::FamilyInfo& info : numerics::families()) {
        const QString name = capitalised(toText(info.name));
        families.push_back({name, toText(info.parameters), quantizersOf(info.family, "")});
        if (info.family == numerics::Family::Integer) {
            families.push_back({tr("%1, one scale a channel").arg(name),
                                tr("For weights: every output channel has its own scale."),
                                quantizersOf(info.family, "@channel")});
        }
    }
    return families;
}

}  // namespace

const std::vector<FormatFamily>& formatCatalogue() {
    static const std::vector<FormatFamily> kFamilies = makeCatalogue();
    return kFamilies;
}

}  // namespace bitloupe::ui
