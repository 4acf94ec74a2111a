// SPDX-License-Identifier: Apache-2.0
#include "core/study/report.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "core/exploration/front.h"

namespace bitloupe::study {

namespace {

using exploration::Evaluation;
using exploration::QuantityId;

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62em;margin:3em auto;padding:0 "
    "1em;color:#222}"
    "h1,h2,h3{font-weight:600}table{border-collapse:collapse;margin:1em 0}"
    "th,td{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:left}"
    ".number{text-align:right;font-variant-numeric:tabular-nums}code{font-size:90%}"
    "svg{width:100%;height:auto}";

/// Text as XML has it; control characters, which it has not, become question marks.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += static_cast<unsigned char>(c) < ' ' && c != '\n' ? '?' : c;
        }
    }
    return result;
}

std::string number(double value) {
    return std::isfinite(value) ? text::number(value) : std::string("–");
}

std::string cell(double value) {
    return "<td class=\"number\">" + number(value) + "</td>";
}
std::string cell(const std::string& text) {
    return "<td>" + escaped(text) + "</td>";
}
std::string row(const std::string& name, const std::string& value) {
    return "<tr><th>" + escaped(name) + "</th>" + cell(value) + "</tr>\n";
}

std::string unitOf(QuantityId id) {
    const exploration::Quantity& quantity = exploration::quantity(id);
    const bool up = quantity.direction == exploration::Direction::Maximize;
    return quantity.label + (quantity.unit.empty() ? "" : ", " + quantity.unit) +
           (up ? " (higher is better)" : " (lower is better)");
}

std::string schemeText(const std::optional<quantization::Quantizer>& quantizer) {
    return quantizer ? quantizer->name() : "float";
}

/// One axis of the picture: logarithmic when its values are positive and span more than a decade.
class Axis {
public:
    Axis(std::vector<double> values, double from, double to) : m_from(from), m_to(to) {
        std::erase_if(values, [](double value) { return !std::isfinite(value); });
        if (values.empty()) {
            return;
        }
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        constexpr double kDecade = 10;
        m_logarithmic = *low > 0 && *high / *low > kDecade;
        m_low = scaled(*low);
        m_high = scaled(*high);
        if (m_high <= m_low) {
            m_high = m_low + 1;
        }
    }
    [[nodiscard]] double place(double value) const {
        return m_from + (scaled(value) - m_low) / (m_high - m_low) * (m_to - m_from);
    }
    /// The value at a share of the axis, rounded to three digits.
    [[nodiscard]] double tick(double share) const {
        const double at = m_low + share * (m_high - m_low);
        const double value = m_logarithmic ? std::pow(10, at) : at;
        if (value == 0) {
            return 0;
        }
        const double unit = std::pow(10, std::floor(std::log10(std::fabs(value))) - 2);
        return std::round(value / unit) * unit;
    }

private:
    [[nodiscard]] double scaled(double value) const {
        return m_logarithmic ? std::log10(value) : value;
    }
    double m_from;
    double m_to;
    double m_low = 0;
    double m_high = 1;
    bool m_logarithmic = false;
};

std::string shortNumber(double value) {
    const double magnitude = std::fabs(value);
    const auto with = [](double v, const char* suffix) {
        return text::number(std::round(v * 100) / 100) + suffix;
    };
    return magnitude >= 1e9   ? with(value / 1e9, " G")
           : magnitude >= 1e6 ? with(value / 1e6, " M")
           : magnitude >= 1e4 ? with(value / 1e3, " k")
                              : text::number(std::round(value * 1e4) / 1e4);
}

std::string svgText(double x, double y, const std::string& anchor, const std::string& text,
                    const std::string& more = "") {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\"" +
           more + ">" + escaped(text) + "</text>\n";
}

std::vector<Evaluation> frontOf(const ReportContent& content) {
    return exploration::orderedFront(content.known.evaluations, content.study.objectives,
                                     content.study.strategy.rules.constraints);
}

std::string measuredSection(const ReportContent& content) {
    const StudyDescription& study = content.study;
    std::string out = "<h2>How it was measured</h2>\n<table id=\"measured\">\n";
    out += row("Network", study.network.model);
    out += row("SHA-256 of the network", content.header.networkHash);
    out += row("Data", study.data.name);
    out += row("SHA-256 of the data", content.header.dataHash);
    out += row("Program", "Bitloupe " + content.header.programVersion);
    out += row("Strategy", study.strategy.name);
    out += row("Seed", std::to_string(study.strategy.seed));
    out += row("Designs measured", std::to_string(content.known.evaluations.size()));
    std::vector<std::string> objectives;
    for (const QuantityId id : study.objectives) {
        objectives.push_back(unitOf(id));
    }
    out += row("Objectives", text::join(objectives, "; "));
    if (const auto& reference = content.known.reference) {
        out += "<tr id=\"reference\"><th>Float network</th>" + cell(reference->metric) +
               cell(reference->interval.low) + cell(reference->interval.high) +
               cell(static_cast<double>(reference->samples)) + "</tr>\n";
    }
    return out +
           "</table>\n<p>Intervals are 95 % (Wilson score for shares). Designs whose "
           "intervals overlap are not different.</p>\n";
}

