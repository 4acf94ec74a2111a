// SPDX-License-Identifier: Apache-2.0
#include "resources/generator/digit_renderer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace bitloupe::generator {
namespace {

struct Point {
    double x = 0;
    double y = 0;
};
using Stroke = std::vector<Point>;

/// Part of an ellipse, angles in turns, clockwise from the right since y points down.
Stroke arc(Point center, double radiusX, double radiusY, double from, double to) {
    constexpr int kSteps = 14;
    Stroke stroke;
    for (int i = 0; i <= kSteps; ++i) {
        const double angle = 2 * std::numbers::pi * (from + (to - from) * i / kSteps);
        stroke.push_back(
            {center.x + radiusX * std::cos(angle), center.y + radiusY * std::sin(angle)});
    }
    return stroke;
}

/// Strokes of a digit in a box from (0, 0) to (1, 1). Some digits are written in two ways.
std::vector<Stroke> strokesOf(int digit, Random& random) {
    const bool other = random.uniform() < 0.4;
    switch (digit) {
        case 0:
            return {arc({0.5, 0.5}, 0.33, 0.48, 0, 1)};
        case 1:
            return other ? std::vector<Stroke>{{{0.5, 0.02}, {0.5, 0.98}}}
                         : std::vector<Stroke>{{{0.3, 0.25}, {0.55, 0.02}, {0.55, 0.98}}};
        case 2: {
            Stroke stroke = arc({0.5, 0.28}, 0.32, 0.27, 0.5, 1.1);
            stroke.insert(stroke.end(), {{0.15, 0.97}, {0.88, 0.95}});
            return {stroke};
        }
        case 3:
            return {arc({0.45, 0.27}, 0.32, 0.25, 0.55, 1.25),
                    arc({0.45, 0.74}, 0.36, 0.24, 0.75, 1.45)};
        case 4:
            return {{{0.6, 0.03}, {0.12, 0.62}, {0.92, 0.62}},
                    {{other ? 0.6 : 0.7, other ? 0.03 : 0.3}, {0.66, 0.98}}};
        case 5: {
            Stroke bow = arc({0.47, 0.68}, 0.36, 0.29, 0.62, 1.4);
            return {{{0.82, 0.04}, {0.25, 0.05}, {0.2, 0.48}}, bow};
        }
        case 6: {
            Stroke stem = arc({0.72, 0.62}, 0.53, 0.6, 0.78, 0.48);
            return {stem, arc({0.5, 0.7}, 0.3, 0.26, 0, 1)};
        }
        case 7:
            return other ? std::vector<Stroke>{{{0.12, 0.06}, {0.86, 0.05}, {0.42, 0.98}},
                                               {{0.3, 0.5}, {0.78, 0.5}}}
                         : std::vector<Stroke>{{{0.12, 0.06}, {0.86, 0.05}, {0.42, 0.98}}};
        case 8:
            return {arc({0.5, 0.27}, 0.27, 0.24, 0, 1), arc({0.5, 0.74}, 0.33, 0.25, 0, 1)};
        default: {
            Stroke stem = arc({0.3, 0.4}, 0.5, 0.58, 0.02, 0.24);
            return {arc({0.5, 0.3}, 0.29, 0.27, 0, 1), stem};
        }
    }
}

/// How one drawing differs from the template.
struct Hand {
    double cosine = 1;
    double sine = 0;
    double shear = 0;
    double scaleX = 1;
    double scaleY = 1;
    Point shift;
    double bendX = 0;  // amplitude and phase of a slow wave through the box
    double bendY = 0;
    double phase = 0;
    double radius = 1;  // of the pen, in pixels
};

Hand drawHand(Random& random) {
    const double turn = 0.24 * random.normal();
    return {.cosine = std::cos(turn),
            .sine = std::sin(turn),
            .shear = 0.22 * random.normal(),
            .scaleX = 13 + 6 * random.uniform(),
            .scaleY = 15 + 6.5 * random.uniform(),
            .shift = {1.5 * random.normal(), 1.5 * random.normal()},
            .bendX = 0.075 * random.normal(),
            .bendY = 0.075 * random.normal(),
            .phase = random.uniform(),
            .radius = 0.7 + 1.1 * random.uniform()};
}

Point place(Point point, const Hand& hand) {
    const double wave = 2 * std::numbers::pi;
    const double bentX = point.x - 0.5 + hand.bendX * std::sin(wave * (point.y + hand.phase));
    const double bentY = point.y - 0.5 + hand.bendY * std::sin(wave * (point.x + hand.phase));
    const double x = (bentX - hand.shear * bentY) * hand.scaleX;
    const double y = bentY * hand.scaleY;
    const double middle = (kDigitSide - 1) / 2.0;
    return {middle + hand.shift.x + hand.cosine * x - hand.sine * y,
            middle + hand.shift.y + hand.sine * x + hand.cosine * y};
}

double distanceToSegment(Point p, Point a, Point b) {
    const double dx = b.x - a.x;
    const double dy = b.y - a.y;
    const double length = dx * dx + dy * dy;
    const double t =
        length == 0 ? 0 : std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0);
    return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/// Straight parts are cut into short ones, so that bending bends them too.
Stroke refined(const Stroke& stroke) {
    constexpr int kParts = 5;
    Stroke fine = {stroke.front()};
    for (std::size_t i = 1; i < stroke.size(); ++i) {
        const Point a = stroke[i - 1];
        const Point b = stroke[i];
        const int parts = std::hypot(b.x - a.x, b.y - a.y) > 0.2 ? kParts : 1;
        for (int part = 1; part <= parts; ++part) {
            const double t = static_cast<double>(part) / parts;
            fine.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
        }
    }
    return fine;
}

/// Ink of the strokes at every pixel, 0 to 1, with edges one pixel soft.
std::vector<double> drawInk(const std::vector<Stroke>& strokes, double radius) {
    std::vector<double> ink;
    for (int y = 0; y < kDigitSide; ++y) {
        for (int x = 0; x < kDigitSide; ++x) {
            double nearest = kDigitSide;
            for (const Stroke& stroke : strokes) {
                for (std::size_t i = 1; i < stroke.size(); ++i) {
                    nearest = std::min(nearest, distanceToSegment({double(x), double(y)},
                                                                  stroke[i - 1], stroke[i]));
                }
            }
            ink.push_back(std::clamp(radius + 0.5 - nearest, 0.0, 1.0));
        }
    }
    return ink;
}

/// A faded spot in the middle of the ink, as a dry pen or a crease leaves it.
void fade(std::vector<double>& ink, Random& random) {
    const Point spot{6 + 16 * random.uniform(), 6 + 16 * random.uniform()};
    const double size = 1.5 + 2 * random.uniform();
    for (int i = 0; i < kDigitSide * kDigitSide; ++i) {
        const double distance = std::hypot(i % kDigitSide - spot.x, i / kDigitSide - spot.y);
        ink[static_cast<std::size_t>(i)] *= std::clamp(distance / size - 0.4, 0.1, 1.0);
    }
}

}  // namespace

std::vector<std::uint8_t> renderDigit(int digit, Random& random) {
    const Hand hand = drawHand(random);
    std::vector<Stroke> strokes;
    for (const Stroke& stroke : strokesOf(digit, random)) {
        strokes.push_back(refined(stroke));
        for (Point& point : strokes.back()) {
            point = place(point, hand);
        }
    }
    std::vector<double> ink = drawInk(strokes, hand.radius);
    if (random.uniform() < 0.5) {
        fade(ink, random);
    }
    const double strength = 170 + 85 * random.uniform();
    std::vector<std::uint8_t> pixels;
    for (const double value : ink) {
        // Coarse steps: they look the same and pack into half the space.
        const double noisy = strength * value + 22 * random.normal();
        pixels.push_back(
            static_cast<std::uint8_t>(std::clamp(std::round(noisy / 16) * 16, 0.0, 255.0)));
    }
    return pixels;
}

}  // namespace bitloupe::generator
