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

std::vector<Quantizer> parsed(std::initializer_list<const char*> names) {
    std::vector<Quantizer> formats;
    for (const char* name : names) {
        Result<Quantizer> quantizer = Quantizer::parse(name);
        if (quantizer.hasValue()) {
            formats.push_back(std::move(quantizer).value());
        }
    }
    return formats;
}

/// What is done to weights beyond rounding them: offered for weights alone.
void addMethods(std::vector<FormatFamily>& families) {
    families.push_back(
        {tr("Integer, rounded to keep the outputs"),
         tr("GPTQ or AdaRound on the calibration samples, and the mean error into the bias. Slower "
            "to prepare, nothing to run."),
         parsed({"int2@channel+gptqordered+biascorr", "int3@channel+gptqordered+biascorr",
                 "int4@channel+gptqordered+biascorr", "int6@channel+gptqordered+biascorr",
                 "int3@channel+adaround+biascorr", "int4@channel+adaround+biascorr"})});
    families.push_back({tr("Pruned"),
                        tr("The smallest weights of a layer become zero: a share of them, two of "
                           "every four, or whole output channels."),
                        parsed({"float~25%", "float~50%", "float~75%", "int8@channel~50%",
                                "int8@channel+gptqordered~2:4", "int4@channel+gptqordered~2:4",
                                "int8@channel~25%channels"})});
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
    addMethods(families);
    return families;
}

}  // namespace

const std::vector<FormatFamily>& formatCatalogue() {
    static const std::vector<FormatFamily> kFamilies = makeCatalogue();
    return kFamilies;
}

}  // namespace bitloupe::ui
