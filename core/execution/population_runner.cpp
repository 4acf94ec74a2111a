// SPDX-License-Identifier: Apache-2.0
#include "core/execution/population_runner.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <optional>
#include <thread>

#include "core/execution/batch_plan.h"
#include "core/execution/input_binding.h"
#include "core/execution/prefix_walk.h"
#include "core/execution/tensor_bridge.h"
#include "core/execution/training/output_reach.h"

namespace bitloupe::execution {

struct PopulationRunner::State {
    std::shared_ptr<const network::Network> network;
    std::shared_ptr<const Program> program;
    BatchPlan plan;
    std::unique_ptr<LayerVariants> layers;
};

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPulseInterval = std::chrono::milliseconds(20);

std::int64_t sampleCount(const std::vector<Array>& inputs) {
    return inputs.empty() || inputs.front().shape().empty() ? 0 : inputs.front().shape()[0];
}

std::vector<std::size_t> lexicographicOrder(std::span<const VariantList> population) {
    std::vector<std::size_t> order(population.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return population[a] < population[b]; });
    return order;
}

/// What the worker threads of one run share.
struct SharedRun {
    const PopulationJob& job;
    const Program& program;
    const LayerVariants& layers;
    const BatchPlan& plan;
    std::vector<Array> inputs;
    std::vector<LayerChoices> choices;
    std::vector<std::size_t> order;  ///< indices into the population, lexicographic
    std::size_t batches;             ///< to run
    std::size_t chunks = 1;          ///< parts of the population that are walked apart

    std::atomic<std::size_t> nextItem = 0;
    std::atomic<std::size_t> outputsDone = 0;
    std::atomic<std::uint64_t> stepsRun = 0;
    std::atomic<bool> halted = false;
    std::mutex errorMutex;
    std::optional<Error> error;

    SharedRun(const PopulationJob& whole, const Program& itsProgram, const LayerVariants& itsLayers,
              const BatchPlan& itsPlan, std::vector<Array> bound)
        : job(whole),
          program(itsProgram),
          layers(itsLayers),
          plan(itsPlan),
          inputs(std::move(bound)),
          choices(itsLayers.snapshot()),
          order(lexicographicOrder(whole.population)),
          batches(whole.batches.empty()
                      ? static_cast<std::size_t>((sampleCount(inputs) + plan.size - 1) / plan.size)
                      : whole.batches.size()) {}

    [[nodiscard]] double share() const {
        const double total = static_cast<double>(batches) * static_cast<double>(order.size());
        return total == 0 ? 1 : static_cast<double>(outputsDone.load()) / total;
    }
    void fail(const Error& what) {
        const std::scoped_lock lock(errorMutex);
        if (!error) {
            error = what;
        }
        halted = true;
    }
};

/// One thread's part of a run.
class Worker {
public:
    explicit Worker(SharedRun& run)
        : m_run(run), m_walk(run.program, run.layers, run.choices, [this] { return pulse(); }) {}

    void work() {
        const SingleThreadScope scope;
        try {
            while (!m_run.halted && runItem(m_run.nextItem.fetch_add(1))) {
            }
            m_run.stepsRun += m_walk.stepsRun();
        } catch (const std::exception& error) {
            m_run.fail({error.what(), "", "this is a fault of the program: please report it"});
        }
    }

private:
    bool pulse() {
        const auto now = Clock::now();
        if (now - m_lastPulse >= kPulseInterval) {
            m_lastPulse = now;
            if (m_run.job.progress) {
                m_run.job.progress(m_run.share());
            }
        }
        if (m_run.job.stop.stop_requested()) {
            m_run.halted = true;
        }
        return !m_run.halted;
    }

    bool runItem(std::size_t item) {
        if (item >= m_run.batches * m_run.chunks) {
            return false;
        }
        const std::size_t place = item / m_run.chunks;
        const std::size_t batch = m_run.job.batches.empty() ? place : m_run.job.batches[place];
        const std::size_t chunk = item % m_run.chunks;
        const std::size_t designs = m_run.order.size();
        return beginBatch(batch) && walkDesigns(batch, chunk * designs / m_run.chunks,
                                                (chunk + 1) * designs / m_run.chunks);
    }

