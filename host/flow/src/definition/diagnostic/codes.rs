//! The kinds of problems that stop a workflow, each with a page of explanation.

use super::Severity;

#[macro_use]
mod warnings;

with_warnings! {
    /// The file is not well-formed YAML 1.2, or is larger or deeper than a workflow may be.
    ///
    /// Reading stops at the first such place, so that nothing else is told of the file. JSON is YAML as well. Tabs do not indent, tags
    /// (`!!str`) and merge keys (`<<`) are not known, and one file is one workflow.
    ///
    /// ```yaml
    /// # wrong
    /// steps:
    /// 	fetch: { task: shop.list }
    /// # right
    /// steps:
    ///   fetch: { task: shop.list }
    /// ```
    ///
    /// Look at the place and at the line before it. A file has at most 4 MiB, 400,000 values and 64 levels; what is larger is data,
    /// which a step reads.
    Syntax = "E001" Error,
    /// A key that has no meaning here.
    ///
    /// Keys are never ignored: a misspelt `retry` would otherwise be found at night. The same holds for the fields of a task's input.
    ///
    /// ```yaml
    /// # wrong
    /// fetch: { task: shop.list, retires: 3 }
    /// # right
    /// fetch: { task: shop.list, retry: 3 }
    /// ```
    ///
    /// Correct the key. The message names the nearest one, or all there are; a key that belongs elsewhere is told with where.
    UnknownKey = "E002" Error,
    /// The same key stands twice in one mapping.
    ///
    /// Which of the two counts would be a guess.
    ///
    /// ```yaml
    /// # wrong
    /// fetch: { task: shop.list, timeout: 5s, timeout: 9s }
    /// # right
    /// fetch: { task: shop.list, timeout: 9s }
    /// ```
    ///
    /// Remove one of them; two steps need two names.
    DuplicateKey = "E003" Error,
    /// A key that must be there is missing.
    ///
    /// A step without an action, a task's input without a field it needs, a `rate` without `limit`.
    ///
    /// ```yaml
    /// # wrong
    /// save: { task: shop.upsert }
    /// # right
    /// save: { task: shop.upsert, with: { order: "${ item }" } }
    /// ```
    ///
    /// Add the key that the message names. `jackfield plugin describe` shows what a task wants.
    MissingKey = "E004" Error,
    /// A value of the wrong shape: a text where a mapping is expected, a word where a number is.
    ///
    /// YAML makes what is not quoted a number, a truth value or nothing where it looks like one.
    ///
    /// ```yaml
    /// # wrong
    /// grant: shop-token
    /// # right
    /// grant: { secrets: [shop-token] }
    /// ```
    ///
    /// Write what the message expects; quote what is a text and looks like something else.
    WrongShape = "E005" Error,
    /// A number, time or size outside of its range.
    ///
    /// The message says the range and the value seen. Times have units, `1h30m`; sizes have `KiB`, `MiB`, `GiB`.
    ///
    /// ```yaml
    /// # wrong
    /// poll: { timeout: 0s, task: shop.poll }
    /// # right
    /// poll: { timeout: 10s, task: shop.poll }
    /// ```
    ///
    /// Choose a value within the range.
    OutOfRange = "E006" Error,
    /// A name that is not one: 1 to 64 characters of `a-z`, `0-9` and `-`, beginning with a letter.
    ///
    /// One rule holds for workflows, inputs, plugins, flows, steps, signals, labels and outputs, so that each of them can be a file
    /// name, a word of a command and, with `_` for `-`, a name in expressions.
    ///
    /// ```yaml
    /// # wrong
    /// steps: { Fetch_All: { task: shop.list } }
    /// # right
    /// steps: { fetch-all: { task: shop.list } }
    /// ```
    ///
    /// Rename it. Expressions then say `steps.fetch_all`.
    BadName = "E007" Error,
    /// An expression that cannot be read.
    ///
    /// What stands between `${` and `}` is one expression in CEL syntax. Text is built inside of it.
    ///
    /// ```yaml
    /// # wrong
    /// with: { id: "${ 'id-' + }" }
    /// # right
    /// with: { id: "${ 'id-' + string(item.id) }" }
    /// ```
    ///
    /// Look at the place the message names. `jackfield explain` knows no functions; the nearest known one is suggested where a name is
    /// close.
    BadExpression = "E008" Error,
    /// A name that nothing has: a step, an input, a plugin, a task, a flow.
    ///
    /// In expressions names have `_` for `-`, and a result is `steps.NAME`, an input `inputs.NAME`.
    ///
    /// ```yaml
    /// # wrong
    /// with: { order: "${ fetch.orders }" }
    /// # right
    /// with: { order: "${ steps.fetch.orders }" }
    /// ```
    ///
    /// Correct the name, or add what it should name.
    UnknownName = "E009" Error,
    /// Types that do not fit.
    ///
    /// Every value is checked against the type of whoever takes it before anything runs. Nothing is converted silently: not `int` to
    /// `float`, not `json` to anything, and what may be nothing must be handled first.
    ///
    /// ```yaml
    /// # wrong
    /// with: { count: "${ steps.fetch.note }" }    # note is a text
    /// # right
    /// with: { count: "${ size(steps.fetch.orders) }" }
    /// ```
    ///
    /// The message shows both types, and where the value comes from. Convert it (`string(…)`, `asInt(…)`), or give it a value where it
    /// may be nothing: `.orValue(0)`.
    TypeMismatch = "E010" Error,
    /// Steps that wait for each other in a circle.
    ///
    /// A step waits for all steps it refers to, or names in `needs`. What its handlers refer to counts as well, since they may run as
    /// soon as it ends.
    ///
    /// ```yaml
    /// # wrong
    /// a: { value: "${ steps.b }" }
    /// b: { value: "${ steps.a }" }
    /// # right
    /// a: { value: 1 }
    /// b: { value: "${ steps.a }" }
    /// ```
    ///
    /// The places of all references of the circle are shown: remove one. What goes back and forth is a `repeat` with a `carry`.
    Cycle = "E011" Error,
    /// A task asks for something that the step does not grant.
    ///
    /// A task touches nothing that its step does not grant, and it said what it cannot do without.
    ///
    /// ```yaml
    /// # wrong
    /// fetch: { task: shop.list }
    /// # right
    /// fetch:
    ///   task: shop.list
    ///   grant: { http: ["GET https://api.shop.example/*"] }
    /// ```
    ///
    /// Add the line of the message, as narrow as the task can work with. In a `choose` or `race`, and in handlers, `grant` stands
    /// beside the `task`.
    MissingGrant = "E012" Error,
    /// A grant that cannot be read or that makes no sense.
    ///
    /// Requests are granted as `GET https://host/path/*`, directories as `read DIRECTORY` or `write DIRECTORY as NAME`.
    ///
    /// ```yaml
    /// # wrong
    /// grant: { http: [api.shop.example] }
    /// # right
    /// grant: { http: ["GET https://api.shop.example/*"] }
    /// ```
    ///
    /// Write it as the message says. A host may begin with `*.`, and a path may end with `*`; nothing else is a pattern.
    BadGrant = "E013" Error,
    /// A plugin that cannot be had: no such file, not a component, refused.
    ///
    /// Plugins are found by path, relative to the file that names them, or in a registry, with the versions that will do. Which
    /// version that is, and its exact bytes, is kept in `jackfield.lock` beside the workflow.
    ///
    /// ```yaml
    /// # wrong
    /// plugins: { shop: shop.rs }
    /// # right
    /// plugins: { shop: ./plugins/shop.wasm, csv: "oci://registry.example/acme/csv:^1.2" }
    /// ```
    ///
    /// Build it (`jackfield plugin build`), correct the path, or look at why it was refused with `jackfield plugin check`. What a
    /// package has is shown by `jackfield plugin list`.
    BadPlugin = "E014" Error,
    /// A default or literal that is not of its declared type.
    ///
    /// A default is checked like any value that is given.
    ///
    /// ```yaml
    /// # wrong
    /// inputs: { region: { type: string, enum: [eu, us], default: asia } }
    /// # right
    /// inputs: { region: { type: string, enum: [eu, us], default: eu } }
    /// ```
    ///
    /// Correct the value or the type.
    BadValue = "E015" Error,
    /// A key that belongs to another action or structure than the one that stands here.
    ///
    /// `with` and `grant` belong to `task` and `flow`; `max-parallel` and `on-item-error` to `for-each`; `retry`, `cache` and `effect`
    /// to what has attempts, which tasks alone have.
    ///
    /// ```yaml
    /// # wrong
    /// nap: { sleep: 5m, retry: 3 }
    /// # right
    /// nap: { sleep: 5m }
    /// ```
    ///
    /// Remove it, or write it where its owner is. In `choose` and `race` the keys of an action stand within, beside it.
    MisplacedKey = "E016" Error,
    /// Two keys of which a mapping may have one: two actions in one step, two structures, an action beside `choose` or `race`.
    ///
    /// A step does one thing, once or in one structure around it.
    ///
    /// ```yaml
    /// # wrong
    /// a: { task: shop.list, sleep: 5m }
    /// # right
    /// a: { task: shop.list }
    /// b: { sleep: 5m, needs: a }
    /// ```
    ///
    /// Make two steps of it. For several steps in one place, in each round of a `for-each` for instance, use a `flow`.
    TwoActions = "E017" Error,
    /// A sub-workflow that cannot be had: no such file, or a file with errors.
    ///
    /// Flows are found by path, relative to the file that names them, and checked whole with it. The message has the first error of the
    /// other file.
    ///
    /// ```yaml
    /// # wrong
    /// flows: { notify: https://flows.example/notify.yaml }
    /// # right
    /// flows: { notify: ./notify.yaml }
    /// ```
    ///
    /// Correct the path, or check the other file by itself: `jackfield check ./notify.yaml`.
    BadFlow = "E018" Error,
    /// Sub-workflows that lie too deep in each other, in a circle, or are too many.
    ///
    /// They may lie 16 deep, and a workflow may have 100,000 steps with those of its flows, counted wherever they are used with another
    /// `grant`. A flow that starts itself would never end.
    ///
    /// ```yaml
    /// # wrong
    /// # a.yaml
    /// steps: { again: { flow: ./a.yaml } }
    /// # right
    /// steps: { again: { repeat: { until: "${ carry.done }" }, task: shop.poll } }
    /// ```
    ///
    /// Write what repeats as `repeat` or `for-each`, and do with one flow what several do.
    FlowDepth = "E019" Error,
    /// A branch of a `choose` behind one that always fits.
    ///
    /// The first branch whose `if` holds is taken; one without `if` always holds, so that those after it are never looked at.
    ///
    /// ```yaml
    /// # wrong
    /// choose:
    ///   - value: []
    ///   - { if: "${ inputs.n > 3 }", task: shop.list }
    /// # right
    /// choose:
    ///   - { if: "${ inputs.n > 3 }", task: shop.list }
    ///   - value: []
    /// ```
    ///
    /// Give the branch an `if`, or make it the last one.
    BranchAfterLast = "E020" Error,
    /// An entry of `on-error` behind `any`, which fits every failure.
    ///
    /// The first entry that fits counts.
    ///
    /// ```yaml
    /// # wrong
    /// on-error: { any: fail, not-found: { value: null } }
    /// # right
    /// on-error: { not-found: { value: null }, any: fail }
    /// ```
    ///
    /// Move `any` to the end.
    HandlerAfterAny = "E021" Error,
    /// A name that has a meaning, and none in this place.
    ///
    /// `item` and `index` are within `for-each`, `carry` and `index` within `repeat`, `error` in the handlers of `on-error`, `outcome`
    /// in `finally`, `output` in `compensate`. A handler does not see the result of the step it belongs to: it may not have one.
    ///
    /// ```yaml
    /// # wrong
    /// save: { task: shop.save, compensate: { task: shop.delete, with: { id: "${ steps.save.id }" } } }
    /// # right
    /// save: { task: shop.save, compensate: { task: shop.delete, with: { id: "${ output.id }" } } }
    /// ```
    ///
    /// Use the name that belongs here; the message lists what there is. The `if` and the `lock` of a step are of the whole step, and
    /// see no `item`.
    NameNotHere = "E022" Error,
    /// A place that is computed before anything runs, and so may read nothing but `inputs`.
    ///
    /// Labels and the key of `concurrency` are known when a run is started, so that it can be found, or made to wait, by them.
    ///
    /// ```yaml
    /// # wrong
    /// labels: { total: "${ string(steps.sum) }" }
    /// # right
    /// labels: { region: "${ inputs.region }" }
    /// ```
    ///
    /// Make what it needs an input, or answer it under `outputs`.
    InputsOnly = "E023" Error,
    /// Results that could come from several places, and whose types have nothing in common.
    ///
    /// Whoever reads the result of a `choose`, a `race`, a `repeat` or a step with `on-error` must know what it is, wherever it came
    /// from.
    ///
    /// ```yaml
    /// # wrong
    /// pick: { choose: [{ if: "${ inputs.n > 3 }", value: 1 }, { value: none }] }
    /// # right
    /// pick: { choose: [{ if: "${ inputs.n > 3 }", value: 1 }, { value: 0 }] }
    /// ```
    ///
    /// Make both of one type, or records with a field for each. What is `null` in one of them is optional in all. A `carry` must have
    /// one type in every iteration.
    NoJointType = "E024" Error,
    /// A code with a dot that no failure of the engine has.
    ///
    /// Codes with a dot are the engine's: `limit.*`, `guest.*`, `value.*`, `host.*`, `expr.*`, `wait.timeout` and some more. An entry
    /// with a code that never happens is never looked at.
    ///
    /// ```yaml
    /// # wrong
    /// on-error: { limit.timeout: fail }
    /// # right
    /// on-error: { limit.time: fail }
    /// ```
    ///
    /// Correct the code; the message lists those of the same family.
    UnknownErrorCode = "E025" Error,
    /// `cache` on a task that can change the world.
    ///
    /// A result taken from an earlier call means that the call does not happen. That is sound only where the call does nothing else.
    ///
    /// ```yaml
    /// # wrong
    /// save: { task: shop.upsert, grant: { http: ["POST https://api.shop.example/*"] }, cache: true }
    /// # right
    /// fetch: { task: shop.list, grant: { http: ["GET https://api.shop.example/*"] }, cache: true }
    /// ```
    ///
    /// Remove `cache`, or grant no more than reading. The message names the rule that lets it change something.
    CacheEffects = "E026" Error,
    /// `effect: at-most-once` together with `retry`.
    ///
    /// One says that an attempt must never be repeated by itself, the other that it is.
    ///
    /// ```yaml
    /// # wrong
    /// pay: { task: bank.pay, effect: at-most-once, retry: 3 }
    /// # right
    /// pay: { task: bank.pay, effect: at-most-once }
    /// ```
    ///
    /// Choose one of them. Where `defaults` has a `retry`, write `retry: 1` in the step.
    AtMostOnceRetry = "E027" Error,
    /// A `repeat` that has no way to end but its `max`.
    ///
    /// With an `until` that is always false, or a `while` that is always true, the step fails with `repeat.max` each time.
    ///
    /// ```yaml
    /// # wrong
    /// poll: { repeat: { until: false }, task: shop.poll }
    /// # right
    /// poll: { repeat: { until: "${ carry.done }" }, task: shop.poll }
    /// ```
    ///
    /// Let the condition read `carry` or `index`.
    EndlessRepeat = "E028" Error,
    /// A secret outside of a grant.
    ///
    /// Secrets are never values: neither expressions nor tasks see them. A task that is granted a secret gets a placeholder, and the
    /// engine puts the secret in its place where a request leaves, for the hosts that the grant names.
    ///
    /// ```yaml
    /// # wrong
    /// with: { token: "${ secrets.shop }" }
    /// # right
    /// grant: { http: ["GET https://api.shop.example/*"], secrets: [shop] }
    /// ```
    ///
    /// Grant the secret to the step. A placeholder that was copied from a log is of one attempt and worth nothing.
    SecretOutsideGrant = "E029" Error,
    /// The same lock with different numbers of permits.
    ///
    /// A lock is one lock wherever its name stands, over steps and runs. How many may hold it must be the same everywhere.
    ///
    /// ```yaml
    /// # wrong
    /// a: { task: shop.save, lock: { name: shop, permits: 2 } }
    /// b: { task: shop.save, lock: shop }
    /// # right
    /// a: { task: shop.save, lock: { name: shop, permits: 2 } }
    /// b: { task: shop.save, lock: { name: shop, permits: 2 } }
    /// ```
    ///
    /// Say the same number at each place, or give one of the locks another name.
    LockPermits = "E030" Error,
    /// A cron expression that cannot be read.
    ///
    /// It has five fields: minute, hour, day of the month, month, day of the week. Each is `*`, a number, a range such as `1-5`, either of
    /// the last with a step such as `*/15`, or a list of these; months and days have English names of three letters, and `L` is the last
    /// day of the month. There are no seconds and no years. A day that is restricted both ways has to fit one of the two, as everywhere.
    ///
    /// ```yaml
    /// # wrong
    /// on: [{ cron: "0 15 2 * * *" }]
    /// # right
    /// on: [{ cron: "15 2 * * *" }]
    /// ```
    ///
    /// Correct what the message points at. `jackfield schedule --next 5 FILE` shows when it fires.
    BadCron = "E031" Error,
    /// A cron expression that never fires.
    ///
    /// No month that it names has such a day.
    ///
    /// ```yaml
    /// # wrong
    /// on: [{ cron: "0 0 31 2 *" }]
    /// # right
    /// on: [{ cron: "0 0 L 2 *" }]
    /// ```
    ///
    /// Correct the day or the month; the last day of every month is `L`.
    NeverFires = "E032" Error,
    /// A time zone that does not exist.
    ///
    /// Time zones have the names of the IANA database: a region and a city, or `UTC`. The engine brings the database with it, so that all
    /// machines agree.
    ///
    /// ```yaml
    /// # wrong
    /// on: [{ cron: "15 2 * * *", time-zone: Rome }]
    /// # right
    /// on: [{ cron: "15 2 * * *", time-zone: Europe/Rome }]
    /// ```
    ///
    /// Write the name of the database, with its capitals.
    UnknownTimeZone = "E033" Error,
    /// A schedule whose runs wait for each other, in a workflow whose runs already do by `concurrency`.
    ///
    /// A run waits in one place for others of its workflow, and two rules might have it wait for itself.
    ///
    /// ```yaml
    /// # wrong
    /// concurrency: { limit: 1 }
    /// on: [{ cron: "@daily", overlap: queue }]
    /// # right
    /// concurrency: { limit: 1, when-busy: queue }
    /// on: [{ cron: "@daily" }]
    /// ```
    ///
    /// Say it once. `overlap: skip` and `overlap: allow` go together with `concurrency`.
    OverlapTwice = "E034" Error,
}
