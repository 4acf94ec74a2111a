// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/sample_inputs.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <chrono>

#include "core/base/text.h"
#include "core/execution/torchscript/input_hints.h"

namespace bitloupe::execution::torchscript {

namespace {

namespace jit = torch::jit;

constexpr std::size_t kMostTries = 4000;
constexpr auto kMostTime = std::chrono::seconds(20);
constexpr std::int64_t kMostElements = std::int64_t{1} << 28U;

std::string readableName(const jit::Value* value, std::size_t number) {
    std::string name = value->hasDebugName() ? value->debugName() : std::string();
    if (const std::size_t dot = name.rfind('.');
        dot != std::string::npos && text::parseInteger(name.substr(dot + 1))) {
        name.resize(dot);
    }
    return name.empty() || text::parseInteger(name) ? "input" + std::to_string(number) : name;
}

/// A tensor that an input may be; the values are drawn from a fixed seed and lie between 0 and 1.
at::Tensor sampleOf(const Shape& shape, std::int64_t words) {
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{1});
    return words > 0 ? at::randint(words, shape, generator, at::TensorOptions(at::kLong))
                     : at::rand(shape, generator, at::TensorOptions(at::kFloat));
}

/// Tries inputs out on the interpreter.
class Prober {
public:
    Prober(const Script& script, std::vector<SampleInput>& inputs)
        : m_script(script), m_inputs(inputs) {}

    void addTensor(std::size_t input, InputCandidates candidates) {
        m_tensors.push_back(input);
        m_candidates.push_back(std::move(candidates));
    }

    /// One of these is the input's value: it keeps the first one with which all goes well.
    void addNumber(std::size_t input, std::vector<std::int64_t> numbers) {
        if (!numbers.empty()) {
            const c10::IValue first = numbers.front();
            m_inputs[input].on = {first, first};
            m_inputs[input].constant = true;
            m_numbers.emplace_back(input, std::move(numbers));
        }
    }

    /// Shapes, for two samples or one, with the first of the numbers that the network takes.
    bool findAll(std::vector<Shape>& found, std::size_t number = 0) {
        if (number == m_numbers.size()) {
            return findShapes(2, found) || findShapes(1, found);
        }
        const auto& [input, values] = m_numbers[number];
        return std::any_of(values.begin(), values.end(), [&](std::int64_t value) {
            m_inputs[input].on = {c10::IValue(value), c10::IValue(value)};
            return findAll(found, number + 1);
        });
    }

    /// Whether the network takes inputs of these shapes.
    bool takes(const std::vector<Shape>& shapes) {
        std::vector<c10::IValue> arguments;
        for (const SampleInput& input : m_inputs) {
            arguments.push_back(input.on[0]);
        }
        for (std::size_t i = 0; i < m_tensors.size(); ++i) {
            if (elementCount(shapes[i]) > kMostElements) {
                return false;
            }
            arguments[m_tensors[i]] = sampleOf(shapes[i], m_candidates[i].words);
        }
        try {
            static_cast<void>(m_script.run(arguments));
            return true;
        } catch (const std::exception& error) {
            m_complaint = m_complaint.empty() ? complaintOf(error) : m_complaint;
            return false;
        }
    }

    /// The first shapes that it takes. Where there are several inputs, those that agree on the
    /// length of everything behind the channels are tried before the others.
    bool findShapes(std::int64_t batch, std::vector<Shape>& found) {
        if (m_candidates.size() > 1) {
            for (const std::int64_t length : commonLengths()) {
                std::vector<std::vector<Shape>> agreeing;
                for (const InputCandidates& candidates : m_candidates) {
                    agreeing.emplace_back();
                    std::copy_if(candidates.shapes.begin(), candidates.shapes.end(),
                                 std::back_inserter(agreeing.back()),
                                 [&](const Shape& shape) { return lengthOf(shape) == length; });
                }
                if (findAmong(agreeing, batch, found)) {
                    return true;
                }
            }
        }
        std::vector<std::vector<Shape>> all;
        for (const InputCandidates& candidates : m_candidates) {
            all.push_back(candidates.shapes);
        }
        return findAmong(all, batch, found);
    }

    /// The same with one sample more, if the network takes that. Everything else is part of what it
    /// is made for: a translation may rely on it.
    std::vector<Shape> withLargerBatch(const std::vector<Shape>& first) {
        std::vector<Shape> other = first;
        for (Shape& shape : other) {
            if (!shape.empty()) {
                ++shape.front();
            }
        }
        return takes(other) ? other : first;
    }

    void record(const std::vector<Shape>& first, const std::vector<Shape>& other) {
        for (std::size_t i = 0; i < m_tensors.size(); ++i) {
            SampleInput& input = m_inputs[m_tensors[i]];
            input.on = {sampleOf(first[i], m_candidates[i].words),
                        sampleOf(other[i], m_candidates[i].words)};
            for (std::size_t axis = 0; axis < first[i].size(); ++axis) {
                const bool batch = axis == 0 && first[i][axis] != other[i][axis];
                input.shape.push_back(
                    {batch ? std::nullopt : std::optional(first[i][axis]), batch ? "batch" : ""});
            }
        }
    }