    bool beginBatch(std::size_t batch) {
        const std::int64_t total = sampleCount(m_run.inputs);
        m_first = static_cast<std::int64_t>(batch) * m_run.plan.size;
        m_samples = std::min(m_run.plan.size, total - m_first);
        m_walk.begin(batchOf(m_run.inputs, m_first, m_samples, m_run.plan));
        return pulse();
    }

    bool walkDesigns(std::size_t batch, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t design = m_run.order[i];
            const Result<bool> advanced = m_walk.advance(m_run.job.population[design]);
            if (advanced.hasError()) {
                m_run.fail(advanced.error());
                return false;
            }
            if (!advanced.value() || !deliver(design, batch)) {
                return false;
            }
        }
        return true;
    }

    bool deliver(std::size_t design, std::size_t batch) {
        const at::Tensor made = m_walk.output();
        if (made.dim() == 0 ||
            made.size(0) % (m_run.plan.fixed ? m_run.plan.size : m_samples) != 0) {
            m_run.fail({"the output does not have one row a sample",
                        "output \"" + m_run.program.graph().outputs.front().name + "\"",
                        "choose a network whose first output dimension is the batch"});
            return false;
        }
        const at::Tensor output = made.to(at::kFloat).contiguous();
        const std::int64_t rows =
            m_run.plan.fixed ? output.size(0) / m_run.plan.size * m_samples : output.size(0);
        const std::int64_t width = output.size(0) == 0 ? 0 : output.numel() / output.size(0);
        const std::size_t last = output.dim() < 2 ? 1 : static_cast<std::size_t>(output.size(-1));
        m_run.job.output(
            {.design = design,
             .batch = batch,
             .firstSample = m_first,
             .samples = m_samples,
             .width = last,
             .values = {output.data_ptr<float>(), static_cast<std::size_t>(rows * width)},
             .shape = {output.sizes().data(), static_cast<std::size_t>(output.dim())}});
        ++m_run.outputsDone;
        return pulse();
    }

    SharedRun& m_run;
    PrefixWalk m_walk;
    Clock::time_point m_lastPulse = Clock::now();
    std::int64_t m_first = 0;
    std::int64_t m_samples = 0;
};

void runWorkers(SharedRun& run, int threads) {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) {
        others.emplace_back([&run] { Worker(run).work(); });
    }
    Worker(run).work();
}

}  // namespace

PopulationRunner::PopulationRunner(std::unique_ptr<State> state) : m_state(std::move(state)) {}
PopulationRunner::PopulationRunner(PopulationRunner&&) noexcept = default;
PopulationRunner& PopulationRunner::operator=(PopulationRunner&&) noexcept = default;
PopulationRunner::~PopulationRunner() = default;

Result<PopulationRunner> PopulationRunner::prepare(
    std::shared_ptr<const network::Network> network) {
    Result<std::shared_ptr<const Program>> program = Program::compile(network->graph);
    if (program.hasError()) {
        return program.error();
    }
    const Result<BatchPlan> plan = planBatches(*program.value());
    if (plan.hasError()) {
        return plan.error();
    }
    auto state = std::make_unique<State>();
    state->network = std::move(network);
    state->program = std::move(program).value();
    state->plan = plan.value();
    state->layers = std::make_unique<LayerVariants>(state->network, state->program);
    return PopulationRunner(std::move(state));
}

std::int64_t PopulationRunner::batchSize() const {
    return m_state->plan.size;
}

std::size_t PopulationRunner::batchCount(std::int64_t samples) const {
    return static_cast<std::size_t>((samples + m_state->plan.size - 1) / m_state->plan.size);
}

std::size_t PopulationRunner::bytesOfThread() const {
    return 2 * static_cast<std::size_t>(m_state->plan.bytes);
}

