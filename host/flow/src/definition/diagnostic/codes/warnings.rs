//! The kinds of problems that stop nothing, each with a page of explanation.

/// Makes the codes of the given errors and of all warnings.
macro_rules! with_warnings { ($($errors:tt)*) => { codes! {
    $($errors)*
    /// A plugin that no step uses.
    ///
    /// It is installed and pinned all the same.
    ///
    /// ```yaml
    /// # wrong
    /// plugins: { shop: ./shop.wasm, old: ./old.wasm }
    /// # right
    /// plugins: { shop: ./shop.wasm }
    /// ```
    ///
    /// Remove the line.
    UnusedPlugin = "W101" Warning,
    /// A text with `${` in it that is not wholly an expression, and so is taken literally.
    ///
    /// Only a value that is wholly `${ … }` is computed. There are no text templates, so that no value is ever scanned again.
    ///
    /// ```yaml
    /// # wrong
    /// with: { id: "order-${ inputs.id }" }
    /// # right
    /// with: { id: "${ 'order-' + inputs.id }" }
    /// ```
    ///
    /// Build the text inside of the expression.
    LiteralDollar = "W102" Warning,
    /// A grant that the task never asked for.
    ///
    /// It is not given: a step has what its task asked for and its workflow granted, both.
    ///
    /// ```yaml
    /// # wrong
    /// parse: { task: csv.parse, grant: { http: ["GET https://x.example/*"] } }
    /// # right
    /// parse: { task: csv.parse }
    /// ```
    ///
    /// Remove it from `grant`.
    NeedlessGrant = "W103" Warning,
    /// An input that nothing reads.
    ///
    /// Whoever starts the workflow would give it for nothing.
    ///
    /// ```yaml
    /// # wrong
    /// inputs: { region: string, reigon-2: string }
    /// # right
    /// inputs: { region: string }
    /// ```
    ///
    /// Remove it, or read it.
    UnusedInput = "W104" Warning,
    /// `timeout.total` is shorter than `timeout.attempt`.
    ///
    /// The attempt can then never take as long as it may.
    ///
    /// ```yaml
    /// # wrong
    /// timeout: { attempt: 5m, total: 1m }
    /// # right
    /// timeout: { attempt: 1m, total: 5m }
    /// ```
    ///
    /// Make `attempt` the shorter one, or leave it out.
    TimeoutOrder = "W105" Warning,
    /// A code in `on-error` or `retry.on` that the task does not declare.
    ///
    /// A task lists the codes it may answer with. An entry with another one is probably misspelt, and is then never looked at.
    ///
    /// ```yaml
    /// # wrong
    /// on-error: { not-fuond: { value: null } }
    /// # right
    /// on-error: { not-found: { value: null } }
    /// ```
    ///
    /// Correct the code; `jackfield plugin describe` lists those of a task.
    UndeclaredErrorCode = "W106" Warning,
    /// A step or branch that is never done.
    ///
    /// Its condition is always false, or one before it is always true.
    ///
    /// ```yaml
    /// # wrong
    /// old: { if: false, task: shop.list }
    /// # right
    /// old: { if: "${ inputs.with_old }", task: shop.list }
    /// ```
    ///
    /// Remove it, or correct the condition.
    Unreachable = "W107" Warning,
    /// The result of a step that does nothing but compute it, and that nothing reads.
    ///
    /// A step whose task is pure leaves nothing but its result. A step that others wait for, by `needs`, may be there to stop them by
    /// failing, and is not meant.
    ///
    /// ```yaml
    /// # wrong
    /// sum: { task: csv.sum, with: { rows: "${ steps.parse }" } }
    /// # right
    /// sum: { task: csv.sum, with: { rows: "${ steps.parse }" } }
    /// # and further down
    /// outputs: { sum: "${ steps.sum }" }
    /// ```
    ///
    /// Read it in another step or under `outputs`, or remove the step.
    UnusedResult = "W108" Warning,
    /// A sub-workflow that no step starts.
    ///
    /// It is read and checked all the same.
    ///
    /// ```yaml
    /// # wrong
    /// flows: { notify: ./notify.yaml, old: ./old.yaml }
    /// # right
    /// flows: { notify: ./notify.yaml }
    /// ```
    ///
    /// Remove it, or start it with `flow:`.
    UnusedFlow = "W109" Warning,
    /// A variable of an expression that hides a name.
    ///
    /// `items.map(item, …)` within a `for-each` has two things that are called `item`; the inner one counts.
    ///
    /// ```yaml
    /// # wrong
    /// value: "${ steps.rows.map(item, item.id) }"    # within a for-each
    /// # right
    /// value: "${ steps.rows.map(row, row.id + item.id) }"
    /// ```
    ///
    /// Give the variable a name of its own.
    ShadowedName = "W110" Warning,
    /// `retry` on a task with effects that does not say that repeating it is safe.
    ///
    /// An attempt that fails may have had its effect. Every attempt of a step has the same idempotency key; a task that hands it on to
    /// whatever it changes, and says so by the annotation `idempotency-key`, has its effect once. One that may be repeated as it is
    /// says `idempotent`.
    ///
    /// ```yaml
    /// # wrong
    /// pay: { task: bank.pay, grant: { http: ["POST https://bank.example/*"] }, retry: 3 }
    /// # right
    /// pay: { task: bank.pay, grant: { http: ["POST https://bank.example/*"] }, effect: at-most-once }
    /// ```
    ///
    /// Look whether the task may be repeated, and ask its author to declare it; or do without `retry`.
    RetryEffects = "W111" Warning,
    /// A grant on a `flow` that takes from a step within all that it was given of a kind.
    ///
    /// On a `flow` step, `grant` is the most that the steps within may touch. What is not in it they lose.
    ///
    /// ```yaml
    /// # wrong
    /// tell: { flow: notify, grant: { http: ["GET https://other.example/*"] } }
    /// # right
    /// tell: { flow: notify, grant: { http: ["POST https://mail.example/*"] } }
    /// ```
    ///
    /// Grant it here as well, or remove `grant`, which leaves the steps within what they were given there.
    NarrowedGrant = "W112" Warning,
    /// Two schedules that are the same.
    ///
    /// Both fire at the same instants, and each starts a run with the same inputs.
    ///
    /// ```yaml
    /// # wrong
    /// on: [{ cron: "0 0 * * *" }, { cron: "@daily" }]
    /// # right
    /// on: [{ cron: "@daily" }]
    /// ```
    ///
    /// Remove one of them, or correct its time, its time zone or its inputs.
    SameSchedule = "W113" Warning,
} } }
