// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/accelerator.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "core/hardware/array_shapes.h"

namespace bitloupe::hardware {

namespace {

constexpr double kMaximumBytes = 1LL << 40;

struct Range {
    const char* what;
    double value;
    double minimum;
    double maximum;
};

/// The width a composable element joins its bricks to.
double brickWidth(double bits) {
    double width = 2;
    while (width < bits) {
        width *= 2;
    }
    return width;
}

}  // namespace

std::string_view dataflowName(Dataflow dataflow) {
    switch (dataflow) {
        case Dataflow::OutputStationary:
            return "os";
        case Dataflow::WeightStationary:
            return "ws";
        case Dataflow::InputStationary:
            return "is";
    }
    return "";
}

Result<Dataflow> parseDataflow(std::string_view name) {
    for (const Dataflow dataflow : kAllDataflows) {
        if (name == dataflowName(dataflow)) {
            return dataflow;
        }
    }
    return Error{"unknown dataflow \"" + std::string(name) + "\"", "",
                 "use os, ws or is (outputs, weights or inputs stay in the array)"};
}

std::string_view processingElementName(ProcessingElement element) {
    switch (element) {
        case ProcessingElement::BitParallel:
            return "parallel";
        case ProcessingElement::SerialInputs:
            return "serial-inputs";
        case ProcessingElement::SerialBoth:
            return "serial-both";
        case ProcessingElement::BitComposable:
            return "composable";
    }
    return "";
}

Result<ProcessingElement> parseProcessingElement(std::string_view name) {
    for (const ProcessingElement element : kAllProcessingElements) {
        if (name == processingElementName(element)) {
            return element;
        }
    }
    return Error{"unknown processing element \"" + std::string(name) + "\"", "",
                 "use parallel, serial-inputs, serial-both or composable"};
}

std::string Accelerator::name() const {
    const Accelerator usual;
    std::string text = arrayShape(*this);
    const auto add = [&text](const std::string& word, bool differs) {
        text += differs ? " " + word : "";
    };
    add(std::string(processingElementName(element)), element != usual.element);
    add("ifmap=" + std::to_string(ifmapBytes), ifmapBytes != usual.ifmapBytes);
    add("filter=" + std::to_string(filterBytes), filterBytes != usual.filterBytes);
    add("ofmap=" + std::to_string(ofmapBytes), ofmapBytes != usual.ofmapBytes);
    add("bandwidth=" + text::number(bandwidth), bandwidth != usual.bandwidth);
    add("split", sharedBandwidth != usual.sharedBandwidth);
    add("lanes=" + std::to_string(vectorLanes), vectorLanes != usual.vectorLanes);
    add("clock=" + text::number(clockMhz), clockMhz != usual.clockMhz);
    return text;
}

Result<void> checkAccelerator(const Accelerator& accelerator) {
    const double side = static_cast<double>(kMaximumArraySide);
    const auto number = [](std::int64_t value) { return static_cast<double>(value); };
    for (const Range& range :
         {Range{"rows", number(accelerator.rows), 1, side},
          Range{"columns", number(accelerator.columns), 1, side},
          Range{"bytes of input buffer", number(accelerator.ifmapBytes), 2, kMaximumBytes},
          Range{"bytes of weight buffer", number(accelerator.filterBytes), 2, kMaximumBytes},
          Range{"bytes of output buffer", number(accelerator.ofmapBytes), 2, kMaximumBytes},
          Range{"bytes of bandwidth per cycle", accelerator.bandwidth, 0, 1e9},
          Range{"vector lanes", number(accelerator.vectorLanes), 0, 1e9},
          Range{"MHz of clock", accelerator.clockMhz, 1e-3, 1e6}}) {
        if (!(range.value >= range.minimum && range.value <= range.maximum)) {
            return Error{
                "the accelerator has " + text::number(range.value) + " " + range.what, "",
                "give " + text::number(range.minimum) + " to " + text::number(range.maximum)};
        }
    }
    return {};
}

double multipliesPerCycle(ProcessingElement element, double weightBits, double activationBits,
                          bool oneRow) {
    const double w = std::max(1.0, weightBits);
    const double a = std::max(1.0, activationBits);
    switch (element) {
        case ProcessingElement::BitParallel:
            return 1;
        case ProcessingElement::SerialInputs:
            return 16 / a;
        case ProcessingElement::SerialBoth:
            return oneRow ? 16 / w : 256 / (a * w);
        case ProcessingElement::BitComposable:
            return 64 / (brickWidth(a) * brickWidth(w));
    }
    return 1;
}

}  // namespace bitloupe::hardware