Result<int> PopulationRunner::addWeights(std::size_t layer, const Array& values,
                                         std::span<const float> outputShift) {
    return m_state->layers->addWeights(layer, values, outputShift);
}

int PopulationRunner::addRounding(std::size_t layer, OperandRoundings roundings) {
    return m_state->layers->addRounding(layer, std::move(roundings));
}

void PopulationRunner::removeWeights(std::size_t layer, int variant) {
    m_state->layers->removeWeights(layer, variant);
}

void PopulationRunner::removeRounding(std::size_t layer, int variant) {
    m_state->layers->removeRounding(layer, variant);
}

Result<void> PopulationRunner::visitLayerInputs(const std::map<std::string, Array>& inputs,
                                                const VisitOperand& visit) const {
    const Result<std::vector<Array>> bound = bindInputs(*m_state->network->graph, inputs);
    if (bound.hasError()) {
        return bound.error();
    }
    const std::int64_t total = sampleCount(bound.value());
    const auto batchFrom = [&](std::int64_t first, std::int64_t most) {
        return batchOf(bound.value(), first, std::min(most, total - first), m_state->plan);
    };
    constexpr std::int64_t kLookedAt = 8;
    const auto reach =
        total == 0 ? nullptr
                   : OutputReach::find(m_state->network, m_state->program,
                                       batchFrom(0, std::min(kLookedAt, m_state->plan.size)));
    std::vector<std::vector<bool>> counts(m_state->network->layers.size());
    // A rounding that only looks: it sees every layer's operands once a batch, in order.
    LayerVariants layers(m_state->network, m_state->program);
    VariantList variants(m_state->network->layers.size());
    for (std::size_t layer = 0; layer < variants.size(); ++layer) {
        const auto look = [&visit, &counts, layer](Operand operand) {
            return InputRounding{[&visit, &counts, layer, operand](std::span<const float> in,
                                                                   std::span<float> out) {
                const bool known = operand == Operand::First && counts[layer].size() == in.size();
                visit(layer, operand, in, known ? counts[layer] : std::vector<bool>());
                std::copy(in.begin(), in.end(), out.begin());
            }};
        };
        variants[layer].input =
            layers.addRounding(layer, {look(Operand::First), look(Operand::Second)});
    }
    const SingleThreadScope scope;
    const std::vector<LayerChoices> choices = layers.snapshot();
    PrefixWalk walk(*m_state->program, layers, choices, [] { return true; });
    for (std::int64_t first = 0; first < total; first += m_state->plan.size) {
        Tensors batch = batchFrom(first, m_state->plan.size);
        if (reach != nullptr) {
            Result<std::vector<std::vector<bool>>> reached = reach->of(batch);
            if (reached.hasError()) {
                return reached.error();
            }
            counts = std::move(reached).value();
        }
        walk.begin(std::move(batch));
        if (const Result<bool> advanced = walk.advance(variants); advanced.hasError()) {
            return advanced.error();
        }
    }
    return {};
}

Result<PopulationRun> PopulationRunner::run(const PopulationJob& job) const {
    Result<std::vector<Array>> bound = bindInputs(*m_state->network->graph, *job.inputs);
    if (bound.hasError()) {
        return bound.error();
    }
    SharedRun run(job, *m_state->program, *m_state->layers, m_state->plan,
                  std::move(bound).value());
    const auto threads = static_cast<std::size_t>(std::max(1, job.threads));
    if (run.batches > 0 && run.batches < 4 * threads) {  // too few batches to share out
        run.chunks = std::clamp<std::size_t>(4 * threads / run.batches, 1,
                                             std::max<std::size_t>(1, run.order.size()));
    }
    runWorkers(run, static_cast<int>(std::min(threads, run.batches * run.chunks + 1)));
    if (run.error) {
        return *run.error;
    }
    return PopulationRun{run.halted ? JobOutcome::Cancelled : JobOutcome::Finished, run.stepsRun};
}

}  // namespace bitloupe::execution
