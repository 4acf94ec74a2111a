// SPDX-License-Identifier: Apache-2.0
#include "ui/models/format_catalogue.h"

#include <QCoreApplication>
#include <initializer_list>

namespace bitloupe::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("formats", text);
}

void addFamily(std::vector<FormatFamily>& families, const char* name, const char* description,
               std::initializer_list<const char*> formats) {
    FormatFamily family{tr(name), tr(description), {}};
    for (const char* format : formats) {
        Result<quantization::Quantizer> quantizer = quantization::Quantizer::parse(format);
        if (quantizer.hasValue()) {
            family.formats.push_back(std::move(quantizer).value());
        }
    }
    if (!family.formats.empty()) {
        families.push_back(std::move(family));
    }
}

std::vector<FormatFamily> makeCatalogue() {
    std::vector<FormatFamily> families;
    addFamily(families, QT_TRANSLATE_NOOP("formats", "Integer"),
              QT_TRANSLATE_NOOP("formats", "Evenly spaced codes with a scale."),
              {"int2", "int3", "int4", "int5", "int6", "int7", "int8"});
    addFamily(families, QT_TRANSLATE_NOOP("formats", "Integer, one scale a channel"),
              QT_TRANSLATE_NOOP("formats", "For weights: every output channel has its own scale."),
              {"int2@channel", "int3@channel", "int4@channel", "int5@channel", "int6@channel",
               "int7@channel", "int8@channel"});
    addFamily(families, QT_TRANSLATE_NOOP("formats", "Float"),
              QT_TRANSLATE_NOOP("formats", "Sign, exponent and mantissa: dense around zero."),
              {"fp4e2m1", "fp6e2m3", "fp6e3m2", "fp8e4m3", "fp8e5m2", "bf16", "fp16"});
    addFamily(families, QT_TRANSLATE_NOOP("formats", "Posit"),
              QT_TRANSLATE_NOOP("formats", "Tapered precision: most digits around one."),
              {"posit<4,0>", "posit<5,1>", "posit<6,1>", "posit<8,0>", "posit<8,1>", "posit<8,2>"});
    addFamily(families, QT_TRANSLATE_NOOP("formats", "Fixed point"),
              QT_TRANSLATE_NOOP("formats", "Integers with the point at a fixed place."),
              {"fixed<4,2>", "fixed<6,2>", "fixed<8,3>", "fixed<12,4>"});
    addFamily(families, QT_TRANSLATE_NOOP("formats", "Powers of two and fewer"),
              QT_TRANSLATE_NOOP("formats", "A multiplication becomes a shift, or a sign."),
              {"binary", "ternary", "pow2<3>", "pow2<4>"});
    addFamily(families, QT_TRANSLATE_NOOP("formats", "Microscaling"),
              QT_TRANSLATE_NOOP("formats", "Blocks of values share a scale."),
              {"mxfp4", "nvfp4", "mxfp6e2m3", "mxfp6e3m2", "mxfp8e4m3", "mxint8"});
    addFamily(families, QT_TRANSLATE_NOOP("formats", "Landmarks"),
              QT_TRANSLATE_NOOP("formats", "A table of values chosen from the data."),
              {"midrise<4>", "codebook<uniform,4>", "codebook<normal,4>", "codebook<kmeans,4>"});
    return families;
}

}  // namespace

const std::vector<FormatFamily>& formatCatalogue() {
    static const std::vector<FormatFamily> kFamilies = makeCatalogue();
    return kFamilies;
}

}  // namespace bitloupe::ui