    [[nodiscard]] bool hasTensors() const { return !m_tensors.empty(); }
    [[nodiscard]] const std::string& complaint() const { return m_complaint; }

private:
    /// Of everything behind the channels; 0 when there is nothing, -1 when it differs.
    static std::int64_t lengthOf(const Shape& shape) {
        if (shape.size() < 3) {
            return 0;
        }
        const bool same = std::all_of(shape.begin() + 2, shape.end(),
                                      [&](std::int64_t size) { return size == shape[2]; });
        return same ? shape[2] : -1;
    }

    /// In the order of the candidates of the input that has the fewest.
    [[nodiscard]] std::vector<std::int64_t> commonLengths() const {
        const auto fewest = std::min_element(
            m_candidates.begin(), m_candidates.end(),
            [](const auto& a, const auto& b) { return a.shapes.size() < b.shapes.size(); });
        std::vector<std::int64_t> lengths;
        for (const Shape& shape : fewest->shapes) {
            if (std::find(lengths.begin(), lengths.end(), lengthOf(shape)) == lengths.end()) {
                lengths.push_back(lengthOf(shape));
            }
        }
        return lengths;
    }

    /// The first combination that the network takes, the first input's shapes changing fastest.
    bool findAmong(const std::vector<std::vector<Shape>>& shapes, std::int64_t batch,
                   std::vector<Shape>& found) {
        for (const std::vector<Shape>& some : shapes) {
            if (some.empty()) {
                return false;
            }
        }
        std::vector<std::size_t> choice(shapes.size(), 0);
        while (m_tries++ < kMostTries && std::chrono::steady_clock::now() < m_end) {
            found.clear();
            for (std::size_t i = 0; i < choice.size(); ++i) {
                found.push_back(shapes[i][choice[i]]);
                if (!found.back().empty()) {
                    found.back().front() = batch;
                }
            }
            if (takes(found)) {
                return true;
            }
            std::size_t digit = 0;
            while (digit < choice.size() && ++choice[digit] == shapes[digit].size()) {
                choice[digit++] = 0;
            }
            if (digit == choice.size()) {
                return false;
            }
        }
        return false;
    }

    const Script& m_script;
    std::size_t m_tries = 0;
    std::chrono::steady_clock::time_point m_end = std::chrono::steady_clock::now() + kMostTime;
    std::vector<SampleInput>& m_inputs;
    std::vector<std::size_t> m_tensors;  ///< which inputs are tensors
    std::vector<InputCandidates> m_candidates;
    std::vector<std::pair<std::size_t, std::vector<std::int64_t>>> m_numbers;  ///< by input
    std::string m_complaint;  ///< about the first, likeliest shapes
};

const Shape* givenFor(const std::string& name, const std::map<std::string, Shape>& given) {
    auto found = given.find(name);
    if (found == given.end() && given.size() == 1) {
        found = given.find("");
    }
    return found == given.end() ? nullptr : &found->second;
}

}  // namespace

Result<std::vector<SampleInput>> findSampleInputs(const Script& script,
                                                  const std::map<std::string, Shape>& given) {
    std::vector<SampleInput> inputs;
    const auto method = script.module.get_method("forward");
    const auto& arguments = method.function().getSchema().arguments();
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        SampleInput input;
        input.name = readableName(script.graph->inputs()[i], i);
        if (const auto& fallback = arguments[i].default_value()) {
            input.on = {*fallback, *fallback};
            input.constant = true;
        }
        inputs.push_back(std::move(input));
    }
    Prober prober(script, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (arguments[i + 1].type()->kind() == c10::TypeKind::IntType && !inputs[i].constant) {
            prober.addNumber(i, numbersFor(script.graph->inputs()[i + 1]));
        }
        const bool tensor =
            arguments[i + 1].type()->kind() == c10::TypeKind::TensorType && !inputs[i].constant;
        if (!tensor && !inputs[i].constant) {
            return Error{"the network's input is of type " + arguments[i + 1].type()->str() +
                             ", not a tensor",
                         "input \"" + inputs[i].name + "\"",
                         "script a module whose forward method takes tensors alone"};
        }
        if (tensor) {
            InputCandidates candidates = candidatesFor(script, script.graph->inputs()[i + 1]);
            if (const Shape* shape = givenFor(inputs[i].name, given); shape != nullptr) {
                candidates.shapes = {*shape};
            }
            prober.addTensor(i, std::move(candidates));
        }
    }
    if (!prober.hasTensors()) {
        return Error{"the network takes no tensor", "",
                     "script a module whose forward method takes a tensor"};
    }
    std::vector<Shape> first;
    if (!prober.findAll(first)) {
        return Error{
            "the network takes no input of the shapes that were tried (" + prober.complaint() + ")",
            "", "say what it takes, for instance --input " + inputs.front().name + "=1x3x224x224"};
    }
    prober.record(first, prober.withLargerBatch(first));
    return inputs;
}

}  // namespace bitloupe::execution::torchscript
