// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/study/session.h"

namespace bitloupe::study {

/// Evaluation::origin of designs that came from a quantized file.
inline constexpr std::string_view kImportOrigin = "import";

/// `space` with the choices of `more`, a space of the same layers, behind its own where it does not
/// have them. A side that is float in one of them and not in the other has fp32 in both results, so
/// that designs of both have the same genes.
struct WidenedSpace {
    exploration::DesignSpace searched;  ///< the choices of `space` alone
    exploration::DesignSpace all;
};
[[nodiscard]] WidenedSpace widened(const exploration::DesignSpace& space,
                                   const exploration::DesignSpace& more);

/// The results in `journal` as the session shows them: Session::space is widened first by the
/// designs that were imported into the journal, whatever the study's lists say. What the search
/// picks from stays as it was.
[[nodiscard]] Result<exploration::KnownResults> loadResults(Session& session, Journal& journal);

}  // namespace bitloupe::study
