// SPDX-License-Identifier: Apache-2.0
#include "core/execution/training/training_loop.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/random.h"
#include "core/execution/tensor_bridge.h"

namespace bitloupe::execution {

namespace {

/// Thrown out of a step when a stop is requested; it never leaves this file.
struct Interrupted {};

constexpr const char* kPlace = "place";
constexpr const char* kEpochs = "epochs";
constexpr const char* kBest = "best/";
constexpr const char* kBestEpoch = "best_epoch";
constexpr std::int64_t kRecordColumns = 3;

/// ATen on this thread alone, with `threads` of its own, recording gradients.
class TrainingScope {
public:
    explicit TrainingScope(int threads) : m_gradients(true) { at::set_num_threads(threads); }

private:
    at::AutoGradMode m_gradients;
};

std::function<void()> pulseOf(const TrainingControl& control) {
    return [&control] {
        if (control.pulse) {
            control.pulse();
        }
        if (control.stop.stop_requested()) {
            throw Interrupted();
        }
    };
}

Error notFinite(std::int64_t epoch) {
    return {"the loss is not a finite number any more", "epoch " + std::to_string(epoch + 1),
            "choose a smaller learning rate, or clip the gradients"};
}

}  // namespace

Tensors BoundSamples::rows(const at::Tensor& indices) const {
    Tensors rows;
    for (const Array& input : inputs) {
        rows.push_back(borrowTensor(input).index_select(0, indices));
    }
    return rows;
}

TrainingLoop::TrainingLoop(TrainingPlan plan, std::shared_ptr<const Program> program,
                           BatchPlan batches, BoundSamples training, BoundSamples judging)
    : m_plan(std::move(plan)),
      m_program(std::move(program)),
      m_batches(batches),
      m_training(std::move(training)),
      m_judging(std::move(judging)),
      m_graph(m_plan, m_program),
      m_optimizer(m_plan.settings, m_graph.trained()) {}

std::int64_t TrainingLoop::stepsPerEpoch() const {
    const std::int64_t size = std::max<std::int64_t>(1, m_plan.settings.batchSize);
    return (m_training.count() + size - 1) / size;
}

std::int64_t TrainingLoop::totalSteps() const {
    const std::int64_t all = m_plan.settings.epochs * stepsPerEpoch();
    return m_plan.settings.mostSteps > 0 ? std::min(all, m_plan.settings.mostSteps) : all;
}

std::int64_t TrainingLoop::stepsDone() const {
    return m_place.epoch * stepsPerEpoch() + m_place.step;
}

double TrainingLoop::shareDone() const {
    return std::min(1.0, static_cast<double>(stepsDone()) / static_cast<double>(totalSteps()));
}

bool TrainingLoop::isOver() const {
    const auto finished = static_cast<std::int64_t>(m_records.size());
    const std::int64_t patience = m_plan.settings.patience;
    return finished * stepsPerEpoch() >= totalSteps() ||
           (patience > 0 && finished - 1 - m_bestEpoch >= patience && finished > 0);
}

/// The samples in the order of this epoch: it follows from the seed and the epoch alone.
at::Tensor TrainingLoop::orderOf(std::int64_t epoch) const {
    std::vector<std::int64_t> order(static_cast<std::size_t>(m_training.count()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    Random random(Random::mix(m_plan.settings.seed) + static_cast<std::uint64_t>(epoch));
    random.shuffle(order);
    return at::tensor(order, at::kLong);
}

/// Rows of these samples that count, at least one.
double TrainingLoop::rowsOf(const at::Tensor& indices) const {
    return std::max(1.0, static_cast<double>(
                             scoredRows(m_training.wanted.index_select(0, indices), m_plan.loss)));
}

/// Gradients of the mean loss over `indices`, as many samples at a time as the network takes; the
/// summed loss.
Result<double> TrainingLoop::accumulate(const at::Tensor& indices, const TrainingControl& control) {
    TrainingGraph::Run run{true, 0, shareDone(), pulseOf(control)};
    run.seed = Random::mix(m_plan.settings.seed + static_cast<std::uint64_t>(stepsDone()));
    const bool whole = !m_batches.fixed && m_batches.size > 1;
    const std::int64_t part = whole ? indices.size(0) : m_batches.size;
    const double rows = rowsOf(indices);
    double total = 0;
    for (std::int64_t first = 0; first < indices.size(0); first += part) {
        at::Tensor chosen = indices.slice(0, first, std::min(first + part, indices.size(0)));
        const std::int64_t real = chosen.size(0);
        if (m_batches.fixed && real < part) {  // filled up with copies that are not judged
            chosen = at::cat({chosen, chosen.slice(0, real - 1, real).repeat({part - real})});
        }
        const Result<at::Tensor> outputs = m_graph.forward(m_training.rows(chosen), run);
        if (outputs.hasError()) {
            return outputs.error();
        }
        const at::Tensor wanted =
            m_training.wanted.index_select(0, chosen.slice(0, 0, real)).reshape({-1});
        const std::int64_t outputRows = outputs.value().size(0) / chosen.size(0) * real;
        const at::Tensor loss =
            lossSum(outputs.value().slice(0, 0, outputRows), wanted, m_plan.loss, m_plan.outputs);
        total += loss.item<double>();
        (loss / rows).backward();
        run.seed += static_cast<std::uint64_t>(first) + 1;
    }
    return total;
}

Result<void> TrainingLoop::trainStep(const at::Tensor& indices, const TrainingControl& control) {
    std::vector<at::Tensor> statistics;  // a step that is dropped leaves no trace
    for (const TrainedTensor& tensor : m_graph.statistics()) {
        statistics.push_back(tensor.value.clone());
    }
    m_optimizer.clearGradients();
    const auto undo = [&] {
        for (std::size_t i = 0; i < statistics.size(); ++i) {
            at::Tensor target = m_graph.statistics()[i].value;
            target.copy_(statistics[i]);
        }
    };
    Result<double> loss = 0.0;
    try {
        loss = accumulate(indices, control);
    } catch (...) {
        undo();
        throw;
    }
    if (loss.hasError() || !std::isfinite(loss.value())) {
        undo();
        return loss.hasError() ? loss.error() : notFinite(m_place.epoch);
    }
    m_optimizer.conditionGradients();
    m_optimizer.step(learningRateAt(m_plan.settings, stepsDone(), totalSteps(), stepsPerEpoch()));
    m_place.loss += loss.value();
    m_place.rows += rowsOf(indices);
    ++m_place.step;
    return {};
}

Result<void> TrainingLoop::trainEpoch(const TrainingControl& control) {
    if (m_place.step == 0) {
        m_graph.rescale();
    }
    const at::Tensor order = orderOf(m_place.epoch);
    const std::int64_t size = std::max<std::int64_t>(1, m_plan.settings.batchSize);
    while (m_place.step < stepsPerEpoch() && stepsDone() < totalSteps()) {
        const std::int64_t first = m_place.step * size;
        const Result<void> done =
            trainStep(order.slice(0, first, std::min(first + size, m_training.count())), control);
        if (done.hasError()) {
            return done;
        }
        report(control);
    }
    return {};
}

Result<EpochRecord> TrainingLoop::judge(const TrainingControl& control) const {
    const at::NoGradGuard guard;
    const TrainingGraph::Run run{false, 0, shareDone(), pulseOf(control)};
    Score sum;
    const std::int64_t count = m_judging.count();
    for (std::int64_t first = 0; first < count; first += m_batches.size) {
        const std::int64_t samples = std::min(m_batches.size, count - first);
        const Result<at::Tensor> outputs =
            m_graph.forward(batchOf(m_judging.inputs, first, samples, m_batches), run);
        if (outputs.hasError()) {
            return outputs.error();
        }
        const std::int64_t rows =
            outputs.value().size(0) / (m_batches.fixed ? m_batches.size : samples) * samples;
        const Score score = scoreOf(outputs.value().slice(0, 0, rows),
                                    m_judging.wanted.slice(0, first, first + samples).reshape({-1}),
                                    m_plan.loss, m_plan.outputs);
        sum.loss += score.loss;
        sum.good += score.good;
        sum.rows += score.rows;
    }
    EpochRecord record;
    const auto rows = static_cast<double>(sum.rows);
    record.judgingLoss = sum.loss / rows;
    record.metric = sum.good / rows;
    if (m_plan.loss == LossKind::MeanSquaredError) {
        const double spread = m_judging.wanted.to(at::kDouble).var(false).item<double>() * rows;
        record.metric = spread > 0 ? 1 - sum.good / spread : 0;
    }
    return record;
}

void TrainingLoop::remember(const EpochRecord& record) {
    const bool better =
        m_bestEpoch < 0 || record.metric > m_records[static_cast<std::size_t>(m_bestEpoch)].metric;
    m_records.push_back(record);
    if (m_plan.settings.patience > 0 && better) {
        m_bestEpoch = static_cast<std::int64_t>(m_records.size()) - 1;
        m_best.clear();
        m_graph.save(m_best);
    }
}

Result<void> TrainingLoop::endEpoch(const TrainingControl& control) {
    Result<EpochRecord> record = judge(control);
    if (record.hasError()) {
        return record.error();
    }
    record.value().loss = m_place.rows > 0 ? m_place.loss / m_place.rows : 0;
    remember(record.value());
    m_place = {m_place.epoch + 1, 0, 0, 0};
    report(control);
    return control.epochDone ? control.epochDone() : Result<void>();
}

void TrainingLoop::report(const TrainingControl& control) const {
    if (!control.progress) {
        return;
    }
    const TrainingSettings& settings = m_plan.settings;
    control.progress(
        {.epoch = m_place.epoch,
         .epochs = settings.epochs,
         .step = std::min(stepsDone(), totalSteps()),
         .steps = totalSteps(),
         .loss = m_place.rows > 0 ? m_place.loss / m_place.rows : 0,
         .learningRate = learningRateAt(settings, stepsDone(), totalSteps(), stepsPerEpoch()),
         .finished = m_records});
}

Result<JobOutcome> TrainingLoop::run(const TrainingControl& control) {
    const TrainingScope scope(m_plan.settings.threads);
    try {
        while (!isOver()) {
            for (const auto work : {&TrainingLoop::trainEpoch, &TrainingLoop::endEpoch}) {
                if (const Result<void> done = (this->*work)(control); done.hasError()) {
                    return done.error();
                }
            }
        }
    } catch (const Interrupted&) {
        return JobOutcome::Cancelled;
    } catch (const c10::Error& error) {
        return Error{error.what_without_backtrace(), "training",
                     "check that the samples fit the network"};
    } catch (const std::exception& error) {
        return Error{error.what(), "training", "check the settings of the training"};
    }
    return JobOutcome::Finished;
}

std::map<std::string, at::Tensor> TrainingLoop::state() const {
    std::map<std::string, at::Tensor> state;
    m_graph.save(state);
    m_optimizer.save(state);
    state[kPlace] =
        at::tensor({static_cast<double>(m_place.epoch), static_cast<double>(m_place.step),
                    m_place.loss, m_place.rows, static_cast<double>(totalSteps())},
                   at::kDouble);
    state[kBestEpoch] = at::tensor({m_bestEpoch}, at::kLong);
    std::vector<double> records;
    for (const EpochRecord& record : m_records) {
        records.insert(records.end(), {record.loss, record.metric, record.judgingLoss});
    }
    state[kEpochs] = at::tensor(records, at::kDouble).reshape({-1, kRecordColumns});
    for (const auto& [name, tensor] : m_best) {
        state[kBest + name] = tensor;
    }
    return state;
}

Result<void> TrainingLoop::restore(const std::map<std::string, at::Tensor>& state) {
    std::map<std::string, at::Tensor> mine = this->state();
    for (const auto& [name, tensor] : mine) {
        const auto found = state.find(name);
        const bool grows = name == kEpochs || name.starts_with(kBest);
        if (found == state.end() || (!grows && found->second.sizes() != tensor.sizes()) ||
            found->second.scalar_type() != tensor.scalar_type()) {
            return Error{"the checkpoint belongs to another network or other settings", name,
                         "remove it to start anew"};
        }
    }
    const at::Tensor place = state.at(kPlace);
    if (static_cast<std::int64_t>(place[4].item<double>()) != totalSteps()) {
        return Error{"the checkpoint was made for another number of steps", kPlace,
                     "keep the settings, or remove it to start anew"};
    }
    m_graph.load(state);
    m_optimizer.load(state);
    m_place = {static_cast<std::int64_t>(place[0].item<double>()),
               static_cast<std::int64_t>(place[1].item<double>()), place[2].item<double>(),
               place[3].item<double>()};
    m_bestEpoch = state.at(kBestEpoch).item<std::int64_t>();
    m_records.clear();
    const at::Tensor records = state.at(kEpochs);
    for (std::int64_t i = 0; i < records.size(0); ++i) {
        m_records.push_back({records[i][0].item<double>(), records[i][1].item<double>(),
                             records[i][2].item<double>()});
    }
    m_best.clear();
    for (const auto& [name, tensor] : state) {
        if (name.starts_with(kBest)) {
            m_best[name.substr(std::string_view(kBest).size())] = tensor.clone();
        }
    }
    return {};
}

TrainedTensors TrainingLoop::result() const {
    if (m_best.empty()) {
        return m_graph.result();
    }
    TrainingGraph best(m_plan, m_program);
    best.load(m_best);
    return best.result();
}

Result<Array> TrainingLoop::outputs(const std::vector<Array>& inputs) const {
    const at::NoGradGuard guard;
    at::set_num_threads(m_plan.settings.threads);
    Tensors parts;
    const std::int64_t count = inputs.front().shape().front();
    for (std::int64_t first = 0; first < count; first += m_batches.size) {
        const std::int64_t samples = std::min(m_batches.size, count - first);
        const Result<at::Tensor> made =
            m_graph.forward(batchOf(inputs, first, samples, m_batches), {});
        if (made.hasError()) {
            return made.error();
        }
        const std::int64_t taken = m_batches.fixed ? m_batches.size : samples;
        parts.push_back(made.value().slice(0, 0, made.value().size(0) / taken * samples));
    }
    return toArray(at::cat(parts));
}

}  // namespace bitloupe::execution
