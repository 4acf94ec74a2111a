// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/format_catalogue.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace bitloupe::numerics {

namespace {

constexpr std::array kFamilies = {
    FamilyInfo{Family::Integer, "integer", "int8", "intN and uintN with N from 2 to 16"},
    FamilyInfo{
        Family::Fixed, "fixed", "fixed<8,3>",
        "fixed<W,I[,rounding][,overflow]> and ufixed<...> with W from 2 to 16 bits, I (integer "
        "bits, the sign counted) from 0 to W, rounding rnd_conv (nearest even, the default), rnd, "
        "trn or trn_zero, overflow sat (the default) or wrap"},
    FamilyInfo{
        Family::Float, "float", "fp8e4m3",
        "fp32, fp16, bf16, fp8e4m3, fp8e5m2, fp8e4m3fnuz, fp8e5m2fnuz, fp6e3m2, fp6e2m3, fp4e2m1, "
        "and "
        "float<E,M[,ieee|fn|fnuz|finite][,nosub]> with E from 2 to 7 (8 with ieee, the default), M "
        "from 0, and 1+E+M at most 16"},
    FamilyInfo{Family::Posit, "posit", "posit<8,1>",
               "posit<N,ES> with N from 2 to 16, ES from 0, and (N-2)*2^ES at most 126"},
    FamilyInfo{Family::PowerOfTwo, "power-of-two", "pow2<4>", "pow2<N> with N from 2 to 8"},
    FamilyInfo{Family::Binary, "binary", "binary", "binary: -1 and +1, zero maps to +1"},
    FamilyInfo{Family::Ternary, "ternary", "ternary", "ternary: -1, 0 and +1"},
    FamilyInfo{Family::Microscaling, "microscaling", "mxfp4",
               "mxfp8e4m3, mxfp8e5m2, mxfp6e3m2, mxfp6e2m3, mxfp4, mxint8 (blocks of 32) and nvfp4 "
               "(of 16), "
               "or with a block size B from 2 to 4096: mxfp4<B>"},
    FamilyInfo{Family::MidRise, "mid-rise", "midrise<4>", "midrise<N> with N from 1 to 16"},
    FamilyInfo{
        Family::Codebook, "codebook", "codebook<kmeans,4>",
        "codebook<kind,N> with kind uniform, histogram, normal or kmeans and N from 1 to 16"},
    FamilyInfo{
        Family::Multipoint, "multipoint", "multipoint<int4,2>",
        "multipoint<F,K> with F an integer, fixed, float, posit, pow2, binary, ternary or midrise "
        "format and K from 1 to 8 terms"},
};

}  // namespace

std::span<const FamilyInfo> families() {
    return kFamilies;
}

const FamilyInfo& familyInfo(Family family) {
    const auto* found =
        std::find_if(kFamilies.begin(), kFamilies.end(),
                     [family](const FamilyInfo& info) { return info.family == family; });
    if (found == kFamilies.end()) {
        throw std::logic_error("a family of number formats is missing from the catalogue");
    }
    return *found;
}

std::vector<std::string> commonFormats(Family family) {
    switch (family) {
        case Family::Integer:
            return {"int16", "int8", "int7", "int6",  "int5",
                    "int4",  "int3", "int2", "uint8", "uint4"};
        case Family::Fixed:
            return {"fixed<16,6>", "fixed<8,3>", "fixed<6,2>", "fixed<4,1>"};
        case Family::Float:
            return {"fp32",        "fp16",          "bf16",    "fp8e4m3", "fp8e5m2", "fp8e4m3fnuz",
                    "fp8e5m2fnuz", "float<3,4,fn>", "fp6e3m2", "fp6e2m3", "fp4e2m1"};
        case Family::Posit:
            return {"posit<16,1>", "posit<8,0>", "posit<8,1>", "posit<8,2>", "posit<6,0>",
                    "posit<6,1>",  "posit<5,1>", "posit<4,0>", "posit<4,1>"};
        case Family::PowerOfTwo:
            return {"pow2<5>", "pow2<4>", "pow2<3>"};
        case Family::Binary:
            return {"binary"};
        case Family::Ternary:
            return {"ternary"};
        case Family::Microscaling:
            return {"mxint8", "mxfp8e4m3", "mxfp8e5m2", "mxfp6e3m2", "mxfp6e2m3", "mxfp4", "nvfp4"};
        case Family::MidRise:
            return {"midrise<8>", "midrise<4>", "midrise<2>"};
        case Family::Codebook:
            return {"codebook<kmeans,8>", "codebook<kmeans,4>",  "codebook<kmeans,3>",
                    "codebook<kmeans,2>", "codebook<uniform,4>", "codebook<histogram,4>",
                    "codebook<normal,4>"};
        case Family::Multipoint:
            return {"multipoint<int4,2>", "multipoint<int3,2>", "multipoint<int2,3>"};
    }
    throw std::logic_error("a family of number formats has no common names");
}

}  // namespace bitloupe::numerics