std::string frontSection(const ReportContent& content, const std::vector<Evaluation>& front) {
    std::string out = "<h2>The front</h2>\n<table id=\"front\">\n<tr><th>Design</th>";
    for (const QuantityId id : content.study.objectives) {
        out += "<th>" + escaped(unitOf(id)) + "</th>";
    }
    out += "<th>95 % from</th><th>to</th><th>Array</th><th>Found by</th></tr>\n";
    for (const Evaluation& evaluation : front) {
        out += "<tr><td class=\"number\"><a href=\"#design-" + std::to_string(evaluation.id) +
               "\">" + std::to_string(evaluation.id) + "</a></td>";
        for (const QuantityId id : content.study.objectives) {
            out += cell(evaluation.value(id));
        }
        out += cell(evaluation.measured.interval.low) + cell(evaluation.measured.interval.high) +
               cell(content.space.accelerator(evaluation.design).name()) + cell(evaluation.origin) +
               "</tr>\n";
    }
    return out + "</table>\n";
}

std::string designSection(const ReportContent& content, const Evaluation& evaluation) {
    const std::string id = std::to_string(evaluation.id);
    std::string out = "<h3 id=\"design-" + id + "\">Design " + id + "</h3>\n<p>Array " +
                      escaped(content.space.accelerator(evaluation.design).name()) +
                      "</p>\n<table class=\"design\">\n<tr><th>Layer</th><th>Weights</th>"
                      "<th>Input</th></tr>\n";
    const exploration::Assignment assignment = content.space.assignment(evaluation.design);
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        out += "<tr>" + cell(content.space.layers()[i].layer) +
               cell(schemeText(assignment[i].weights)) +
               cell(schemeText(assignment[i].activations)) + "</tr>\n";
    }
    out += "</table>\n<table class=\"values\">\n";
    for (const exploration::Quantity& quantity : exploration::allQuantities()) {
        out += "<tr><th>" + escaped(unitOf(quantity.id)) + "</th>" +
               cell(evaluation.value(quantity.id)) + "</tr>\n";
    }
    return out + "</table>\n";
}

}  // namespace

std::string reportPicture(const ReportContent& content) {
    constexpr double kWidth = 900;
    constexpr double kHeight = 520;
    constexpr double kLeft = 90;
    constexpr double kBottom = kHeight - 60;
    const QuantityId across = content.study.objectives.back();
    const QuantityId upwards = content.study.objectives.front();
    std::vector<double> xs;
    std::vector<double> ys;
    for (const Evaluation& evaluation : content.known.evaluations) {
        xs.push_back(evaluation.value(across));
        ys.push_back(evaluation.value(upwards));
    }
    const Axis x(xs, kLeft, kWidth - 20);
    const Axis y(ys, kBottom, 20);
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(kWidth) +
                      " " + number(kHeight) +
                      "\" font-family=\"sans-serif\" font-size=\"13\" "
                      "fill=\"#444\">\n";
    for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const double px = x.place(x.tick(share));
        const double py = y.place(y.tick(share));
        out += "<line x1=\"" + number(kLeft) + "\" x2=\"" + number(kWidth - 20) + "\" y1=\"" +
               number(py) + "\" y2=\"" + number(py) + "\" stroke=\"#e5e5e5\"/>\n";
        out += svgText(px, kBottom + 22, "middle", shortNumber(x.tick(share)));
        out += svgText(kLeft - 10, py + 4, "end", shortNumber(y.tick(share)));
    }
    out += svgText((kLeft + kWidth) / 2, kHeight - 12, "middle", unitOf(across));
    out += svgText(18, kBottom / 2, "middle", unitOf(upwards),
                   " transform=\"rotate(-90 18 " + number(kBottom / 2) + ")\"");
    const std::vector<Evaluation> front = frontOf(content);
    const auto dot = [&](const Evaluation& evaluation, double radius, const std::string& fill) {
        const double px = x.place(evaluation.value(across));
        const double py = y.place(evaluation.value(upwards));
        return !std::isfinite(px) || !std::isfinite(py)
                   ? std::string()
                   : "<circle cx=\"" + number(px) + "\" cy=\"" + number(py) + "\" r=\"" +
                         number(radius) + "\" fill=\"" + fill + "\"><title>Design " +
                         std::to_string(evaluation.id) + "</title></circle>\n";
    };
    for (const Evaluation& evaluation : content.known.evaluations) {
        out += dot(evaluation, 3, "#b9c2cc");
    }
    std::string steps;
    double height = 0;
    for (const Evaluation& evaluation : front) {
        const double px = x.place(evaluation.value(across));
        const double py = y.place(evaluation.value(upwards));
        steps += steps.empty() ? "M" + number(px) + " " + number(py)
                               : " L" + number(px) + " " + number(height) + " L" + number(px) +
                                     " " + number(py);
        height = py;
    }
    out += "<path d=\"" + steps + "\" fill=\"none\" stroke=\"#0072b2\" stroke-width=\"1.5\"/>\n";
    for (const Evaluation& evaluation : front) {
        out += dot(evaluation, 5, evaluation.origin == "import" ? "#d55e00" : "#0072b2");
    }
    return out + "</svg>\n";
}

std::string reportHtml(const ReportContent& content) {
    const std::vector<Evaluation> front = frontOf(content);
    const std::string name = escaped(content.study.name);
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<html "
        "xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta "
        "charset=\"UTF-8\"/>\n<title>" +
        name + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" + name +
        "</h1>\n<p>" + escaped(content.study.note) + "</p>\n" + reportPicture(content) +
        frontSection(content, front) + "<h2>Layer by layer</h2>\n";
    bool shown = content.selected == 0;
    for (const Evaluation& evaluation : front) {
        out += designSection(content, evaluation);
        shown = shown || evaluation.id == content.selected;
    }
    for (const Evaluation& evaluation : content.known.evaluations) {
        if (!shown && evaluation.id == content.selected) {
            out += designSection(content, evaluation);
        }
    }
    return out + measuredSection(content) + "</body>\n</html>\n";
}

}  // namespace bitloupe::study
