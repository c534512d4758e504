//! Core modules from parts, so that each hostile guest is only what makes it hostile.

/// A task as it describes itself.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    pub(crate) name: &'a str,
    pub(crate) docs: &'a str,
    pub(crate) input: &'a str,
    pub(crate) output: &'a str,
    /// 0 pure, 1 reads, 2 effects; anything else breaks the ABI.
    pub(crate) effect: u8,
}

/// The schema `{"v": integer}`.
pub(crate) const V: &str = r#"{"type":"object","properties":{"v":{"type":"integer"}},"required":["v"],"additionalProperties":false}"#;

/// What the honest parts say: one task `go` from `{"v": n}` to `{"v": n}`.
pub(crate) const GO: Task<'static> = Task { name: "go", docs: "Goes.", input: V, output: V, effect: 0 };

/// The parts of a module; each begins honest.
pub(crate) struct Module {
    memory: String,
    described: String,
    answer: String,
    describe: String,
    run: String,
    more: String,
}

/// Where the described tasks lie, and their texts after them.
const TASKS_AT: usize = 16;
/// Where the answer's text lies: after everything that is described.
const ANSWER_AT: usize = 32 << 10;
/// Where `realloc` begins: at the second page.
const FREE_AT: usize = 64 << 10;

impl Module {
    /// A module that describes [`GO`] and answers `{"v":1}`.
    pub(crate) fn new() -> Self {
        let module = Self {
            memory: "(memory (export \"memory\") 4)".to_owned(),
            described: String::new(),
            answer: String::new(),
            describe: "(i32.const 8)".to_owned(),
            run: "(i32.const 32)".to_owned(),
            more: String::new(),
        };
        module.tasks(&[GO]).answers(br#"{"v":1}"#)
    }

    /// In place of the memory; it must export one as `memory`.
    pub(crate) fn memory(mut self, text: &str) -> Self {
        text.clone_into(&mut self.memory);
        self
    }

    /// More definitions: functions, tables, further memories.
    pub(crate) fn more(mut self, text: &str) -> Self {
        text.clone_into(&mut self.more);
        self
    }

    /// In place of the body of `describe`.
    pub(crate) fn describe(mut self, body: &str) -> Self {
        body.clone_into(&mut self.describe);
        self
    }

    /// In place of the body of `run`.
    pub(crate) fn run(mut self, body: &str) -> Self {
        body.clone_into(&mut self.run);
        self
    }

    /// Describes these tasks.
    pub(crate) fn tasks(mut self, tasks: &[Task<'_>]) -> Self {
        let mut records = Vec::new();
        let mut texts = Vec::new();
        let texts_at = TASKS_AT + 60 * tasks.len();
        for task in tasks {
            for text in [task.name, task.docs, task.input, task.output] {
                records.extend(word(texts_at + texts.len()));
                records.extend(word(text.len()));
                texts.extend(text.bytes());
            }
            records.extend([0; 8]);
            records.extend([task.effect, 0, 0, 0]);
            records.extend([0; 16]);
        }
        assert!(texts_at + texts.len() <= ANSWER_AT - 64, "the description is too long for this layout");
        let header = [word(TASKS_AT), word(tasks.len())].concat();
        self.described = [segment(8, &header), segment(TASKS_AT, &records), segment(texts_at, &texts)].concat();
        self
    }

    /// Answers with these bytes as the output's text.
    pub(crate) fn answers(self, text: &[u8]) -> Self {
        let result = [word(0), word(0), word(ANSWER_AT), word(text.len())].concat();
        self.result(&result, text)
    }

    /// Answers with these bytes as the result record, and a text at [`ANSWER_AT`].
    pub(crate) fn result(mut self, result: &[u8], text: &[u8]) -> Self {
        let at = ANSWER_AT - 64;
        self.answer = [segment(at, result), segment(ANSWER_AT, text)].concat();
        self.run(&format!("(i32.const {at})"))
    }

    /// The component's bytes.
    pub(crate) fn component(&self) -> Vec<u8> {
        let Self { memory, described, answer, describe, run, more } = self;
        crate::component(&format!(
            r#"(core module $module
              {memory}
              {described}
              {answer}
              {more}
              (global $free (mut i32) (i32.const {FREE_AT}))
              (func (export "describe") (result i32) {describe})
              (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
                (local $at i32)
                (local.set $at
                  (i32.and (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1))) (i32.sub (i32.const 0) (local.get $align))))
                (global.set $free (i32.add (local.get $at) (local.get $size)))
                (local.get $at))
              (func (export "run") (param i32 i32 i32 i32) (result i32) {run}))"#
        ))
    }
}

/// The result record of a permanent error whose code and message are the two halves of the text.
pub(crate) fn permanent_error(code_bytes: usize, message_bytes: usize) -> Vec<u8> {
    let case = [2, 0, 0, 0, 0, 0, 0, 0];
    let detail = [word(ANSWER_AT), word(code_bytes), word(ANSWER_AT + code_bytes), word(message_bytes), word(0), word(0), word(0)].concat();
    [word(1), word(0)].concat().into_iter().chain(case).chain(detail).collect()
}

/// The result record of `retry-after` with this delay, and the code `later`.
pub(crate) fn retry_after(delay_ms: u64) -> Vec<u8> {
    let case = [1, 0, 0, 0, 0, 0, 0, 0];
    let detail = [word(ANSWER_AT), word(5), word(ANSWER_AT), word(5), word(0), word(0), word(0)].concat();
    [word(1), word(0)].concat().into_iter().chain(case).chain(delay_ms.to_le_bytes()).chain(detail).collect()
}

fn segment(at: usize, bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {at}) \"{escaped}\")\n")
}

fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).expect("places and sizes of a guest are small").to_le_bytes()
}
