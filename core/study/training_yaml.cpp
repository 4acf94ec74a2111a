// SPDX-License-Identifier: Apache-2.0
#include "core/study/training_yaml.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "core/base/text.h"

namespace bitloupe::study {

using execution::TrainingSettings;

namespace {

struct Whole {
    std::int64_t TrainingSettings::*member;
    std::int64_t lowest;
    std::int64_t highest;
};
struct Real {
    double TrainingSettings::*member;
    double lowest;
    double highest;
};
struct Flag {
    bool TrainingSettings::*member;
};

struct Key {
    const char* name;
    std::variant<Whole, Real, Flag> place;
};

/// Everything but the two choices and the seed. The number of threads is no part of a study.
const std::vector<Key>& keys() {
    constexpr std::int64_t kMost = 1'000'000'000;
    static const std::vector<Key> kKeys = {
        {"epochs", Whole{&TrainingSettings::epochs, 1, 1'000'000}},
        {"batch", Whole{&TrainingSettings::batchSize, 1, 1'000'000}},
        {"most_steps", Whole{&TrainingSettings::mostSteps, 0, kMost}},
        {"learning_rate", Real{&TrainingSettings::learningRate, 0, 1000}},
        {"momentum", Real{&TrainingSettings::momentum, 0, 1}},
        {"nesterov", Flag{&TrainingSettings::nesterov}},
        {"beta1", Real{&TrainingSettings::beta1, 0, 0.999999}},
        {"beta2", Real{&TrainingSettings::beta2, 0, 0.999999}},
        {"weight_decay", Real{&TrainingSettings::weightDecay, 0, 1000}},
        {"l1", Real{&TrainingSettings::l1, 0, 1000}},
        {"clip_norm", Real{&TrainingSettings::clipNorm, 0, 1e9}},
        {"warm_up_steps", Whole{&TrainingSettings::warmUpSteps, 0, kMost}},
        {"step_epochs", Whole{&TrainingSettings::stepEpochs, 1, 1'000'000}},
        {"step_factor", Real{&TrainingSettings::stepFactor, 0, 1}},
        {"last_rate", Real{&TrainingSettings::lastRate, 0, 1}},
        {"patience", Whole{&TrainingSettings::patience, 0, 1'000'000}},
    };
    return kKeys;
}

void read(const yaml::Value& value, const Key& key, TrainingSettings& settings) {
    if (const auto* whole = std::get_if<Whole>(&key.place)) {
        settings.*whole->member = value.integer(whole->lowest, whole->highest);
    } else if (const auto* real = std::get_if<Real>(&key.place)) {
        const double number = value.number();
        if (number < real->lowest || number > real->highest) {
            value.fail("the number is out of range",
                       "give " + text::number(real->lowest) + " to " + text::number(real->highest));
        }
        settings.*real->member = number;
    } else {
        settings.*std::get<Flag>(key.place).member = value.boolean();
    }
}

std::string write(const Key& key, const TrainingSettings& settings) {
    if (const auto* whole = std::get_if<Whole>(&key.place)) {
        return std::to_string(settings.*whole->member);
    }
    if (const auto* real = std::get_if<Real>(&key.place)) {
        return text::number(settings.*real->member);
    }
    return settings.*std::get<Flag>(key.place).member ? "true" : "false";
}

template <typename Kind>
void readChoice(const yaml::Value& value, const std::vector<std::string>& names,
                std::optional<Kind> (*find)(std::string_view), Kind& chosen) {
    if (!value.exists()) {
        return;
    }
    const std::string name = value.text();
    if (const std::optional<Kind> kind = find(name)) {
        chosen = *kind;
    } else if (value.isText()) {
        value.fail("`" + name + "` is none of the choices", "give " + text::join(names, ", "));
    }
}

void checkKeys(const yaml::Value& value) {
    std::vector<std::string> known = {"optimizer", "schedule", "seed"};
    for (const Key& key : keys()) {
        known.emplace_back(key.name);
    }
    for (const auto& [name, entry] : value.entries()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            const std::string near = text::nearest(name, known);
            entry.fail("unknown key `" + name + "`", near.empty()
                                                         ? "give " + text::join(known, ", ")
                                                         : "did you mean `" + near + "`?");
        }
    }
}

}  // namespace

TrainingSettings fineTuningDefaults() {
    TrainingSettings settings;
    settings.epochs = 2;
    settings.learningRate = 3e-4;
    return settings;
}

void readTraining(const yaml::Value& value, TrainingSettings& settings) {
    if (!value.exists()) {
        return;
    }
    checkKeys(value);
    for (const Key& key : keys()) {
        if (const yaml::Value entry = value[key.name]; entry.exists()) {
            read(entry, key, settings);
        }
    }
    readChoice(value["optimizer"], execution::optimizerNames(), execution::findOptimizer,
               settings.optimizer);
    readChoice(value["schedule"], execution::scheduleNames(), execution::findSchedule,
               settings.schedule);
    if (value["seed"].exists()) {
        settings.seed = static_cast<std::uint64_t>(value["seed"].integer(0));
    }
}

std::string writeTraining(const std::string& key, const TrainingSettings& settings,
                          const TrainingSettings& defaults) {
    std::string lines;
    const auto add = [&lines](const std::string& name, const std::string& text) {
        lines += "  " + name + ": " + text + "\n";
    };
    if (settings.optimizer != defaults.optimizer) {
        add("optimizer", nameOf(settings.optimizer));
    }
    if (settings.schedule != defaults.schedule) {
        add("schedule", nameOf(settings.schedule));
    }
    for (const Key& entry : keys()) {
        if (const std::string text = write(entry, settings); text != write(entry, defaults)) {
            add(entry.name, text);
        }
    }
    if (settings.seed != defaults.seed) {
        add("seed", std::to_string(settings.seed));
    }
    return lines.empty() ? "" : key + ":\n" + lines;
}

}  // namespace bitloupe::study
